import { grad, gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { HuberLoss, huberLoss } from "./huberLoss.ts";
import { l1Loss } from "./l1Loss.ts";
import { SmoothL1Loss, smoothL1Loss } from "./smoothL1Loss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const double = (list: readonly number[], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const errors = [0, 0.2, -0.7, 1, -1, 3, -100];
const huber = (delta?: number) => (x: Tensor, t: Tensor, reduction: "none" | "mean" | "sum") =>
  [huberLoss(x, t, { delta, reduction } as object), new HuberLoss({ delta, reduction } as object)(x, t)] as const;
const smooth = (beta?: number) => (x: Tensor, t: Tensor, reduction: "none" | "mean" | "sum") =>
  [smoothL1Loss(x, t, { beta, reduction } as object), new SmoothL1Loss({ beta, reduction } as object)(x, t)] as const;

// torch 2.13
it.each([
  ["huberLoss", huber(), [0, 0.02, 0.245, 0.5, 0.5, 2.5, 99.5], [0, 0.2, -0.7, 1, -1, 1, -1]],
  ["huberLoss 0.3", huber(0.3), [0, 0.02, 0.165, 0.255, 0.255, 0.855, 29.955], [0, 0.2, -0.3, 0.3, -0.3, 0.3, -0.3]],
  ["huberLoss 2", huber(2), [0, 0.02, 0.245, 0.5, 0.5, 4, 198], [0, 0.2, -0.7, 1, -1, 2, -2]],
  ["smoothL1Loss", smooth(), [0, 0.02, 0.245, 0.5, 0.5, 2.5, 99.5], [0, 0.2, -0.7, 1, -1, 1, -1]],
  [
    "smoothL1Loss 0.3",
    ...[smooth(0.3), [0, 0.0666667, 0.55, 0.85, 0.85, 2.85, 99.85], [0, 0.6666667, -1, 1, -1, 1, -1]],
  ],
  ["smoothL1Loss 2", smooth(2), [0, 0.01, 0.1225, 0.25, 0.25, 2, 99], [0, 0.1, -0.35, 0.5, -0.5, 1, -1]],
  ["smoothL1Loss 0", smooth(0), [0, 0.2, 0.7, 1, 1, 3, 100], [0, 1, -1, 1, -1, 1, -1]],
] as [string, ReturnType<typeof huber>, number[], number[]][])("%s gives torch's numbers", (_, loss, each, slopes) => {
  const total = each.reduce((a, b) => a + b, 0);
  for (const which of [0, 1]) {
    const [x, t] = [double(errors, true), double([0.5], true)];
    const losses = loss(x.add(0.5), t.expand(7), "none")[which]!;
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad)).toEqual(near(slopes));
    expect(values(t.grad)).toEqual(near([-slopes.reduce((a, b) => a + b, 0)]));
    expect(loss(x, x.detach().mul(0), "mean")[which]!.item()).toBeCloseTo(total / 7, 6);
    expect(loss(x, x.detach().mul(0), "sum")[which]!.item()).toBeCloseTo(total, 6);
  }
});

describe.each([
  ["huberLoss", huberLoss, (bend: number) => ({ delta: bend }), (bend: number) => [bend, 1]],
  ["smoothL1Loss", smoothL1Loss, (bend: number) => ({ beta: bend }), (bend: number) => [1, 1 / bend]],
] as const)("%s", (name, loss, at, scales) => {
  it("has the gradients that finite differences give, to second order", () => {
    const [x, t] = [double([0.3, -0.9, 2, -4, 0.1], true), double([0, 0.2, -0.1, 0.3, 0.1], true)];
    for (const options of [{}, at(0.5), { ...at(3), reduction: "none" as const }]) {
      expect(gradcheck((a, b) => loss(a, b, options), [x, t])).toBe(true);
      expect(gradgradcheck((a, b) => loss(a, b, options), [x, t])).toBe(true);
    }
  });

  it("bends inside only, and has torch's slopes at infinity", () => {
    const bend = 0.5;
    const [steep, curved] = scales(bend) as [number, number];
    const x = double([0.25, bend, -bend, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN], true);
    const losses = loss(x, x.detach().nanToNum({ nan: 0, posinf: 0, neginf: 0 }).mul(0), {
      ...at(bend),
      reduction: "none",
    });
    const [slope] = grad([losses.sum()], [x], undefined, { createGraph: true });
    expect(values(slope!)).toEqual([0.25 * curved, steep, -steep, steep, -steep, Number.NaN]);
    const [second] = grad([slope!.sum()], [x]);
    expect(values(second!)).toEqual([curved, 0, 0, 0, 0, 0]);
    expect(values(losses).slice(3)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN]);
  });

  it("is exact in float32 where squares would overflow or vanish", () => {
    const x = tensor([3e38, -1e20, 1e-30, 1e-45, 1e4], { requiresGrad: true });
    const [steep] = scales(0.5) as [number, number];
    const losses = loss(x, tensor([0]), { ...at(0.5), reduction: "none" });
    expect(values(losses)).toEqual(values(tensor([3e38 * steep, 1e20 * steep, 0, 0, (1e4 - 0.25) * steep])));
    losses.sum().backward();
    expect(values(x.grad).every(Number.isFinite)).toBe(true);
  });

  it("broadcasts as torch does, but not when strict", () => {
    const [column, row] = [tensor([[1], [2]]), tensor([0, 1, 2])];
    expect(loss(column, row, { reduction: "none" }).shape).toEqual([2, 3]);
    expect(() => loss(column, row, { strict: true })).toThrow(
      /input and target differ in shape\s+input +\[2, 1\]\s+target +\[3\]\s+hint: reshape one of them/,
    );
    expect(() => loss(row, tensor([1, 2]))).toThrow(new RegExp(`${name}: .*do not broadcast`));
  });

  it("says what is wrong", () => {
    const x = tensor([1, 2]);
    expect(() => loss(x.int(), x.int())).toThrow(new RegExp(`${name}: .*must be floating-point`));
    expect(() => loss(x, [1, 2] as unknown as Tensor)).toThrow(`${name}: target must be a tensor`);
    expect(() => loss(x, x, { reduction: "average" as "mean" })).toThrow(`${name}: unknown reduction`);
    expect(() => loss(x, x, at(-1))).toThrow(
      new RegExp(`${name}: (beta|delta) must be (at least|above) 0\\s+\\w+ +-1`),
    );
    expect(() => loss(x, x, at(Number.NaN))).toThrow(/must be/);
  });
});

