import { fail } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { fillExponential } from "./continuous.ts";
import type { Generator } from "./generator.ts";
import { checkTarget, memoryOrder } from "./target.ts";

const MOST_CATEGORIES = 2 ** 24;

/**
 * Fills `out` with categories drawn by weight, row by row.
 *
 * With replacement: the first category whose share of the weights, summed up to it, reaches a uniform number of 53 bits.
 * Without: the categories of the largest weight/e, e exponential, the largest first; of equal ones (weights of 0) the earlier first,
 * where torch leaves the order to its sort.
 *
 * @param out         int32, of shape [samples] or [rows, samples], any strides
 * @param weights     float32 or float64, at least 0, of shape [categories] or [rows, categories]; a row need not sum to 1
 * @param replacement whether a category can come twice
 * @throws TensorError `invalid_shape`, `shape_mismatch`, `invalid_dtype`; `invalid_argument` for weights that are negative, not
 *   finite or all 0, and for no samples or more than there are categories
 * @see torch.multinomial
 */
export function fillMultinomial(out: NDArray, weights: NDArray, replacement: boolean, generator: Generator): void {
  checkTarget("multinomial", out, ["int32"]);
  check(out, weights, replacement);
  if (out.size === 0) return;
  const samples = out.shape.at(-1)!;
  const rows = weights.dimension === 1 ? 1 : weights.shape[0]!;
  const keys = replacement ? weights : exponentialKeys(weights, generator);
  const values = keys.toArray();
  const categories = weights.shape.at(-1)!;
  for (let row = 0; row < rows; row++) {
    const own = values.slice(row * categories, (row + 1) * categories) as Float32Array | Float64Array;
    const target = out.dimension === 1 ? out : out.select(0, row);
    const place = (sample: number): number => target.offset + sample * target.stride[0]!;
    if (replacement) {
      accumulate(own);
      for (let i = 0; i < samples; i++) out.data[place(i)] = search(own, generator.engine.uniform53());
    } else {
      const order = Array.from(own, (_, category) => category).sort((a, b) => own[b]! - own[a]! || a - b);
      for (let i = 0; i < samples; i++) out.data[place(i)] = order[i]!;
    }
  }
}

function check(out: NDArray, weights: NDArray, replacement: boolean): void {
  const { shape } = weights;
  if (shape.length !== 1 && shape.length !== 2) {
    fail("invalid_shape", "multinomial", "weights have one or two dimensions", { weights: shape });
  }
  if (weights.dtype !== "float32" && weights.dtype !== "float64") {
    fail("invalid_dtype", "multinomial", "weights must be floating-point", { dtype: weights.dtype });
  }
  if (out.dimension !== shape.length || (shape.length === 2 && out.shape[0] !== shape[0])) {
    fail("shape_mismatch", "multinomial", "the output does not match the weights", {
      output: out.shape,
      weights: shape,
    });
  }
  const samples = out.shape.at(-1)!;
  const categories = shape.at(-1)!;
  if (samples < 1) fail("invalid_argument", "multinomial", "draw at least one sample", { samples });
  if (!replacement && samples > categories) {
    fail(
      "invalid_argument",
      "multinomial",
      "more samples than categories",
      { samples, categories },
      "draw with replacement",
    );
  }
  if (categories > MOST_CATEGORIES) {
    fail("invalid_argument", "multinomial", "too many categories", { categories, most: MOST_CATEGORIES });
  }
  const values = weights.toArray();
  for (let start = 0; start < out.size / samples; start++) {
    let sum = 0;
    for (let i = start * categories; i < (start + 1) * categories; i++) {
      const weight = values[i]!;
      if (!(weight >= 0 && weight < Infinity)) {
        fail("invalid_argument", "multinomial", "weights must be finite and at least 0", {
          weight,
          category: i % categories,
        });
      }
      sum += weight;
    }
    if (sum <= 0) fail("invalid_argument", "multinomial", "the weights sum to 0", { row: start });
  }
}

/** weight/e with e exponential, drawn in the memory order of the weights. */
function exponentialKeys(weights: NDArray, generator: Generator): NDArray {
  const order = memoryOrder(weights);
  const sorted = weights.transpose(...order);
  const keys = NDArray.zeros(sorted.shape, weights.dtype);
  fillExponential(keys, 1, generator);
  const numerators = sorted.toArray();
  for (let i = 0; i < numerators.length; i++) keys.data[i] = numerators[i]! / keys.data[i]!;
  return keys.transpose(...order.map((_, dim) => order.indexOf(dim)));
}

/** Running sums as shares of the whole, rounded to the dtype at each step; the last is 1. */
function accumulate(weights: Float32Array | Float64Array): void {
  for (let i = 1; i < weights.length; i++) weights[i] = weights[i - 1]! + weights[i]!;
  const last = weights.length - 1;
  const sum = weights[last]!;
  for (let i = 0; i < last; i++) weights[i] = weights[i]! / sum;
  weights[last] = 1;
}

/** The first index whose share is at least `u`. */
function search(shares: Float32Array | Float64Array, u: number): number {
  let low = 0;
  let high = shares.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (shares[middle]! < u) low = middle + 1;
    else high = middle;
  }
  return low;
}
