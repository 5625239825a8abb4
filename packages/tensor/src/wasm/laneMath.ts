/**
 * Elementary functions in four float32 lanes. The stated errors are in units of the last place, over the whole range of
 * float32; NaN, infinities, zeros and subnormal numbers come out as in torch. Polynomials are minimax fits (Remez).
 */
import type { Lane, Lanes } from "./lanes.ts";

// log 2 in two parts: the first has few enough bits that a whole number times it is exact
const LN2_HIGH = 0.693359375;
const LN2_LOW = -2.1219444e-4;
// adding 1.5 · 2²³ moves the whole part of a number to its last bits: a round and a conversion in one addition
const MAGIC = 12582912;
const ONE_BITS = 0x3f800000;
const HALF_BITS = 0x3f000000;
const SIGN_BIT = -0x80000000;

/** x = whole · log 2 + r with |r| ≤ log(2) / 2; n is a float whose last bits are whole + bias. */
function splitByLog2(l: Lanes, x: Lane, bias = 0): { r: Lane; n: Lane; whole: Lane } {
  const n = l.madd(x, Math.LOG2E, MAGIC + bias);
  const whole = l.sub(n, MAGIC + bias);
  const r = l.madd(whole, -LN2_LOW, l.madd(whole, -LN2_HIGH, x));
  return { r, n, whole };
}

/** exp(r) − 1 for |r| ≤ log(2) / 2. */
function expm1Near0(l: Lanes, r: Lane): Lane {
  const r2 = l.mul(r, r);
  const low = l.madd(r, 0.1666651964187622, 0.4999999403953552);
  const high = l.madd(r, 0.00836885068565607, 0.041668400168418884);
  const q = l.madd(r2, l.madd(r2, 0.001381432288326323, high), low);
  return l.madd(r2, q, r);
}

/** 2ⁿ for integers −126 ≤ n ≤ 127, given in the last bits of a float or integer. */
function powerOf2(l: Lanes, n: Lane): Lane {
  return l.addInt(l.shiftLeft(n, 23), l.bits(ONE_BITS));
}

/** exp(r) · scale, for a power of 2. */
function scaledExp(l: Lanes, r: Lane, scale: Lane): Lane {
  return l.madd(expm1Near0(l, r), scale, scale);
}

/** The size of `a` with the sign of `b`. */
function withSign(l: Lanes, a: Lane, b: Lane): Lane {
  return l.select(l.bits(SIGN_BIT), b, a);
}

/** e to the power x. Error below 1.5. */
export function exp(l: Lanes, x: Lane): Lane {
  const { r, n } = splitByLog2(l, l.pmin(l.pmax(x, -104.5), 89));
  // in two steps, since 2ⁿ itself may be too large or too small
  const half = l.shiftRight(l.shiftLeft(n, 10), 11);
  return l.mul(scaledExp(l, r, powerOf2(l, half)), powerOf2(l, l.subInt(n, half)));
}

/** The bits of |x| as integers, which are in the order of the sizes; those of NaN are the largest. */
export function sizeBits(l: Lanes, x: Lane): Lane {
  return l.abs(x);
}

/** Up to which {@link sizeBits} {@link expOfModerate} holds: those of 87.25. */
export const MODERATE_BITS = 0x42ae8000;

/** e to the power x for |x| ≤ 87.25, the same as {@link exp} to the last bit. */
export function expOfModerate(l: Lanes, x: Lane): Lane {
  const { r, n } = splitByLog2(l, x);
  return scaledExp(l, r, powerOf2(l, n));
}

// keeps powers of e below 2⁻¹²⁶ within the normal numbers until the last step
const LIFT = 25;

/** {@link liftedExp} is so many powers of 2 above the exponential. */
export const LIFTED: number = 2 ** LIFT;

/**
 * {@link LIFTED} · eˣ for x ≤ 0, for what is scaled afterwards anyhow. Error below 1.5; never below 2⁻¹²⁶, which is 0 once it is scaled back, and for
 * a ratio of such powers.
 */
