import { gradcheck, gradgradcheck, ones, type Tensor, tensor } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { binaryCrossEntropyWithLogits } from "./bceWithLogitsLoss.ts";
import { SoftMarginLoss, softMarginLoss } from "./softMarginLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (list: readonly number[], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const scores = [0.3, -2, 0, 40, -90, 5];
const labels = [1, -1, 1, -1, 1, 1];

describe("softMarginLoss", () => {
  // torch 2.13
  it("gives torch's numbers and gradients", () => {
    const each = [0.5543552, 0.126928, Math.LN2, 40, 90, 0.0067153];
    const x = double(scores, true);
    const losses = softMarginLoss(x, double(labels), { reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad)).toEqual(near([-0.4255575, 0.1192029, -0.5, 1, -1, -0.0066929]));
    const total = each.reduce((a, b) => a + b, 0);
    expect(softMarginLoss(x, double(labels)).item()).toBeCloseTo(total / 6, 6);
    expect(new SoftMarginLoss()(x, double(labels)).item()).toBeCloseTo(total / 6, 6);
    expect(new SoftMarginLoss({ sizeAverage: false })(x, double(labels)).item()).toBeCloseTo(total, 5);
  });

  it("has the gradients that finite differences give, to second order, for labels too", () => {
    const [x, t] = [double([0.3, -2, 0, 4, -9], true), double([1, -1, 1, -1, 0.5], true)];
    expect(gradcheck((a, b) => softMarginLoss(a, b), [x, t])).toBe(true);
    expect(gradgradcheck((a, b) => softMarginLoss(a, b), [x, t])).toBe(true);
  });

  it("is binaryCrossEntropyWithLogits for labels of 0 and 1", () => {
    const [x, t] = [double(scores), double(labels)];
    const other = binaryCrossEntropyWithLogits(x, t.add(1).div(2), { reduction: "none" });
    expect(values(softMarginLoss(x, t, { reduction: "none" }))).toEqual(near(values(other)));
  });

  it("is exact in float32 up to where double precision overflows, and beyond as torch has it", () => {
    const x = tensor([-88, -100, -700, 100, 1e4, 3.4e38, 1e-45, -1e4], { requiresGrad: true });
    const losses = softMarginLoss(x, ones(8), { reduction: "none" });
    const tiny = Math.fround(Math.exp(-100));
    expect(values(losses)).toEqual([88, 100, 700, tiny, 0, 0, Math.fround(Math.LN2), Number.POSITIVE_INFINITY]);
    losses.sum().backward();
    expect(values(x.grad)).toEqual([-1, -1, -1, -tiny, -0, -0, -0.5, Number.NaN]);
  });

  it("has a second derivative that does not vanish by cancellation", () => {
    const z = double([-600, 40, 709], true);
    const [slope] = [softMarginLoss(z, double([1, 1, 1]), { reduction: "sum" })];
    slope.backward(undefined, { createGraph: true });
    const first = z.grad!;
    z.grad = null;
    first.sum().backward();
    expect(values(z.grad)[0]).toBeCloseTo(0, 12);
    expect(values(z.grad)[1]! / Math.exp(-40)).toBeCloseTo(1, 10);
    expect(values(z.grad)[2]! / Math.exp(-709)).toBeCloseTo(1, 10);
  });

  it("takes labels of any dtype that broadcast to the scores, and keeps their dtype", () => {
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const t = tensor([1, -1]);
    expect(softMarginLoss(x, t, { reduction: "none" }).shape).toEqual([2, 2]);
    expect(softMarginLoss(x, t.int()).item()).toBe(softMarginLoss(x, t).item());
    expect(softMarginLoss(x, t.double()).dtype).toBe("float32");
    expect(softMarginLoss(x, t.bool(), { reduction: "sum" }).item()).toBeCloseTo(0.506927, 6);
    expect(() => softMarginLoss(tensor([1, 2]), x)).toThrow(
      /softMarginLoss: target does not broadcast to the shape of input\s+input +\[2\]\s+target +\[2, 2\]/,
    );
  });

  it("says what is wrong", () => {
    const x = tensor([1, 2]);
    expect(() => softMarginLoss(x.int(), x)).toThrow(/softMarginLoss: input must be floating-point/);
    expect(() => softMarginLoss(x, tensor([1, 2, 3]))).toThrow(/softMarginLoss: .*do not broadcast/);
    expect(() => softMarginLoss(x, x, { reduction: "man" as "mean" })).toThrow(/softMarginLoss: unknown reduction/);
    expect(softMarginLoss(x, tensor([0, 2])).item()).toBeCloseTo((Math.LN2 + Math.log1p(Math.exp(-4))) / 2, 6);
    expect(() => softMarginLoss(x, tensor([1, 0]), { strict: true })).toThrow(
      /softMarginLoss: every target must be −1 or 1\s+found +0\s+hint: 1 says .*target.mul\(2\).sub\(1\)/,
    );
    expect(() => softMarginLoss(x, tensor([1]), { strict: true })).toThrow(/differ in shape/);
    expect(softMarginLoss(x, tensor([1, -1]), { strict: true }).item()).toBeGreaterThan(0);
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
  expect(codeOf(() => softMarginLoss(tensor([1]), tensor([0]), { strict: true }))).toBe("invalid_argument");
  expect(codeOf(() => softMarginLoss(tensor([1]), tensor([[1], [1]])))).toBe("shape_mismatch");
});
