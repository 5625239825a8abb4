import type * as ops from "../../../src/ops/pointwise.ts";
import { elementwise, type Samples, truth } from "../sample.ts";
import { exponential } from "./exponential.ts";
import { special } from "./special.ts";
import { trigonometric } from "./trigonometric.ts";

const WHOLE = [-2, -1, 0, 1, 2];

/** To the even one of two equally near whole numbers. */
function roundHalfEven(x: number): number {
  const below = Math.floor(x);
  const up = x - below > 0.5 || (x - below === 0.5 && below % 2 !== 0);
  const nearest = Number.isFinite(x) ? below + (up ? 1 : 0) : x;
  return nearest === 0 ? x * 0 : nearest; // with the sign of x
}

/** To so many places after the decimal point, rounded after every step as the dtype does it at the ends of float32. */
const roundTo = (places: number) => (x: number) =>
  Math.fround(roundHalfEven(Math.fround(x * 10 ** places)) / 10 ** places);

/** Functions of one operand, element by element. */
export const pointwise: Samples<typeof ops> = {
  ...exponential,
  ...special,
  ...trigonometric,
  abs: [elementwise((x) => (x < 0 ? -x : x === 0 ? 0 : x), { avoid: [0] })],
  sign: [elementwise((x) => (x > 0 ? 1 : x < 0 ? -1 : 0), { avoid: [0] })],
  sgn: [elementwise((x) => (x > 0 ? 1 : x < 0 ? -1 : 0), { avoid: [0] })],
  positive: [elementwise((x) => x)],
  floor: [elementwise((x) => Math.floor(x), { avoid: WHOLE })],
  ceil: [elementwise((x) => Math.ceil(x), { avoid: WHOLE })],
  trunc: [elementwise((x) => Math.trunc(x), { avoid: WHOLE })],
  frac: [elementwise((x) => x - Math.trunc(x), { avoid: WHOLE })],
  round: [
    elementwise(roundHalfEven, { avoid: [-1.5, -0.5, 0.5, 1.5] }),
    elementwise((x) => roundHalfEven(x * 10) / 10, {
      title: "one decimal",
      inputs: [{ shape: [2, 3], lattice: [0.1, 0.02] }],
      call: (round, x) => round(x, { decimals: 1 }),
      extremes: roundTo(1), // ten times the largest overflows
    }),
    elementwise((x) => roundHalfEven(x / 10) * 10, {
      title: "tens",
      inputs: [{ shape: [2, 3], range: [-40, 40], lattice: [2, 1.5] }],
      call: (round, x) => round(x, { decimals: -1 }),
    }),
  ],
  signbit: [truth((x) => x < 0 || Object.is(x, -0))],
  heaviside: [
    elementwise((x, y) => (x === 0 ? y : x > 0 ? 1 : 0), {
      inputs: [
        { shape: [2, 3], lattice: [0.5, 0] },
        { shape: [3], lattice: [0.5, 0] },
      ],
      differentiable: false,
    }),
  ],
};
