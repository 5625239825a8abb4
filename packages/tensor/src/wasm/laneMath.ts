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
const MAGIC_BITS = 0x4b400000;
const ONE_BITS = 0x3f800000;
const SIGN_BIT = -0x80000000;

/** x = n · log 2 + r with |r| ≤ log(2) / 2: r, n as integers and as floats. */
function splitByLog2(l: Lanes, x: Lane): { r: Lane; n: Lane; whole: Lane } {
  const shifted = l.madd(x, Math.LOG2E, MAGIC);
  const whole = l.sub(shifted, MAGIC);
  const r = l.madd(whole, -LN2_LOW, l.madd(whole, -LN2_HIGH, x));
  return { r, n: l.subInt(shifted, l.bits(MAGIC_BITS)), whole };
}

/** exp(r) − 1 for |r| ≤ log(2) / 2. */
function expm1Near0(l: Lanes, r: Lane): Lane {
  const r2 = l.mul(r, r);
  const low = l.madd(r, 0.1666651964187622, 0.4999999403953552);
  const high = l.madd(r, 0.00836885068565607, 0.041668400168418884);
  const q = l.madd(r2, l.madd(r2, 0.001381432288326323, high), low);
  return l.madd(r2, q, r);
}

/** 2ⁿ for integers −126 ≤ n ≤ 127. */
function powerOf2(l: Lanes, n: Lane): Lane {
  return l.addInt(l.shiftLeft(n, 23), l.bits(ONE_BITS));
}

/** The size of `a` with the sign of `b`. */
function withSign(l: Lanes, a: Lane, b: Lane): Lane {
  return l.select(l.bits(SIGN_BIT), b, a);
}

/** e to the power x. Error below 1.5. */
export function exp(l: Lanes, x: Lane): Lane {
  const { r, n } = splitByLog2(l, l.pmin(l.pmax(x, -104.5), 89));
  const p = l.add(expm1Near0(l, r), 1);
  // in two steps, since 2ⁿ itself may be too large or too small
  const half = l.shiftRight(n, 1);
  return l.mul(l.mul(p, powerOf2(l, half)), powerOf2(l, l.subInt(n, half)));
}

/** e to the power x for x ≤ 0; results below 2⁻¹²⁶ may come out as 0. Error below 1.5. */
export function expOfNegative(l: Lanes, x: Lane): Lane {
  const { r, n } = splitByLog2(l, l.pmax(x, -87.68));
  return l.mul(l.add(expm1Near0(l, r), 1), powerOf2(l, n));
}

/** exp(x) − 1, exact near 0. Error below 2. */
export function expm1(l: Lanes, x: Lane): Lane {
  const { r, n, whole } = splitByLog2(l, l.pmin(l.pmax(x, -18), 89));
  const near = expm1Near0(l, r);
  // half of 2ⁿ, which itself would overflow first
  const scale = powerOf2(l, l.subInt(n, l.bits(1)));
  const half = l.madd(near, scale, l.sub(scale, 0.5));
  return l.select(l.eq(whole, 0), withSign(l, near, x), l.add(half, half));
}

/** Natural logarithm. Error below 1.5. */
export function log(l: Lanes, x: Lane): Lane {
  const subnormal = l.lt(x, 2 ** -126);
  const scaled = l.select(subnormal, l.mul(x, 2 ** 23), x);
  // the exponent that leaves a mantissa between √½ and √2
  const e = l.shiftRight(l.subInt(scaled, l.bits(0x3f3504f3)), 23);
  const f = l.sub(l.subInt(scaled, l.shiftLeft(e, 23)), 1);
  const exponent = l.sub(l.fromInt(e), l.and(subnormal, 23));
  const f2 = l.mul(f, f);
  const p = l.polynomial(
    f,
    [
      -0.07634511590003967, 0.1276157647371292, -0.1316017508506775, 0.14201757311820984, -0.1662335842847824,
      0.20001226663589478, -0.2500081956386566, 0.3333333134651184,
    ],
  );
  const tail = l.madd(f2, -0.5, l.madd(exponent, LN2_LOW, l.mul(l.mul(f2, f), p)));
  const finite = l.madd(exponent, LN2_HIGH, l.add(f, tail));
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

/** Hyperbolic tangent. Error below 3. */
export function tanh(l: Lanes, x: Lane): Lane {
  const size = l.abs(x);
  const e = expm1(l, l.pmin(l.add(size, size), 20));
  return withSign(l, l.div(e, l.add(e, 2)), x);
}

/** 1 / (1 + exp(−x)). Error below 3. */
export function sigmoid(l: Lanes, x: Lane): Lane {
  const e = exp(l, l.neg(l.abs(x)));
  return l.div(l.select(l.lt(x, 0), e, 1), l.add(e, 1));
}

/** Error function: 2/√π · ∫₀ˣ exp(−t²) dt. Error below 2. */
export function erf(l: Lanes, x: Lane): Lane {
  const x2 = l.mul(x, x);
  const p = l.polynomial(
    x2,
    [
      7.853864372009411e-5, -0.0008010194287635386, 0.005188327748328447, -0.026853812858462334, 0.1128358542919159,
      -0.3761262595653534, 0.12837916612625122,
    ],
  );
  const near = l.madd(x, p, x);
  // far out, the logarithm of 1 − erf is almost a parabola
  const size = l.pmin(l.abs(x), 4.05);
  const g = l.polynomial(
    size,
    [
      0.00018557393923401833, -0.002939606551080942, 0.02180531620979309, -0.10303736478090286, -0.6382256746292114,
      -1.1270400285720825, -0.00035372012644074857,
    ],
  );
  const far = withSign(l, l.sub(1, expOfNegative(l, g)), x);
  return l.select(l.lt(l.abs(x), 1), near, far);
}

/** log(1 + exp(x)), without overflow. Error below 3. */
export function softplus(l: Lanes, x: Lane): Lane {
  return l.add(l.max(x, 0), log1pFinite(l, exp(l, l.neg(l.abs(x)))));
}
