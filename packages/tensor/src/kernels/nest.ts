import type { NDArray } from "../ndarray.ts";
import type { Shape } from "../shape.ts";

/** A nest of loops over operands of one shape, with dimensions of size 1 dropped and neighbours that run on merged. */
export interface Nest {
  /** Sizes, outermost first; the last is the row. At least one, 1 for a single element. */
  readonly sizes: readonly number[];
  /** Strides of each operand, one list an operand. */
  readonly strides: readonly (readonly number[])[];
  /** Where each operand starts. */
  readonly offsets: readonly number[];
}

/**
 * The loops over `operands`, each of which broadcasts to `shape`.
 *
 * @param leader the operand whose memory order the loops follow, so that its steps are smallest in the row
 */
export function nestOf(shape: Shape, operands: readonly NDArray[], leader = 0): Nest {
  const expanded = operands.map((a) => (a.shape === shape ? a.stride : a.expand(shape).stride));
  const order = inMemoryOrder(shape, expanded[leader]!);
  const sizes: number[] = [];
  const strides: number[][] = operands.map(() => []);
  for (const d of order) {
    const size = shape[d]!;
    if (size === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && strides.every((own, k) => own[last] === expanded[k]![d]! * size)) {
      sizes[last]! *= size;
      for (let k = 0; k < strides.length; k++) strides[k]![last] = expanded[k]![d]!;
    } else {
      sizes.push(size);
      for (let k = 0; k < strides.length; k++) strides[k]!.push(expanded[k]![d]!);
    }
  }
  if (sizes.length === 0) {
    sizes.push(1);
    for (const own of strides) own.push(0);
  }
  return { sizes, strides, offsets: operands.map((a) => a.offset) };
}

/** Dimensions from the largest stride to the smallest; as they are where that is so already. */
function inMemoryOrder(shape: Shape, stride: readonly number[]): readonly number[] {
  const order = shape.map((_, d) => d);
  const sorted = order.every((d) => d === 0 || Math.abs(stride[d - 1]!) >= Math.abs(stride[d]!));
  return sorted ? order : order.sort((a, b) => Math.abs(stride[b]!) - Math.abs(stride[a]!) || a - b);
}

/** Elements of a row at a time where operands lie crosswise: as many cache lines stay in use. */
const TILE = 32;

/**
 * Calls `row` for each row, with the place of its first element in every operand and its length. Not at all where a size is 0. Where
 * some operand is crosswise (its neighbours lie along the columns), rows come in pieces, column by column of tiles.
 */
export function walkRows(nest: Nest, row: (at: readonly number[], n: number) => void): void {
  const { sizes, strides, offsets } = nest;
  if (sizes.includes(0)) return;
  const last = sizes.length - 1;
  const n = sizes[last]!;
  const crosswise =
    last > 0 && n > TILE && strides.some((own) => Math.abs(own[last]!) > 8 && Math.abs(own[last - 1]!) === 1);
  if (!crosswise) walkPieces(nest, [...offsets], n, row);
  else {
    for (let j = 0; j < n; j += TILE) {
      const at = offsets.map((offset, k) => offset + j * strides[k]![last]!);
      walkPieces(nest, at, Math.min(TILE, n - j), row);
    }
  }
}

/** Visits the pieces of `n` elements that start at `at` in each row. */
function walkPieces(
  { sizes, strides }: Nest,
  at: number[],
  n: number,
  row: (at: readonly number[], n: number) => void,
): void {
  const last = sizes.length - 1;
  const counters = new Array<number>(last).fill(0);
  for (;;) {
    row(at, n);
    let d = last - 1;
    for (; d >= 0; d--) {
      for (let k = 0; k < at.length; k++) at[k]! += strides[k]![d]!;
      if (++counters[d]! < sizes[d]!) break;
      for (let k = 0; k < at.length; k++) at[k]! -= strides[k]![d]! * sizes[d]!;
      counters[d] = 0;
    }
    if (d < 0) return;
  }
}

/** Strides of the operands along rows. */
export function rowStrides({ strides }: Nest): number[] {
  return strides.map((own) => own.at(-1)!);
}

/** Calls `visit` for every element, with its place in every operand. For loops that do their own work along a line or matrix. */
export function walkEach({ sizes, strides, offsets }: Nest, visit: (at: readonly number[]) => void): void {
  walkRows({ sizes: [...sizes, 1], strides: strides.map((own) => [...own, 0]), offsets }, visit);
}
