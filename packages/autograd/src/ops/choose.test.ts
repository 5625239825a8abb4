import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck, type TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./choose.ts";
import { log, sqrt } from "./exponential.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), { requiresGrad: true });

/** The gradients of the sum of `output`. */
const slopes = (output: Tensor, ...inputs: Tensor[]): unknown[] =>
  grad([output], inputs, [tensor(new Float64Array(output.numel()).fill(1))]).map((gradient) => gradient.tolist());

function checkOrders(fn: TensorFunction, ...inputs: Tensor[]): void {
  expect(gradcheck(fn, inputs)).toBe(true);
  expect(gradgradcheck(fn, inputs)).toBe(true);
}

describe("where", () => {
  it("picks, broadcasts and promotes", () => {
    const cond = tensor([[true], [false]]);
    expect(ops.where(cond, tensor([1, 2]), -1).tolist()).toEqual([
      [1, 2],
      [-1, -1],
    ]);
    expect(ops.where(cond, tensor([1], { dtype: "int32" }), 0.5).dtype).toBe("float32");
    expect(ops.where(true, 1, zeros(0)).shape).toEqual([0]);
  });

  it("has the gradients that finite differences give", () => {
    const cond = tensor([true, false, true]);
    checkOrders((a, b) => ops.where(cond, a!, b!), leaf([1, 2, 3]), leaf([4]));
  });

  it("does not let the branch not taken spoil the gradient", () => {
    const x = leaf([0, -1, 4]);
    const safe = ops.where(tensor([false, false, true]), sqrt(x), 0);
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    const chosen = ops.where(tensor([true, false]), a, b);
    const starts = [tensor(Float64Array.of(nan, inf))];
    expect(grad([chosen], [a, b], starts).map((gradient) => gradient.tolist())).toEqual([
      [nan, 0],
      [0, inf],
    ]);
    expect(safe.tolist()).toEqual([0, 0, 2]);
  });

  it("refuses a condition that is not bool", () => {
    expect(() => ops.where(tensor([1, 0]), 1, 2)).toThrow(/condition must be bool/);
    expect(() => ops.where(tensor([true, false]), zeros(3), 2)).toThrow(/do not broadcast/);
  });
});

