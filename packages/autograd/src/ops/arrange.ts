import { fail, k, normaliseDim, normaliseDims } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./cast.ts";
import { indexSelect } from "./indexSelect.ts";
import { type Indices, indexTensor } from "./indexTensor.ts";
import { cat } from "./join.ts";
import { expand, narrow, reshape, type Sizes, unsqueeze } from "./shape.ts";

/**
 * The tensor side by side with itself, the given number of times along each dimension.
 *
 * @param sizes one number for each dimension; more of them put dimensions in front
 * @throws TensorError `invalid_argument`
 * @see torch.Tensor.repeat
 */
export function repeat(input: Tensor, ...sizes: Sizes): Tensor {
  const times = (typeof sizes[0] === "object" ? sizes[0] : sizes) as readonly number[];
  const lead = times.length - input.ndim;
  if (lead < 0 || !times.every((count) => Number.isInteger(count) && count >= 0)) {
    const facts = { shape: input.shape, repeats: times };
    const hint = "tile() takes fewer";
    fail("invalid_argument", "repeat", "needs a whole number of at least 0 for each dimension", facts, hint);
  }
  const own = times.map((_, d) => (d < lead ? 1 : input.shape[d - lead]!));
  const apart = reshape(
    input,
    own.flatMap((size) => [1, size]),
  );
  const copies = expand(
    apart,
    own.flatMap((size, d) => [times[d]!, size]),
  );
  return owned(
    reshape(
      copies,
      own.map((size, d) => size * times[d]!),
    ),
    input,
  );
}

/** The result itself, or a copy where reshaping has not made one. */
function owned(result: Tensor, input: Tensor): Tensor {
  return result.array.storage === input.array.storage ? clone(result) : result;
}

/** {@link repeat}, where missing numbers are 1, in front (torch.tile). */
export function tile(input: Tensor, ...dims: Sizes): Tensor {
  const times = (typeof dims[0] === "object" ? dims[0] : dims) as readonly number[];
  const missing = Math.max(input.ndim - times.length, 0);
  return repeat(input, [...new Array<number>(missing).fill(1), ...times]);
}

/**
 * Each slice along a dimension several times, one after the other.
 *
 * @param repeats how often: a number for all, or one for each slice (its values are read when the function is called)
 * @param dim     without it, the elements of the flattened tensor are repeated
 * @throws TensorError `invalid_argument` | `invalid_dtype` | `invalid_dim`
 * @see torch.repeat_interleave
 */
export function repeatInterleave(input: Tensor, repeats: Indices, dim?: number): Tensor {
  const where = "repeatInterleave";
  if (dim === undefined || input.ndim === 0) return repeatInterleave(reshape(input, [-1]), repeats, 0);
  const at = normaliseDim(where, dim, input.ndim);
  const size = input.shape[at]!;
  const counts = indexTensor(where, repeats);
  const list = counts.toArray();
  if (list.some((count) => count < 0)) {
    fail("invalid_argument", where, "repeats must be at least 0", { repeats: list });
  }
  if (counts.numel() === 1) {
    const times = list[0]!;
    const apart = unsqueeze(input, at + 1);
    const copies = expand(
      apart,
      apart.shape.map((n, d) => (d === at + 1 ? times : n)),
    );
    return owned(
      reshape(
        copies,
        input.shape.map((n, d) => (d === at ? n * times : n)),
      ),
      input,
    );
  }
  if (counts.ndim !== 1 || counts.numel() !== size) {
    const facts = { repeats: counts.shape, dim, size };
    fail("invalid_argument", where, "needs one number, or one for each slice", facts);
  }
  const index: number[] = [];
  list.forEach((count, i) => {
    for (let n = 0; n < count; n++) index.push(i);
  });
  return indexSelect(input, at, Int32Array.from(index));
}

/**
 * The slices along dimensions moved on by `shifts`; those that leave at the end come back at the start.
 *
 * @param dims as many as shifts; without them the flattened tensor is rolled and put back in shape
 * @throws TensorError `invalid_argument` | `invalid_dim`
 * @see torch.roll
 */
export function roll(input: Tensor, shifts: number | readonly number[], dims?: number | readonly number[]): Tensor {
  const by = typeof shifts === "number" ? [shifts] : shifts;
  const along = dims === undefined ? [] : typeof dims === "number" ? [dims] : dims;
  if (by.length === 0) fail("invalid_argument", "roll", "at least one shift is needed", { shifts });
  if (along.length > 0 && input.ndim === 0) {
    fail("invalid_dim", "roll", "a 0-d tensor has no dimensions to roll along", { dims });
  }
  if (along.length === 0 && by.length === 1) return reshape(rollOne(reshape(input, [-1]), by[0]!, 0), input.shape);
  if (along.length !== by.length || !by.every(Number.isInteger)) {
    fail("invalid_argument", "roll", "needs a whole shift for each dimension", { shifts, dims });
  }
  const normal = along.map((dim) => normaliseDim("roll", dim, input.ndim));
  return normal.reduce((rolled, dim, i) => rollOne(rolled, by[i]!, dim), input);
}

function rollOne(input: Tensor, shift: number, dim: number): Tensor {
  const size = input.shape[dim]!;
  const last = size === 0 ? 0 : ((shift % size) + size) % size; // how many come to the front
  if (last === 0) return clone(input);
  return cat([narrow(input, dim, size - last, last), narrow(input, dim, 0, size - last)], dim);
}

type Flip = (input: Tensor, dims: number | readonly number[]) => Tensor;

/**
 * A copy with the order reversed along dimensions.
 *
 * @throws TensorError `invalid_dim`
 * @see torch.flip; `at(x, slice(null, null, -1))` gives a view
 */
export const flip: Op<Flip> = defineOp<[Tensor], { dims: readonly number[] }, Flip>(
  () => ({
    name: "flip",
    infer: ([input]) => input,
    forward: (out, [input], { dims }) => {
      const reversed = dims.reduce(
        (array, dim) => array.slice(dim, array.shape[dim]! - 1, array.shape[dim]!, -1),
        input,
      );
      k.copy(out, reversed);
    },
    backward: [({ grad, attrs }) => flip(grad, attrs.dims)],
  }),
  (apply) => (input, dims) => {
    const named = typeof dims === "number" ? [dims] : dims;
    return apply([input], { dims: named.length === 0 ? [] : normaliseDims("flip", named, input.ndim) });
  },
);
