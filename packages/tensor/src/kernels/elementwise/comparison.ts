import { type Binary, binary, type Unary, unary } from "./define.ts";

const truth = (condition: boolean): number => (condition ? 1 : 0);

/** a = b. */
export const eq: Binary = binary(() => ({
  name: "eq",
  f: (x, y) => truth(x === y),
  fast: { lanes: (l, a, b) => l.eq(a, b), cost: "light", output: "bool" },
}));
/** a ≠ b; true where one is NaN. */
export const ne: Binary = binary(() => ({
  name: "ne",
  f: (x, y) => truth(x !== y),
  fast: { lanes: (l, a, b) => l.ne(a, b), cost: "light", output: "bool" },
}));
/** a < b. */
export const lt: Binary = binary(() => ({
  name: "lt",
  f: (x, y) => truth(x < y),
  fast: { lanes: (l, a, b) => l.lt(a, b), cost: "light", output: "bool" },
}));
/** a ≤ b. */
export const le: Binary = binary(() => ({
  name: "le",
  f: (x, y) => truth(x <= y),
  fast: { lanes: (l, a, b) => l.le(a, b), cost: "light", output: "bool" },
}));
/** a > b. */
export const gt: Binary = binary(() => ({
  name: "gt",
  f: (x, y) => truth(x > y),
  fast: { lanes: (l, a, b) => l.gt(a, b), cost: "light", output: "bool" },
}));
/** a ≥ b. */
export const ge: Binary = binary(() => ({
  name: "ge",
  f: (x, y) => truth(x >= y),
  fast: { lanes: (l, a, b) => l.ge(a, b), cost: "light", output: "bool" },
}));

// NaN is not 0, so it counts as true, as in torch

/** Both are not 0. */
export const logicalAnd: Binary = binary(() => ({
  name: "logicalAnd",
  f: (x, y) => truth(x !== 0 && y !== 0),
  fast: { lanes: (l, a, b) => l.and(a, b), cost: "light", input: "bool", output: "bool" },
}));
/** At least one is not 0. */
export const logicalOr: Binary = binary(() => ({
  name: "logicalOr",
  f: (x, y) => truth(x !== 0 || y !== 0),
  fast: { lanes: (l, a, b) => l.or(a, b), cost: "light", input: "bool", output: "bool" },
}));
/** Exactly one is not 0. */
export const logicalXor: Binary = binary(() => ({
  name: "logicalXor",
  f: (x, y) => truth((x !== 0) !== (y !== 0)),
  fast: { lanes: (l, a, b) => l.xor(a, b), cost: "light", input: "bool", output: "bool" },
}));
/** a is 0. */
export const logicalNot: Unary = unary(() => ({
  name: "logicalNot",
  f: (x) => truth(x === 0),
  fast: { lanes: (l, a) => l.eq(a, 0), cost: "light", output: "bool" },
}));
/** a is NaN. */
export const isnan: Unary = unary(() => ({
  name: "isnan",
  f: (x) => truth(Number.isNaN(x)),
  fast: { lanes: (l, a) => l.ne(a, a), cost: "light", output: "bool" },
}));
/** a is +∞ or −∞. */
export const isinf: Unary = unary(() => ({
  name: "isinf",
  f: (x) => truth(Math.abs(x) === Number.POSITIVE_INFINITY),
  fast: { lanes: (l, a) => l.eq(l.abs(a), Number.POSITIVE_INFINITY), cost: "light", output: "bool" },
}));
/** a is neither NaN nor infinite. */
export const isfinite: Unary = unary(() => ({
  name: "isfinite",
  f: (x) => truth(Number.isFinite(x)),
  fast: { lanes: (l, a) => l.lt(l.abs(a), Number.POSITIVE_INFINITY), cost: "light", output: "bool" },
}));
