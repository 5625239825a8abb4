/** Elementary functions in two float64 lanes. */
import { type FunctionBuilder, f32x4, f64x2, i32x4, i64x2, type Local, type Value, v128 } from "./encoder.ts";

// log 2 in two parts: a whole number below 2¹¹ times the first is exact
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
// adding 1.5 · 2⁵² moves the whole part of a number to its last bits, here with the bias of an exponent
const MAGIC = 6755399441055744 + 1023;
/** Below it powers of e count as 0. */
const LEAST = -708;
/** (eʳ − 1 − r) / r² for |r| ≤ log(2) / 2, lowest power first: a minimax fit. */
const TAIL = [
  0.5000000000000001, 0.16666666666666669, 0.04166666666662413, 0.008333333333330062, 0.0013888888917213717,
  0.00019841269863053618, 2.4801521295954376e-5, 2.7557268459997064e-6, 2.7620088445409746e-7, 2.510038549551032e-8,
];

/** e to the power x for x ≤ 709: 0 below −708, NaN for NaN. Error below 1 in units of the last place. */
export function expDouble(f: FunctionBuilder, x: Local<"v128">): Local<"v128"> {
  const c = (value: number): Local<"v128"> => f.hoist(f64x2.const(value));
  const madd = (a: Value<"v128">, b: Value<"v128">, sum: Value<"v128">): Local<"v128"> =>
    f.let(f.maddDouble(a, b, sum));
  const bounded = f.let(f64x2.pmax(x, c(LEAST)));
  const n = madd(bounded, c(Math.LOG2E), c(MAGIC));
  const whole = f.let(f64x2.sub(n, c(MAGIC)));
  const r = madd(whole, c(-LN2_LOW), madd(whole, c(-LN2_HIGH), bounded));
  // pairs of terms, pairs of pairs: no step waits for all those before it
  const r2 = f.let(f64x2.mul(r, r));
  const r4 = f.let(f64x2.mul(r2, r2));
  const pair = (i: number): Local<"v128"> => madd(r, c(TAIL[i + 1]!), c(TAIL[i]!));
  const high = madd(r4, pair(8), madd(r2, pair(6), pair(4)));
  const tail = madd(r4, high, madd(r2, pair(2), pair(0)));
  const power = f.let(f64x2.add(madd(r2, tail, r), c(1)));
  const scaled = f64x2.mul(power, i64x2.shl(n, 52));
  return f.let(v128.andnot(scaled, f64x2.lt(x, c(LEAST))));
}

type Two = Value<"v128">;

const constantsOf =
  (f: FunctionBuilder) =>
  (value: number): Local<"v128"> =>
    f.hoist(f64x2.const(value));

/** Σ coefficients[i]·xⁱ, lowest power first. */
function polynomial(f: FunctionBuilder, x: Two, coefficients: readonly number[]): Two {
  const constant = constantsOf(f);
  return coefficients.reduceRight<Two | null>(
    (value, c) => (value === null ? constant(c) : f.let(f.maddDouble(value, x, constant(c)))),
    null,
  )!;
}

/** eʳ for |r| ≤ log(2) / 2, lowest power first: a minimax fit. */
const SHORT = [
  1.0000000000000129, 0.9999999999998926, 0.49999999999457545, 0.16666666667827879, 0.041666667032681425,
  0.008333333002625133, 0.0013888802794574714, 0.00019841596527078032, 2.4884026436061786e-5, 2.7482172119583408e-6,
];

/** The same in fewer steps, for sums that are rounded to float32: relative error 1.4e-14; beyond ±200, where float32 has ended, that of ±200. */
export function expDoubleShort(f: FunctionBuilder, x: Two): Two {
  const constant = constantsOf(f);
  const clamped = f.let(f64x2.pmin(f64x2.pmax(x, constant(-200)), constant(200)));
  // adding and taking off 1.5 · 2⁵² rounds, and leaves the whole number in the low bits
  const magic = f.let(f.maddDouble(clamped, constant(Math.LOG2E), constant(1.5 * 2 ** 52)));
  const whole = f.let(f64x2.sub(magic, constant(1.5 * 2 ** 52)));
  const high = f.let(f.maddDouble(whole, constant(-LN2_HIGH), clamped));
  const rest = f.let(f.maddDouble(whole, constant(-LN2_LOW), high));
  const bits = v128.shuffle32(magic, constant(0), [4, 0, 4, 2]);
  return f64x2.mul(polynomial(f, rest, SHORT), i32x4.add(i32x4.shl(bits, 20), constant(1)));
}

// 2/(2k + 1): the series of 2·artanh(s)/s in s²
const ARTANH = Array.from({ length: 8 }, (_, k) => 2 / (2 * k + 1));

/** Natural logarithm, in float64, of the first two of float32 lanes: of numbers from 2⁻¹²⁶ on, or NaN. */
export function logDouble(f: FunctionBuilder, x: Value<"v128">): Two {
  const constant = constantsOf(f);
  const exponent = f.let(i32x4.shrS(i32x4.sub(x, f.hoist(i32x4.const(0x3f3504f3))), 23));
  const near1 = f.let(f64x2.promoteLowF32x4(i32x4.sub(x, i32x4.shl(exponent, 23))));
  // NaN · 0 is NaN, anything else 0
  const whole = f64x2.promoteLowF32x4(f32x4.add(f32x4.convertI32x4S(exponent), f32x4.mul(x, f.hoist(f32x4.const(0)))));
  const s = f.let(f64x2.div(f64x2.sub(near1, constant(1)), f64x2.add(near1, constant(1))));
  const series = polynomial(f, f.let(f64x2.mul(s, s)), ARTANH);
  return f.let(f.maddDouble(whole, constant(Math.LN2), f64x2.mul(s, series)));
}
