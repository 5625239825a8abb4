import { broadcastShapes, fail, k, normaliseDim, type Shape } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { checkAlong } from "./indexShapes.ts";
import { type Indices, indexTensor, wrapIndex } from "./indexTensor.ts";
import { expand, reshape } from "./shape.ts";

type Gather = (input: Tensor, dim: number, index: Indices) => Tensor;

/**
 * Picks along a dimension by an array of indices: `out[i][j][k] = input[i][index[i][j][k]][k]` for dim 1.
 *
 * @param index int32, of as many dimensions as `input` and, but for `dim`, sizes of at most those of `input`; at least 0
 * @returns the shape of `index`
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.gather
 */
export const gather: Op<Gather> = defineOp<[Tensor, Tensor], { dim: number }, Gather>(
  () => ({
    name: "gather",
    infer: ([input, index], { dim }) => {
      checkAlong("gather", { input, index }, dim);
      return { shape: index.shape, dtype: input.dtype };
    },
    forward: (out, [input, index], { dim }) => {
      if (out.size > 0) k.gather(out, input, index, dim, "gather");
    },
    saves: [1],
    backward: [(ctx) => gatherBackward(ctx.grad, ctx.attrs.dim, ctx.input(1), ctx.inputMeta(0).shape), null],
  }),
  (apply) => (input, dim, index) =>
    apply([input, indexTensor("gather", index)], { dim: normaliseDim("gather", dim, input.ndim) }),
);

type Return = (grad: Tensor, dim: number, index: Tensor, shape: Shape) => Tensor;

/** The gradient of {@link gather}: zeros of the input's shape, to which every element is added where it was picked. */
const gatherBackward: Op<Return> = defineOp<[Tensor, Tensor], { dim: number; shape: Shape }, Return>(
  () => ({
    name: "gatherBackward",
    infer: ([{ dtype }], { shape }) => ({ shape, dtype }),
    forward: (out, [grad, index], { dim }) => {
      if (index.size > 0) k.scatterAdd(out, index, grad, dim, "gather");
    },
    saves: [1],
    backward: [(ctx) => gather(ctx.grad, ctx.attrs.dim, ctx.input(1)), null],
  }),
  (apply) => (grad, dim, index, shape) => apply([grad, index], { dim, shape }),
);

/**
 * {@link gather}, where input and indices are broadcast against each other in the other dimensions.
 *
 * @param indices int32, of as many dimensions as `input`; negative ones count from the end
 * @param dim     where the indices point; without it both are flattened
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.take_along_dim, which takes indices beyond the end too, modulo the size
 */
export function takeAlongDim(input: Tensor, indices: Indices, dim?: number): Tensor {
  const where = "takeAlongDim";
  const index = indexTensor(where, indices);
  if (dim === undefined) return takeAlongDim(reshape(input, [-1]), reshape(index, [-1]), 0);
  const at = normaliseDim(where, dim, input.ndim);
  if (input.ndim !== index.ndim) {
    const facts = { input: input.shape, indices: index.shape };
    fail("shape_mismatch", where, "input and indices differ in their number of dimensions", facts);
  }
  const size = input.shape[at] ?? 1;
  const others = broadcastShapes(where, withSize(input.shape, at, 1), withSize(index.shape, at, 1));
  const places = expand(index, withSize(others, at, index.shape[at] ?? 1));
  return gather(expand(input, withSize(others, at, size)), at, wrapIndex(places, { where, dim: at, size }));
}

const withSize = (shape: Shape, dim: number, size: number): Shape => shape.map((n, d) => (d === dim ? size : n));

/**
 * Picks from the flattened input: `out[i] = input.flatten()[index[i]]`.
 *
 * @param index int32, any shape; negative ones count from the end
 * @returns the shape of `index`
 * @throws TensorError `invalid_index` | `invalid_dtype`
 * @see torch.take
 */
export function take(input: Tensor, index: Indices): Tensor {
  const where = "take";
  const places = indexTensor(where, index);
  const flat = wrapIndex(reshape(places, [-1]), { where, dim: 0, size: input.numel() });
  return reshape(gather(reshape(input, [-1]), 0, flat), places.shape);
}
