/** Within which limits probabilities of alignments, each step over the sum of the one before, are exact in double precision. */

/** The least sum of a step: a term that is too small for double precision, below 10⁻³⁰⁸, is less than 10⁻²⁰⁰ of it. */
export const LEAST_SUM = 1e-100;
/** The least overlap of what arrives and what is to come, which are at most 3: what was lost of either is less than 10⁻⁵⁰ of it. */
export const LEAST_OVERLAP = 1e-250;
/** The largest logarithm of a number: what is above is no log-probability at all. */
export const MOST = 700;

/** Below it a product takes no further factor. */
const SMALL = 1e-200;

/** The logarithm of the product of elements between {@link LEAST_SUM} and 3, with few logarithms taken. */
export function logOfProduct(data: Float64Array, start: number, count: number): number {
  let total = 0;
  let product = 1;
  for (let i = start; i < start + count; i++) {
    product *= data[i]!;
    if (product > SMALL && product < 1 / SMALL) continue;
    total += Math.log(product);
    product = 1;
  }
  return total + Math.log(product);
}
