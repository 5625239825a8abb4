import type { NDArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import { launchable } from "../wasm/launch.ts";
import { addsInLanes, indexAddFast } from "./gatherFast.ts";
import { atLeastVector, ignoring, laidAlong, outOfRange, positionOf, walk } from "./gatherWalk.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/**
 * Picks along `dim` by an array of indices: `out[i][j][k] = a[i][index[i][j][k]][k]` for dim 1. `out` has the shape of
 * `index`, whose other sizes are at most those of `a`.
 *
 * @param index int32, each of `0 ... a.shape[dim] - 1`; anything else is TensorError `invalid_index`
 * @param where who is blamed in that error
 * @see torch.gather
 */
export const gather: KernelPair<[out: NDArray, a: NDArray, index: NDArray, dim: number, where: string]> = kernelPair(
  () => ({
    name: "gather",
    js: pick,
  }),
);

/**
 * Adds to the places that indices along `dim` name: `out[i][index[i][j][k]][k] += source[i][j][k]` for dim 1, in
 * row-major order of `index`, for every element of `index`. `source` may be larger than `index`.
 *
 * @param index int32, each of `0 ... out.shape[dim] - 1`; anything else is TensorError `invalid_index`
 * @see torch.Tensor.scatter_add_
 */
export const scatterAdd: KernelPair<[out: NDArray, index: NDArray, source: NDArray, dim: number, where: string]> =
  kernelPair(() => ({
    name: "scatterAdd",
    js: (out, index, source, dim, where) => place(out, index, source, dim, where, true),
  }));

/**
 * Writes to the places that indices along `dim` name: `out[i][index[i][j][k]][k] = source[i][j][k]` for dim 1. Where a
 * place is named twice, the last in row-major order of `index` stays.
 *
 * @see {@link scatterAdd} for shapes and errors; torch.Tensor.scatter_
 */
export const scatter: KernelPair<[out: NDArray, index: NDArray, source: NDArray, dim: number, where: string]> =
  kernelPair(() => ({
    name: "scatter",
    js: (out, index, source, dim, where) => place(out, index, source, dim, where, false),
  }));

/** Writes one value to the places that indices along `dim` name. @see {@link scatter} */
export const scatterValue: KernelPair<[out: NDArray, index: NDArray, value: number, dim: number, where: string]> =
  kernelPair(() => ({
    name: "scatterValue",
    js: (out, index, value, dim, where) => {
      const [target, places] = [atLeastVector(out), atLeastVector(index)];
      const to = target.data;
      const at = places.data;
      const size = target.shape[dim]!;
      const step = target.stride[dim]!;
      walk(places.shape, ignoring(target, dim), places, places, (i, k, _, nth) => {
        const place = at[k]!;
        if (place < 0 || place >= size) outOfRange(where, place, positionOf(nth, index.shape), dim, size);
        to[i + place * step] = value;
      });
    },
  }));

/**
 * Whole slices of `a` along `dim`, by number: `out[i][j][k] = a[i][index[j]][k]` for dim 1. With dim 0 of a matrix it is
 * the look-up of embedding rows.
 *
 * @param index int32 vector, each of `0 ... a.shape[dim] - 1`; anything else is TensorError `invalid_index`
 * @see torch.index_select
 */
export const indexSelect: KernelPair<[out: NDArray, a: NDArray, index: NDArray, dim: number, where: string]> =
  kernelPair(() => ({
    name: "indexSelect",
    js: (out, a, index, dim, where) => {
      const runs = sharedRuns(out, a, dim);
      if (runs === null) return pick(out, a, laidAlong(index, dim, atLeastVector(out).shape), dim, where);
      const all = out.isContiguous && out.size === out.storage.length;
      const source = a.storage.readable; // first: it may have to be computed
      const target = all ? out.storage.overwritten : out.storage.array;
      eachRun(runs, index, dim, where, (to, from) => copyRun(target, to, source, from, runs.length));
    },
  }));

/**
 * Adds whole slices along `dim` to the slices that `index` names: `out[i][index[j]][k] += source[i][j][k]` for dim 1.
 * With dim 0 of a matrix it is the gradient of an embedding.
 *
 * @param index int32 vector, each of `0 ... out.shape[dim] - 1`; anything else is TensorError `invalid_index`
 * @see torch.Tensor.index_add_
 */
export const indexAdd: KernelPair<[out: NDArray, index: NDArray, source: NDArray, dim: number, where: string]> =
  kernelPair(() => ({
    name: "indexAdd",
    js: (out, index, source, dim, where) => {
      const runs = sharedRuns(source, out, dim);
      if (runs === null) {
        return place(out, laidAlong(index, dim, atLeastVector(source).shape), source, dim, where, true);
      }
      eachRun(runs, index, dim, where, (from, to) => addRun(out.data, to, source.data, from, runs.length));
    },
    wasm: indexAddFast,
    accepts: (out, index, source) =>
      out.dimension > 0 && index.dtype === "int32" && index.size > 0 && launchable(out, source),
    pays: (out, _, source, dim) => addsInLanes(out, source, dim),
  }));

/**
 * Writes whole slices along `dim` over the slices that `index` names: `out[i][index[j]][k] = source[i][j][k]` for dim 1.
 *
 * @see {@link indexAdd} for shapes and errors; torch.Tensor.index_copy_
 */
export const indexCopy: KernelPair<[out: NDArray, index: NDArray, source: NDArray, dim: number, where: string]> =
  kernelPair(() => ({
    name: "indexCopy",
    js: (out, index, source, dim, where) => {
      const runs = sharedRuns(source, out, dim);
      if (runs === null) {
        return place(out, laidAlong(index, dim, atLeastVector(source).shape), source, dim, where, false);
      }
      eachRun(runs, index, dim, where, (from, to) => copyRun(out.data, to, source.data, from, runs.length));
    },
  }));

function pick(out: NDArray, a: NDArray, index: NDArray, dim: number, where: string): void {
  const [target, source, picks] = [atLeastVector(out), atLeastVector(a), atLeastVector(index)];
  const to = target.data;
  const from = source.data;
  const at = picks.data;
  const size = source.shape[dim]!;
  const step = source.stride[dim]!;
  walk(picks.shape, target, ignoring(source, dim), picks, (i, j, k, nth) => {
    const choice = at[k]!;
    if (choice < 0 || choice >= size) outOfRange(where, choice, positionOf(nth, index.shape), dim, size);
    to[i] = from[j + choice * step]!;
  });
}

function place(out: NDArray, index: NDArray, source: NDArray, dim: number, where: string, adding: boolean): void {
  const [target, places, given] = [atLeastVector(out), atLeastVector(index), atLeastVector(source)];
  const to = target.data;
  const at = places.data;
  const from = given.data;
  const size = target.shape[dim]!;
  const step = target.stride[dim]!;
  walk(places.shape, ignoring(target, dim), places, given, (i, k, j, nth) => {
    const choice = at[k]!;
    if (choice < 0 || choice >= size) outOfRange(where, choice, positionOf(nth, index.shape), dim, size);
    const t = i + choice * step;
    to[t] = adding ? to[t]! + from[j]! : from[j]!;
  });
}

/** Two arrays alike but for the size of one dimension, as whole runs of neighbours: those of the dimensions after it. */
interface Runs {
  readonly outer: number;
  readonly length: number;
  /** The array whose slices are in the order of the index, and the one whose slices are named by it. */
  readonly ordered: { readonly offset: number; readonly count: number };
  readonly named: { readonly offset: number; readonly count: number };
}

/** Null where either array is not row-major. */
function sharedRuns(ordered: NDArray, named: NDArray, dim: number): Runs | null {
  if (ordered.dimension === 0 || named.dimension === 0 || !ordered.isContiguous || !named.isContiguous) return null;
  return {
    outer: sizeOf(named.shape.slice(0, dim)),
    length: sizeOf(named.shape.slice(dim + 1)),
    ordered: { offset: ordered.offset, count: ordered.shape[dim]! },
    named: { offset: named.offset, count: named.shape[dim]! },
  };
}

/** Visits the runs of both arrays that belong together. */
function eachRun(
  { outer, length, ordered, named }: Runs,
  index: NDArray,
  dim: number,
  where: string,
  visit: (orderedAt: number, namedAt: number) => void,
): void {
  const at = index.data;
  const step = index.stride[0] ?? 0;
  for (let i = 0; i < outer; i++) {
    for (let j = 0, k = index.offset; j < ordered.count; j++, k += step) {
      const choice = at[k]!;
      if (choice < 0 || choice >= named.count) outOfRange(where, choice, [j], dim, named.count);
      visit(ordered.offset + (i * ordered.count + j) * length, named.offset + (i * named.count + choice) * length);
    }
  }
}

/** Longer runs go through the engine's own copy, which costs a view to start. */
const WORTH_A_VIEW = 96;

type Elements = NDArray["data"];

function copyRun(to: Elements, toAt: number, from: Elements, fromAt: number, length: number): void {
  if (length >= WORTH_A_VIEW) to.set(from.subarray(fromAt, fromAt + length), toAt);
  else for (let i = 0; i < length; i++) to[toAt + i] = from[fromAt + i]!;
}

function addRun(to: Elements, toAt: number, from: Elements, fromAt: number, length: number): void {
  for (let i = 0; i < length; i++) to[toAt + i] = to[toAt + i]! + from[fromAt + i]!;
}
