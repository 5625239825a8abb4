import { fail, normaliseDim, sameShape } from "@tapegrad/tensor";
import { assign, overwrite } from "../inplace.ts";
import type { Tensor } from "../tensor.ts";
import { slice, at as view } from "./at.ts";
import { clone, to } from "./cast.ts";
import { diagonal, select } from "./shape.ts";

/** A copy of `input` where the part that `look` shows holds `src` instead. */
function patched(where: string, input: Tensor, src: Tensor, look: (copy: Tensor) => Tensor): Tensor {
  const copy = clone(input);
  const part = look(copy);
  if (!sameShape(part.shape, src.shape)) {
    const facts = { input: input.shape, part: part.shape, src: src.shape };
    fail("shape_mismatch", where, "the source does not have the shape of the part that it is for", facts);
  }
  assign(where, part, (before) => overwrite(before, to(src, input.dtype)));
  return copy;
}

/**
 * A copy with one slice along a dimension replaced (torch.select_scatter).
 *
 * @param src the shape of `input` without `dim`
 * @throws TensorError `shape_mismatch` | `invalid_dim` | `invalid_index`
 */
export function selectScatter(input: Tensor, src: Tensor, dim: number, index: number): Tensor {
  return patched("selectScatter", input, src, (copy) => select(copy, dim, index));
}

/** Which slices {@link sliceScatter} replaces, as Python slices. */
export interface SliceScatterOptions {
  /** @defaultValue 0 */
  readonly dim?: number;
  /** @defaultValue null: the first */
  readonly start?: number | null;
  /** @defaultValue null: behind the last */
  readonly end?: number | null;
  /** @defaultValue 1 */
  readonly step?: number;
}

/**
 * A copy with some slices along a dimension replaced (torch.slice_scatter).
 *
 * @param src the shape of `input`, with as many slices along `dim`
 * @throws TensorError `shape_mismatch` | `invalid_dim` | `invalid_argument`
 */
export function sliceScatter(input: Tensor, src: Tensor, options: SliceScatterOptions = {}): Tensor {
  const { dim = 0, start = null, end = null, step = 1 } = options;
  const before = new Array<ReturnType<typeof slice>>(normaliseDim("sliceScatter", dim, input.ndim)).fill(slice());
  return patched("sliceScatter", input, src, (copy) => view(copy, ...before, slice(start, end, step)));
}

/**
 * A copy with a diagonal replaced (torch.diagonal_scatter).
 *
 * @param src the shape of `diagonal(input, offset, dim1, dim2)`
 * @throws TensorError `shape_mismatch` | `invalid_dim`
 */
export function diagonalScatter(input: Tensor, src: Tensor, offset = 0, dim1 = 0, dim2 = 1): Tensor {
  return patched("diagonalScatter", input, src, (copy) => diagonal(copy, offset, dim1, dim2));
}
