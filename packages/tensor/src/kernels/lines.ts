import type { NDArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import { nestOf, walkEach } from "./nest.ts";

/**
 * Visits every line along `dim` of operands of one shape: the place of its first element in each.
 *
 * @param visit gets places in the order of `operands`; the list is used again for the next line
 */
export function forEachLine(operands: readonly NDArray[], dim: number, visit: (at: readonly number[]) => void): void {
  const { shape } = operands[0]!;
  if (dim === shape.length - 1 && operands.every((a) => a.isContiguous)) {
    // rows one after the other
    const rows = sizeOf(shape.slice(0, -1));
    const lengths = operands.map((a) => a.shape[dim]!);
    const at = operands.map((a) => a.offset);
    if (lengths.includes(0)) return;
    for (let i = 0; i < rows; i++) {
      visit(at);
      for (let k = 0; k < at.length; k++) at[k]! += lengths[k]!;
    }
    return;
  }
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
