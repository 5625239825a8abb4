/** Exponential and logarithm in two float64 lanes, exact enough that a result rounded to float32 is the nearest one but for one in millions. */
import { type FunctionBuilder, f32x4, f64x2, i32x4, type Local, type Value, v128 } from "../../wasm/encoder.ts";

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

// minimax on ±log(2)/2, relative error 1.4e-14
const EXP = [
  1.0000000000000129, 0.9999999999998926, 0.49999999999457545, 0.16666666667827879, 0.041666667032681425,
  0.008333333002625133, 0.0013888802794574714, 0.00019841596527078032, 2.4884026436061786e-5, 2.7482172119583408e-6,
];

/** e to the power of two numbers; beyond ±200, where float32 has ended, that of ±200. */
export function exp(f: FunctionBuilder, x: Two): Two {
  const constant = constantsOf(f);
  const clamped = f.let(f64x2.pmin(f64x2.pmax(x, constant(-200)), constant(200)));
  // adding and taking off 1.5 · 2⁵² rounds, and leaves the whole number in the low bits
  const magic = f.let(f.maddDouble(clamped, constant(Math.LOG2E), constant(1.5 * 2 ** 52)));
  const whole = f.let(f64x2.sub(magic, constant(1.5 * 2 ** 52)));
  const high = f.let(f.maddDouble(whole, constant(-0.6931471803691238), clamped));
  const rest = f.let(f.maddDouble(whole, constant(-1.9082149292705877e-10), high));
  const bits = v128.shuffle32(magic, constant(0), [4, 0, 4, 2]);
  return f64x2.mul(polynomial(f, rest, EXP), i32x4.add(i32x4.shl(bits, 20), constant(1)));
}

// 2/(2k + 1): the series of 2·artanh(s)/s in s²
const ARTANH = Array.from({ length: 8 }, (_, k) => 2 / (2 * k + 1));

/** Natural logarithm, in float64, of the first two of float32 lanes: of numbers from 2⁻¹²⁶ on, or NaN. */
export function log(f: FunctionBuilder, x: Value<"v128">): Two {
  const constant = constantsOf(f);
  const exponent = f.let(i32x4.shrS(i32x4.sub(x, f.hoist(i32x4.const(0x3f3504f3))), 23));
  const near1 = f.let(f64x2.promoteLowF32x4(i32x4.sub(x, i32x4.shl(exponent, 23))));
  // NaN · 0 is NaN, anything else 0
  const whole = f64x2.promoteLowF32x4(f32x4.add(f32x4.convertI32x4S(exponent), f32x4.mul(x, f.hoist(f32x4.const(0)))));
  const s = f.let(f64x2.div(f64x2.sub(near1, constant(1)), f64x2.add(near1, constant(1))));
  const series = polynomial(f, f.let(f64x2.mul(s, s)), ARTANH);
  return f.let(f.maddDouble(whole, constant(Math.LN2), f64x2.mul(s, series)));
}
