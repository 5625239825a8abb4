import type * as ops from "../../../src/ops/arithmetic.ts";
import { elementwise, type InputSample, type Samples } from "../sample.ts";

/** Never equal, and never 0. */
const APART: readonly InputSample[] = [
  { shape: [2, 3], lattice: [0.5, 0] },
  { shape: [3], lattice: [0.5, 0.25] },
];

const DIVISIBLE: readonly InputSample[] = [
  { shape: [2, 3], range: [-4, 4] },
  { shape: [3], range: [0.5, 2] },
];

/** No quotient is near a whole number. */
const JUMPING: readonly InputSample[] = [
  { shape: [2, 3], lattice: [1, 0.5], range: [-4, 4] },
  { shape: [3], lattice: [2, 1], range: [-3, 3] },
];

const INTEGERS: readonly InputSample[] = [
  { shape: [2, 3], dtype: "int32", range: [-9, 9] },
  { shape: [3], dtype: "int32", range: [1, 4] },
];

const integers = { inputs: INTEGERS, differentiable: false, dtype: "int32", title: "integers" } as const;

/** What division leaves, with the sign of the dividend, bit by bit: exact however large the quotient. */
function fmod(x: number, y: number): number {
  if (Number.isNaN(x) || Number.isNaN(y) || y === 0 || Math.abs(x) === Number.POSITIVE_INFINITY) return Number.NaN;
  let rest = Math.abs(x);
  const divisor = Math.abs(y);
  if (rest < divisor) return x;
  let scaled = divisor;
  while (scaled <= rest / 2) scaled *= 2;
  for (; scaled >= divisor; scaled /= 2) if (rest >= scaled) rest -= scaled;
  return x < 0 ? -rest : rest;
}

function remainder(x: number, y: number): number {
  const rest = fmod(x, y);
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

function floorDivide(x: number, y: number): number {
  if (Math.abs(x) === Number.POSITIVE_INFINITY && y !== 0) return Number.NaN; // as Python and torch have it
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const infinitelySmall = Math.abs(y) === Number.POSITIVE_INFINITY && x !== 0 && x < 0 !== y < 0;
  return infinitelySmall ? -1 : Math.floor(x / y);
}

function atan2(y: number, x: number): number {
  return Math.atan2(y, x);
}

/** Arithmetic of two operands. */
export const arithmetic: Samples<typeof ops> = {
  add: [
    elementwise((a, b) => a + b),
    elementwise((a) => a + 1.5, { title: "a number", call: (add, x) => add(x, 1.5) }),
    elementwise((a, b) => a + b, integers),
  ],
  sub: [
    elementwise((a, b) => a - b),
    elementwise((a) => 1.5 - a, { title: "from a number", call: (sub, x) => sub(1.5, x) }),
    elementwise((a, b) => a - b, integers),
  ],
  mul: [
    elementwise((a, b) => a * b),
    elementwise((a) => a * -2.5, { title: "a number", call: (mul, x) => mul(x, -2.5) }),
    elementwise((a, b) => a * b, integers),
  ],
  div: [
    elementwise((a, b) => a / b, { inputs: DIVISIBLE }),
    elementwise((a) => a / -2.5, { title: "a number", call: (div, x) => div(x, -2.5) }),
    elementwise((a, b) => Math.floor(a / b), {
      title: "rounded down",
      inputs: JUMPING,
      call: (div, a, b) => div(a, b, { roundingMode: "floor" }),
      extremes: floorDivide,
    }),
    elementwise((a, b) => Math.trunc(a / b), {
      title: "cut toward zero",
      inputs: JUMPING,
      call: (div, a, b) => div(a, b, { roundingMode: "trunc" }),
    }),
    elementwise((a, b) => a / b, { ...integers, dtype: "float32" }),
  ],
  floorDivide: [
    elementwise((a, b) => Math.floor(a / b), { inputs: JUMPING, extremes: floorDivide }),
    elementwise((a, b) => Math.floor(a / b), integers),
  ],
  remainder: [
    elementwise((a, b) => a - b * Math.floor(a / b), { inputs: JUMPING, scale: "largest", extremes: remainder }),
    elementwise(remainder, integers),
  ],
  fmod: [
    elementwise((a, b) => a - b * Math.trunc(a / b), { inputs: JUMPING, scale: "largest", extremes: fmod }),
    elementwise(fmod, integers),
  ],
  pow: [
    elementwise((a, b) => Math.exp(b * Math.log(a)), {
      inputs: [
        { shape: [2, 3], range: [0.2, 3] },
        { shape: [3], range: [-3, 3], avoid: [0] }, // where torch takes the slope for 0, whose own slope is then lost
      ],
      // as C has it: 1 to any power is 1, and so is −1 to an infinite one
      extremes: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
    }),
    elementwise((a) => a * a * a, { title: "cube", call: (pow, x) => pow(x, 3) }),
    elementwise((a) => 1 / (a * a), { title: "negative", avoid: [0], range: [0.2, 2], call: (pow, x) => pow(x, -2) }),
    elementwise((a) => Math.sqrt(a), {
      title: "root",
      range: [0.2, 4],
      call: (pow, x) => pow(x, 0.5),
      extremes: (a) => a ** 0.5, // a power, not a root: Infinity for -Infinity
    }),
    elementwise((b) => Math.exp(b * Math.LN2), { title: "of a number", call: (pow, x) => pow(2, x) }),
    elementwise((a, b) => Math.round(a ** b), integers),
  ],
  maximum: [elementwise((a, b) => Math.max(a, b), { inputs: APART })],
  minimum: [elementwise((a, b) => Math.min(a, b), { inputs: APART })],
  atan2: [elementwise(atan2, { inputs: DIVISIBLE })],
  hypot: [elementwise((a, b) => Math.sqrt(a * a + b * b), { inputs: DIVISIBLE, extremes: Math.hypot })],
  neg: [elementwise((a) => 0 - a, { extremes: (a) => -a })],
};
