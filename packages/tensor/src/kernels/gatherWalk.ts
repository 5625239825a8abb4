import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import type { Shape } from "../shape.ts";

/** Where a view's elements lie: what a walk needs of an array. */
export interface Layout {
  readonly stride: readonly number[];
  readonly offset: number;
}

/**
 * Visits the positions of `shape` in row-major order, with the place of each in the data of `a`, `b` and `c`, and its
 * number in that order. Where fewer than three arrays are walked, one is given twice.
 */
export function walk(
  shape: Shape,
  a: Layout,
  b: Layout,
  c: Layout,
  visit: (i: number, j: number, k: number, nth: number) => void,
): void {
  const last = shape.length - 1;
  if (shape.includes(0)) return;
  if (last < 0) {
    visit(a.offset, b.offset, c.offset, 0);
    return;
  }
  const counters = new Array<number>(last).fill(0);
  const length = shape[last]!;
  const stepA = a.stride[last]!;
  const stepB = b.stride[last]!;
  const stepC = c.stride[last]!;
  let rowA = a.offset;
  let rowB = b.offset;
  let rowC = c.offset;
  let nth = 0;
  for (;;) {
    for (let x = 0; x < length; x++) visit(rowA + x * stepA, rowB + x * stepB, rowC + x * stepC, nth++);
    let d = last - 1;
    for (; d >= 0; d--) {
      rowA += a.stride[d]!;
      rowB += b.stride[d]!;
      rowC += c.stride[d]!;
      if (++counters[d]! < shape[d]!) break;
      rowA -= a.stride[d]! * shape[d]!;
      rowB -= b.stride[d]! * shape[d]!;
      rowC -= c.stride[d]! * shape[d]!;
      counters[d] = 0;
    }
    if (d < 0) return;
  }
}

/** A single number as a vector of one, which is how torch indexes it; anything else as it is. */
export function atLeastVector(array: NDArray): NDArray {
  return array.dimension === 0 ? array.view([1], [1]) : array;
}

/** The layout of `array` as if dimension `dim` had only its first element: what is left to add is an index times its stride. */
export function ignoring(array: NDArray, dim: number): Layout {
  return { stride: array.stride.map((s, d) => (d === dim ? 0 : s)), offset: array.offset };
}

/** A vector laid along dimension `dim` of `shape`, and repeated along the others. */
export function laidAlong(vector: NDArray, dim: number, shape: Shape): NDArray {
  const step = vector.stride[0] ?? 0;
  return vector.view(
    shape,
    shape.map((_, d) => (d === dim ? step : 0)),
  );
}

/** The position that is the `nth` of `shape` in row-major order. */
export function positionOf(nth: number, shape: Shape): number[] {
  const position = new Array<number>(shape.length);
  let rest = nth;
  for (let d = shape.length - 1; d >= 0; d--) {
    position[d] = rest % shape[d]!;
    rest = Math.floor(rest / shape[d]!);
  }
  return position;
}

/** Reports an index outside `0 ... size - 1`: its value, where it stands in the index array, and what it was meant for. */
export function outOfRange(
  where: string,
  index: number,
  position: readonly number[],
  dim: number,
  size: number,
): never {
  return fail(
    "invalid_index",
    where,
    `index ${index} is out of bounds for dimension ${dim} with size ${size}`,
    { index, position, dim, size },
    size === 0 ? "nothing can be taken from a dimension of size 0" : `indices run from 0 to ${size - 1}`,
  );
}
