import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./activation.ts";
import { sigmoid } from "./exponential.ts";
import { strideOver } from "./shape.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), { requiresGrad: true });

/** Equal to a few units in the last place; infinities and NaN as they are, and the sign of 0 unless it is free. */
function expectNear(found: Tensor, wanted: readonly number[], tolerance = 4e-14, anyZero = false): void {
  const values = [...found.toArray()];
  const near = wanted.map((want, i) => {
    const close = Math.abs(values[i]! - want) <= tolerance * Math.abs(want);
    return close && (anyZero || want !== 0) ? want : values[i];
  });
  expect(near).toEqual(wanted);
}

type Expected = readonly [values: readonly number[], gradients: readonly number[]];

/** What the options in the names of the rows below mean. */
const variants: Readonly<Record<string, (input: Tensor) => Tensor>> = {
  "elu alpha 0.5": (x) => ops.elu(x, { alpha: 0.5 }),
  "celu alpha 1.7": (x) => ops.celu(x, { alpha: 1.7 }),
  "gelu tanh": (x) => ops.gelu(x, { approximate: "tanh" }),
  "softplus beta 3 threshold 1": (x) => ops.softplus(x, { beta: 3, threshold: 1 }),
};

const named = (name: string): ((input: Tensor) => Tensor) =>
  variants[name] ?? (ops as unknown as Record<string, (input: Tensor) => Tensor>)[name]!;

const inputs = [-0, -0.7, 2.5, 60, -800, inf, -inf, nan];

/** What torch gives for `inputs` in float64. */
const rows: Readonly<Record<string, Expected>> = {
  elu: [
    [-0, -0.5034146962085905, 2.5, 60, -1, inf, -1, nan],
    [1, 0.4965853037914095, 1, 1, 0, 1, 0, nan],
  ],
  "elu alpha 0.5": [
    [-0, -0.25170734810429524, 2.5, 60, -0.5, inf, -0.5, nan],
    [0.5, 0.24829265189570476, 1, 1, 0, 1, 0, nan],
  ],
  selu: [
    [-0, -0.8850530455772052, 2.626752468388701, 63.04205924132883, -1.7580993408473766, inf, -1.7580993408473766, nan],
    [1.7580993408473766, 0.8730462952701714, 1.0507009873554805, 1.0507009873554805, 0, 1.0507009873554805, 0, nan],
  ],
  "celu alpha 1.7": [
    [-0, -0.5737837698303253, 2.5, 60, -1.7, inf, -1.7, nan],
    [0.9999999719507562, 0.6624801244632984, 1, 1, 4.227969868202543e-205, 1, 0, nan],
  ],
  gelu: [
    [-0, -0.16937455655615108, 2.4844758366855597, 60, -0, inf, nan, nan],
    [0.5, 0.023385898866340103, 1.037611085908145, 1, 0, nan, nan, nan],
  ],
  "gelu tanh": [
    [-0, -0.16942986529488321, 2.484915733910001, 60, -0, inf, nan, nan],
    [0.5, 0.023642781343896052, 1.037951576212666, 1, 0, nan, nan, nan],
  ],
  silu: [
    [-0, -0.2322685594822837, 2.3103545499468914, 60, -0, inf, nan, nan],
    [0.5, 0.17661321652665754, 1.0994011113415267, 1, 0, nan, nan, nan],
  ],
  mish: [
    [-0, -0.267870234795501, 2.471392304557881, 60, -0, inf, nan, nan],
    [0.6, 0.18441607325678194, 1.041129530131353, 1, 0, nan, nan, nan],
  ],
  softplus: [
    [Math.LN2, 0.4031860488854579, 2.5788897342925496, 60, 0, inf, 0, nan],
    [0.5, 0.33181222783183395, 0.9241418199787564, 1, 0, 1, 0, nan],
  ],
  "softplus beta 3 threshold 1": [
    [0.23104906018664842, 0.038506507726585, 2.5, 60, 0, inf, 0, nan],
    [0.5, 0.10909682119561298, 1, 1, 0, 1, 0, nan],
  ],
  logSigmoid: [
    [-Math.LN2, -1.103186048885458, -0.07888973429254963, -8.75651076269652e-27, -800, 0, -inf, nan],
    [0.5, 0.668187772168166, 0.07585818002124356, 8.75651076269652e-27, 1, 0, 1, nan],
  ],
  softsign: [
    [-0, -0.4117647058823529, 0.7142857142857143, 0.9836065573770492, -0.9987515605493134, nan, nan, nan],
    [1, 0.34602076124567477, 0.08163265306122447, 0.000268744961031981, 1.5586010620306876e-6, nan, nan, nan],
  ],
  tanhshrink: [
    [0, -0.09563222288283646, 1.5133857018485697, 59, -799, inf, -inf, nan],
    [0, 0.3652604100175414, 0.9734077733168395, 1, 1, 1, 1, nan],
  ],
};

