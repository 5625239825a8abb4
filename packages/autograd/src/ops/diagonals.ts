import { fail, NDArray, normaliseDim } from "@tapegrad/tensor";
import { made } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import { clone } from "./cast.ts";
import { checkTensors } from "./checkTensors.ts";
import { where } from "./choose.ts";
import { cat } from "./join.ts";
import { pad } from "./pad.ts";
import { diagonal, movedim, reshape, unsqueeze } from "./shape.ts";

/**
 * Matrices of zeros that hold the last dimension on a diagonal.
 *
 * @param input  [..., N]
 * @param offset which diagonal: 0 the main one, above it positive, below it negative. @defaultValue 0
 * @param dim1   where the rows stand in the result. @defaultValue -2
 * @param dim2   where the columns stand. @defaultValue -1
 * @returns [..., N + |offset|, N + |offset|]
 * @throws TensorError `invalid_dim` | `invalid_argument` | `invalid_shape`
 * @see torch.diag_embed
 */
export function diagEmbed(input: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor {
  const name = "diagEmbed";
  if (input.ndim === 0) fail("invalid_shape", name, "a single number has no dimension to embed", {});
  if (!Number.isInteger(offset)) fail("invalid_argument", name, "the offset must be a whole number", { offset });
  const places = [normaliseDim(name, dim1, input.ndim + 1), normaliseDim(name, dim2, input.ndim + 1)];
  if (places[0] === places[1]) fail("invalid_dim", name, "the two dimensions must differ", { dim1, dim2 });
  const away = Math.abs(offset);
  const size = input.shape.at(-1)! + away;
  const mask = new Uint8Array(size * size);
  for (let i = 0; i < size - away; i++) mask[(offset < 0 ? i + away : i) * size + (offset < 0 ? i : i + away)] = 1;
  // along the rows, or along the columns, and the rest does not show
  const lines = unsqueeze(pad(input, [0, away]), offset >= 0 ? -1 : -2);
  return movedim(
    where(made(NDArray.wrap(mask, [size, size], "bool")), lines, input.dtype === "bool" ? false : 0),
    [-2, -1],
    places,
  );
}

/**
 * A vector as the diagonal of a matrix of zeros, or a diagonal of a matrix as a vector (torch.diag).
 *
 * @param diagonal_ which diagonal: 0 the main one, above it positive, below it negative. @defaultValue 0
 * @throws TensorError `invalid_shape` | `invalid_argument`
 */
export function diag(input: Tensor, diagonal_ = 0): Tensor {
  if (input.ndim === 1) return diagEmbed(input, diagonal_);
  if (input.ndim === 2) return clone(diagonal(input, diagonal_));
  return fail("invalid_shape", "diag", "takes a vector or a matrix", { shape: input.shape }, "see diagonal, diagEmbed");
}

/** The flattened tensor as a diagonal of a matrix of zeros (torch.diagflat). */
export function diagflat(input: Tensor, offset = 0): Tensor {
  return diagEmbed(reshape(input, [-1]), offset);
}

/**
 * Matrices along the diagonal of a matrix of zeros; vectors count as rows, numbers as matrices of one element (torch.block_diag).
 *
 * @throws TensorError `invalid_shape` | `invalid_argument`
 */
export function blockDiag(...tensors: Tensor[]): Tensor {
  checkTensors("blockDiag", tensors);
  const blocks = tensors.map((block, position) => {
    if (block.ndim > 2)
      fail("invalid_shape", "blockDiag", "a block must be a matrix", { position, shape: block.shape });
    return block.ndim === 2 ? block : reshape(block, [1, block.numel()]);
  });
  const width = blocks.reduce((sum, block) => sum + block.shape[1]!, 0);
  let left = 0;
  return cat(
    blocks.map((block) => {
      const before = left;
      left += block.shape[1]!;
      return pad(block, [before, width - left]);
    }),
  );
}
