/**
 * Kernels that fold dimensions: `out` has the rank of `a`, with size 1 where `dims` are folded.
 *
 * A reduction is an elementwise loop whose result does not move along the folded dimensions. Values accumulate in double
 * precision, whatever the dtype, and are rounded once.
 */
import type { TypedArray } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { forEachLine, lineLength, lineStep } from "./lines.ts";
import { nestOf, rowStrides, walkRows } from "./nest.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { type Block, blockOf, foldable, foldFast } from "./reduce/foldFast.ts";
import { linesLaunchable, runLines } from "./softmax/softmaxFast.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;

/** A kernel that folds the given dimensions, all of them in range and each at most once. */
export type Reduction = KernelPair<[out: NDArray, a: NDArray, dims: readonly number[]]>;

/** Float64 accumulators in the shape of `out`, row-major. */
function accumulators(out: NDArray, initial: number): NDArray {
  const made = NDArray.zeros(out.shape, "float64");
  if (initial !== 0) made.data.fill(initial);
  return made;
}

/** Folds `a` into accumulators: `step(accumulator, element)` in the memory order of `a`. */
function fold(acc: NDArray, a: NDArray, step: (value: number, x: number) => number): void {
  const nest = nestOf(a.shape, [acc, a], 1);
  const [s = 0, t = 0] = rowStrides(nest);
  walkRows(nest, (at, n) => {
    let [p = 0, q = 0] = at;
    if (s === 0) {
      let value = acc.data[p]!;
      for (let i = 0; i < n; i++, q += t) value = step(value, a.data[q]!);
      acc.data[p] = value;
    } else for (let i = 0; i < n; i++, p += s, q += t) acc.data[p] = step(acc.data[p]!, a.data[q]!);
  });
}

/** The same, with one more operand that does not move along the folded dimensions, such as their mean. */
function foldBeside(
  acc: NDArray,
  a: NDArray,
  beside: NDArray,
  step: (value: number, x: number, y: number) => number,
): void {
  const nest = nestOf(a.shape, [acc, a, beside], 1);
  const [s = 0, t = 0, u = 0] = rowStrides(nest);
  walkRows(nest, (at, n) => {
    let [p = 0, q = 0, r = 0] = at;
    for (let i = 0; i < n; i++, p += s, q += t, r += u) {
      acc.data[p] = step(acc.data[p]!, a.data[q]!, beside.data[r]!);
    }
  });
}

/** Adds up: rows in halves, so that rounding errors grow with the logarithm of their length. */
function foldSum(acc: NDArray, a: NDArray): void {
  const nest = nestOf(a.shape, [acc, a], 1);
  const [s = 0, t = 0] = rowStrides(nest);
  walkRows(nest, (at, n) => {
    let [p = 0, q = 0] = at;
    if (s === 0) acc.data[p]! += pairwise(a.data, q, t, n);
    else for (let i = 0; i < n; i++, p += s, q += t) acc.data[p]! += a.data[q]!;
  });
}

/** Sums over a divisor. */
function sumOver(out: NDArray, a: NDArray, dims: readonly number[], divisor: number): void {
  const block = blockOf(out, a, dims);
  if (block !== null) sumBlock(out, a, block, divisor);
  else {
    const acc = accumulators(out, 0);
    foldSum(acc, a);
    store(out, acc, (value) => value / divisor);
  }
}

function sumBlock(out: NDArray, a: NDArray, { outer, n, inner }: Block, divisor: number): void {
  const [to, from] = [out.data, a.data];
  let p = out.offset;
  let q = a.offset;
  if (inner === 1) {
    for (let i = 0; i < outer; i++, q += n) to[p++] = pairwise(from, q, 1, n) / divisor;
    return;
  }
  const sums = new Float64Array(inner);
  for (let i = 0; i < outer; i++) {
    sums.fill(0);
    for (let j = 0; j < n; j++) for (let k = 0; k < inner; k++) sums[k]! += from[q++]!;
    for (let k = 0; k < inner; k++) to[p++] = sums[k]! / divisor;
  }
}

function pairwise(data: ArrayLike<number>, first: number, step: number, n: number): number {
  if (n <= 256) {
    let sum = 0;
    for (let i = 0, q = first; i < n; i++, q += step) sum += data[q]!;
    return sum;
  }
  const half = n >>> 1;
  return pairwise(data, first, step, half) + pairwise(data, first + half * step, step, n - half);
}

