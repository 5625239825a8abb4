import type * as ops from "../../../src/ops/trigonometric.ts";
import { elementwise, type Samples } from "../sample.ts";

const INSIDE = [-0.9, 0.9] as const;

/** Trigonometric and hyperbolic functions. */
export const trigonometric: Samples<typeof ops> = {
  sin: [elementwise((x) => Math.sin(x))],
  cos: [elementwise((x) => Math.cos(x))],
  tan: [elementwise((x) => Math.tan(x), { range: [-1.3, 1.3] })],
  asin: [elementwise((x) => Math.asin(x), { range: INSIDE })],
  acos: [elementwise((x) => Math.acos(x), { range: INSIDE })],
  atan: [elementwise((x) => Math.atan(x))],
  sinh: [elementwise((x) => Math.sinh(x))],
  cosh: [elementwise((x) => Math.cosh(x))],
  tanh: [elementwise((x) => Math.tanh(x))],
  asinh: [elementwise((x) => Math.asinh(x))],
  acosh: [elementwise((x) => Math.acosh(x), { range: [1.1, 4] })],
  atanh: [elementwise((x) => Math.atanh(x), { range: INSIDE })],
  rad2deg: [elementwise((x) => (x * 180) / Math.PI)],
  deg2rad: [elementwise((x) => (x * Math.PI) / 180, { range: [-180, 180] })],
};
