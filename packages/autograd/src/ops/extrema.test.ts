import { expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import * as ops from "./extrema.ts";

it("argmax and argmin refuse truth values; max and min take them", () => {
  const some = tensor([false, true]);
  expect(() => ops.argmax(some)).toThrow(/^argmax: truth values have no extremum/);
  expect(() => ops.argmin(some, 0)).toThrow(expect.objectContaining({ code: "invalid_dtype" }));
  expect(ops.max(some, 0).indices.item()).toBe(1);
  expect(ops.min(some, 0).values.tolist()).toBe(false);
});

it("no more than 64 dimensions can be reduced, as in torch", () => {
  expect(ops.amax(zeros(...new Array<number>(64).fill(1))).shape).toEqual([]);
  expect(() => ops.amax(zeros(...new Array<number>(65).fill(1)))).toThrow(/up to 64 dimensions/);
});
