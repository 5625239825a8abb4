import * as lanes from "../../wasm/laneMath.ts";
import { type Unary, unary } from "./define.ts";
import * as special from "./special.ts";

/** e to the power a. */
export const exp: Unary = unary(() => ({
  name: "exp",
  f: Math.exp,
  known: "exp",
  fast: {
    lanes: lanes.exp,
    usual: { lanes: lanes.expOfModerate, measure: lanes.sizeBits, limit: lanes.MODERATE_BITS },
    cost: "heavy",
    ulps: 2,
  },
}));
/** 2 to the power a. */
export const exp2: Unary = unary(() => ({ name: "exp2", f: (x) => 2 ** x }));
/** exp(a) − 1, exact near 0. */
export const expm1: Unary = unary(() => ({
  name: "expm1",
  f: Math.expm1,
  fast: { lanes: lanes.expm1, cost: "heavy", ulps: 2 },
}));
/** Natural logarithm: −∞ at 0, NaN below. */
export const log: Unary = unary(() => ({
  name: "log",
  f: Math.log,
  known: "log",
  fast: {
    lanes: lanes.log,
    usual: { lanes: lanes.logOfNormal, measure: lanes.normalBits, limit: lanes.NORMAL_BITS },
    cost: "heavy",
    ulps: 2,
  },
}));
/** log(1 + a), exact near 0. */
export const log1p: Unary = unary(() => ({
  name: "log1p",
  f: Math.log1p,
  fast: { lanes: lanes.log1p, cost: "heavy", ulps: 3 },
}));
/** Logarithm to base 2. */
export const log2: Unary = unary(() => ({ name: "log2", f: Math.log2 }));
/** Logarithm to base 10. */
export const log10: Unary = unary(() => ({ name: "log10", f: Math.log10 }));
/** Square root, NaN below 0. */
export const sqrt: Unary = unary(() => ({
  name: "sqrt",
  f: Math.sqrt,
  known: "sqrt",
  fast: { lanes: (l, a) => l.sqrt(a), cost: "light" },
}));
/** 1 / √a. */
export const rsqrt: Unary = unary(() => ({
  name: "rsqrt",
  f: (x) => 1 / Math.sqrt(x),
  fast: { lanes: (l, a) => l.div(1, l.sqrt(a)), cost: "light", ulps: 2 },
}));
/** Sine. */
export const sin: Unary = unary(() => ({ name: "sin", f: Math.sin, known: "sin" }));
/** Cosine. */
export const cos: Unary = unary(() => ({ name: "cos", f: Math.cos, known: "cos" }));
/** Tangent. */
export const tan: Unary = unary(() => ({ name: "tan", f: Math.tan, known: "tan" }));
/** Inverse sine. */
export const asin: Unary = unary(() => ({ name: "asin", f: Math.asin, known: "asin" }));
/** Inverse cosine. */
export const acos: Unary = unary(() => ({ name: "acos", f: Math.acos, known: "acos" }));
/** Inverse tangent. */
export const atan: Unary = unary(() => ({ name: "atan", f: Math.atan, known: "atan" }));
/** Hyperbolic sine. */
export const sinh: Unary = unary(() => ({ name: "sinh", f: Math.sinh }));
/** Hyperbolic cosine. */
export const cosh: Unary = unary(() => ({ name: "cosh", f: Math.cosh }));
/** Hyperbolic tangent. */
export const tanh: Unary = unary(() => ({
  name: "tanh",
  f: Math.tanh,
  fast: { lanes: lanes.tanh, cost: "heavy", ulps: 4 },
}));
/** Inverse hyperbolic sine. */
export const asinh: Unary = unary(() => ({ name: "asinh", f: Math.asinh }));
/** Inverse hyperbolic cosine, NaN below 1. */
export const acosh: Unary = unary(() => ({ name: "acosh", f: Math.acosh }));
/** Inverse hyperbolic tangent, infinite at ±1. */
export const atanh: Unary = unary(() => ({ name: "atanh", f: Math.atanh }));
/** Error function: 2/√π · ∫₀ᵃ exp(−t²) dt. */
export const erf: Unary = unary(() => ({
  name: "erf",
  f: special.erf,
  fast: { lanes: lanes.erf, cost: "heavy", ulps: 4 },
}));
/** 1 − erf(a), without cancellation. */
export const erfc: Unary = unary(() => ({ name: "erfc", f: special.erfc }));
/** Inverse of erf, infinite at ±1. */
export const erfinv: Unary = unary(() => ({ name: "erfinv", f: special.erfinv }));
/** log |Γ(a)|. */
export const lgamma: Unary = unary(() => ({ name: "lgamma", f: special.lgamma }));
/** Derivative of log Γ(a). */
export const digamma: Unary = unary(() => ({ name: "digamma", f: special.digamma }));
/** The largest integer not above a. */
export const floor: Unary = unary(() => ({
  name: "floor",
  f: Math.floor,
  known: "floor",
  fast: { lanes: (l, a) => l.floor(a), cost: "light" },
}));
/** The smallest integer not below a. */
export const ceil: Unary = unary(() => ({
  name: "ceil",
  f: Math.ceil,
  known: "ceil",
  fast: { lanes: (l, a) => l.ceil(a), cost: "light" },
}));
/** The nearest integer, halves to the even one. */
export const round: Unary = unary(() => ({
  name: "round",
  f: special.roundEven,
  fast: { lanes: (l, a) => l.nearest(a), cost: "light" },
}));
/** The integer toward zero. */
export const trunc: Unary = unary(() => ({
  name: "trunc",
  f: Math.trunc,
  fast: { lanes: (l, a) => l.trunc(a), cost: "light" },
}));
/** What trunc cuts off: a − trunc(a). */
export const frac: Unary = unary(() => ({
  name: "frac",
  f: (x) => x - Math.trunc(x),
  fast: { lanes: (l, a) => l.sub(a, l.trunc(a)), cost: "light" },
}));
