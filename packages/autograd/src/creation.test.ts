import { TensorError } from "@tapegrad/tensor";
import { expect, it } from "vitest";
import { arange, zeros } from "./creation.ts";
import "./methods.ts";

it("arange of int32 cuts start and step off, but not their number, as torch does", () => {
  expect(arange(0.5, 5, 1.5, { dtype: "int32" }).tolist()).toEqual([0, 1, 2]);
  expect(arange(0, 3, 0.5, { dtype: "int32" }).tolist()).toEqual([0, 0, 0, 0, 0, 0]);
  expect(arange(-0.5, 3.5, 1, { dtype: "int32" }).tolist()).toEqual([0, 1, 2, 3]);
  expect(arange(5, 0.5, -1.7, { dtype: "int32" }).tolist()).toEqual([5, 4, 3]);
  expect(arange(0.5, 5, 1.5).tolist()).toEqual([0.5, 2, 3.5]);
});

it("arange refuses a step that leads away", () => {
  expect(() => arange(0, 3, -1)).toThrow(TensorError);
  expect(() => arange(0, 3, 0)).toThrow(TensorError);
});

it("strides are a list of one's own", () => {
  const strides = zeros([2, 3]).stride() as number[];
  expect(strides.reverse()).toEqual([1, 3]);
  expect(zeros([2, 3]).stride()).toEqual([3, 1]);
});
