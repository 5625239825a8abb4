import { gradcheck, gradgradcheck, ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { CosineSimilarity, cosineSimilarity, PairwiseDistance, pairwiseDistance } from "./distance.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const double = (list: number[][], requiresGrad = false): Tensor => tensor(list, { dtype: "float64", requiresGrad });

const [first, second] = [
  [
    [1, 2],
    [0, 0],
    [3, -1],
  ],
  [
    [1.5, 2],
    [1, -2],
    [0, 1],
  ],
];

describe("cosineSimilarity", () => {
  // torch 2.13; the gradient beside a vector of zeros is that of eps
  it("gives torch's numbers and gradients", () => {
    expect(values(cosineSimilarity(double(first), double(second), { dim: 0 }))).toEqual(near([0.2631174, 0.4472136]));
    const x = double(first, true);
    const cosines = cosineSimilarity(x, double(second));
    expect(values(cosines)).toEqual(near([0.9838699, 0, -0.3162278]));
    cosines.sum().backward();
    const scaled = values(x.grad).map((slope) => (Math.abs(slope) > 1e5 ? slope / 1e8 : slope));
    expect(scaled).toEqual(near([0.0715542, -0.0357771, 0.4472136, -0.8944272, 0.0948683, 0.284605]));
    const y = double(first, true);
    const raised = new CosineSimilarity({ dim: -1, eps: 5 })(y, double(second));
    expect(values(raised)).toEqual(near([0.22, 0, -0.04]));
    raised.sum().backward();
    expect(values(y.grad)).toEqual(near([0.0403226, 0.0406452, 0.04, -0.08, 0.0075895, 0.0374702]));
  });

  it("has the gradients that finite differences give, to second order", () => {
    const inputs = [double([first[0]!, first[2]!], true), double([second[0]!, second[2]!], true)];
    for (const dim of [0, 1]) {
      expect(gradcheck((a, b) => cosineSimilarity(a, b, { dim }), inputs)).toBe(true);
      expect(gradgradcheck((a, b) => cosineSimilarity(a, b, { dim }), inputs)).toBe(true);
    }
  });

  it("broadcasts, mixes dtypes and does not see lengths", () => {
    expect(cosineSimilarity(ones(3, 1, 4), ones(2, 4), { dim: -1 }).shape).toEqual([3, 2]);
    expect(cosineSimilarity(ones(4), ones(2, 4)).shape).toEqual([2]);
    expect(cosineSimilarity(tensor(2), tensor(-3), { dim: 0 }).item()).toBe(-1);
    expect(values(cosineSimilarity(ones(2, 0), ones(2, 0)))).toEqual([0, 0]);
    const whole = cosineSimilarity(ones(1, 2), ones(1, 2).int());
    expect([whole.dtype, whole.item()]).toEqual(["float32", expect.closeTo(1, 6)]);
    expect(cosineSimilarity(ones(1, 2), ones(1, 2).double()).dtype).toBe("float64");
    expect(cosineSimilarity(ones(2), tensor(1, { dtype: "float64" }), { dim: 0 }).dtype).toBe("float64");
    for (const scale of [1e-5, 1e20, 3e38]) {
      expect(cosineSimilarity(tensor([[scale, scale]]), tensor([[1, 0]])).item()).toBeCloseTo(Math.SQRT1_2, 6);
    }
  });

  it("says what is wrong", () => {
    const x = ones(2, 3);
    expect(() => cosineSimilarity(x.int(), x.bool())).toThrow(
      /cosineSimilarity: one of the two must be floating-point\s+x1 +int32\s+x2 +bool/,
    );
    expect(() => cosineSimilarity(x, ones(2))).toThrow(/cosineSimilarity: .*do not broadcast/);
    expect(() => cosineSimilarity(ones(3), ones(3))).toThrow(/cosineSimilarity: /);
    expect(() => cosineSimilarity(x, [1] as unknown as Tensor)).toThrow(/cosineSimilarity: x2 must be a tensor/);
    expect(() => new CosineSimilarity({ dims: 1 } as object)).toThrow(/did you mean dim\?/);
  });
});

describe("pairwiseDistance", () => {
  // torch 2.13
  it.each([
    [2, [0.499999, 2.236068, 3.605552], [0.4123106, 2.284732, 3.635932]],
    [1, [0.5, 3, 5], [0.5, 3, 5]],
    [0.5, [0.5014142, 5.828426, 9.898979], [0.9, 5.749545, 9.853864]],
    [3, [0.499999, 2.080085, 3.271067], [0.4020726, 2.153716, 3.321682]],
    [Number.POSITIVE_INFINITY, [0.499999, 2.000001, 3.000001], [0.4, 2.1, 3.1]],
    [-1, [0.000001, 0.6666663, 1.2], [0.08, 0.63, 1.178]],
    [0, [2, 2, 2], [2, 2, 2]],
  ])("gives torch's numbers for p = %d", (p, each, coarse) => {
    expect(values(pairwiseDistance(double(first), double(second), { p }))).toEqual(near(each));
    expect(values(new PairwiseDistance({ p, eps: 0.1 })(double(first), double(second)))).toEqual(near(coarse));
  });

  it("gives torch's gradients, the Euclidean ones by default, and second ones by finite differences", () => {
    const [x, y] = [double(first, true), double(second, true)];
    pairwiseDistance(x, y).sum().backward();
    const slopes = [-1, 0.000002, -0.4472131, 0.8944275, 0.8320505, -0.5546999];
    expect(values(x.grad)).toEqual(near(slopes));
    expect(values(y.grad)).toEqual(near(slopes.map((slope) => -slope)));
    for (const p of [2, 1, 3, 1.5]) {
      expect(gradcheck((a, b) => pairwiseDistance(a, b, { p, eps: 0.1 }), [x, y])).toBe(true);
      expect(gradgradcheck((a, b) => pairwiseDistance(a, b, { p, eps: 0.1 }), [x, y])).toBe(true);
    }
  });

  it("keeps the last dimension when told, broadcasts, and takes whole numbers and single ones", () => {
    expect(new PairwiseDistance({ keepdim: true })(ones(2, 3), zeros(3)).shape).toEqual([2, 1]);
    expect(pairwiseDistance(ones(2, 1, 3), zeros(4, 3)).shape).toEqual([2, 4]);
    expect(pairwiseDistance(tensor(2), tensor(5)).item()).toBeCloseTo(3, 5);
    expect(pairwiseDistance(tensor([1, 2]).int(), tensor([4, 6]).int(), { eps: 0 }).item()).toBe(5);
    expect(pairwiseDistance(tensor([1, 2]).int(), tensor([4, 6]).int()).dtype).toBe("float32");
    expect(pairwiseDistance(ones(2), ones(2).double()).dtype).toBe("float64");
    expect(pairwiseDistance(tensor([2e38, 0]), tensor([-1e38, 0])).item()).toBe(Math.fround(3e38));
  });

  it("says what is wrong", () => {
    expect(() => pairwiseDistance(ones(2), ones(3))).toThrow(/pairwiseDistance: .*do not broadcast/);
    expect(() => pairwiseDistance(ones(2).bool(), ones(2))).toThrow(
      /pairwiseDistance: truth values have no difference/,
    );
    expect(() => pairwiseDistance(null as unknown as Tensor, ones(2))).toThrow(/pairwiseDistance: x1 must be a tensor/);
    expect(() => new PairwiseDistance({ keepDim: true } as object)).toThrow(/did you mean keepdim\?/);
  });
});

it("the layers say what they were given", () => {
  const { dim, eps } = new CosineSimilarity();
  expect([dim, eps, String(new CosineSimilarity())]).toEqual([1, 1e-8, "CosineSimilarity()"]);
  const distance = new PairwiseDistance();
  expect([distance.norm, distance.eps, distance.keepdim]).toEqual([2, 1e-6, false]);
  expect(String(distance)).toBe("PairwiseDistance()");
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
  expect(codeOf(() => cosineSimilarity(ones(1, 2).int(), ones(1, 2).int()))).toBe("invalid_dtype");
  expect(codeOf(() => cosineSimilarity(ones(3), ones(3)))).toBe("invalid_dim");
  expect(codeOf(() => pairwiseDistance(ones(2), ones(3)))).toBe("shape_mismatch");
});
