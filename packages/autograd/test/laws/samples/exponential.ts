import type * as ops from "../../../src/ops/exponential.ts";
import { elementwise, type Samples } from "../sample.ts";

const POSITIVE = [0.1, 4] as const;

/** Exponentials, logarithms, powers of one operand. */
export const exponential: Samples<typeof ops> = {
  exp: [elementwise((x) => Math.E ** x, { extremes: (x) => Math.exp(x) })],
  exp2: [elementwise((x) => Math.exp(x * Math.LN2))],
  expm1: [elementwise((x) => 2 * Math.sinh(x / 2) * Math.exp(x / 2), { extremes: (x) => Math.expm1(x) })],
  log: [
    elementwise((x) => Math.log2(x) * Math.LN2, { range: POSITIVE, scale: "largest", extremes: (x) => Math.log(x) }),
  ],
  log1p: [elementwise((x) => 2 * Math.atanh(x / (2 + x)), { range: [-0.9, 4], extremes: (x) => Math.log1p(x) })],
  log2: [elementwise((x) => Math.log(x) / Math.LN2, { range: POSITIVE })],
  log10: [elementwise((x) => Math.log(x) / Math.LN10, { range: POSITIVE })],
  sqrt: [elementwise((x) => x ** 0.5, { range: POSITIVE, extremes: (x) => Math.sqrt(x) })],
  rsqrt: [elementwise((x) => x ** -0.5, { range: POSITIVE, extremes: (x) => 1 / Math.sqrt(x) })],
  square: [elementwise((x) => x ** 2)],
  reciprocal: [elementwise((x) => x ** -1, { range: POSITIVE })],
  sigmoid: [
    elementwise((x) => 0.5 + 0.5 * Math.tanh(x / 2), { range: [-4, 4], extremes: (x) => 1 / (1 + Math.exp(-x)) }),
  ],
};
