import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fma32, fma64 } from "./fma.ts";

/** A finite double as an exact fraction: mantissa · 2^exponent. */
function exact(x: number): [mantissa: bigint, exponent: number] {
  const bits = new BigUint64Array(new Float64Array([x]).buffer)[0]!;
  const field = Number((bits >> 52n) & 0x7ffn);
  const low = bits & (2n ** 52n - 1n);
  const mantissa = field === 0 ? low : low + 2n ** 52n;
  return [x < 0 ? -mantissa : mantissa, (field === 0 ? 1 : field) - 1075];
}

/** a·b + c - r in units of 2^-2300: exact. */
function residue(a: number, b: number, c: number, r: number): bigint {
  const [[m, i], [n, j], [k, l], [o, p]] = [exact(a), exact(b), exact(c), exact(r)];
  const up = (mantissa: bigint, exponent: number): bigint => mantissa << BigInt(exponent + 2300);
  return up(m * n, i + j) + up(k, l) - up(o, p);
}

const size = (x: bigint): bigint => (x < 0n ? -x : x);

/** No neighbour of r lies nearer to a·b + c, and of two that lie equally near r is the even one. */
function nearest(
  a: number,
  b: number,
  c: number,
  r: number,
  bits: Uint32Array | BigUint64Array,
  step: (by: 1 | -1) => number,
): void {
  const off = size(residue(a, b, c, r));
  for (const by of [1, -1] as const) {
    const other = size(residue(a, b, c, step(by)));
    expect(off <= other).toBe(true);
    if (off === other) expect(Number(BigInt(bits[0]!) & 1n)).toBe(0);
  }
}

const moderate = fc
  .tuple(fc.double({ min: -4, max: 4, noNaN: true }), fc.integer({ min: -70, max: 70 }))
  .map(([m, e]) => m * 2 ** e);
const short = fc
  .tuple(fc.integer({ min: -(2 ** 27), max: 2 ** 27 }), fc.integer({ min: -60, max: 60 }))
  .map(([m, e]) => m * 2 ** e);
const wild = fc.double({ noNaN: true, noDefaultInfinity: true });

describe("fma64", () => {
  it.each([
    [1 + 2 ** -52, 1 + 2 ** -52, -1, 2 ** -51 + 2 ** -104],
    [0.1, 10, -1, 5.551115123125783e-17],
    [1 + 2 ** -30, 1 + 2 ** -23, -(2 ** -100), 1 + 2 ** -23 + 2 ** -30],
    [1e200, 1e200, -Infinity, -Infinity],
    [1e-200, 1e-200, Infinity, Infinity],
    [1e200, 1e200, -1e300, Infinity],
    [2 ** 600, 2 ** 500, -(2 ** 1023), Infinity],
    [2 ** 600, 2 ** 424, -(2 ** 1023), 2 ** 1023],
    [2 ** -600, 2 ** -500, 0, 0],
    [2 ** -600, -(2 ** -500), 0, -0],
    [2 ** -537, 2 ** -538, 5e-324, 1e-323],
    [3, 2 ** -1074, -(2 ** -1073), 2 ** -1074],
    [Number.NaN, 1, 1, Number.NaN],
    [0, 5, -0, 0],
    [0, Infinity, 1, Number.NaN],
    [-1, 1, 1, 0],
  ])("fma64(%d, %d, %d)", (a, b, c, result) => {
    expect(fma64(a, b, c)).toBe(result);
  });

  const law = (a: number, b: number, c: number): void => {
    const r = fma64(a, b, c);
    if (!Number.isFinite(r) || r === 0) return;
    const bits = new BigUint64Array(new Float64Array([r]).buffer);
    const step = (by: 1 | -1): number => new Float64Array(new BigUint64Array([bits[0]! + BigInt(by)]).buffer)[0]!;
    if (Math.abs(r) === Number.MAX_VALUE) return;
    nearest(a, b, c, r, bits, step);
  };
  it("rounds the exact result once", () => {
    fc.assert(fc.property(moderate, moderate, moderate, law), { numRuns: 500 });
    fc.assert(fc.property(short, short, short, law), { numRuns: 500 });
  });
  it("rounds it once at the ends of the range too", () => {
    fc.assert(fc.property(wild, wild, wild, law), { numRuns: 500 });
    fc.assert(
      fc.property(short, short, short, (a, b, c) => law(a * 2 ** -520, b * 2 ** -520, c * 2 ** -1030)),
      { numRuns: 300 },
    );
  });
  it("rounds it once where the product and the addend nearly cancel", () => {
    fc.assert(
      fc.property(moderate, moderate, (a, b) => law(a, b, -a * b)),
      { numRuns: 300 },
    );
  });
});

describe("fma32", () => {
  it("is right where rounding twice is not", () => {
    // the product and the addend meet halfway between two float32, off by less than a double can show
    const [a, b, c] = [1 + 2 ** -12, 1 + 2 ** -12, 2 ** -70];
    expect(Math.fround(a * b + c)).toBe(1 + 2 ** -11);
    expect(fma32(a, b, c)).toBe(1 + 2 ** -11 + 2 ** -23);
    expect(fma32(a, b, -c)).toBe(1 + 2 ** -11);
    expect(fma32(3, 2, 1)).toBe(7);
    expect(fma32(-0, 1, 0)).toBe(0);
    expect(fma32(3e38, 2, 0)).toBe(Infinity);
  });

  it("rounds the exact result once", () => {
    const float = fc
      .tuple(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), fc.integer({ min: -60, max: 30 }))
      .map(([m, e]) => m * 2 ** e);
    fc.assert(
      fc.property(float, float, float, (a, b, c) => {
        const r = fma32(a, b, c);
        if (r === 0) return;
        const bits = new Uint32Array(new Float32Array([r]).buffer);
        const step = (by: 1 | -1): number => new Float32Array(new Uint32Array([bits[0]! + by]).buffer)[0]!;
        nearest(a, b, c, r, bits, step);
      }),
      { numRuns: 1000 },
    );
  });
});
