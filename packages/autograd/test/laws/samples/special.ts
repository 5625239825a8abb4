import type * as ops from "../../../src/ops/special.ts";
import { elementwise, type Samples } from "../sample.ts";

/** Error function by its power series, for |x| < 3: Σ (−1)ⁿ x²ⁿ⁺¹ / (n! (2n + 1)) · 2/√π. */
export function erf(x: number): number {
  if (x === 0) return x;
  let term = x;
  let total = x;
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return Math.abs(x) > 6 ? Math.sign(x) : (total * 2) / Math.sqrt(Math.PI);
}

/** 1 − erf(x) by a continued fraction from x = 2 on (Abramowitz & Stegun 7.1.14). */
export function erfc(x: number): number {
  if (!(x >= 2)) return 1 - erf(x);
  let fraction = x;
  for (let n = 200; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** Inverse of erf by bisection. */
function erfinv(y: number): number {
  if (Math.abs(y) === 1) return y * Number.POSITIVE_INFINITY;
  if (!(Math.abs(y) < 1)) return Number.NaN;
  if (Math.abs(y) < 1e-9) return (y * Math.sqrt(Math.PI)) / 2;
  let [low, high] = [0, 6];
  const below = (x: number): boolean => (x < 2 ? erf(x) < Math.abs(y) : erfc(x) > 1 - Math.abs(y));
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (below(middle)) low = middle;
    else high = middle;
  }
  return Math.sign(y) * low;
}

const LANCZOS = [
  ...[0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406],
  ...[12.507343278686905, -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7],
];

/** ln |Γ(x)| by the formula of Lanczos (1964), with g = 7. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return x;
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Number.POSITIVE_INFINITY;
  if (x === 1 || x === 2) return 0;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * (x % 2)))) - lgamma(1 - x);
  const z = x - 1;
  const base = z + 7.5;
  const series = LANCZOS.reduce((total, c, i) => total + (i === 0 ? c : c / (z + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(base) - base + Math.log(series);
}

/** d/dx ln Γ(x): up to 30 by the recurrence, then by the asymptotic series; torch's values at the poles. */
function digamma(x: number): number {
  if (x === 0) return -1 / x;
  if (x < 0) {
    if (Number.isInteger(x) || x === Number.NEGATIVE_INFINITY) return Number.NaN;
    return digamma(1 - x) - Math.PI / Math.tan(Math.PI * (x % 1));
  }
  let [shifted, total] = [x, 0];
  for (; shifted < 30; shifted++) total -= 1 / shifted;
  const z = shifted ** -2;
  return total + Math.log(shifted) - 0.5 / shifted - z * (1 / 12 - z * (1 / 120 - z * (1 / 252 - z / 240)));
}

const logit = (x: number): number => Math.log(x / (1 - x));

const logaddexp = (a: number, b: number): number => {
  const larger = Math.max(a, b);
  return Math.abs(larger) === Number.POSITIVE_INFINITY
    ? larger
    : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
};

const timesLog =
  (log: (y: number) => number) =>
  (x: number, y: number): number =>
    x === 0 && !Number.isNaN(y) ? 0 : x * log(y);

const POSITIVE = [
  { shape: [2, 3], avoid: [0] },
  { shape: [3], range: [0.1, 4] },
] as const;

/** Special functions, from series and continued fractions of their own. */
export const special: Samples<typeof ops> = {
  erf: [elementwise(erf)],
  erfc: [elementwise(erfc, { range: [-2, 4] })],
  erfinv: [elementwise(erfinv, { range: [-0.95, 0.95] })],
  lgamma: [
    elementwise(lgamma, { range: [0.2, 5], scale: "largest" }),
    elementwise(lgamma, { title: "below zero", range: [-2.9, -0.1], avoid: [-2, -1], scale: "largest" }),
  ],
  digamma: [
    elementwise(digamma, { range: [0.2, 5], scale: "largest" }),
    elementwise(digamma, { title: "below zero", range: [-2.7, -0.3], avoid: [-2, -1], scale: "largest" }),
  ],
  logit: [
    elementwise(logit, { range: [0.1, 0.9], scale: "largest" }),
    elementwise((x) => logit(Math.min(Math.max(x, 0.25), 0.75)), {
      title: "with eps",
      range: [0.01, 0.99],
      avoid: [0.25, 0.75],
      scale: "largest",
      call: (logit, x) => logit(x, { eps: 0.25 }),
    }),
  ],
  logaddexp: [elementwise(logaddexp, { scale: "largest" })],
  xlogy: [elementwise(timesLog(Math.log), { inputs: POSITIVE, scale: "largest" })],
  xlog1py: [elementwise(timesLog(Math.log1p), { inputs: POSITIVE, scale: "largest" })],
};