describe.each(Object.entries(rows))("%s", (name, [values, gradients]) => {
  const op = named(name);
  const smooth = [0.3, -0.7, 1.7, -2.2, 5];

  it("has torch's values and gradients, at the edges too", () => {
    const x = leaf(inputs);
    const y = op(x);
    expectNear(y, values);
    const [gradient] = grad([y], [x], [tensor(new Float64Array(inputs.length).fill(1))]);
    expectNear(gradient!, gradients, 1e-12, true);
  });

  it("has the gradients that finite differences give, to second order", () => {
    expect(gradcheck(op, [leaf(smooth)])).toBe(true);
    expect(gradgradcheck(op, [leaf(smooth)])).toBe(true);
  });

  it("takes float32, strides, single numbers and nothing", () => {
    const exact = op(tensor(Float64Array.from(smooth, Math.fround))).toArray();
    expect(op(tensor(smooth)).dtype).toBe("float32");
    expectNear(op(tensor(smooth)), [...exact], 1e-5);
    const backwards = strideOver(tensor(smooth), 0, 4, 5, -1);
    expect([...op(backwards).toArray()]).toEqual([...op(tensor(smooth)).toArray()].reverse());
    expect(op(tensor(0.5)).shape).toEqual([]);
    expect(op(zeros(2, 0)).shape).toEqual([2, 0]);
  });
});

it("second gradients stay finite where the other branch overflows", () => {
  for (const name of ["elu", "selu", "softplus", "logSigmoid", "mish", "silu", "gelu", "gelu tanh"]) {
    const x = leaf([800, -800]);
    const [slope] = grad([named(name)(x)], [x], [leaf([1, 1])], { createGraph: true });
    const [bend] = grad([slope!], [x], [leaf([1, 1])]);
    expect([name, ...bend!.toArray()].map(Object.is.bind(null, nan))).toEqual([false, false, false]);
  }
});

describe("glu", () => {
  it("halves a dimension", () => {
    const x = tensor(
      [
        [1, 2, -1, 0.5],
        [3, -4, 2, 1],
      ],
      { dtype: "float64", requiresGrad: true },
    );
    const gates = sigmoid(leaf([-1, 0.5, 2, 1])).toArray();
    expectNear(
      ops.glu(x),
      [1, 2, 3, -4].map((value, i) => value * gates[i]!),
    );
    expect(gradcheck((input) => ops.glu(input, 0), [x])).toBe(true);
    expect(gradgradcheck(ops.glu as (input: Tensor) => Tensor, [x])).toBe(true);
  });

  it("refuses what cannot be halved", () => {
    expect(() => ops.glu(zeros(2, 3))).toThrow(/must be even/);
    expect(() => ops.glu(tensor(1))).toThrow(/0-d/);
  });
});

it.each([
  ["celu", () => ops.celu(zeros(1), { alpha: 0 })],
  ["gelu", () => ops.gelu(zeros(1), { approximate: "other" as "none" })],
])("%s refuses options outside their domain", (name, call) => {
  expect(call).toThrow(new RegExp(`^${name}: `));
});
