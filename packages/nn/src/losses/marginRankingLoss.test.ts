import { gradcheck, gradgradcheck, ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { HingeEmbeddingLoss, hingeEmbeddingLoss } from "./hingeEmbeddingLoss.ts";
import { MarginRankingLoss, marginRankingLoss } from "./marginRankingLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (list: readonly number[], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

describe("hingeEmbeddingLoss", () => {
  const distances = [0.3, 2.5, 1, -0.4, 0.7, 1];
  const labels = double([1, -1, -1, -1, 0, 2]);

  // torch 2.13: at the margin the gradient passes, and labels that are neither count twice
  it.each([
    [{}, [0.3, 0, 0, 1.4, 1, 1], [1, 0, -1, -1, 0, 0]],
    [{ margin: 0.5 }, [0.3, 0, 0, 0.9, 0.7, 1], [1, 0, 0, -1, 1, 1]],
  ])("gives torch's numbers and gradients, %o", (options, each, slopes) => {
    const x = double(distances, true);
    const losses = hingeEmbeddingLoss(x, labels, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad)).toEqual(near(slopes));
    const total = each.reduce((a, b) => a + b, 0);
    expect(hingeEmbeddingLoss(x, labels, options).item()).toBeCloseTo(total / 6, 6);
    expect(new HingeEmbeddingLoss(options)(x, labels).item()).toBeCloseTo(total / 6, 6);
    expect(new HingeEmbeddingLoss({ ...options, sizeAverage: false })(x, labels).item()).toBeCloseTo(total, 6);
  });

  it("has the gradients that finite differences give, to second order", () => {
    const x = double([0.3, 2.5, 0.9, -0.4, 0.7, 1.2], true);
    expect(gradcheck((a) => hingeEmbeddingLoss(a, labels, { margin: 0.8 }), [x])).toBe(true);
    expect(gradgradcheck((a) => hingeEmbeddingLoss(a, labels, { margin: 0.8 }), [x])).toBe(true);
  });

  it("keeps whole numbers whole, with the margin cut to one, as torch does", () => {
    const losses = hingeEmbeddingLoss(tensor([1, -2, 3]).int(), tensor([-1, -1, 1]), {
      margin: 1.7,
      reduction: "none",
    });
    expect([losses.dtype, ...values(losses)]).toEqual(["int32", 0, 3, 3]);
    expect(() => hingeEmbeddingLoss(tensor([1]).int(), tensor([1]))).toThrow(/the mean of integers/);
  });

  it("is finite for every finite distance", () => {
    const x = tensor([3.4e38, -3.4e38, 0, -0, 1e-45], { requiresGrad: true });
    for (const label of [1, -1]) {
      expect(values(hingeEmbeddingLoss(x, tensor([label]), { reduction: "none" })).every(Number.isFinite)).toBe(true);
    }
  });

  it("says what is wrong", () => {
    const x = tensor([0.5, 1]);
    expect(hingeEmbeddingLoss(x.unsqueeze(1), tensor([1, -1]), { reduction: "none" }).shape).toEqual([2, 2]);
    expect(() => hingeEmbeddingLoss(x.unsqueeze(1), tensor([1, -1]), { strict: true })).toThrow(/differ in shape/);
    expect(() => hingeEmbeddingLoss(x, tensor([1, 1, 1]))).toThrow(/hingeEmbeddingLoss: .*do not broadcast/);
    expect(() => hingeEmbeddingLoss(x.bool(), x)).toThrow(/hingeEmbeddingLoss: truth values have no difference/);
    expect(() => hingeEmbeddingLoss(x, x, { reduction: "no" as "none" })).toThrow(
      /hingeEmbeddingLoss: unknown reduction/,
    );
    expect(() => hingeEmbeddingLoss(x, tensor([1, 2]), { strict: true })).toThrow(/every target must be −1 or 1/);
    expect(hingeEmbeddingLoss(x, tensor([1, -1]), { strict: true }).item()).toBe(0.25);
  });
});

