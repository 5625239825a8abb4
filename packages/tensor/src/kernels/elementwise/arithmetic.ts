import { type Binary, binary, type Unary, unary } from "./define.ts";
import { floorDivide as floorQuotient, remainder as floorRemainder, pow as power, powInt } from "./special.ts";

/** a + b; of truth values, or. */
export const add: Binary = binary(() => ({
  name: "add",
  f: (x, y) => x + y,
  bool: (x, y) => x | y,
  row: (n, o, p, s, a, q, t, b, r, u) => {
    for (let i = 0; i < n; i++, p += s, q += t, r += u) o[p] = a[q]! + b[r]!;
  },
  known: "add",
  fast: { lanes: (l, a, b) => l.add(a, b), cost: "light" },
}));

/** a − b. */
export const sub: Binary = binary(() => ({
  name: "sub",
  f: (x, y) => x - y,
  row: (n, o, p, s, a, q, t, b, r, u) => {
    for (let i = 0; i < n; i++, p += s, q += t, r += u) o[p] = a[q]! - b[r]!;
  },
  known: "sub",
  fast: { lanes: (l, a, b) => l.sub(a, b), cost: "light" },
}));

/** a · b; integers wrap around at 32 bits; of truth values, and. */
export const mul: Binary = binary(() => ({
  name: "mul",
  f: (x, y) => x * y,
  int: Math.imul,
  row: (n, o, p, s, a, q, t, b, r, u) => {
    for (let i = 0; i < n; i++, p += s, q += t, r += u) o[p] = a[q]! * b[r]!;
  },
  known: "mul",
  fast: { lanes: (l, a, b) => l.mul(a, b), cost: "light" },
}));

/** a / b, in floating point. */
export const div: Binary = binary(() => ({
  name: "div",
  f: (x, y) => x / y,
  row: (n, o, p, s, a, q, t, b, r, u) => {
    for (let i = 0; i < n; i++, p += s, q += t, r += u) o[p] = a[q]! / b[r]!;
  },
  known: "div",
  fast: { lanes: (l, a, b) => l.div(a, b), cost: "light" },
}));

/** a to the power b. */
export const pow: Binary = binary(() => ({ name: "pow", f: power, int: powInt }));

/** The larger of the two, NaN if one is. */
export const maximum: Binary = binary(() => ({
  name: "maximum",
  f: Math.max,
  known: "max",
  fast: { lanes: (l, a, b) => l.max(a, b), cost: "light" },
}));

/** The smaller of the two, NaN if one is. */
export const minimum: Binary = binary(() => ({
  name: "minimum",
  f: Math.min,
  known: "min",
  fast: { lanes: (l, a, b) => l.min(a, b), cost: "light" },
}));

/** The rest of a / b, with the sign of a (C's fmod). */
export const fmod: Binary = binary(() => ({ name: "fmod", f: (x, y) => x % y, known: "mod" }));

/** The rest of a / b, with the sign of b (Python's %). */
export const remainder: Binary = binary(() => ({ name: "remainder", f: floorRemainder }));

/** a / b, rounded down (Python's //). */
export const floorDivide: Binary = binary(() => ({ name: "floorDivide", f: floorQuotient }));

/** The angle of the point (b, a): arctan(a / b) in the right quadrant. */
export const atan2: Binary = binary(() => ({ name: "atan2", f: Math.atan2, known: "atan2" }));

/** √(a² + b²), without overflow. */
export const hypot: Binary = binary(() => ({ name: "hypot", f: Math.hypot }));

/** −a. */
export const neg: Unary = unary(() => ({
  name: "neg",
  f: (x) => -x,
  row: (n, o, p, s, a, q, t) => {
    for (let i = 0; i < n; i++, p += s, q += t) o[p] = -a[q]!;
  },
  known: "neg",
  fast: { lanes: (l, a) => l.neg(a), cost: "light" },
}));

/** |a|. */
export const abs: Unary = unary(() => ({
  name: "abs",
  f: Math.abs,
  row: (n, o, p, s, a, q, t) => {
    for (let i = 0; i < n; i++, p += s, q += t) o[p] = Math.abs(a[q]!);
  },
  known: "abs",
  fast: { lanes: (l, a) => l.abs(a), cost: "light" },
}));

/** −1, 0 or 1; 0 for NaN, as torch. */
export const sign: Unary = unary(() => ({
  name: "sign",
  f: (x) => (x > 0 ? 1 : x < 0 ? -1 : 0),
  fast: { lanes: (l, a) => l.sub(l.and(l.gt(a, 0), 1), l.and(l.lt(a, 0), 1)), cost: "light" },
}));

/** a². */
export const square: Unary = unary(() => ({
  name: "square",
  f: (x) => x * x,
  int: (x) => Math.imul(x, x),
  row: (n, o, p, s, a, q, t) => {
    for (let i = 0; i < n; i++, p += s, q += t) o[p] = a[q]! * a[q]!;
  },
  fast: { lanes: (l, a) => l.mul(a, a), cost: "light" },
}));

/** 1 / a. */
export const reciprocal: Unary = unary(() => ({
  name: "reciprocal",
  f: (x) => 1 / x,
  fast: { lanes: (l, a) => l.div(1, a), cost: "light" },
}));
