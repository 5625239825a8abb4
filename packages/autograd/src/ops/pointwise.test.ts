import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./pointwise.ts";
import { strideOver } from "./shape.ts";

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

type Row = readonly [inputs: readonly number[], values: readonly number[], gradients: readonly number[]];

/** What torch gives in float64; the gradient of digamma, which torch has to 9 digits, from the Hurwitz zeta function. */
const rows = {
  exp: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 1000],
    [1, 1, 1.3498588075760032, 0.0820849986238988, inf, 0, nan, inf],
    [1, 1, 1.3498588075760032, 0.0820849986238988, inf, 0, nan, inf],
  ],
  exp2: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [1, 1, 1.2311444133449163, 0.1767766952966369, inf, 0, nan],
    [Math.LN2, Math.LN2, 0.8533642789721566, 0.1225322679335684, inf, 0, nan],
  ],
  expm1: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 1e-12],
    [0, -0, 0.3498588075760031, -0.9179150013761012, inf, -1, nan, 1.0000000000005e-12],
    [1, 1, 1.3498588075760032, 0.08208499862389884, inf, 0, nan, 1.000000000001],
  ],
  log: [
    [0, 0.3, 2.5, -1, inf, nan],
    [-inf, -1.2039728043259361, 0.9162907318741551, nan, inf, nan],
    [inf, 3.3333333333333335, 0.4, -1, 0, nan],
  ],
  log1p: [
    [0, 0.3, 2.5, -1, inf, nan, 1e-12],
    [0, 0.26236426446749106, 1.252762968495368, -inf, inf, nan, 9.999999999995e-13],
    [1, 0.7692307692307692, 0.2857142857142857, inf, 0, nan, 0.9999999999989999],
  ],
  log2: [
    [0, 0.3, 2.5, -1, inf, nan],
    [-inf, -1.7369655941662063, 1.3219280948873624, nan, inf, nan],
    [inf, 4.808983469629878, 0.5770780163555853, -Math.LOG2E, 0, nan],
  ],
  log10: [
    [0, 0.3, 2.5, -1, inf, nan],
    [-inf, -0.5228787452803376, 0.3979400086720376, nan, inf, nan],
    [inf, 1.4476482730108395, 0.17371779276130075, -Math.LOG10E, 0, nan],
  ],
  sqrt: [
    [0, 0.3, 2.5, -1, inf, nan],
    [0, 0.5477225575051661, 1.5811388300841898, nan, inf, nan],
    [inf, 0.9128709291752769, 0.31622776601683794, nan, 0, nan],
  ],
  rsqrt: [
    [0, 0.3, 2.5, -1, inf, nan],
    [inf, 1.8257418583505538, 0.6324555320336759, nan, 0, nan],
    [-inf, -3.0429030972509232, -0.1264911064067352, nan, 0, nan],
  ],
  square: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, 0, 0.09, 6.25, inf, inf, nan],
    [0, 0, 0.6, -5, inf, -inf, nan],
  ],
  reciprocal: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [inf, -inf, 3.3333333333333335, -0.4, 0, -0, nan],
    [-inf, -inf, -11.111111111111112, -0.16000000000000003, 0, 0, nan],
  ],
  sigmoid: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, -40, -800],
    [0.5, 0.5, 0.574442516811659, 0.07585818002124355, 1, 0, nan, 4.248354255291589e-18, 0],
    [0.25, 0.25, 0.24445831169074586, 0.07010371654510815, 0, 0, nan, 4.248354255291589e-18, 0],
  ],
  sin: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, -0, 0.29552020666133955, -0.5984721441039565, nan, nan, nan],
    [1, 1, 0.955336489125606, -0.8011436155469337, nan, nan, nan],
  ],
  cos: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [1, 1, 0.955336489125606, -0.8011436155469337, nan, nan, nan],
    [0, 0, -0.29552020666133955, 0.5984721441039565, nan, nan, nan],
  ],
  tan: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, -0, 0.3093362496096232, 0.7470222972386603, nan, nan, nan],
    [1, 1, 1.095688915322547, 1.5580423125717253, nan, nan, nan],
  ],
  asin: [
    [0, 1, -1, 0.3, -0.9, 1.5, nan],
    [0, 1.5707963267948966, -1.5707963267948966, 0.30469265401539747, -1.1197695149986342, nan, nan],
    [1, inf, inf, 1.0482848367219182, 2.294157338705618, nan, nan],
  ],
  acos: [
    [0, 1, -1, 0.3, -0.9, 1.5, nan],
    [1.5707963267948966, 0, Math.PI, 1.2661036727794992, 2.6905658417935308, nan, nan],
    [-1, -inf, -inf, -1.0482848367219182, -2.294157338705618, nan, nan],
  ],
  atan: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, -0, 0.2914567944778671, -1.1902899496825317, 1.5707963267948966, -1.5707963267948966, nan],
    [1, 1, 0.9174311926605504, 0.13793103448275862, 0, 0, nan],
  ],
  sinh: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, -0, 0.3045202934471426, -6.0502044810397875, inf, -inf, nan],
    [1, 1, 1.0453385141288605, 6.132289479663686, inf, inf, nan],
  ],
  cosh: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [1, 1, 1.0453385141288605, 6.132289479663686, inf, inf, nan],
    [0, 0, 0.3045202934471426, -6.0502044810397875, inf, -inf, nan],
  ],
  tanh: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 20],
    [0, -0, 0.2913126124515909, -0.9866142981514303, 1, -1, nan, 1],
    [1, 1, 0.9151369618266292, 0.02659222668316057, 0, 0, nan, 0],
  ],
  asinh: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, -0, 0.29567304756342244, -1.6472311463710958, inf, -inf, nan],
    [1, 1, 0.9578262852211513, 0.3713906763541037, 0, 0, nan],
  ],
  acosh: [
    [1, 1.5, 3, 0.5, inf, nan],
    [0, 0.9624236501192069, 1.762747174039086, nan, inf, nan],
    [inf, 0.8944271909999159, 0.35355339059327373, nan, 0, nan],
  ],
  atanh: [
    [0, 1, -1, 0.3, -0.9, 1.5, nan],
    [0, inf, -inf, 0.30951960420311175, -1.4722194895832204, nan, nan],
    [1, inf, inf, 1.0989010989010988, 5.263157894736843, -0.8, nan],
  ],
  rad2deg: [
    [0.3, -2.5, inf],
    [17.188733853924695, -143.2394487827058, inf],
    [57.29577951308232, 57.29577951308232, 57.29577951308232],
  ],
  deg2rad: [
    [0.3, -2.5, inf],
    [0.005235987755982988, -0.04363323129985824, inf],
    [0.017453292519943295, 0.017453292519943295, 0.017453292519943295],
  ],
  floor: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 2.5, -0.5],
    [0, -0, 0, -3, inf, -inf, nan, 2, -1],
    [0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
  ceil: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 2.5, -0.5],
    [0, -0, 1, -2, inf, -inf, nan, 3, -0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
  trunc: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 2.5, -0.5],
    [0, -0, 0, -2, inf, -inf, nan, 2, -0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
  round: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 0.5, 1.5, 2.5, -0.5],
    [0, -0, 0, -2, inf, -inf, nan, 0, 2, 2, -0],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
  frac: [
    [0, 1, 0.25, -2.5],
    [0, 0, 0.25, -0.5],
    [1, 1, 1, 1],
  ],
  abs: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, 0, 0.3, 2.5, inf, inf, nan],
    [0, 0, 1, -1, 1, -1, 0],
  ],
  sign: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, 0, 1, -1, 1, -1, 0],
    [0, 0, 0, 0, 0, 0, 0],
  ],
  sgn: [
    [0, -0, 0.3, -2.5, inf, -inf, nan],
    [0, 0, 1, -1, 1, -1, 0],
    [0, 0, 0, 0, 0, 0, 0],
  ],
  erf: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 6],
    [0, -0, 0.3286267594591274, -0.999593047982555, 1, -1, nan, 1],
    [1.1283791670955126, 1.1283791670955126, 1.031260909618963, 0.00217828423035271, 0, 0, nan, 2.6173012392492645e-16],
  ],
  erfc: [
    [0, -0, 0.3, -2.5, inf, -inf, nan, 6],
    [1, 1, 0.6713732405408726, 1.999593047982555, 0, 2, nan, 2.1519736712498913e-17],
    [
      -1.1283791670955126,
      -1.1283791670955126,
      -1.031260909618963,
      -0.00217828423035271,
      0,
      0,
      nan,
      -2.6173012392492645e-16,
    ],
  ],
  erfinv: [
    [0, 1, -1, 0.3, -0.9, 1.5, nan, 0.9999999999],
    [0, inf, -inf, 0.2724627147267543, -1.1630871536766743, nan, nan, 4.572824958544925],
    [0.8862269254527579, inf, inf, 0.9545203588405493, 3.4280428114518418, nan, nan, 1068953387.128928],
  ],
  lgamma: [
    [1, 2, 0.5, 10, -0.5, -3.5, 100, inf],
    [0, 0, 0.5723649429247001, 12.801827480081469, 1.2655121234846454, -1.309006684993042, 359.1342053695754, inf],
    [
      -0.5772156649015328,
      0.422784335098467,
      -1.9635100260214229,
      2.251752589066721,
      0.03648997397857639,
      1.388870926359529,
      4.600161852738088,
      inf,
    ],
  ],
  digamma: [
    [1, 0.5, 10, -0.5, -2.5, 100, inf],
    [
      -0.5772156649015328,
      -1.9635100260214229,
      2.251752589066721,
      0.03648997397857639,
      1.1031566406452433,
      4.600161852738088,
      inf,
    ],
    [
      1.6449340668482264, 4.934802200544679, 0.10516633568168575, 8.934802200544679, 9.539246644989124,
      0.010050166663333571, 0,
    ],
  ],
  logit: [
    [0.5, 0, 1, 0.3, -0.1, 1.5, nan],
    [0, -inf, inf, -0.8472978603872036, nan, nan, nan],
    [4, inf, inf, 4.761904761904762, nan, nan, nan],
  ],
} satisfies Partial<Record<keyof typeof ops, Row>>;

