import { type Binary, binary, type Unary, unary } from "./define.ts";

/** The bits that both have. */
export const bitwiseAnd: Binary = binary(() => ({ name: "bitwiseAnd", f: (x, y) => x & y }));

/** The bits that one or both have. */
export const bitwiseOr: Binary = binary(() => ({ name: "bitwiseOr", f: (x, y) => x | y }));

/** The bits that exactly one has. */
export const bitwiseXor: Binary = binary(() => ({ name: "bitwiseXor", f: (x, y) => x ^ y }));

/** All bits turned round. */
export const bitwiseNot: Unary = unary(() => ({ name: "bitwiseNot", f: (x) => ~x }));

/** The bits moved up by b places, and 0 beyond 31 places and below none. */
export const bitwiseLeftShift: Binary = binary(() => ({
  name: "bitwiseLeftShift",
  f: (x, y) => (y >= 0 && y < 32 ? x << y : 0),
}));

/** The bits moved down by b places, under copies of the sign; nothing but the sign beyond 31 places and below none. */
export const bitwiseRightShift: Binary = binary(() => ({
  name: "bitwiseRightShift",
  f: (x, y) => x >> (y >= 0 && y < 32 ? y : 31),
}));

/** The greatest common divisor, at least 0. */
export const gcd: Binary = binary(() => ({ name: "gcd", f: euclid }));

/** The least common multiple, at least 0, within 32 bits; 0 where one of them is 0. */
export const lcm: Binary = binary(() => ({
  name: "lcm",
  f: (x, y) => (x === 0 || y === 0 ? 0 : Math.abs(Math.imul(x / euclid(x, y), y))),
}));

/** Euclid's algorithm. */
function euclid(x: number, y: number): number {
  let [a, b] = [Math.abs(x), Math.abs(y)];
  while (b !== 0) [a, b] = [b, a % b];
  return a;
}
