import { expect, it } from "vitest";
import { tensor } from "../creation.ts";
import { grad } from "../engine.ts";
import * as ops from "./arithmetic.ts";

it("quotients rounded down have gradients of zeros, as torch has it", () => {
  const [a, b] = [tensor([7, -7], { requiresGrad: true }), tensor([2, 2], { requiresGrad: true })];
  for (const quotient of [ops.floorDivide(a, b), ops.div(a, b, { roundingMode: "floor" })]) {
    expect(quotient.tolist()).toEqual([3, -4]);
    expect(grad([quotient], [a, b], [tensor([1, 1])]).map((g) => g!.tolist())).toEqual([
      [0, 0],
      [0, 0],
    ]);
  }
});