export function liftedExp(l: Lanes, x: Lane): Lane {
  const { r, n } = splitByLog2(l, l.pmax(x, -104.2), LIFT);
  return scaledExp(l, r, powerOf2(l, n));
}

/** e to the power x for x ≤ 0. Error below 1.5. */
export function expOfNegative(l: Lanes, x: Lane): Lane {
  return l.mul(liftedExp(l, x), 1 / LIFTED);
}

/** exp(x) − 1, exact near 0. Error below 2. */
export function expm1(l: Lanes, x: Lane): Lane {
  const { r, n, whole } = splitByLog2(l, l.pmin(l.pmax(x, -18), 89));
  const near = expm1Near0(l, r);
  // half of 2ⁿ, which itself would overflow first
  const scale = l.addInt(l.shiftLeft(n, 23), l.bits(HALF_BITS));
  const half = l.madd(near, scale, l.sub(scale, 0.5));
  return l.select(l.eq(whole, 0), withSign(l, near, x), l.add(half, half));
}

/** The bits of x less those of 2⁻¹²⁶, as unsigned integers. */
export function normalBits(l: Lanes, x: Lane): Lane {
  return l.subInt(x, l.bits(0x00800000));
}

/** Up to which {@link normalBits} {@link logOfNormal} holds. */
export const NORMAL_BITS = 0x7effffff;

/** Natural logarithm of finite x ≥ 2⁻¹²⁶, the same as {@link log} to the last bit. */
export function logOfNormal(l: Lanes, x: Lane): Lane {
  const { e, f } = splitByPowerOf2(l, x);
  return logOfProduct(l, l.fromInt(e), f);
}

/** x = 2ᵉ · (1 + f) with 1 + f between √½ and √2. */
function splitByPowerOf2(l: Lanes, x: Lane): { e: Lane; f: Lane } {
  const e = l.shiftRight(l.subInt(x, l.bits(0x3f3504f3)), 23);
  return { e, f: l.sub(l.subInt(x, l.shiftLeft(e, 23)), 1) };
}

/** exponent · log 2 + log(1 + f). */
function logOfProduct(l: Lanes, exponent: Lane, f: Lane): Lane {
  const f2 = l.mul(f, f);
  const p = l.polynomial(
    f,
    [
      -0.07634511590003967, 0.1276157647371292, -0.1316017508506775, 0.14201757311820984, -0.1662335842847824,
      0.20001226663589478, -0.2500081956386566, 0.3333333134651184,
    ],
  );
  const tail = l.madd(f2, -0.5, l.madd(exponent, LN2_LOW, l.mul(l.mul(f2, f), p)));
  return l.madd(exponent, LN2_HIGH, l.add(f, tail));
}

/** Natural logarithm. Error below 1.5. */
export function log(l: Lanes, x: Lane): Lane {
  const subnormal = l.lt(x, 2 ** -126);
  const scaled = l.select(subnormal, l.mul(x, 2 ** 23), x);
  const { e, f } = splitByPowerOf2(l, scaled);
  const finite = logOfProduct(l, l.sub(l.fromInt(e), l.and(subnormal, 23)), f);
  const positive = l.select(l.lt(x, Number.POSITIVE_INFINITY), finite, x);
  return l.select(l.gt(x, 0), positive, l.select(l.eq(x, 0), Number.NEGATIVE_INFINITY, l.add(l.mul(x, 0), Number.NaN)));
}

/** log(1 + x) for finite x, exact near 0. Error below 3. */
function log1pFinite(l: Lanes, x: Lane): Lane {
  // what 1 + x lost to rounding is made good by the ratio of x to what is left of it (Kahan)
  const u = l.add(x, 1);
  const rest = l.sub(u, 1);
  const corrected = l.mul(log(l, u), l.div(x, rest));
  return l.select(l.eq(rest, 0), x, corrected);
}