/** Stores accumulators, through `finish`, rounding to the dtype of `out`. */
function store(out: NDArray, acc: NDArray, finish: (value: number, index: number) => number): void {
  const nest = nestOf(out.shape, [out, acc]);
  const [s = 0, t = 0] = rowStrides(nest);
  walkRows(nest, (at, n) => {
    let [p = 0, q = 0] = at;
    for (let i = 0; i < n; i++, p += s, q += t) out.data[p] = finish(acc.data[q]!, q);
  });
}

const same = (value: number): number => value;

/** How many elements of `a` go into one of `out`. */
function countOf(a: NDArray, dims: readonly number[]): number {
  return dims.reduce((n, d) => n * a.shape[d]!, 1);
}

function reduction(
  name: string,
  initial: number,
  step: (value: number, x: number) => number,
  fast?: "max" | "min",
): Reduction {
  return kernelPair(() => ({
    name,
    js: (out: NDArray, a: NDArray, _dims: readonly number[]) => {
      const acc = accumulators(out, initial);
      fold(acc, a, step);
      store(out, acc, same);
    },
    wasm: fast === undefined ? null : (out, a, dims) => foldFast(fast, out, a, dims, null),
    accepts: foldable,
    pays: (_, a) => a.size >= WORTH_LAUNCHING,
  }));
}

/** Sum; 0 of nothing. */
export const sum: Reduction = kernelPair(() => ({
  name: "sum",
  js: (out: NDArray, a: NDArray, dims: readonly number[]) => sumOver(out, a, dims, 1),
  wasm: (out, a, dims) => foldFast("sum", out, a, dims, 1),
  accepts: foldable,
  pays: (_, a) => a.size >= WORTH_LAUNCHING,
  ulps: 2,
}));

/** Mean; NaN of nothing. */
export const mean: Reduction = kernelPair(() => ({
  name: "mean",
  js: (out: NDArray, a: NDArray, dims: readonly number[]) => sumOver(out, a, dims, countOf(a, dims)),
  wasm: (out, a, dims) => foldFast("sum", out, a, dims, countOf(a, dims)),
  accepts: foldable,
  pays: (_, a) => a.size >= WORTH_LAUNCHING,
  ulps: 2,
}));

/** Product; 1 of nothing. Integers wrap around at 32 bits. */
export const prod: Reduction = kernelPair(() => ({
  name: "prod",
  js: (out: NDArray, a: NDArray, _dims: readonly number[]) => {
    const acc = accumulators(out, 1);
    fold(acc, a, out.dtype === "int32" ? Math.imul : (value, x) => value * x);
    store(out, acc, same);
  },
}));

/** Largest element, NaN if there is one. At least one element is needed. */
export const amax: Reduction = reduction(
  "amax",
  Number.NEGATIVE_INFINITY,
  (m, x) => (x > m || Number.isNaN(x) ? x : m),
  "max",
);

/** Smallest element, NaN if there is one. At least one element is needed. */
export const amin: Reduction = reduction(
  "amin",
  Number.POSITIVE_INFINITY,
  (m, x) => (x < m || Number.isNaN(x) ? x : m),
  "min",
);

/** Whether an element is not 0 (NaN is not); false of nothing. */
export const any: Reduction = reduction("any", 0, (found, x) => (x !== 0 ? 1 : found));

/** Whether no element is 0; true of nothing. */
export const all: Reduction = reduction("all", 1, (found, x) => (x === 0 ? 0 : found));

/** log Σ exp, without overflow; −∞ of nothing. */
export const logsumexp: Reduction = kernelPair(() => ({
  name: "logsumexp",
  js: (out: NDArray, a: NDArray, _dims: readonly number[]) => {
    const largest = accumulators(out, Number.NEGATIVE_INFINITY);
    fold(largest, a, (m, x) => (x > m || Number.isNaN(x) ? x : m));
    // ∞ − ∞ is NaN: where the largest is infinite nothing is subtracted
    for (let i = 0; i < largest.size; i++)
      if (Math.abs(largest.data[i]!) === Number.POSITIVE_INFINITY) largest.data[i] = 0;
    const acc = accumulators(out, 0);
    foldBeside(acc, a, largest, (value, x, m) => value + Math.exp(x - m));
    store(out, acc, (value, i) => largest.data[i]! + Math.log(value));
  },
  wasm: (out, a, dims) => runLines("logsumexp", out, [a], Math.min(...dims), Math.max(...dims)),
  // the dimensions must follow each other, to be taken as one
  accepts: (out, a, dims) =>
    linesLaunchable(out, a) && dims.length > 0 && Math.max(...dims) - Math.min(...dims) < dims.length,
  pays: (_, a) => a.size >= WORTH_LAUNCHING / 2,
  ulps: 4,
}));

