import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./pointwise.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), { requiresGrad: true });

/** Equal to a few units in the last place; infinities and NaN as they are, and the sign of 0 unless it is free. */
function expectNear(found: Tensor, wanted: readonly number[], tolerance = 2e-14, anyZero = false): void {
  const values = [...found.toArray()];
  const near = wanted.map((want, i) => {
    const close = Math.abs(values[i]! - want) <= tolerance * Math.abs(want);
    return close && (anyZero || want !== 0) ? want : values[i];
  });
  expect(near).toEqual(wanted);
}

it("clamps before logit, whose gradient is 0 beyond eps", () => {
  const x = leaf([0, 0.2, 0.5, 0.9, nan]);
  const y = ops.logit(x, { eps: 0.2 });
  expectNear(y, [-1.3862943611198906, -1.3862943611198906, 0, 1.3862943611198908, nan], 1e-15);
  const [gradient] = grad([y], [x], [tensor(new Float64Array(5).fill(1))]);
  expectNear(gradient!, [0, 6.25, 4, 0, nan]);
});

describe("of two operands", () => {
  type Binary = typeof ops.logaddexp;
  const check = (
    op: Binary,
    a: readonly number[],
    b: readonly number[],
    [values, forA, forB]: readonly (readonly number[])[],
  ): void => {
    const [x, y] = [leaf(a), leaf(b)];
    const z = op(x, y);
    expectNear(z, values!);
    const gradients = grad([z], [x, y], [tensor(new Float64Array(a.length).fill(1))]);
    expectNear(gradients[0]!, forA!, 2e-14, true);
    expectNear(gradients[1]!, forB!, 2e-14, true);
  };

  it("logaddexp neither overflows nor loses infinities", () => {
    check(
      ops.logaddexp,
      [0, 1000, -inf, inf, -inf, 1, nan],
      [0, 999, -inf, inf, 1, inf, 0],
      [
        [Math.LN2, 1000.3132616875182, -inf, inf, 1, inf, nan],
        [0.5, 0.7310585786300049, nan, nan, 0, 0, nan],
        [0.5, 0.2689414213699951, nan, nan, 1, 1, nan],
      ],
    );
    expect(gradgradcheck(ops.logaddexp, [leaf([0.3, -2]), leaf([0.1, 4])])).toBe(true);
  });

  it("xlogy and xlog1py are 0 where x is 0", () => {
    const [x, y] = [
      [0, 0, 0, 1, nan, 0, -0, 2],
      [0, 1, 2, 0, 1, nan, inf, 0.5],
    ];
    check(ops.xlogy, x, y, [
      [0, 0, 0, -inf, nan, nan, 0, -1.3862943611198906],
      [0, 0, Math.LN2, -inf, 0, nan, inf, -Math.LN2],
      [nan, 0, 0, inf, nan, nan, 0, 4],
    ]);
    check(
      ops.xlog1py,
      x,
      y.map((value) => value - 1),
      [
        [0, 0, 0, -inf, nan, nan, 0, -1.3862943611198906],
        [0, 0, Math.LN2, -inf, 0, nan, inf, -Math.LN2],
        [nan, 0, 0, inf, nan, nan, 0, 4],
      ],
    );
    expect(gradcheck(ops.xlogy, [leaf([0.3, -2]), leaf([0.1, 4])])).toBe(true);
    expect(gradgradcheck(ops.xlogy, [leaf([0.3, -2]), leaf([0.1, 4])])).toBe(true);
    expect(gradgradcheck(ops.xlog1py, [leaf([0.3, -2]), leaf([0.1, 4])])).toBe(true);
  });

  it("broadcast and take numbers and integers", () => {
    expect(ops.xlogy(zeros(2, 1), zeros(3)).shape).toEqual([2, 3]);
    expect(ops.xlogy(2, tensor([1], { dtype: "int32" })).dtype).toBe("float32");
  });

  it("heaviside takes the value at 0 from the other operand", () => {
    const x = tensor([-1, 0, -0, 2, nan]);
    expect(ops.heaviside(x, tensor(0.5)).tolist()).toEqual([0, 0.5, 0.5, 1, 0]);
  });
});