describe("dtypes, as torch has them", () => {
  const [x, wide] = [tensor([1, 4]), tensor([0, 0], { dtype: "float64" })];

  it("huberLoss keeps that of the input, smoothL1Loss takes the wider one, even of a single number", () => {
    expect(huberLoss(x, wide).dtype).toBe("float32");
    expect(huberLoss(wide, x).dtype).toBe("float64");
    expect(smoothL1Loss(x, wide).dtype).toBe("float64");
    expect(smoothL1Loss(x, wide.sum()).dtype).toBe("float64");
    expect(() => huberLoss(x.int(), x)).toThrow(/huberLoss: input must be floating-point/);
    expect(smoothL1Loss(x.int(), x.mul(0)).item()).toBe(2);
  });

  it("truth values count as numbers, but not to absolute errors", () => {
    const truth = tensor([1, 0]).bool();
    expect(huberLoss(x, truth).item()).toBe(1.75);
    expect(smoothL1Loss(x, truth).item()).toBe(1.75);
    expect(() => smoothL1Loss(x, truth, { beta: 0 })).toThrow(/smoothL1Loss: truth values have no difference/);
  });
});

describe("options of their own", () => {
  const [x, t] = [tensor([1, -2, 0.5, 4]), tensor([0, 2, 0.5, 3])];

  it("huberLoss weighs its elements, and the mean is over all of them", () => {
    const weight = tensor([1, 0.5, 2, 3], { requiresGrad: true });
    const losses = [0.5, 1.75, 0, 1.5];
    expect(values(huberLoss(x, t, { weight, reduction: "none" }))).toEqual(losses);
    expect(huberLoss(x, t, { weight }).item()).toBe(3.75 / 4);
    expect(new HuberLoss({ weight, reduction: "sum" })(x, t).item()).toBe(3.75);
    huberLoss(x, t, { weight, reduction: "sum" }).backward();
    expect(values(weight.grad)).toEqual([0.5, 3.5, 0, 0.5]);
    expect(() => huberLoss(x, t, { weight: tensor([1, 2]) })).toThrow(/input and weight must have the same shape/);
  });

  it("smoothL1Loss at 0 is l1Loss, also of whole numbers", () => {
    expect(smoothL1Loss(x, t, { beta: 0 }).item()).toBe(l1Loss(x, t).item());
    expect(() => smoothL1Loss(x.int(), t.int(), { beta: 0 })).toThrow(/must be floating-point/);
  });

  it("only SmoothL1Loss is old enough for the deprecated ones", () => {
    expect(new SmoothL1Loss({ sizeAverage: false }).reduction).toBe("sum");
    expect(new SmoothL1Loss({ reduce: false }).reduction).toBe("none");
    expect(() => new HuberLoss({ sizeAverage: false } as object)).toThrow(/HuberLoss: unknown option "sizeAverage"/);
  });
});

const codeOf = (wrong: () => unknown): string => {
  try {
    wrong();
  } catch (error) {
    return (error as TensorError).code;
  }
  return "none";
};

it("throws errors that programs can tell apart", () => {
  expect(codeOf(() => smoothL1Loss(tensor([1]), tensor([1]), { beta: -1 }))).toBe("invalid_option");
  expect(codeOf(() => huberLoss(tensor([1]), tensor([1]), { delta: 0 }))).toBe("invalid_option");
  expect(codeOf(() => huberLoss(tensor([1, 2]), tensor([1, 2, 3])))).toBe("shape_mismatch");
  expect(codeOf(() => huberLoss(tensor([1, 2]), tensor([1]), { strict: true }))).toBe("shape_mismatch");
  expect(codeOf(() => huberLoss(tensor([1]).int(), tensor([1])))).toBe("invalid_dtype");
  expect(codeOf(() => smoothL1Loss(tensor([1]), tensor([1]).bool(), { beta: 0 }))).toBe("invalid_dtype");
});
