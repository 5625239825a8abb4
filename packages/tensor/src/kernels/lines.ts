import type { NDArray } from "../ndarray.ts";
import { nestOf, walkEach } from "./nest.ts";

/**
 * Visits every line along `dim` of operands of one shape: the place of its first element in each.
 *
 * @param visit gets places in the order of `operands`; the list is used again for the next line
 */
export function forEachLine(operands: readonly NDArray[], dim: number, visit: (at: readonly number[]) => void): void {
  const first = operands.map((a) => (a.dimension === 0 ? a : a.slice(dim, 0, Math.min(1, a.shape[dim]!))));
  walkEach(nestOf(first[0]!.shape, first), visit);
}

/** Elements of a line along `dim`; a 0-d array is a line of one. */
export function lineLength(a: NDArray, dim: number): number {
  return a.shape[dim] ?? 1;
}

/** Steps between the elements of a line along `dim`. */
export function lineStep(a: NDArray, dim: number): number {
  return a.stride[dim] ?? 0;
}