describe("clamp", () => {
  it("keeps NaN, lets max win, and takes bounds either way", () => {
    const x = tensor([-2, -1, 0, 1, 2, nan]);
    expect(ops.clamp(x, -1, 1).tolist()).toEqual([-1, -1, 0, 1, 1, nan]);
    expect(ops.clamp(x, { max: 0 }).tolist()).toEqual([-2, -1, 0, 0, 0, nan]);
    expect(ops.clamp(x, { min: 0, max: null }).tolist()).toEqual([0, 0, 0, 1, 2, nan]);
    expect(ops.clamp(x, null, 0).tolist()).toEqual([-2, -1, 0, 0, 0, nan]);
    expect(ops.clampMin(x, 1).tolist()).toEqual([1, 1, 1, 1, 2, nan]);
    expect(ops.clampMax(x, tensor(-1)).tolist()).toEqual([-2, -1, -1, -1, -1, nan]);
    expect(ops.clamp(tensor([1, 2]), 3, 1).tolist()).toEqual([1, 1]);
    expect(ops.clamp(tensor([1, 2]), nan).tolist()).toEqual([nan, nan]);
    expect(ops.clamp(tensor([1, 2]), -inf, inf).tolist()).toEqual([1, 2]);
    expect(ops.clamp(zeros(0), 0, 1).shape).toEqual([0]);
  });

  it("promotes as torch", () => {
    const whole = tensor([0, 1, 2], { dtype: "int32" });
    expect(ops.clamp(whole, 1, 5).dtype).toBe("int32");
    expect(ops.clamp(whole, 0.5).tolist()).toEqual([0.5, 1, 2]);
    expect(ops.clamp(tensor([1]), tensor([0], { dtype: "float64" })).dtype).toBe("float64");
  });

  it("passes the gradient at the bounds", () => {
    const x = leaf([-2, -1, 0, 1, 2, nan]);
    expect(slopes(ops.clamp(x, -1, 1), x)).toEqual([[0, 1, 1, 1, 0, 0]]);
    expect(slopes(ops.clamp(x, { min: -1 }), x)).toEqual([[0, 1, 1, 1, 1, 0]]);
  });

  it("gives the gradient to the bounds where they decide, as torch", () => {
    const [x, min, max] = [leaf([0, 1, 2, 3, 4, 5]), leaf([1, 1, 3, 2, 5, 1]), leaf([3, 3, 2, 3, 4, nan])];
    const both = ops.clamp(x, min, max);
    expect(both.tolist()).toEqual([1, 1, 2, 3, 4, nan]);
    expect(slopes(both, x, min, max)).toEqual([
      [0, 1, 0, 1, 0, 0],
      [1, 0, 0, 0, 0, 0],
      [0, 0, 1, 0, 1, 0],
    ]);
    expect(slopes(ops.clampMin(x, min), x, min)).toEqual([
      [0, 1, 0, 1, 0, 1],
      [1, 0, 1, 0, 1, 0],
    ]);
    expect(slopes(ops.clampMax(x, max), x, max)).toEqual([
      [1, 1, 1, 1, 1, 0],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it("has the gradients that finite differences give", () => {
    checkOrders((x) => ops.clamp(x!, -0.5, 0.5), leaf([-1, 0.2, 3]));
    checkOrders((x, a, b) => ops.clamp(x!, a!, b!), leaf([-1, 0.2, 3]), leaf([-0.5]), leaf([1, 2, 2.5]));
  });

  it("wants a bound", () => {
    expect(() => ops.clamp(zeros(1), {})).toThrow(/no bound/);
    expect(() => ops.clamp(zeros(1))).toThrow(/no bound/);
  });
});

describe("maskedFill", () => {
  it("fills in the dtype of the input, and gives the value its gradient", () => {
    const mask = tensor([[true], [false]]);
    expect(ops.maskedFill(tensor([1, 2], { dtype: "int32" }), mask, 7.9).tolist()).toEqual([
      [7, 7],
      [1, 2],
    ]);
    checkOrders(
      (x, value) => ops.maskedFill(x!, mask, value!),
      leaf([1, 2]),
      tensor(3, { dtype: "float64", requiresGrad: true }),
    );
    const x = leaf([0, 1]);
    expect(slopes(ops.maskedFill(log(x), tensor([true, false]), 0), x)).toEqual([[nan, 1]]); // 0 · 1/0, as in torch
  });

  it("refuses other masks and values", () => {
    expect(() => ops.maskedFill(zeros(2), zeros(2), 1)).toThrow(/mask must be bool/);
    expect(() => ops.maskedFill(zeros(2), tensor([true, false]), zeros(1))).toThrow(/0-d tensor/);
  });
});

describe("nanToNum", () => {
  it("puts the extremes of the dtype in the place of infinities", () => {
    const values = [nan, inf, -inf, 1];
    expect(ops.nanToNum(tensor(values)).tolist()).toEqual([0, 3.4028234663852886e38, -3.4028234663852886e38, 1]);
    expect(ops.nanToNum(leaf(values)).tolist()).toEqual([0, Number.MAX_VALUE, -Number.MAX_VALUE, 1]);
    expect(ops.nanToNum(leaf(values), { nan: 5, posinf: 6, neginf: null }).tolist()).toEqual([
      5,
      6,
      -Number.MAX_VALUE,
      1,
    ]);
    expect(ops.nanToNum(tensor([3], { dtype: "int32" })).tolist()).toEqual([3]);
  });

  it("has gradient 0 there", () => {
    const x = leaf([nan, inf, -inf, 1]);
    expect(slopes(ops.nanToNum(x), x)).toEqual([[0, 0, 0, 1]]);
  });
});

describe("lerp, addcmul, addcdiv", () => {
  it("lerp meets both ends exactly", () => {
    const [a, b] = [tensor([0.1, 1e8]), tensor([0.7, -3])];
    expect(ops.lerp(a, b, 0).tolist()).toEqual(a.tolist());
    expect(ops.lerp(a, b, 1).tolist()).toEqual(b.tolist());
    expect(ops.lerp(a, b, tensor([0, 1])).tolist()).toEqual([Math.fround(0.1), -3]);
    expect(ops.lerp(leaf([1, 2]), leaf([3, -2]), 0.25).tolist()).toEqual([1.5, 1]);
  });

  it("addcmul and addcdiv scale what they add", () => {
    const [x, y, z] = [tensor([1, 2]), tensor([3, 4]), tensor([2, -8])];
    expect(ops.addcmul(x, y, z, { value: 0.5 }).tolist()).toEqual([4, -14]);
    expect(ops.addcdiv(x, y, z, { value: 2 }).tolist()).toEqual([4, 1]);
    const whole = tensor([1], { dtype: "int32" });
    expect(() => ops.addcdiv(x, whole, whole)).toThrow(/not an integer/);
  });

  it.each<[string, TensorFunction]>([
    ["lerp", (a, b, w) => ops.lerp(a!, b!, w!)],
    ["lerp by a number", (a, b) => ops.lerp(a!, b!, 0.7)],
    ["addcmul", (a, b, c) => ops.addcmul(a!, b!, c!, { value: 0.7 })],
    ["addcdiv", (a, b, c) => ops.addcdiv(a!, b!, c!, { value: 0.7 })],
  ])("%s has the gradients that finite differences give", (_, fn) => {
    checkOrders(fn, leaf([1, 2, -3]), leaf([0.5, -1, 2]), leaf([0.2, 0.6, 3]));
  });
});
