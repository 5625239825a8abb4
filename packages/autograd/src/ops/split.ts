import { fail, normaliseDim } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { narrow, select } from "./shape.ts";

/** The dimension to cut, counted from the front, and its size. */
function cutting(where: string, input: Tensor, dim: number): { dim: number; size: number } {
  if (input.ndim === 0) fail("invalid_shape", where, "a 0-d tensor has no dimension to cut");
  const at = normaliseDim(where, dim, input.ndim);
  return { dim: at, size: input.shape[at]! };
}

/** Consecutive pieces of the given sizes, as views. */
function pieces(input: Tensor, dim: number, sizes: readonly number[]): Tensor[] {
  let start = 0;
  return sizes.map((size) => {
    const piece = narrow(input, dim, start, size);
    start += size;
    return piece;
  });
}

/**
 * The tensor cut along a dimension, as views.
 *
 * @param sizeOrSections the size of each piece, of which the last may be smaller; or all the sizes
 * @param dim            @defaultValue 0
 * @throws TensorError `invalid_argument` unless the sizes are at least 0 and add up to the size of the dimension
 * @see torch.split
 */
export function split(input: Tensor, sizeOrSections: number | readonly number[], dim = 0): Tensor[] {
  const { dim: at, size } = cutting("split", input, dim);
  if (typeof sizeOrSections === "number") return pieces(input, at, evenly("split", size, sizeOrSections));
  const total = sizeOrSections.reduce((sum, section) => sum + section, 0);
  if (total !== size || !sizeOrSections.every((section) => Number.isInteger(section) && section >= 0)) {
    const facts = { sections: sizeOrSections, dim, size };
    fail("invalid_argument", "split", "the sections must be whole and add up to the size of the dimension", facts);
  }
  return pieces(input, at, sizeOrSections);
}

/** Sizes of pieces of which all but the last are `each`. */
function evenly(where: string, size: number, each: number): number[] {
  if (!Number.isInteger(each) || each < 0 || (each === 0 && size > 0)) {
    const hint = "only a dimension of size 0 can be cut into pieces of size 0";
    fail("invalid_argument", where, "the size of a piece must be a whole number above 0", { piece: each, size }, hint);
  }
  const count = size === 0 ? 1 : Math.ceil(size / each);
  return Array.from({ length: count }, (_, i) => Math.min(each, size - i * each));
}

/**
 * The tensor cut along a dimension into at most `chunks` pieces, as views: all of size ⌈size / chunks⌉ but the last.
 *
 * @throws TensorError `invalid_argument` unless `chunks` is a whole number above 0
 * @see torch.chunk
 */
export function chunk(input: Tensor, chunks: number, dim = 0): Tensor[] {
  const { dim: at, size } = cutting("chunk", input, dim);
  checkCount("chunk", chunks);
  const sizes = size === 0 ? new Array<number>(chunks).fill(0) : evenly("chunk", size, Math.ceil(size / chunks));
  return pieces(input, at, sizes);
}

function checkCount(where: string, count: number): void {
  if (!Number.isInteger(count) || count <= 0) {
    fail("invalid_argument", where, "the number of pieces must be a whole number above 0", { pieces: count });
  }
}

/**
 * The tensor cut along a dimension, as views: into pieces whose sizes differ by at most 1, or before each of the given
 * indices.
 *
 * @param indicesOrSections the number of pieces, or where to cut; negative indices count from the end
 * @throws TensorError `invalid_argument`
 * @see torch.tensor_split
 */
export function tensorSplit(input: Tensor, indicesOrSections: number | readonly number[], dim = 0): Tensor[] {
  const { dim: at, size } = cutting("tensorSplit", input, dim);
  if (typeof indicesOrSections === "number") {
    checkCount("tensorSplit", indicesOrSections);
    const least = Math.floor(size / indicesOrSections);
    const larger = size % indicesOrSections;
    return pieces(
      input,
      at,
      Array.from({ length: indicesOrSections }, (_, i) => least + (i < larger ? 1 : 0)),
    );
  }
  const bounds = [0, ...indicesOrSections, size].map((index) => {
    if (!Number.isInteger(index)) fail("invalid_argument", "tensorSplit", "indices must be whole numbers", { index });
    return Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  });
  return bounds.slice(1).map((stop, i) => narrow(input, at, bounds[i]!, Math.max(stop - bounds[i]!, 0)));
}

/** The slices along a dimension, which is dropped, as views (torch.unbind). */
export function unbind(input: Tensor, dim = 0): Tensor[] {
  const { dim: at, size } = cutting("unbind", input, dim);
  return Array.from({ length: size }, (_, i) => select(input, at, i));
}