/** log(1 + x), exact near 0. Error below 3. */
export function log1p(l: Lanes, x: Lane): Lane {
  return l.select(l.lt(x, Number.POSITIVE_INFINITY), log1pFinite(l, x), x);
}

/** Hyperbolic tangent, exact near 0. Error below 3.5. */
export function tanh(l: Lanes, x: Lane): Lane {
  const result = doubled(
    l,
    x,
    9.0233,
    [0.00010845766519196332, 0.028280863538384438, 0.949999988079071],
    [2.3320133095694473e-6, 0.0022915764711797237, 0.21489496529102325, 1.899999976158142],
  );
  return l.select(l.lt(l.abs(x), 2 ** -12.5), x, result); // the first terms are x − x³/3
}

/** What stands for 1 beside {@link expInSigmoid}. */
export const SIGMOID_ONE: number = 2 ** -24;

/** {@link SIGMOID_ONE} times e to the power x, for x from −64, below which 1 + exp(x) is 1, to 104.5, from where on 1 / (1 + exp(x)) is 0. */
export function expInSigmoid(l: Lanes, x: Lane): Lane {
  const { r, n } = splitByLog2(l, x, Math.log2(SIGMOID_ONE));
  return scaledExp(l, r, powerOf2(l, n));
}

/** 1 / (1 + exp(−x)). Error below 2. */
export function sigmoid(l: Lanes, x: Lane): Lane {
  return sigmoidOfNegative(l, l.pmin(l.pmax(l.neg(x), -64), 104.5));
}

/** The same from −x, which is between −64 and 104.5. */
export function sigmoidOfNegative(l: Lanes, negative: Lane): Lane {
  // all in units of 2²⁴, since exp(−x) may be too large where the result is still above 0
  const one = SIGMOID_ONE;
  const { r, n } = splitByLog2(l, negative, -24);
  const scale = powerOf2(l, n);
  return l.div(one, l.add(l.madd(expm1Near0(l, r), scale, one), scale));
}

/** Error function: 2/√π · ∫₀ˣ exp(−t²) dt. Error below 4. */
export function erf(l: Lanes, x: Lane): Lane {
  return doubled(
    l,
    x,
    3.9314499,
    [0.00222310284152627, 0.028245460242033005, 0.26021283864974976, 0.9873318076133728],
    [0.00017311023839283735, 0.01058500912040472, 0.0847950428724289, 0.4875083565711975, 1.75],
  );
}

/**
 * tanh(2 artanh(t)) = 2t / (1 + t²) with t = x · p(x²) / q(x²): an odd function that stays as it is beyond ±`most`, where the
 * roundings happen to give exactly ±1, with one rounding in a multiply-add and with two. Where it bends, the errors
 * of t hardly count, so that short polynomials do.
 */
function doubled(l: Lanes, x: Lane, most: number, p: readonly number[], q: readonly number[]): Lane {
  const bounded = l.pmin(l.pmax(x, -most), most);
  const x2 = l.mul(bounded, bounded);
  const a = l.polynomial(x2, p);
  const b = l.polynomial(x2, q);
  const ax = l.mul(bounded, a);
  const ratio = l.div(l.mul(l.add(ax, ax), b), l.madd(ax, ax, l.mul(b, b)));
  return l.pmin(l.pmax(ratio, -1), 1);
}

/** log(1 + exp(x)), without overflow. Error below 3. */
export function softplus(l: Lanes, x: Lane): Lane {
  const e = expOfNegative(l, l.neg(l.abs(x)));
  // log(1 + e) for e ≤ 1
  const p = l.polynomial(e, [-0.07186992990484604, -0.4497785784448178, -0.4999998694583894]);
  const q = l.polynomial(e, [0.07528720589047425, 0.6879358987626789, 1.5662179700014205, 1]);
  return l.add(l.max(x, 0), l.add(e, l.div(l.mul(l.mul(e, e), p), q)));
}
