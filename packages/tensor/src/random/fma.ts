const SPLIT = 2 ** 27 + 1;
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
const LOW = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 0 : 1;

/**
 * a·b + c for float32 operands, rounded once, to float32: the fused multiply-add of hardware.
 *
 * The product is exact in double; what remains is that rounding the sum twice goes wrong where the first rounding lands
 * halfway between two float32.
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const near = Math.fround(sum);
  if (near === sum) return near;
  const far = near + 2 * (sum - near);
  if (Math.fround(far) !== far) return near;
  const lost = sumError(product, c, sum);
  if (lost === 0) return near;
  return lost > 0 ? Math.max(near, far) : Math.min(near, far);
}

/**
 * a·b + c for float64 operands, rounded once: the fused multiply-add of hardware.
 *
 * Source: Boldo and Melquiond (2008), Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd.
 */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b;
  const size = Math.abs(product);
  if (a === 0 || b === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return product + c;
  if (!Number.isFinite(c)) return c;
  if (
    !(
      size > 2 ** -900 &&
      size < 2 ** 900 &&
      Math.abs(a) < 2 ** 900 &&
      Math.abs(b) < 2 ** 900 &&
      Math.abs(c) < 2 ** 1000
    )
  ) {
    return exactFma(a, b, c);
  }
  const rest = productError(a, b, product);
  const low = c + rest;
  const lowLost = sumError(c, rest, low);
  const high = product + low;
  const highLost = sumError(product, low, high);
  return high + sumToOdd(highLost, lowLost);
}

/** a + b - sum, exactly, where sum is the rounded a + b (Knuth). */
function sumError(a: number, b: number, sum: number): number {
  const t = sum - a;
  return a - (sum - t) + (b - t);
}

/** a·b - product, exactly, where product is the rounded a·b (Dekker). */
function productError(a: number, b: number, product: number): number {
  const p = SPLIT * a;
  const q = SPLIT * b;
  const a1 = p - (p - a);
  const b1 = q - (q - b);
  const a2 = a - a1;
  const b2 = b - b1;
  return a1 * b1 - product + a1 * b2 + a2 * b1 + a2 * b2;
}

/** a + b; where that is inexact, the one of its two neighbours whose last bit is 1. */
function sumToOdd(a: number, b: number): number {
  const sum = a + b;
  const lost = sumError(a, b, sum);
  if (lost === 0) return sum;
  double[0] = sum;
  const low = halves[LOW]!;
  if ((low & 1) === 1) return sum;
  if (lost > 0 === sum > 0) {
    halves[LOW] = low + 1;
  } else {
    halves[LOW] = low - 1;
    if (low === 0) halves[1 - LOW] = halves[1 - LOW]! - 1;
  }
  return double[0]!;
}

/** The same for any finite operands, in integers: slow, for the ends of the range. */
function exactFma(a: number, b: number, c: number): number {
  const [m, i] = parts(a);
  const [n, j] = parts(b);
  const [k, l] = parts(c);
  const exponent = Math.min(i + j, l);
  const sum = ((m * n) << BigInt(i + j - exponent)) + (k << BigInt(l - exponent));
  return sum === 0n ? a * b + c : scaled(sum, exponent);
}

/** A finite number as mantissa · 2^exponent. */
function parts(x: number): [mantissa: bigint, exponent: number] {
  double[0] = x;
  const high = halves[1 - LOW]!;
  const field = (high >>> 20) & 0x7ff;
  const mantissa = (BigInt(high & 0xfffff) << 32n) | BigInt(halves[LOW]!);
  const whole = field === 0 ? mantissa : mantissa | (1n << 52n);
  return [x < 0 ? -whole : whole, Math.max(field, 1) - 1075];
}

/** The double nearest to mantissa · 2^exponent, ties to even. */
function scaled(mantissa: bigint, exponent: number): number {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const bits = size.toString(2).length;
  const drop = Math.max(bits - 53, -1074 - exponent, 0);
  let kept = size >> BigInt(drop);
  const rest = size - (kept << BigInt(drop));
  const half = drop === 0 ? 1n : 1n << BigInt(drop - 1);
  if (drop > 0 && (rest > half || (rest === half && (kept & 1n) === 1n))) kept += 1n;
  const power = exponent + drop;
  // in two steps, because 2^power alone may be out of range
  const value = Number(kept) * 2 ** Math.trunc(power / 2) * 2 ** (power - Math.trunc(power / 2));
  return mantissa < 0n ? -value : value;
}
