import { gradcheck, gradgradcheck, ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { CosineSimilarity, cosineSimilarity, PairwiseDistance } from "../layers/distance.ts";
import { Linear } from "../layers/linear.ts";
import { Module } from "../module.ts";
import { TripletMarginLoss, type TripletMarginLossOptions, tripletMarginLoss } from "./tripletMarginLoss.ts";
import { TripletMarginWithDistanceLoss, tripletMarginWithDistanceLoss } from "./tripletMarginWithDistanceLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const double = (list: number[][], requiresGrad = false): Tensor => tensor(list, { dtype: "float64", requiresGrad });

const anchors = [
  [1, 2],
  [0, 0],
  [3, -1],
];
const positives = [
  [1.5, 2],
  [1, -2],
  [0, 1],
];
const negatives = [
  [2, 2.5],
  [0.5, 0],
  [9, 9],
];
const triplet = (requiresGrad = false): [Tensor, Tensor, Tensor] => [
  double(anchors, requiresGrad),
  double(positives, requiresGrad),
  double(negatives, requiresGrad),
];

describe("tripletMarginLoss", () => {
  // torch 2.13
  it.each([
    [{}, [0.0819664, 2.436069, 0], [-0.1055726, 0.4472152, 0.5527869, 0.8944255, 0, 0]],
    [{ swap: true }, [0.4928936, 2.436069, 0], [-1, 0, 0.5527869, 0.8944255, 0, 0]],
    [{ p: 1 }, [0, 3.2, 0], [0, 0, 0, 0, 0, 0]],
    [{ p: 1, swap: true }, [0.200002, 3.2, 0], [-1, 1, 0, 0, 0, 0]],
    [{ p: 3 }, [0.1599582, 2.280086, 0], [-0.0755181, 0.23112, 0.7688802, 0.924482, 0, 0]],
    [{ p: 3, swap: true }, [0.5700397, 2.280086, 0], [-1, 0, 0.7688802, 0.924482, 0, 0]],
    [{ p: Number.POSITIVE_INFINITY }, [0.2, 2.200002, 0], [0, 0, 1, 1, 0, 0]],
  ] as [TripletMarginLossOptions, number[], number[]][])(
    "gives torch's numbers and gradients, %o",
    (options, each, slopes) => {
      const [a, b, c] = triplet(true);
      const settings = { ...options, margin: 0.7 };
      const losses = tripletMarginLoss(a, b, c, { ...settings, reduction: "none" });
      expect(values(losses)).toEqual(near(each));
      losses.sum().backward();
      expect(values(a.grad)).toEqual(near(slopes));
      const total = each.reduce((x, y) => x + y, 0);
      expect(tripletMarginLoss(a, b, c, settings).item()).toBeCloseTo(total / 3, 5);
      expect(new TripletMarginLoss(settings)(a, b, c).item()).toBeCloseTo(total / 3, 5);
      expect(new TripletMarginLoss({ ...settings, sizeAverage: false })(a, b, c).item()).toBeCloseTo(total, 5);
    },
  );

  it("has a margin of 1 and an eps of 1e-6 by default", () => {
    const x = ones(2, 4).double();
    expect(values(tripletMarginLoss(x, x, x, { reduction: "none" }))).toEqual([1, 1]);
    expect(tripletMarginLoss(x, x, x.add(1)).item()).toBe(0);
    expect(tripletMarginLoss(x, x, x.add(0.25), { eps: 0 }).item()).toBe(0.5);
    expect(tripletMarginLoss(x, x.add(0.25), x).item()).toBeCloseTo(1.5 - 4e-6, 12);
  });

  it("has the gradients that finite differences give, to second order", () => {
    for (const options of [{ margin: 0.7 }, { swap: true, margin: 5 }, { p: 3, reduction: "none" as const }]) {
      const loss = (a: Tensor, b: Tensor, c: Tensor): Tensor => tripletMarginLoss(a, b, c, options);
      expect(gradcheck(loss, triplet(true))).toBe(true);
      expect(gradgradcheck(loss, triplet(true))).toBe(true);
    }
  });

  it("is exact in float32 though distances cancel, and where their squares overflow", () => {
    const [a, b, c] = triplet().map((x) => x.float().mul(1e4)) as [Tensor, Tensor, Tensor];
    const exact = tripletMarginLoss(a.double(), b.double(), c.double(), { reduction: "none" }).float();
    expect(values(tripletMarginLoss(a, b, c, { reduction: "none" }))).toEqual(values(exact));
    const far = tripletMarginLoss(tensor([3e38]), tensor([-3e38]), tensor([-3e38])).item();
    expect(far).toBe(0);
  });

  it("takes single vectors, numbers, many dimensions, and what broadcasts", () => {
    expect(tripletMarginLoss(tensor(1), tensor(2), tensor(0.5)).item()).toBeCloseTo(1.499998, 6);
    expect(tripletMarginLoss(ones(3), zeros(3), ones(3), { reduction: "none" }).shape).toEqual([]);
    expect(tripletMarginLoss(ones(2, 5, 3), zeros(2, 5, 3), zeros(1, 1, 3), { reduction: "none" }).shape).toEqual([
      2, 5,
    ]);
    expect(tripletMarginLoss(zeros(0, 3), zeros(0, 3), zeros(0, 3)).item()).toBeNaN();
    expect(tripletMarginLoss(ones(2, 0), ones(2, 0), ones(2, 0)).item()).toBe(1);
    expect(tripletMarginLoss(ones(2, 3).int(), ones(2, 3).int(), ones(2, 3).int()).dtype).toBe("float32");
    expect(tripletMarginLoss(ones(2, 3), ones(2, 3), ones(2, 3).double()).dtype).toBe("float64");
    expect(tripletMarginLoss(ones(2, 3), ones(2, 3), ones(2, 3)).dtype).toBe("float32");
  });
});

describe("tripletMarginWithDistanceLoss", () => {
  // torch 2.13
  it("gives torch's numbers and gradients for a distance of one's own", () => {
    const [a, b, c] = triplet(true);
    const distanceFunction = (x: Tensor, y: Tensor): Tensor => cosineSimilarity(x, y).neg().add(1);
    const losses = tripletMarginWithDistanceLoss(a, b, c, { distanceFunction, reduction: "none" });
    expect(values(losses)).toEqual(near([0.9939325, 1, 1.763441]));
    losses.sum().backward();
    expect(values(c.grad)).toEqual(near([-0.0511047, 0.0408837, 0, 0, 0.0496904, -0.0496904]));
    expect(tripletMarginWithDistanceLoss(a, b, c, { distanceFunction }).item()).toBeCloseTo(3.757374 / 3, 5);
    const loss = new TripletMarginWithDistanceLoss({ distanceFunction, reduction: "sum", margin: 0.5 });
    expect(loss(a, b, c).item()).toBeCloseTo(3.757374 - 1.5, 5);
  });

  it("is tripletMarginLoss for the distance that this takes", () => {
    const [a, b, c] = triplet();
    for (const swap of [false, true]) {
      for (const margin of [1, 0.3]) {
        const settings = { swap, margin };
        const expected = tripletMarginLoss(a, b, c, settings).item();
        expect(tripletMarginWithDistanceLoss(a, b, c, settings).item()).toBe(expected);
        expect(new TripletMarginWithDistanceLoss(settings)(a, b, c).item()).toBe(expected);
        const distanceFunction = new PairwiseDistance({ p: 1 });
        expect(tripletMarginWithDistanceLoss(a, b, c, { ...settings, distanceFunction }).item()).toBeCloseTo(
          tripletMarginLoss(a, b, c, { ...settings, p: 1 }).item(),
          12,
        );
      }
    }
  });

  it("has the gradients that finite differences give, to second order", () => {
    const distanceFunction = new CosineSimilarity();
    const inputs = triplet(true).map((x) => x.add(0.3).detach().requiresGrad_());
    const loss = (a: Tensor, b: Tensor, c: Tensor): Tensor =>
      tripletMarginWithDistanceLoss(a, b, c, { distanceFunction, swap: true });
    expect(gradcheck(loss, inputs)).toBe(true);
    expect(gradgradcheck(loss, inputs)).toBe(true);
  });

  it("has a distance that is a module as its part", () => {
    class Learned extends Module<[x1: Tensor, x2: Tensor]> {
      readonly project = new Linear(2, 3);
      override forward(x1: Tensor, x2: Tensor): Tensor {
        return this.project(x1).sub(this.project(x2)).norm(2, 1);
      }
    }
    const loss = new TripletMarginWithDistanceLoss({ distanceFunction: new Learned() });
    expect(loss.namedParameters().map(([name]) => name)).toEqual([
      "distance_function.project.weight",
      "distance_function.project.bias",
    ]);
    loss(...(triplet().map((x) => x.float()) as [Tensor, Tensor, Tensor])).backward();
    expect(loss.parameters()[0]!.grad).not.toBeNull();
    expect(String(new TripletMarginWithDistanceLoss())).toBe(
      "TripletMarginWithDistanceLoss(\n  (distance_function): PairwiseDistance()\n)",
    );
  });

  it("keeps the dtype of the distances, float32 for whole ones", () => {
    const [a, b, c] = triplet().map((x) => x.float()) as [Tensor, Tensor, Tensor];
    const whole = (x: Tensor, y: Tensor): Tensor => x.sub(y).abs().sum(1).int();
    expect(tripletMarginWithDistanceLoss(a, b, c, { distanceFunction: new PairwiseDistance() }).dtype).toBe("float32");
    expect(tripletMarginWithDistanceLoss(a, b, c, { distanceFunction: whole }).dtype).toBe("float32");
  });
});

describe.each([
  ["tripletMarginLoss", tripletMarginLoss],
  ["tripletMarginWithDistanceLoss", tripletMarginWithDistanceLoss],
] as const)("%s", (name, loss) => {
  it("says what is wrong", () => {
    const x = ones(2, 3);
    expect(() => loss(x, x, x, { margin: 0 })).toThrow(`${name}: margin must be above 0`);
    expect(() => loss(x, x, x, { margin: Number.NaN })).toThrow(/margin must be above 0/);
    expect(() => loss(x, ones(3), x)).toThrow(
      /: the arguments must have as many dimensions as each other\s+anchor +\[2, 3\]\s+positive +\[3\]\s+negative +\[2, 3\]/,
    );
    expect(() => loss(x, x, ones(3))).toThrow(`${name}: the arguments must have as many dimensions`);
    expect(() => loss(x, ones(2, 4), x)).toThrow(new RegExp(`${name}: .*do not broadcast`));
    expect(() => loss(x, null as unknown as Tensor, x)).toThrow(`${name}: positive must be a tensor`);
    expect(() => loss(x, x.bool(), x)).toThrow(/: truth values have no difference/);
    expect(() => loss(x, x, x, { reduction: "batchmean" as "mean" })).toThrow(`${name}: unknown reduction`);
    expect(() => loss(x, ones(1, 3), x, { strict: true })).toThrow(/anchor and positive and negative differ in shape/);
    expect(loss(x, x, x, { strict: true }).item()).toBe(1);
    expect(() => new TripletMarginWithDistanceLoss({ reduce: true } as object)).toThrow(/unknown option "reduce"/);
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
  expect(codeOf(() => tripletMarginLoss(ones(3), ones(1, 3), ones(3)))).toBe("shape_mismatch");
  expect(codeOf(() => tripletMarginLoss(ones(3), ones(3), ones(3), { margin: 0 }))).toBe("invalid_option");
});
