/** What the softmax family does along a line in plain loops, with torch's roundings. */
import type { TypedArray } from "../../dtype.ts";

/** Lines from this length on are added up in lanes, by torch too; in shorter ones the order of the sum is kept as torch's. */
export const LANES = 16;

/**
 * A sum with torch's rounding: term by term in a short line; in a longer one in 16 lanes, which are then added in halves, so that
 * errors do not grow with the length.
 *
 * @param single whether torch keeps intermediate results in float32. Rounding where torch rounds is what makes our numbers its numbers
 */
export function sumOf(line: Float32Array | Float64Array, single: boolean): number {
  const n = line.length;
  if (n < LANES) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = single ? Math.fround(sum + line[i]!) : sum + line[i]!;
    return sum;
  }
  const lanes = single ? new Float32Array(LANES) : new Float64Array(LANES);
  for (let i = 0; i < n; i++) lanes[i % LANES]! += line[i]!;
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) lanes[i]! += lanes[i + half]!;
  }
  return lanes[0]!;
}

/** A line's worth of intermediate results, in the type in which torch keeps them. */
export function lineOf(n: number, single: boolean): Float32Array | Float64Array {
  return single ? new Float32Array(n) : new Float64Array(n);
}

/** The largest element of a line, NaN where there is one. */
export function largestOf(data: TypedArray, first: number, step: number, n: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0, q = first; i < n; i++, q += step) largest = Math.max(largest, data[q]!);
  return largest;
}
