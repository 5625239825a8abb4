import { expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import * as ops from "./search.ts";

const nan = Number.NaN;
const ints = (data: number[]) => tensor(data, { dtype: "int32" });
const sequence = tensor([1, 3, 3, 5]);
const values = tensor([0, 3, 4, nan, 9]);

// torch 2.13
it("searchsorted finds the place before or behind equals, and NaN at the end", () => {
  expect(ops.searchsorted(sequence, values).tolist()).toEqual([0, 1, 3, 4, 4]);
  expect(ops.searchsorted(sequence, values, { right: true }).tolist()).toEqual([0, 3, 3, 4, 4]);
  expect(ops.searchsorted(sequence, values, { side: "right" }).tolist()).toEqual([0, 3, 3, 4, 4]);
  expect(ops.searchsorted(tensor([5, 1, 3]), 4, { sorter: [1, 2, 0] }).item()).toBe(2);
  expect(ops.bucketize(values, sequence).tolist()).toEqual([0, 1, 3, 4, 4]);
  const rows = tensor([
    [1, 2],
    [5, 6],
  ]);
  expect(ops.searchsorted(rows, tensor([[2], [2]])).tolist()).toEqual([[1], [0]]);
});

it("isin takes tensors and numbers", () => {
  expect(ops.isin(tensor([1, 2, nan]), tensor([[2, nan]])).tolist()).toEqual([false, true, false]);
  expect(ops.searchsorted(tensor([2, nan]), tensor([2, nan])).tolist()).toEqual([0, 1]);
  expect(ops.isin(tensor([1, 2]), 2, { invert: true }).tolist()).toEqual([true, false]);
  expect(ops.isin(tensor([1, 2]), zeros(0)).tolist()).toEqual([false, false]);
});

it("bincount counts, or adds weights up", () => {
  expect(ops.bincount(ints([1, 3, 1]), null, 6).tolist()).toEqual([0, 2, 0, 1, 0, 0]);
  expect(ops.bincount(ints([1, 3, 1]), tensor([0.5, 1, 2])).tolist()).toEqual([0, 2.5, 0, 1]);
  expect(ops.bincount(ints([1, 1]), ints([2, 3])).dtype).toBe("float64");
  expect(ops.bincount(ints([])).shape).toEqual([0]);
});

it("histc counts what lies in its range, or in that of the elements", () => {
  expect(ops.histc(tensor([0, 1, 2, 3, nan, 10]), 4, 0, 4).tolist()).toEqual([1, 1, 1, 1]);
  expect(ops.histc(tensor([1, 2, 3, 3]), 2).tolist()).toEqual([1, 3]);
  expect(ops.histc(tensor([5]), 2).tolist()).toEqual([0, 1]);
});

it.each([
  [() => ops.searchsorted(sequence, ints([1])), "invalid_dtype"],
  [() => ops.searchsorted(zeros(2, 3), zeros(3, 3)), "shape_mismatch"],
  [() => ops.searchsorted(sequence, values, { right: true, side: "left" }), "invalid_option"],
  [() => ops.searchsorted(tensor(1), values), "invalid_shape"],
  [() => ops.bucketize(values, zeros(2, 2)), "invalid_shape"],
  [() => ops.bincount(zeros(2)), "invalid_dtype"],
  [() => ops.bincount(ints([-1])), "invalid_argument"],
  [() => ops.bincount(ints([1]), zeros(2)), "shape_mismatch"],
  [() => ops.histc(values, 4), "invalid_argument"],
  [() => ops.histc(sequence, 0), "invalid_argument"],
  [() => ops.histc(ints([1])), "invalid_dtype"],
] as const)("refuses what does not fit (%#)", (call, code) => {
  expect(call).toThrow(expect.objectContaining({ code }));
});
