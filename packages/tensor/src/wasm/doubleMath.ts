/** Elementary functions in two float64 lanes. */
import { type FunctionBuilder, f64x2, i64x2, type Local, type Value, v128 } from "./encoder.ts";

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