describe("marginRankingLoss", () => {
  const [first, second] = [
    [1, 2, 0.5, 1],
    [2, 1, 0.5, 3],
  ];
  const labels = double([1, 1, -1, -1]);

  // torch 2.13: the gradient passes where the loss is just 0
  it.each([
    [{}, [1, 0, 0, 0], [-1, 0, 1, 0]],
    [{ margin: 0.5 }, [1.5, 0, 0.5, 0], [-1, 0, 1, 0]],
    [{ margin: -1 }, [0, 0, 0, 0], [-1, 0, 0, 0]],
  ])("gives torch's numbers and gradients, %o", (options, each, slopes) => {
    const [a, b] = [double(first, true), double(second, true)];
    const losses = marginRankingLoss(a, b, labels, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(a.grad)).toEqual(near(slopes));
    expect(values(b.grad)).toEqual(near(slopes.map((slope) => -slope)));
    const total = each.reduce((x, y) => x + y, 0);
    expect(marginRankingLoss(a, b, labels, options).item()).toBeCloseTo(total / 4, 6);
    expect(new MarginRankingLoss(options)(a, b, labels).item()).toBeCloseTo(total / 4, 6);
    expect(new MarginRankingLoss({ ...options, sizeAverage: false })(a, b, labels).item()).toBeCloseTo(total, 6);
  });

  it("has the gradients that finite differences give, to second order, for labels too", () => {
    const inputs = [double([1, 2, 0.5, 1], true), double([2, 1, 0.1, 3], true), double([1, 1, -1, -0.7], true)];
    const loss = (a: Tensor, b: Tensor, t: Tensor): Tensor => marginRankingLoss(a, b, t, { margin: 0.3 });
    expect(gradcheck(loss, inputs)).toBe(true);
    expect(gradgradcheck(loss, inputs)).toBe(true);
  });

  it("is antisymmetric: exchanged scores and the opposite label cost the same", () => {
    const [a, b] = [double(first), double(second)];
    expect(values(marginRankingLoss(a, b, labels, { margin: 0.2, reduction: "none" }))).toEqual(
      values(marginRankingLoss(b, a, labels.neg(), { margin: 0.2, reduction: "none" })),
    );
  });

  it("broadcasts among as many dimensions, and makes fractions of whole numbers", () => {
    expect(marginRankingLoss(ones(1, 3), ones(4, 1), ones(4, 3), { reduction: "none" }).shape).toEqual([4, 3]);
    expect(marginRankingLoss(zeros(0), zeros(0), zeros(0)).item()).toBeNaN();
    const losses = marginRankingLoss(tensor([1]).int(), tensor([2]).int(), tensor([1]).int());
    expect([losses.dtype, losses.item()]).toEqual(["float32", 1]);
  });

  it("says what is wrong", () => {
    const [a, t] = [tensor([1, 2]), tensor([1, -1])];
    expect(() => marginRankingLoss(a, a, tensor(1))).toThrow(
      /marginRankingLoss: the arguments must have as many dimensions as each other\s+input1 +\[2\]\s+input2 +\[2\]\s+target +\[\]/,
    );
    expect(() => marginRankingLoss(a, a.unsqueeze(0), t)).toThrow(/as many dimensions/);
    expect(() => marginRankingLoss(a, tensor([1, 2, 3]), t)).toThrow(/marginRankingLoss: .*do not broadcast/);
    expect(() => marginRankingLoss(a, [1] as unknown as Tensor, t)).toThrow(/input2 must be a tensor/);
    expect(() => marginRankingLoss(a, a, t.bool())).toThrow(/marginRankingLoss: truth values[\s\S]*target +bool/);
    expect(() => marginRankingLoss(a, a, t, { reduction: "x" as "sum" })).toThrow(
      /marginRankingLoss: unknown reduction/,
    );
    expect(() => marginRankingLoss(a, a, tensor([1, 0]), { strict: true })).toThrow(/every target must be −1 or 1/);
    expect(() => marginRankingLoss(a, tensor([1]), t, { strict: true })).toThrow(/input1 and input2 and target differ/);
    expect(marginRankingLoss(a, a, t, { strict: true }).item()).toBe(0);
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
  expect(codeOf(() => marginRankingLoss(ones(2), ones(2), ones(2, 1)))).toBe("shape_mismatch");
  expect(codeOf(() => hingeEmbeddingLoss(ones(2).bool(), ones(2)))).toBe("invalid_dtype");
});
