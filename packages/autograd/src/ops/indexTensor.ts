import { fail, NDArray } from "@tapegrad/tensor";
import { tensor } from "../creation.ts";
import { defineOp, type Op } from "../op.ts";
import { Tensor } from "../tensor.ts";

/** Whole numbers in nested lists that form a box. */
export type IndexList = readonly (number | IndexList)[];

/** What is taken wherever indices are expected: an int32 tensor, an Int32Array, a number, or nested lists of numbers. */
export type Indices = Tensor | Int32Array | number | IndexList;

/**
 * Indices as an int32 tensor. A tensor is taken as it is; anything else is copied.
 *
 * @param where who asks, for the message
 * @throws TensorError `invalid_dtype` for tensors of another dtype, `invalid_index` for numbers that are not whole
 */
export function indexTensor(where: string, value: Indices): Tensor {
  if (value instanceof Tensor) return checked(where, value);
  if (value instanceof Int32Array) return new Tensor(NDArray.wrap(value.slice()));
  const { array } = tensor(value, { dtype: "float64" });
  const whole = new Int32Array(array.data);
  const wrong = array.data.findIndex((index, i) => index !== whole[i]);
  if (wrong >= 0) {
    fail("invalid_index", where, "indices must be whole numbers of at most 32 bits", { index: array.data[wrong] });
  }
  return new Tensor(NDArray.wrap(whole, array.shape));
}

function checked(where: string, index: Tensor): Tensor {
  const { dtype } = index;
  if (dtype === "int32") return index;
  const hint = dtype === "bool" ? "nonzero(mask) gives the indices of a mask" : "convert them with .int()";
  return fail("invalid_dtype", where, "indices must be int32", { dtype, shape: index.shape }, hint);
}

/** Where indices are to point, and who asks. */
export interface Target {
  readonly where: string;
  readonly dim: number;
  readonly size: number;
}

/** Indices with the negative ones counted from the end: i + size where i < 0. */
export const wrapIndex: Op<(index: Tensor, target: Target) => Tensor> = defineOp<
  [Tensor],
  Target,
  (index: Tensor, target: Target) => Tensor
>(
  () => ({
    name: "wrapIndex",
    infer: ([index]) => index,
    forward: (out, [index], target) => out.data.set(wrapped(index, target).data),
    backward: null,
  }),
  (apply) => (index, target) => apply([index], target),
);

/** {@link wrapIndex} on arrays. @throws TensorError `invalid_index` outside ±size */
export function wrapped(index: NDArray, { where, dim, size }: Target): NDArray {
  const flat = index.toArray();
  for (let i = 0; i < flat.length; i++) {
    const at = flat[i]!;
    if (at < -size || at >= size) outOfRange(where, at, dim, size);
    if (at < 0) flat[i] = at + size;
  }
  return NDArray.wrap(flat, index.shape);
}

/** Reports an index outside `-size ... size - 1`. */
export function outOfRange(where: string, index: number, dim: number, size: number): never {
  const hint =
    size === 0 ? "nothing can be taken from a dimension of size 0" : `indices run from ${-size} to ${size - 1}`;
  const problem = `index ${index} is out of bounds for dimension ${dim} with size ${size}`;
  return fail("invalid_index", where, problem, { index, dim, size }, hint);
}