type Name = keyof typeof rows;

/** Where a function is smooth, if that is not around 0.3, −0.7 and 1.2. */
const smooth: Partial<Record<Name, readonly number[]>> = {
  log: [0.3, 2.5, 7],
  log2: [0.3, 2.5, 7],
  log10: [0.3, 2.5, 7],
  sqrt: [0.3, 2.5, 7],
  rsqrt: [0.3, 2.5, 7],
  log1p: [-0.4, 0.3, 5],
  asin: [-0.8, 0.1, 0.5],
  acos: [-0.8, 0.1, 0.5],
  atanh: [-0.8, 0.1, 0.5],
  erfinv: [-0.8, 0.1, 0.5],
  acosh: [1.3, 2, 7],
  lgamma: [-1.4, 0.3, 0.6, 2.5, 15],
  digamma: [-1.4, 0.3, 0.6, 2.5, 15],
  logit: [0.1, 0.4, 0.8],
};

/** Functions whose results for integers are integers. */
const keepsIntegers: ReadonlySet<Name> = new Set(["square", "floor", "ceil", "trunc", "round", "abs", "sign", "sgn"]);

describe.each(Object.entries(rows) as [Name, Row][])("%s", (name, [inputs, values, gradients]) => {
  const op: (input: Tensor) => Tensor = ops[name];

  it("has torch's values and gradients, at the edges too", () => {
    const x = leaf(inputs);
    const y = op(x);
    expectNear(y, values);
    const [gradient] = grad([y], [x], [tensor(new Float64Array(inputs.length).fill(1))]);
    expectNear(gradient!, gradients, 1e-13, true);
  });

  it("has the gradients that finite differences give, to second order", () => {
    const x = leaf(smooth[name] ?? [0.3, -0.7, 1.2]);
    expect(gradcheck(op, [x])).toBe(true);
    expect(gradgradcheck(op, [x])).toBe(true);
  });

  it("takes float32, integers, strides, single numbers and nothing", () => {
    const some = smooth[name] ?? [0.3, -0.7, 1.2];
    const exact = op(tensor(Float64Array.from(some, Math.fround))).toArray();
    expect(op(tensor(some)).dtype).toBe("float32");
    expectNear(op(tensor(some)), [...exact], 1e-6);
    expect(op(tensor([1], { dtype: "int32" })).dtype).toBe(keepsIntegers.has(name) ? "int32" : "float32");
    const backwards = strideOver(tensor(some), 0, some.length - 1, some.length, -1);
    expect([...op(backwards).toArray()]).toEqual([...op(tensor(some)).toArray()].reverse());
    expect(op(tensor(some[1]!)).shape).toEqual([]);
    expect(op(zeros(2, 0)).shape).toEqual([2, 0]);
  });
});

it("rounds to decimals, halves to even, as torch does", () => {
  const x = tensor([1.25, -1.35, 1234.5, 0.125]);
  expectNear(ops.round(x, { decimals: 1 }), [1.2, -1.4, 1234.5, 0.1].map(Math.fround), 1e-7);
  expect(ops.round(x, { decimals: -2 }).tolist()).toEqual([0, -0, 1200, 0]);
  expect(() => ops.round(tensor([1], { dtype: "int32" }), { decimals: 1 })).toThrow(/integers have no decimals/);
});

it("counts truth values squared", () => {
  const squares = ops.square(tensor([true, false]));
  expect([squares.dtype, squares.tolist()]).toEqual(["int32", [1, 0]]);
});

it("signbit sees the sign of 0", () => {
  expect(ops.signbit(tensor([-1, -0, 0, 1, -inf])).tolist()).toEqual([true, true, false, false, true]);
  expect(ops.signbit(tensor([-1, 0], { dtype: "int32" })).tolist()).toEqual([true, false]);
});
