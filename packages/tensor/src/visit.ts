import type { NDArray } from "./ndarray.ts";

/** Visits the elements in logical order: their places in `data`. */
export function forEachIndex(array: NDArray, visit: (index: number) => void): void {
  forEachRow(array, (first, step, length) => {
    for (let j = 0, i = first; j < length; j++, i += step) visit(i);
  });
}

/** Visits the rows, the lines along the last dimension, in logical order: the place of their first element, the step to the next, how many. */
export function forEachRow(array: NDArray, visit: (first: number, step: number, length: number) => void): void {
  const { shape, stride } = array;
  const last = shape.length - 1;
  if (array.size === 0) return;
  if (last < 0) {
    visit(array.offset, 1, 1);
    return;
  }
  const counters = new Array<number>(last).fill(0);
  let row = array.offset;
  for (;;) {
    visit(row, stride[last]!, shape[last]!);
    let d = last - 1;
    for (; d >= 0; d--) {
      row += stride[d]!;
      if (++counters[d]! < shape[d]!) break;
      row -= stride[d]! * shape[d]!;
      counters[d] = 0;
    }
    if (d < 0) return;
  }
}
