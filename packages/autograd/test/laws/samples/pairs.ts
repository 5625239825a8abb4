import type * as integerOps from "../../../src/ops/integers.ts";
import type * as pairOps from "../../../src/ops/pairs.ts";
import { elementwise, type InputSample, type Sample, type Samples } from "../sample.ts";

/** Never equal, and never 0. */
const APART: readonly InputSample[] = [
  { shape: [2, 3], lattice: [0.5, 0.25] },
  { shape: [3], lattice: [0.5, 0.125] },
];

const WHOLE: readonly InputSample[] = [
  { shape: [2, 3], dtype: "int32", range: [-40, 40] },
  { shape: [3], dtype: "int32", range: [-40, 40] },
];

const copysign = (x: number, y: number): number => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x));

/** The one that wins, where NaN always loses. */
const preferred =
  (choose: (a: number, b: number) => number) =>
  (a: number, b: number): number =>
    Number.isNaN(a) ? b : Number.isNaN(b) ? a : choose(a, b);

const logaddexp2 = (a: number, b: number): number => {
  const larger = Math.max(a, b);
  if (Math.abs(larger) === Number.POSITIVE_INFINITY) return larger;
  return larger + Math.log1p(2 ** (Math.min(a, b) - larger)) / Math.LN2;
};

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

const whole = <F>(f: (a: number, b: number) => number, inputs = WHOLE): readonly Sample<F>[] => [
  elementwise((a, b) => f(a!, b!), { inputs, dtype: "int32", differentiable: false }),
];

const truths = <F>(f: (a: number, b: number) => number): Sample<F> =>
  elementwise((a, b) => f(a!, b!), {
    title: "of truth values",
    inputs: WHOLE.map(({ shape }) => ({ shape, dtype: "bool" })),
    dtype: "bool",
    differentiable: false,
  });

const SHIFTS: readonly InputSample[] = [WHOLE[0]!, { shape: [3], dtype: "int32", range: [0, 20] }];

/** Further functions of two operands, element by element, and those of integers, bit by bit. */
export const pairs: Samples<typeof pairOps & typeof integerOps> = {
  copysign: [elementwise(copysign, { inputs: APART })],
  fmax: [
    elementwise((a, b) => preferred(Math.max)(a, b), {
      inputs: APART,
      extremes: preferred((a, b) => (a === b ? a : Math.max(a, b))), // of two zeros the first
    }),
  ],
  fmin: [
    elementwise((a, b) => preferred(Math.min)(a, b), {
      inputs: APART,
      extremes: preferred((a, b) => (a === b ? a : Math.min(a, b))),
    }),
  ],
  floatPower: [
    elementwise((a, b) => Math.exp(b * Math.log(a)), {
      inputs: [
        { shape: [2, 3], range: [0.2, 3] },
        { shape: [3], range: [-3, 3], avoid: [0] },
      ],
      dtype: "float64",
      extremes: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Number.POSITIVE_INFINITY) ? 1 : a ** b),
    }),
  ],
  ldexp: [elementwise((a, b) => a * 2 ** b, { extremes: (a, b) => a * Math.fround(2 ** b) })],
  logaddexp2: [elementwise(logaddexp2, { scale: "largest" })],
  rsub: [
    elementwise((a, b) => b - a),
    elementwise((a) => 1.5 - 2 * a, {
      title: "from a number, with a factor",
      call: (rsub, x) => rsub(x, 1.5, { alpha: 2 }),
    }),
  ],
  bitwiseAnd: [...whole((a, b) => a & b), truths((a, b) => a & b)],
  bitwiseOr: [...whole((a, b) => a | b), truths((a, b) => a | b)],
  bitwiseXor: [...whole((a, b) => a ^ b), truths((a, b) => a ^ b)],
  bitwiseLeftShift: whole((a, b) => (a * 2 ** b) | 0, SHIFTS),
  bitwiseRightShift: whole((a, b) => Math.floor(a / 2 ** b), SHIFTS),
  bitwiseNot: [elementwise((a) => -1 - a, { inputs: [WHOLE[0]!], dtype: "int32", differentiable: false })],
  gcd: whole(gcd),
  lcm: whole((a, b) => (a === 0 || b === 0 ? 0 : Math.abs(a * b) / gcd(a, b))),
};
