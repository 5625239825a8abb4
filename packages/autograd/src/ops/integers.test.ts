import { expect, it } from "vitest";
import { tensor } from "../creation.ts";
import * as ops from "./integers.ts";

const ints = (...data: number[]) => tensor(data, { dtype: "int32" });

// torch 2.13
it.each([
  ["bitwiseAnd", ops.bitwiseAnd, [5, -3], [3, 6], [1, 4]],
  ["bitwiseOr", ops.bitwiseOr, [5, -3], [3, 6], [7, -1]],
  ["bitwiseXor", ops.bitwiseXor, [5, -3], [3, 6], [6, -5]],
  ["bitwiseLeftShift", ops.bitwiseLeftShift, [5, -3, 1, 1], [2, 1, -1, 32], [20, -6, 0, 0]],
  ["bitwiseRightShift", ops.bitwiseRightShift, [5, -3], [40, 1], [0, -2]],
  ["gcd", ops.gcd, [12, 0, -8], [18, -5, 12], [6, 5, 4]],
  ["lcm", ops.lcm, [12, 0, -8], [18, -5, 12], [36, 0, 24]],
] as const)("%s", (_, op, a, b, expected) => {
  const result = op(ints(...a), ints(...b));
  expect([result.dtype, result.tolist()]).toEqual(["int32", expected]);
});

it("truth values have bits, too, but cannot be shifted", () => {
  const [a, b] = [tensor([true, true, false]), tensor([true, false, false])];
  expect(ops.bitwiseAnd(a, b).tolist()).toEqual([true, false, false]);
  expect(ops.bitwiseXor(a, b).tolist()).toEqual([false, true, false]);
  expect(ops.bitwiseNot(a).tolist()).toEqual([false, false, true]);
  expect(ops.bitwiseNot(ints(5, -3)).tolist()).toEqual([-6, 2]);
  expect(() => ops.bitwiseLeftShift(a, b)).toThrow(/takes only integers/);
});

it("fractions have no bits and no divisors", () => {
  for (const op of [ops.bitwiseAnd, ops.bitwiseRightShift, ops.gcd, ops.lcm]) {
    expect(() => op(tensor([1]), ints(1))).toThrow(expect.objectContaining({ code: "invalid_dtype" }));
  }
  expect(() => ops.bitwiseNot(tensor([1]))).toThrow(/integers and truth values/);
});
