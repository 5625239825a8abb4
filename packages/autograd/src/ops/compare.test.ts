import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./compare.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

/** Truth values as a string of 0 and 1. */
const bits = (truth: Tensor): string => {
  expect(truth.dtype).toBe("bool");
  return [...truth.toArray()].join("");
};

describe("comparisons", () => {
  const a = [1, 2, 3, nan, nan, inf, -0];
  const b = [2, 2, 2, nan, 1, inf, 0];

  it.each([
    ["eq", ops.eq, "0100011"],
    ["ne", ops.ne, "1011100"],
    ["lt", ops.lt, "1000000"],
    ["le", ops.le, "1100011"],
    ["gt", ops.gt, "0010000"],
    ["ge", ops.ge, "0110011"],
    ["logicalAnd", ops.logicalAnd, "1111110"],
    ["logicalOr", ops.logicalOr, "1111110"],
    ["logicalXor", ops.logicalXor, "0000000"],
  ] as const)("%s", (_, op, expected) => {
    expect(bits(op(tensor(a), tensor(b)))).toBe(expected);
    expect(op(tensor(a, { requiresGrad: true }), tensor(1)).requiresGrad).toBe(false);
    expect(op(zeros(2, 1), zeros(3)).shape).toEqual([2, 3]);
    expect(op(zeros(0, 2), tensor(1)).shape).toEqual([0, 2]);
    expect(op(tensor(1), tensor(1)).shape).toEqual([]);
  });

  it("meet in the common dtype", () => {
    expect(bits(ops.lt(tensor([0, 1], { dtype: "int32" }), 0.5))).toBe("10");
    expect(bits(ops.eq(tensor([true, false]), 1))).toBe("10");
    expect(bits(ops.eq(tensor([0.1]), 0.1))).toBe("1"); // the number is rounded to float32 first
    expect(bits(ops.eq(tensor([0.1]), tensor([0.1], { dtype: "float64" })))).toBe("0");
  });

  it("xor tells exactly one from both", () => {
    expect(bits(ops.logicalXor(tensor([0, 0, 2, 3]), tensor([0, 1, 0, 1])))).toBe("0110");
  });
});

it.each([
  ["logicalNot", ops.logicalNot, "0011000", "01"],
  ["isnan", ops.isnan, "0000100", "00"],
  ["isinf", ops.isinf, "0000011", "00"],
  ["isfinite", ops.isfinite, "1111000", "11"],
  ["isposinf", ops.isposinf, "0000010", "00"],
  ["isneginf", ops.isneginf, "0000001", "00"],
] as const)("%s", (_, op, floats, integers) => {
  expect(bits(op(tensor([1, -2, 0, -0, nan, inf, -inf])))).toBe(floats);
  expect(bits(op(tensor([1, 0], { dtype: "int32" })))).toBe(integers);
  expect(bits(op(tensor([true, false])))).toBe(integers);
});

describe("isclose", () => {
  const a = tensor([1, inf, nan, inf, 1 + 1e-6, 0, 1.09]);
  const b = tensor([1, inf, nan, -inf, 1, 1e-9, 1]);

  it("measures against the second operand, as torch", () => {
    expect(bits(ops.isclose(a, b))).toBe("1100110");
    expect(bits(ops.isclose(a, b, { equalNan: true }))).toBe("1110110");
    expect(bits(ops.isclose(a, b, { rtol: 0.1 }))).toBe("1100111");
    expect(bits(ops.isclose(a, b, { rtol: 0, atol: 0 }))).toBe("1100000");
    expect(bits(ops.isclose(tensor([0, 10]), tensor([10, 0]), { rtol: 1, atol: 0 }))).toBe("10");
  });

  it("takes integers", () => {
    const whole = tensor([100000000, 100000001], { dtype: "int32" });
    expect(bits(ops.isclose(whole, tensor(100000000, { dtype: "int32" }), { rtol: 0, atol: 0.5 }))).toBe("10");
  });

  it("leaves no history", () => {
    expect(ops.isclose(tensor([1], { requiresGrad: true }), tensor([1])).requiresGrad).toBe(false);
  });

  it("refuses negative tolerances and unlike dtypes", () => {
    expect(() => ops.isclose(a, b, { atol: -1 })).toThrow(/at least 0/);
    expect(() => ops.isclose(a, b, { rtol: nan })).toThrow(/at least 0/);
    expect(() => ops.isclose(a, tensor([1], { dtype: "float64" }))).toThrow(/dtypes differ/);
  });
});

it("allclose wants all of them close", () => {
  expect(ops.allclose(tensor([1, 2]), tensor([1, 2.00001]))).toBe(true);
  expect(ops.allclose(tensor([1, 2]), tensor([1, 2.1]))).toBe(false);
  expect(ops.allclose(tensor([nan]), tensor([nan]), { equalNan: true })).toBe(true);
  expect(ops.allclose(zeros(0), zeros(0))).toBe(true);
});

it("equal compares shapes and elements, whatever the dtypes", () => {
  expect(ops.equal(tensor([1, 2]), tensor([1, 2]))).toBe(true);
  expect(ops.equal(tensor([1, 2]), tensor([1, 2], { dtype: "int32" }))).toBe(true);
  expect(ops.equal(tensor([1, 2]), tensor([[1, 2]]))).toBe(false);
  expect(ops.equal(tensor([nan]), tensor([nan]))).toBe(false);
  expect(ops.equal(zeros(0, 2), zeros(0, 2))).toBe(true);
});