/** Σ (x − mean)² / max(0, n − correction), in two passes. */
export const variance: KernelPair<[out: NDArray, a: NDArray, dims: readonly number[], correction: number]> = kernelPair(
  () => ({
    name: "variance",
    js: (out: NDArray, a: NDArray, dims: readonly number[], correction: number) => {
      const n = countOf(a, dims);
      const divisor = Math.max(0, n - correction);
      const block = blockOf(out, a, dims);
      if (block !== null) {
        varianceOfBlock(out, a, block, divisor);
        return;
      }
      const centre = accumulators(out, 0);
      foldSum(centre, a);
      for (let i = 0; i < centre.size; i++) centre.data[i]! /= n;
      const acc = accumulators(out, 0);
      foldBeside(acc, a, centre, (value, x, m) => value + (x - m) * (x - m));
      store(out, acc, (value) => value / divisor);
    },
  }),
);

function varianceOfBlock(out: NDArray, a: NDArray, { outer, n, inner }: Block, divisor: number): void {
  const [to, from] = [out.data, a.data];
  let p = out.offset;
  if (inner === 1) {
    for (let i = 0, q = a.offset; i < outer; i++, q += n) {
      const centre = pairwise(from, q, 1, n) / n;
      let sum = 0;
      for (let j = 0; j < n; j++) sum += (from[q + j]! - centre) ** 2;
      to[p++] = sum / divisor;
    }
    return;
  }
  const centres = new Float64Array(inner);
  const sums = new Float64Array(inner);
  for (let i = 0, first = a.offset; i < outer; i++, first += n * inner) {
    centres.fill(0);
    sums.fill(0);
    for (let j = 0, q = first; j < n; j++) for (let k = 0; k < inner; k++) centres[k]! += from[q++]!;
    for (let k = 0; k < inner; k++) centres[k]! /= n;
    for (let j = 0, q = first; j < n; j++) for (let k = 0; k < inner; k++) sums[k]! += (from[q++]! - centres[k]!) ** 2;
    for (let k = 0; k < inner; k++) to[p++] = sums[k]! / divisor;
  }
}

/** A kernel that finds an index along one dimension: `out` is int32. */
export type ArgReduction = KernelPair<[out: NDArray, a: NDArray, dim: number]>;

/** Where the largest of `n` elements is, of their negatives with sign −1: the first of equals, or the first NaN. */
function indexOfLargest(data: TypedArray, first: number, step: number, n: number, sign: number): number {
  let best = 0;
  let value = sign * data[first]!;
  for (let i = 1, q = first + step; i < n && !Number.isNaN(value); i++, q += step) {
    const x = sign * data[q]!;
    if (!(x <= value)) {
      best = i;
      value = x;
    }
  }
  return best;
}

function argReduction(name: string, sign: 1 | -1): ArgReduction {
  return kernelPair(() => ({
    name,
    js: (out: NDArray, a: NDArray, dim: number) => {
      const n = lineLength(a, dim);
      const step = lineStep(a, dim);
      const [to, from] = [out.data, a.data];
      if (n > 0 && dim === a.dimension - 1 && a.isContiguous && out.isContiguous) {
        for (let i = 0; i < out.size; i++) to[out.offset + i] = indexOfLargest(from, a.offset + i * n, 1, n, sign);
        return;
      }
      forEachLine([out, a], dim, (at) => {
        to[at[0]!] = indexOfLargest(from, at[1]!, step, n, sign);
      });
    },
  }));
}

/** Where the largest element is, the first of equals; NaN counts as largest. */
export const argmax: ArgReduction = argReduction("argmax", 1);

/** Where the smallest element is, the first of equals; NaN counts as smallest. */
export const argmin: ArgReduction = argReduction("argmin", -1);
