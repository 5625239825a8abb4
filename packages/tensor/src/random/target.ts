import type { DType } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { sameShape } from "../shape.ts";
import { forEachIndex } from "../visit.ts";

/** Checks that `out` can be filled: one of the dtypes, and no element written twice. */
export function checkTarget(where: string, out: NDArray, dtypes: readonly DType[]): void {
  if (!dtypes.includes(out.dtype)) {
    fail("invalid_dtype", where, "cannot draw into this dtype", { dtype: out.dtype, dtypes });
  }
  if (out.stride.some((step, i) => step === 0 && out.shape[i]! > 1)) {
    fail(
      "in_place",
      where,
      "several elements lie in one place",
      { shape: out.shape, stride: out.stride },
      "copy() it first",
    );
  }
}

/**
 * Dimensions from the one with the largest stride to the one with the smallest: the order in which torch visits elements
 * that it draws one by one. Strides of 0 leave a dimension where it stands.
 *
 * @see at::TensorIteratorBase::reorder_dimensions
 */
export function memoryOrder({ shape, stride }: NDArray): number[] {
  const order: number[] = [];
  for (let dim = 0; dim < shape.length; dim++) {
    order.push(dim);
  }
  // an insertion sort, from the innermost dimension outwards, because ties and zeros make the result depend on the method
  for (let i = order.length - 2; i >= 0; i--) {
    let at = i;
    for (let j = i + 1; j < order.length; j++) {
      const verdict = compare(order[at]!, order[j]!);
      if (verdict < 0) break;
      if (verdict > 0) {
        [order[at], order[j]] = [order[j]!, order[at]!];
        at = j;
      }
    }
  }
  return order;

  /** Above 0 where `inner` should lie outside of `outer`, below 0 where they lie right. */
  function compare(outer: number, inner: number): number {
    const a = Math.abs(stride[outer]!);
    const b = Math.abs(stride[inner]!);
    if (a === 0 || b === 0) return 0;
    if (a !== b) return b - a;
    return shape[inner]! > shape[outer]! ? 1 : 0;
  }
}

/** The same elements with the dimensions in {@link memoryOrder}. */
export function inMemoryOrder(array: NDArray): NDArray {
  return array.isContiguous ? array : array.transpose(...memoryOrder(array));
}

/**
 * Writes draws that depend on parameters into `out`, both in logical order.
 *
 * @param parameters by name, each of the shape and dtype of `out`, which is float32 or float64
 */
export function fillFrom(
  where: string,
  out: NDArray,
  parameters: Readonly<Record<string, NDArray>>,
  draw: (first: number, second: number) => number,
): void {
  checkTarget(where, out, ["float32", "float64"]);
  const values = Object.entries(parameters).map(([name, parameter]) => {
    if (!sameShape(parameter.shape, out.shape)) {
      fail("shape_mismatch", where, "parameters and output differ in shape", {
        [name]: parameter.shape,
        output: out.shape,
      });
    }
    if (parameter.dtype !== out.dtype) {
      fail("invalid_dtype", where, "parameters and output differ in dtype", {
        [name]: parameter.dtype,
        output: out.dtype,
      });
    }
    return parameter.toArray();
  });
  const first = values[0]!;
  const second = values[1] ?? first;
  const { data } = out;
  let k = 0;
  forEachIndex(out, (i) => {
    data[i] = draw(first[k]!, second[k]!);
    k++;
  });
}

/** Writes one draw after the other into `out`, in the order of memory. */
export function fillSerially(out: NDArray, draw: () => number): void {
  const { data, offset } = out;
  if (out.isContiguous) {
    const end = offset + out.size;
    for (let i = offset; i < end; i++) data[i] = draw();
  } else {
    forEachIndex(inMemoryOrder(out), (i) => {
      data[i] = draw();
    });
  }
}
