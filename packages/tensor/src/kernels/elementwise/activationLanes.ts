/** Activation functions and their slopes in four float32 lanes. Errors are at most a few units of the last place of max(1, |x|). */
import { erf, expInSigmoid, expOfNegative, SIGMOID_ONE, sigmoidOfNegative } from "../../wasm/laneMath.ts";
import type { Lane, Lanes } from "../../wasm/lanes.ts";
import { GELU_CUBIC, GELU_SLOPE } from "./special.ts";

/** x Φ(x), Φ the normal distribution function: far below 0 digits cancel, down to a zero with the sign of x. */
export function gelu(l: Lanes, x: Lane): Lane {
  return l.mul(l.mul(x, 0.5), l.add(erf(l, l.mul(x, Math.SQRT1_2)), 1));
}

/** Derivative of x Φ(x): Φ(x) + x φ(x). */
export function geluSlope(l: Lanes, x: Lane): Lane {
  const bounded = l.pmin(l.pmax(x, -30), 30); // its square must not overflow
  const density = l.mul(expOfNegative(l, l.mul(l.mul(bounded, bounded), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return l.add(l.madd(bounded, density, l.madd(erf(l, l.mul(x, Math.SQRT1_2)), 0.5, 0.5)), nanAtInfinity(l, x));
}

/** 0, but NaN at ±∞ and for NaN: what torch's gradients of gelu have there. */
function nanAtInfinity(l: Lanes, x: Lane): Lane {
  return l.sub(x, x);
}

/** gelu with tanh in the place of Φ: x sigmoid(u) with u = 2 √(2/π) (x + 0.044715 x³). */
export function geluTanh(l: Lanes, x: Lane): Lane {
  const { negative } = geluTanhInner(l, x);
  return l.mul(x, sigmoidOfNegative(l, negative));
}

/** x from where u is −104.5 and its sigmoid 0 to where that is 64 and 1, its square, and −u. */
function geluTanhInner(l: Lanes, x: Lane): Readonly<Record<"bounded" | "x2" | "negative", Lane>> {
  const bounded = l.pmin(l.pmax(x, -10.7), 8.87);
  const x2 = l.mul(bounded, bounded);
  return { bounded, x2, negative: l.mul(bounded, l.madd(x2, -GELU_SLOPE * GELU_CUBIC, -GELU_SLOPE)) };
}

/** From −x, which is between −64 and 104.5: s = sigmoid(x) and its derivative s (1 − s), without taking a difference from 1. */
function sigmoidAndSlopeOfNegative(l: Lanes, negative: Lane): { s: Lane; slope: Lane } {
  const one = SIGMOID_ONE;
  const e = expInSigmoid(l, negative);
  const part = l.div(1, l.add(e, one));
  const s = l.mul(part, one);
  return { s, slope: l.mul(l.mul(e, part), s) };
}

/** Derivative of x sigmoid(x): s + x s (1 − s); constant below −104.5, where it is 0, and above 64, where it is 1. */
export function siluSlope(l: Lanes, x: Lane): Lane {
  const bounded = l.pmin(l.pmax(x, -104.5), 64);
  const { s, slope } = sigmoidAndSlopeOfNegative(l, l.neg(bounded));
  return l.add(l.madd(bounded, slope, s), nanAtInfinity(l, x));
}

/** Derivative of {@link geluTanh}: s + x s (1 − s) u', s the sigmoid of u; constant where s is 0 or 1. */
export function geluTanhSlope(l: Lanes, x: Lane): Lane {
  const { bounded, x2, negative } = geluTanhInner(l, x);
  const { s, slope } = sigmoidAndSlopeOfNegative(l, negative);
  const innerSlope = l.madd(x2, 3 * GELU_SLOPE * GELU_CUBIC, GELU_SLOPE);
  return l.add(l.madd(l.mul(bounded, slope), innerSlope, s), nanAtInfinity(l, x));
}
