import { gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { NLLLoss, nllLoss } from "./nllLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));

const rows = tensor([1, -2, 0.5, 0.25, 3, -1, 2, 2, -4], { dtype: "float64" }).reshape(3, 3);
const classes = [2, 0, 1];
const weight = tensor([0.5, 2, 1], { dtype: "float64" });

describe("nllLoss", () => {
  // torch 2.13
  it.each([
    [{}, [-0.5, -0.25, -2], -0.9166667],
    [{ weight }, [-0.5, -0.125, -4], -1.3214286],
    [{ ignoreIndex: 0 }, [-0.5, 0, -2], -1.25],
    [{ ignoreIndex: 0, weight }, [-0.5, 0, -4], -1.5],
  ])("gives torch's numbers (%#)", (options, each, mean) => {
    expect(values(nllLoss(rows, classes, { ...options, reduction: "none" }))).toEqual(near(each));
    expect(nllLoss(rows, classes, options).item()).toBeCloseTo(mean, 6);
    expect(new NLLLoss(options)(rows, classes).item()).toBeCloseTo(mean, 6);
    const x = tensor(rows, { requiresGrad: true });
    expect(gradcheck((input) => nllLoss(input, classes, options), [x])).toBe(true);
    expect(gradgradcheck((input) => nllLoss(input.square(), classes, options), [x])).toBe(true);
  });

  it("takes images of any strides, and one row alone", () => {
    const images = rows.reshape(1, 3, 3).permute(0, 2, 1); // class c of place d lies at [0, c, d]
    expect(values(nllLoss(images, [classes], { reduction: "none" }))).toEqual(near([-0.5, -0.25, -2]));
    const x = tensor(rows, { requiresGrad: true });
    const turned = (input: Tensor): Tensor => nllLoss(input.reshape(1, 3, 3).permute(0, 2, 1), [classes]);
    expect(gradcheck(turned, [x])).toBe(true);
    expect(nllLoss(rows.select(0, 2), 1, { reduction: "none" }).tolist()).toBe(-2);
    expect(nllLoss(rows.select(0, 2), [1], { reduction: "none" }).shape).toEqual([]);
  });

  it("of nothing that counts is NaN in the mean and 0 in the sum", () => {
    expect(nllLoss(rows, [7, 7, 7], { ignoreIndex: 7 }).item()).toBeNaN();
    expect(nllLoss(rows, [7, 7, 7], { ignoreIndex: 7, reduction: "sum" }).item()).toBe(0);
  });

  it("when strict, finds what cannot be log-probabilities", () => {
    expect(() => nllLoss(rows, classes, { strict: true })).toThrow(/not positive[\s\S]*apply logSoftmax/);
    expect(nllLoss(rows.abs().neg(), classes, { strict: true }).item()).toBeCloseTo(0.9166667, 6);
  });

  it("says what is wrong", () => {
    expect(() => nllLoss(rows, [0, 3, 1])).toThrow(/a target is no class/);
    expect(() => nllLoss(rows, [0, 1])).toThrow(/target does not match input/);
    expect(() => nllLoss(rows, [[0], [1], [2]])).toThrow(/target does not match input/);
    expect(() => nllLoss(tensor(1), 0)).toThrow(/needs a dimension for the classes/);
    expect(() => nllLoss(rows, classes, { weight: weight.unsqueeze(0) })).toThrow(/one element for each class/);
    expect(() => nllLoss([1, 2] as unknown as Tensor, 0)).toThrow(/input must be a tensor[\s\S]*array/);
  });
});
