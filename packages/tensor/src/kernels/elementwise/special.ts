/**
 * Special functions in double precision, and the corners where JavaScript's Math and C's math library disagree.
 */

/** Numerators and denominators, from the highest power down. */
type Ratio = readonly [numerator: readonly number[], denominator: readonly number[]];

// Rational approximations of W. J. Cody (1969), Rational Chebyshev approximations for the error function
const ERF_NEAR: Ratio = [
  [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694],
  [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
];
const ERFC_MIDDLE: Ratio = [
  [
    ...[2.1531153547440383e-8, 0.5641884969886701, 8.883149794388375, 66.11919063714163, 298.6351381974001],
    ...[881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972],
  ],
  [
    ...[1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903],
    ...[3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037493],
  ],
];
const ERFC_FAR: Ratio = [
  [
    ...[0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926],
    ...[0.01608378514874228, 0.0006587491615298378],
  ],
  [...[1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285], ...[0.06051834131244132, 0.0023352049762686918]],
];

function ratio(x: number, [numerator, denominator]: Ratio): number {
  return horner(x, numerator) / horner(x, denominator);
}

function horner(x: number, coefficients: readonly number[]): number {
  let value = 0;
  for (const c of coefficients) value = value * x + c;
  return value;
}

/** Error function: 2/√π · ∫₀ˣ exp(−t²) dt. Error about 1e-16 of the value. */
export function erf(x: number): number {
  if (Math.abs(x) <= 0.46875) return x * ratio(x * x, ERF_NEAR);
  const tail = erfcPositive(Math.abs(x));
  return x < 0 ? tail - 1 : 1 - tail;
}

/** 1 − erf(x), without cancellation for large x. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - erf(x);
  const tail = erfcPositive(Math.abs(x));
  return x < 0 ? 2 - tail : tail;
}

function erfcPositive(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 27) return 0;
  // exp(−x²) loses digits to the rounding of x²: split x so that the larger part squares exactly
  const high = Math.trunc(x * 16) / 16;
  const gauss = Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
  if (x <= 4) return gauss * ratio(x, ERFC_MIDDLE);
  const z = 1 / (x * x);
  return (gauss * (1 / Math.sqrt(Math.PI) - z * ratio(z, ERFC_FAR))) / x;
}

/** Inverse of erf; infinite at ±1, NaN beyond. Winitzki's approximation, refined by Halley's method. */
export function erfinv(y: number): number {
  const rest = 1 - Math.abs(y);
  if (!(rest > 0)) return rest === 0 ? y * Number.POSITIVE_INFINITY : Number.NaN;
  if (Math.abs(y) < 1e-8) return (y * Math.sqrt(Math.PI)) / 2;
  const a = 0.147;
  const logarithm = Math.log1p(-y * y);
  const half = 2 / (Math.PI * a) + logarithm / 2;
  let x = Math.sqrt(Math.sqrt(half * half - logarithm / a) - half);
  for (let i = 0; i < 3; i++) {
    // far out the complement keeps the digits that erf loses
    const error = rest < 0.5 ? rest - erfc(x) : erf(x) - Math.abs(y);
    const step = error / ((2 / Math.sqrt(Math.PI)) * Math.exp(-x * x));
    x -= step / (1 + x * step);
  }
  return y < 0 ? -x : x;
}

// B_2k / (2k (2k − 1)): Stirling's series of the logarithm of the gamma function
const STIRLING = [1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12];
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** log |Γ(x)|: infinite at 0, −1, −2 ...; absolute error about 1e-15 near its zeros 1 and 2, relative elsewhere. */
export function lgamma(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? x : Number.POSITIVE_INFINITY;
  if (x <= 0 && Number.isInteger(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) return Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  if (x === 1 || x === 2) return 0;
  let shifted = x;
  let product = 1;
  for (; shifted < 12; shifted++) product *= shifted;
  const z = 1 / shifted;
  const series = horner(z * z, STIRLING) * z;
  return (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + series - Math.log(product);
}

// B_2k / 2k: the asymptotic series of digamma
const DIGAMMA = [1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12];

/** d/dx log Γ(x): −∞ at 0 (+∞ at −0), NaN at the other poles, as torch. */
export function digamma(x: number): number {
  if (x === 0) return 1 / x > 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (x === Number.POSITIVE_INFINITY || Number.isNaN(x)) return x;
  if (!(x > 0)) return Number.isInteger(x) ? Number.NaN : digamma(1 - x) - Math.PI / tanPi(x);
  let shifted = x;
  let sum = 0;
  for (; shifted < 12; shifted++) sum += 1 / shifted;
  const z = 1 / shifted;
  return Math.log(shifted) - z / 2 - horner(z * z, DIGAMMA) * z * z - sum;
}

/** sin(πx) with the whole turns taken off first. */
function sinPi(x: number): number {
  return Math.sin(Math.PI * (x - 2 * Math.round(x / 2)));
}

function tanPi(x: number): number {
  return Math.tan(Math.PI * (x - Math.round(x)));
}

/** x^y as C has it: 1^y is 1 even for NaN, and (−1)^±∞ is 1. */
export function pow(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1;
  return x ** y;
}

/** x^y in 32-bit integers, which wrap around; a negative exponent leaves 0, except of 1 and −1. */
export function powInt(x: number, y: number): number {
  if (y < 0) return x === 1 ? 1 : x === -1 ? (y % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let base = x, rest = y; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = Math.imul(result, base);
    base = Math.imul(base, base);
  }
  return result;
}

/** To the nearest integer, halves to the even one. */
export function roundEven(x: number): number {
  const down = Math.floor(x);
  const above = x - down;
  if (above < 0.5 || (above === 0.5 && down % 2 === 0)) return down === 0 && x < 0 ? -0 : down;
  const up = down + 1;
  return Number.isFinite(x) ? (up === 0 ? -0 : up) : x;
}

/** x − y·⌊x/y⌋, with the sign of the divisor (Python's %). */
export function remainder(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}

/** ⌊x/y⌋, consistent with {@link remainder} (Python's //). */
export function floorDivide(x: number, y: number): number {
  if (y === 0) return x / y;
  const rest = x % y;
  const quotient = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0);
  if (quotient === 0) return x / y < 0 || Object.is(x / y, -0) ? -0 : 0;
  const down = Math.floor(quotient);
  return quotient - down > 0.5 ? down + 1 : down;
}

/** 1 / (1 + exp(−x)). */
export function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** The normal distribution function Φ. */
export function normal(x: number): number {
  return 0.5 * erfc(-x * Math.SQRT1_2);
}

/** Derivative of x Φ(x): Φ(x) + x φ(x); NaN at ±∞, as torch has it. */
export function geluSlope(x: number): number {
  return normal(x) + (x * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/** 2 √(2/π). */
export const GELU_SLOPE: number = 2 * Math.sqrt(2 / Math.PI);
/** The factor of the cube in the approximation of gelu by tanh. */
export const GELU_CUBIC = 0.044715;

/** What tanh is taken of in the approximation of gelu, doubled: (1 + tanh u) / 2 is logistic(2u). */
export function geluTanhInner(x: number): number {
  return GELU_SLOPE * (x + GELU_CUBIC * x * x * x);
}

/** Derivative of x logistic(geluTanhInner(x)); constant beyond ±100, where the cube would overflow, and NaN at ±∞, as torch has it. */
export function geluTanhSlope(x: number): number {
  const bounded = Math.max(-100, Math.min(x, 100));
  const s = logistic(geluTanhInner(bounded));
  return s + bounded * s * (1 - s) * GELU_SLOPE * (1 + 3 * GELU_CUBIC * bounded * bounded) + (x - x);
}
