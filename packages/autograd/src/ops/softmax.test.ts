import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { allclose } from "./compare.ts";
import { log } from "./exponential.ts";
import { sum } from "./reduce.ts";
import { movedim, reshape } from "./shape.ts";
import { logSoftmax, softmax, softmin } from "./softmax.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (): Tensor =>
  tensor(
    Float64Array.from({ length: 12 }, (_, i) => Math.sin(7 * i)),
    { requiresGrad: true },
  );

describe.each([
  ["softmax", softmax],
  ["logSoftmax", logSoftmax],
  ["softmin", softmin],
] as const)("%s", (_, op) => {
  it("has the gradients that finite differences give, to third order, along every dimension", () => {
    for (const dim of [0, 1, -1]) {
      const fn = (x: Tensor): Tensor => op(reshape(x, [2, 3, 2]), dim);
      expect(gradcheck(fn, [leaf()])).toBe(true);
      expect(gradgradcheck(fn, [leaf()])).toBe(true);
    }
  });

  it("takes any strides", () => {
    const x = reshape(leaf(), [2, 3, 2]);
    const turned = movedim(op(movedim(x, 1, 0), 0), 0, 1);
    expect(turned.tolist()).toEqual(op(x, 1).tolist());
  });

  it("takes single numbers, nothing, and integers by dtype", () => {
    expect(op(tensor(3), 0).tolist()).toBe(op === logSoftmax ? 0 : 1);
    expect(op(zeros(2, 0), 1).shape).toEqual([2, 0]);
    expect(op(zeros(0, 2), 1).shape).toEqual([0, 2]);
    const whole = tensor([1, 2], { dtype: "int32" });
    expect(op(whole, 0, { dtype: "float64" }).dtype).toBe("float64");
    expect(() => op(whole, 0)).toThrow(/floating-point/);
    expect(() => op(zeros(2), 1)).toThrow(/out of range/);
  });
});

it("does not overflow, and follows torch at infinities", () => {
  const x = tensor([1, 1000, -inf]);
  expect(softmax(x, 0).tolist()).toEqual([0, 1, 0]);
  expect(logSoftmax(x, 0).tolist()).toEqual([-999, 0, -inf]);
  expect(softmin(x, 0).tolist()).toEqual([nan, nan, nan]);
  expect(softmax(tensor([-inf, -inf]), 0).tolist()).toEqual([nan, nan]);
  expect(logSoftmax(tensor([3.4e38, -3.4e38]), 0).tolist()).toEqual([0, -inf]);
});

it("adds up to 1, does not see what is added to all, and is the exponential of its logarithm", () => {
  const values = fc.array(fc.double({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(values, fc.double({ min: -100, max: 100, noNaN: true }), (z, shift) => {
      const x = tensor(Float64Array.from(z));
      const p = softmax(x, 0);
      expect(sum(p).item()).toBeCloseTo(1, 12);
      const shifted = softmax(tensor(Float64Array.from(z, (value) => value + shift)), 0);
      expect(allclose(shifted, p, { rtol: 1e-9, atol: 1e-12 })).toBe(true);
      expect(allclose(log(p), logSoftmax(x, 0), { rtol: 1e-9, atol: 1e-9 })).toBe(true);
    }),
  );
});
