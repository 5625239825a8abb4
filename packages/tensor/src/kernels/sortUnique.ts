import { arrayOf } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { LineSorter } from "./sortOrder.ts";

/** The different values of an array. Their number depends on the data, so these are results and not operands. */
export interface Unique {
  /** [n], of the dtype of the array. */
  readonly values: NDArray;
  /** int32, of the shape of the array: `values[inverse[i]]` is element i. */
  readonly inverse: NDArray;
  /** int32 [n]: how often each value occurs. */
  readonly counts: NDArray;
}

/** The different values of `a` in ascending order. Every NaN is a value of its own, and last; -0 equals 0 (torch.unique). */
export function unique(a: NDArray): Unique {
  const elements = a.toArray();
  const sorter = new LineSorter(elements.length);
  sorter.keys.set(elements);
  return collect(a, elements, sorter.first(elements.length, false));
}

/** The values of `a` in row-major order, without repeating one that was just there (torch.unique_consecutive). */
export function uniqueConsecutive(a: NDArray): Unique {
  return collect(a, a.toArray(), null);
}

function collect(a: NDArray, elements: NDArray["data"], order: Int32Array | null): Unique {
  const values = arrayOf(a.dtype, elements.length);
  const inverse = new Int32Array(elements.length);
  const counts = new Int32Array(elements.length);
  let found = 0;
  for (let n = 0; n < elements.length; n++) {
    const i = order === null ? n : order[n]!;
    if (found === 0 || elements[i]! !== values[found - 1]!) values[found++] = elements[i]!;
    inverse[i] = found - 1;
    counts[found - 1]!++;
  }
  return {
    values: NDArray.wrap(values.slice(0, found), [found], a.dtype),
    inverse: NDArray.wrap(inverse, a.shape),
    counts: NDArray.wrap(counts.slice(0, found)),
  };
}
