import { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "./creation.ts";
import "./methods.ts";
import type { Operand } from "./operands.ts";
import * as ops from "./ops/index.ts";

/** As a caller without types would pass it. */
const untyped = (value: unknown): never => value as never;

const x = tensor([1, 2]);

describe("operands", () => {
  it.each(["2", null, undefined, [1], {}, 2n])("that are neither tensors nor numbers are refused: %s", (other) => {
    for (const call of [ops.add, ops.div, ops.pow, ops.eq, ops.maximum, ops.heaviside, ops.isclose, ops.xlogy]) {
      expect(() => call(x, untyped(other)), call.name).toThrow(TensorError);
    }
    expect(() => ops.where(tensor([true, false]), x, untyped(other))).toThrow(/where: an operand is neither/);
    expect(() => ops.maskedFill(x, tensor([true, false]), untyped(other))).toThrow(/maskedFill: an operand is neither/);
  });

  it("name the function that refuses them", () => {
    expect(() => ops.add(x, untyped("2"))).toThrow(
      /^add: an operand is neither a tensor nor a number\n {2}operand {2}2\n/,
    );
    expect(() => ops.clampMin(x, untyped("2"))).toThrow(/^clamp: /);
    expect(() => ops.div(x, untyped("2"), { roundingMode: "trunc" })).toThrow(TensorError);
  });

  it("may be numbers on both sides, on either, on the right or on neither, as in torch", () => {
    const accepted = (op: (a: Operand, b: Operand) => unknown): string =>
      [
        [x, 2],
        [2, x],
        [2, 2],
      ]
        .map(([a, b]) => {
          try {
            op(a as Operand, b as Operand);
            return "1";
          } catch (error) {
            expect(error).toBeInstanceOf(TensorError);
            return "0";
          }
        })
        .join("");
    expect([ops.add, ops.sub, ops.mul, ops.div, ops.floorDivide].map(accepted)).toEqual(new Array(5).fill("111"));
    expect([ops.pow, ops.remainder, ops.xlogy, ops.xlog1py].map(accepted)).toEqual(new Array(4).fill("110"));
    expect([ops.eq, ops.lt, ops.fmod].map((op) => accepted(untyped(op)))).toEqual(new Array(3).fill("100"));
    const pairs = [ops.maximum, ops.atan2, ops.hypot, ops.logaddexp, ops.logicalAnd, ops.heaviside, ops.isclose];
    expect(pairs.map((op) => accepted(untyped(op)))).toEqual(pairs.map(() => "000"));
  });
});

it.each([3, "x", null, undefined])("a function of a tensor refuses %j", (input) => {
  expect(() => ops.exp(untyped(input))).toThrow(/exp: input 0 is not a tensor/);
  expect(() => ops.clampMax(untyped(input), zeros(2))).toThrow(TensorError);
});
