import type * as ops from "../../../src/ops/activation.ts";
import { along, map } from "../elements.ts";
import { elementwise, type Samples } from "../sample.ts";
import { erf } from "./special.ts";

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const clamp = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);
const elu = (x: number, alpha = 1, scale = 1, inputScale = 1): number =>
  scale * (x > 0 ? x : alpha * Math.expm1(x * inputScale));

const hardshrink = (x: number): number => (x >= -0.5 && x <= 0.5 ? 0 : x);
const softshrink = (x: number): number => (x > 0.5 ? x - 0.5 : x < -0.5 ? x + 0.5 : Number.isNaN(x) ? x : 0);

const ROOT_TWO_BY_PI = Math.sqrt(2 / Math.PI);

/** Activations. */
export const activation: Samples<typeof ops> = {
  relu: [elementwise((x) => (x >= 0 || Number.isNaN(x) ? x : 0), { avoid: [0] })],
  relu6: [elementwise((x) => clamp(x, 0, 6), { avoid: [0, 6], range: [-8, 8] })],
  leakyRelu: [
    elementwise((x) => (x > 0 ? x : 0.01 * x), { avoid: [0] }),
    elementwise((x) => (x > 0 ? x : 1.5 * x), {
      title: "steeper below",
      avoid: [0],
      call: (leakyRelu, x) => leakyRelu(x, { negativeSlope: 1.5 }),
    }),
    elementwise((x) => (x > 0 ? x : -0.5 * x), {
      title: "falling below",
      avoid: [0],
      call: (leakyRelu, x) => leakyRelu(x, { negativeSlope: -0.5 }),
    }),
  ],
  hardtanh: [
    elementwise((x) => clamp(x, -1, 1), { avoid: [-1, 1] }),
    elementwise((x) => clamp(x, -0.25, 1.5), {
      title: "other bounds",
      avoid: [-0.25, 1.5],
      call: (hardtanh, x) => hardtanh(x, { minVal: -0.25, maxVal: 1.5 }),
    }),
  ],
  threshold: [
    elementwise((x) => (x <= 0.5 ? -1.5 : x), { avoid: [0.5], call: (threshold, x) => threshold(x, 0.5, -1.5) }),
  ],
  hardsigmoid: [elementwise((x) => clamp(x / 6 + 0.5, 0, 1), { avoid: [-3, 3], range: [-5, 5], scale: "largest" })],
  hardswish: [
    elementwise((x) => (x * clamp(x + 3, 0, 6)) / 6, {
      avoid: [-3, 3],
      range: [-5, 5],
      scale: "largest",
      extremes: (x) => Math.fround(x * clamp(x + 3, 0, 6)) / 6, // the product may overflow
    }),
  ],
  hardshrink: [elementwise(hardshrink, { avoid: [-0.5, 0.5], call: (hardshrink, x) => hardshrink(x) })],
  softshrink: [elementwise(softshrink, { avoid: [-0.5, 0.5], call: (softshrink, x) => softshrink(x) })],
  elu: [
    elementwise((x) => elu(x), { avoid: [0] }),
    elementwise((x) => elu(x, 0.5), { title: "half", avoid: [0], call: (elu, x) => elu(x, { alpha: 0.5 }) }),
  ],
  selu: [elementwise((x) => elu(x, 1.6732632423543772, 1.0507009873554805), { avoid: [0] })],
  celu: [
    elementwise((x) => elu(x), { avoid: [0] }),
    elementwise((x) => elu(x, 2, 1, 0.5), { title: "double", avoid: [0], call: (celu, x) => celu(x, { alpha: 2 }) }),
  ],
  softplus: [
    elementwise(softplus),
    elementwise((x) => (2 * x > 3 ? x : softplus(2 * x) / 2), {
      title: "sharper, cut off",
      avoid: [1.5],
      call: (softplus, x) => softplus(x, { beta: 2, threshold: 3 }),
    }),
  ],
  logSigmoid: [elementwise((x) => 0 - softplus(-x))],
  softsign: [elementwise((x) => x / (1 + Math.abs(x)), { avoid: [0] })],
  tanhshrink: [elementwise((x) => x - Math.tanh(x), { scale: "largest" })],
  gelu: [
    elementwise((x) => (x * (1 + erf(x / Math.SQRT2))) / 2, { scale: "largest" }),
    elementwise((x) => (x / 2) * (1 + Math.tanh(ROOT_TWO_BY_PI * (x + 0.044715 * x ** 3))), {
      title: "by tanh",
      scale: "largest",
      call: (gelu, x) => gelu(x, { approximate: "tanh" }),
    }),
  ],
  silu: [elementwise((x) => x * logistic(x))],
  mish: [elementwise((x) => x * Math.tanh(softplus(x)))],
  prelu: [
    {
      title: "one weight",
      inputs: [{ shape: [2, 3], avoid: [0] }, { shape: [1] }],
      define: (x, weight) => map(x, (value) => (value > 0 ? value : weight.values[0]! * value)),
      empty: [[2, 0], [1]],
    },
    {
      title: "a weight for each channel",
      inputs: [{ shape: [2, 3, 2], avoid: [0] }, { shape: [3] }],
      define: (x, weight) => map(x, (value, i) => (value > 0 ? value : weight.values[(i >> 1) % 3]! * value)),
      empty: [[0, 3, 2], [3]],
    },
  ],
  glu: [
    {
      inputs: [{ shape: [2, 4] }],
      define: (x) => along(x, 1, ([a, b, c, d]) => [a! * logistic(c!), b! * logistic(d!)]),
    },
    {
      title: "along the first dimension",
      inputs: [{ shape: [2, 3] }],
      call: (glu, x) => glu(x, 0),
      define: (x) => along(x, 0, ([a, b]) => [a! * logistic(b!)]),
      empty: [[2, 0]],
    },
  ],
};
