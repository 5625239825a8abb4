import { grad, gradcheck, gradgradcheck, ones, type Tensor, tensor } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { GaussianNLLLoss, gaussianNllLoss } from "./gaussianNllLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const double = (list: number[] | number[][], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const means = [
  [1, 2, 3],
  [0, -1, 0.5],
];
const samples = [
  [1.5, 2, 1],
  [0.3, 1, -2],
];
const spread = [
  [0.5, 1, 2],
  [1e-9, 0.2, 4],
];

describe("gaussianNllLoss", () => {
  const half = Math.log(2 * Math.PI) / 2;

  // torch 2.13
  it("gives torch's numbers, and a gradient to variances below eps too", () => {
    const [x, t, v] = [double(means, true), double(samples, true), double(spread, true)];
    const each = [-0.0965736, 0, 1.346574, -0.2565736, 3.653426, 1.474397];
    const losses = gaussianNllLoss(x, t, v, { eps: 0.5, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    const slopes = [-1, 0, 1, -0.6, -4, 0.625];
    expect(values(x.grad)).toEqual(near(slopes));
    expect(values(t.grad)).toEqual(near(slopes.map((slope) => -slope)));
    expect(values(v.grad)).toEqual(near([0.5, 0.5, -0.25, 0.82, -7, -0.0703125]));
    const total = each.reduce((a, b) => a + b, 0);
    expect(gaussianNllLoss(x, t, v, { eps: 0.5 }).item()).toBeCloseTo(total / 6, 5);
    expect(new GaussianNLLLoss({ eps: 0.5, full: true })(x, t, v).item()).toBeCloseTo(total / 6 + half, 5);
    expect(new GaussianNLLLoss({ eps: 0.5, reduction: "sum" })(x, t, v).item()).toBeCloseTo(total, 5);
    expect(gaussianNllLoss(double([1]), double([2]), double([0])).item()).toBeCloseTo((Math.log(1e-6) + 1e6) / 2, 6);
  });

  // torch 2.13
  it.each([
    ["a number", 0.5, [-0.0965736, -0.3465736, 3.653426, -0.2565736, 3.653426, 5.903426]],
    ["without the last dimension", double([0.5, 2]), [-0.0965736, -0.3465736, 3.653426, 0.3690736, 1.346574, 1.909074]],
    ["a column", double([[0.5], [2]]), [-0.0965736, -0.3465736, 3.653426, 0.3690736, 1.346574, 1.909074]],
    ["a row", double([[1, 1, 4]]), [0.125, 0, 1.193147, 0.045, 2, 1.474397]],
  ])("takes a variance that is %s", (_, variance, each) => {
    expect(values(gaussianNllLoss(double(means), double(samples), variance, { reduction: "none" }))).toEqual(
      near(each),
    );
  });

  it("takes inputs without dimensions, and of whole numbers", () => {
    const [x, t] = [tensor(1), tensor(3)];
    expect(gaussianNllLoss(x, t, tensor(4)).item()).toBeCloseTo(Math.log(4) / 2 + 0.5, 6);
    expect(gaussianNllLoss(x.int(), t.int(), 4).item()).toBeCloseTo(Math.log(4) / 2 + 0.5, 6);
    expect(gaussianNllLoss(x.int(), t.int(), 4).dtype).toBe("float32");
    expect(gaussianNllLoss(x.double(), t, 0.1).item()).toBe(Math.log(0.1) / 2 + (4 / 0.1) * 0.5);
    expect(gaussianNllLoss(x, t, Number.NaN).item()).toBeNaN();
  });

  it("has the gradients that finite differences give, to second order", () => {
    const [x, t] = [double(means, true), double(samples, true)];
    const v = double([[0.5], [1.7]], true);
    for (const options of [{}, { full: true, reduction: "none" as const }]) {
      expect(gradcheck((a, b, c) => gaussianNllLoss(a, b, c, options), [x, t, v])).toBe(true);
      expect(gradgradcheck((a, b, c) => gaussianNllLoss(a, b, c, options), [x, t, v])).toBe(true);
    }
  });

  it("differentiates twice as torch does below eps: as if the variance were eps", () => {
    const v = double([0], true);
    const loss = gaussianNllLoss(double([1]), double([3]), v, { eps: 0.5 });
    const [slope] = grad([loss], [v], undefined, { createGraph: true });
    expect(slope!.item()).toBeCloseTo((1 / 0.5 - 4 / 0.25) / 2, 10);
    expect(grad([slope!], [v])[0]!.item()).toBeCloseTo((-1 / 0.25 + 8 / 0.125) / 2, 10);
  });

  it("says what is wrong", () => {
    const [x, t] = [ones(2, 3), ones(2, 3)];
    const loss = (variance: Tensor | number, options = {}): Tensor => gaussianNllLoss(x, t, variance, options);
    expect(() => loss(-0.5)).toThrow(/gaussianNllLoss: a variance is not negative\s+found +-0.5/);
    expect(() => loss(ones(2, 3).sub(1.5))).toThrow(/a variance is not negative/);
    for (const shape of [[4], [2, 2], [3], [1, 1], [2, 3, 1], [1, 2, 3]]) {
      expect(() => loss(ones(shape))).toThrow(
        /gaussianNllLoss: variance does not match input\s+input +\[2, 3\]\s+variance +\[[\d, ]+\]\s+hint: it has the input's shape/,
      );
    }
    expect(() => loss(ones(2, 3).int())).toThrow(/variance must be floating-point/);
    expect(() => loss("1" as unknown as number)).toThrow(/gaussianNllLoss: variance must be a tensor or a number/);
    expect(() => loss(1, { reduction: "batchmean" })).toThrow(/gaussianNllLoss: unknown reduction/);
    expect(() => gaussianNllLoss(x, ones(2, 4), 1)).toThrow(/gaussianNllLoss: .*do not broadcast/);
    expect(() => gaussianNllLoss(x.bool(), t, 1)).toThrow(/gaussianNllLoss: truth values have no difference/);
    expect(() => gaussianNllLoss(x, ones(3), 1, { strict: true })).toThrow(/differ in shape/);
    expect(() => new GaussianNLLLoss({ sizeAverage: false } as object)).toThrow(/unknown option "sizeAverage"/);
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
  expect(codeOf(() => gaussianNllLoss(ones(2), ones(2), -1))).toBe("invalid_argument");
  expect(codeOf(() => gaussianNllLoss(ones(2), ones(2), "1" as unknown as number))).toBe("invalid_argument");
  expect(codeOf(() => gaussianNllLoss(ones(2), ones(2), ones(3)))).toBe("shape_mismatch");
  expect(codeOf(() => gaussianNllLoss(ones(2), ones(2), ones(2).int()))).toBe("invalid_dtype");
});
