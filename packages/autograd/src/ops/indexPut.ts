import { broadcastsTo, fail, type Shape } from "@tapegrad/tensor";
import { assign, overwrite } from "../inplace.ts";
import { as, type Operand } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { type Index, type Resolved, resolve } from "./at.ts";
import { clone } from "./cast.ts";
import { maskedFill } from "./choose.ts";
import { putPlaces } from "./indexOp.ts";
import { expand, reshape } from "./shape.ts";

/** How {@link indexPut} writes. */
export interface IndexPutOptions {
  /** Add to what is there instead of overwriting it; a place that is named twice receives both. @defaultValue false */
  readonly accumulate?: boolean;
}

/**
 * A copy of `input` in which the elements that `at(input, ...indices)` shows are overwritten with `values`.
 *
 * Where a place is named twice, the last stays; the gradient of `values` is right only if none is, or with `accumulate`.
 *
 * @param values broadcast to the indexed places, and converted to the dtype of `input`
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch` | `invalid_argument`
 * @see torch.index_put
 */
export function indexPut(input: Tensor, indices: readonly Index[], values: Operand, options?: IndexPutOptions): Tensor {
  const resolved = resolve("indexPut", input, indices);
  return resolved.view === input
    ? replace("indexPut", input, resolved, values, options)
    : indexPut_(clone(input), indices, values, options);
}

/**
 * Overwrites the elements that `at(input, ...indices)` shows with `values`, in place; {@link indexPut} says the rest.
 *
 * @returns `input`
 * @throws TensorError as {@link indexPut}, and `in_place` where a change in place is not allowed
 * @see torch.Tensor.index_put_
 */
export function indexPut_<T extends Tensor>(
  input: T,
  indices: readonly Index[],
  values: Operand,
  options?: IndexPutOptions,
): T {
  write("indexPut_", input, indices, values, options);
  return input;
}

/**
 * `input[indices] = value` as Python writes it, in place: `setAt_(x, [0, slice(1, 3)], y)` is `x[0, 1:3] = y`.
 *
 * @param value broadcast to the indexed places, and converted to the dtype of `input`
 * @returns `input`
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch` | `invalid_argument` | `in_place`
 * @see torch.Tensor.__setitem__
 */
export function setAt_<T extends Tensor>(input: T, indices: readonly Index[], value: Operand): T {
  const [mask] = indices;
  const whole = indices.length === 1 && mask instanceof Tensor && mask.dtype === "bool" && mask.ndim === input.ndim;
  const single = !(value instanceof Tensor) || value.ndim === 0;
  if (whole && single && mask.shape.every((size, d) => size === input.shape[d])) {
    return assign("setAt_", input, (before) => maskedFill(before, mask, as(value, before.dtype)));
  }
  write("setAt_", input, indices, value);
  return input;
}

function write(
  where: string,
  input: Tensor,
  indices: readonly Index[],
  values: Operand,
  options?: IndexPutOptions,
): void {
  const resolved = resolve(where, input, indices);
  assign(where, resolved.view, (before) => replace(where, before, resolved, values, options));
}

/** What becomes of the view's elements. */
function replace(
  where: string,
  before: Tensor,
  { advanced }: Resolved,
  values: Operand,
  { accumulate = false }: IndexPutOptions = {},
): Tensor {
  const given = as(values, before.dtype);
  if (advanced !== null) {
    const { dim, count, places } = advanced;
    const wanted = before.ndim - count + places.ndim;
    return putPlaces(before, dropLeading(given, wanted), places, { dim, count, accumulate });
  }
  const fitting = dropLeading(given, before.ndim);
  if (!broadcastsTo(fitting.shape, before.shape)) {
    const facts = { values: given.shape, places: before.shape };
    fail("shape_mismatch", where, "the values do not broadcast to the indexed places", facts);
  }
  return accumulate ? add(before, fitting) : overwrite(before, expand(fitting, before.shape));
}

/** Without the leading dimensions of size 1 that are more than `wanted`, as torch drops them. */
function dropLeading(values: Tensor, wanted: number): Tensor {
  let { shape }: { shape: Shape } = values;
  while (shape.length > wanted && shape[0] === 1) shape = shape.slice(1);
  return shape.length === values.ndim ? values : reshape(values, shape);
}
