import { fail, k, type NDArray, normaliseDim, type Shape } from "@tapegrad/tensor";
import { defineOp, type InputGradient, type Op } from "../op.ts";
import { as, type Operand } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { checkSameDType, checkSlices, checkVector } from "./indexShapes.ts";
import { type Indices, indexTensor, wrapped } from "./indexTensor.ts";
import { sum } from "./reduce.ts";

interface Along {
  readonly dim: number;
}

type Select = (input: Tensor, dim: number, index: Indices) => Tensor;

/**
 * Whole slices along a dimension, by number: `out[i][j][k] = input[i][index[j]][k]` for dim 1.
 *
 * @param index int32 vector, at least 0
 * @returns the shape of `input`, with as many slices along `dim` as there are indices
 * @throws TensorError `invalid_index` | `invalid_dtype` | `invalid_shape`
 * @see torch.index_select
 */
export const indexSelect: Op<Select> = defineOp<[Tensor, Tensor], Along, Select>(
  () => ({
    name: "indexSelect",
    infer: ([input, index], { dim }) => {
      checkVector("indexSelect", index);
      const count = index.shape[0] ?? 1;
      if (input.shape.length === 0 && count !== 1) {
        const facts = { input: input.shape, index: index.shape };
        fail("invalid_shape", "indexSelect", "of a single number only one can be selected", facts);
      }
      return { shape: input.shape.map((size, d) => (d === dim ? count : size)), dtype: input.dtype };
    },
    forward: (out, [input, index], { dim }) => {
      if (out.size > 0) k.indexSelect(out, input, index, dim, "indexSelect");
    },
    saves: [1],
    backward: [(ctx) => indexSelectBackward(ctx.grad, ctx.attrs.dim, ctx.input(1), ctx.inputMeta(0).shape), null],
  }),
  (apply) => (input, dim, index) =>
    apply([input, indexTensor("indexSelect", index)], { dim: normaliseDim("indexSelect", dim, input.ndim) }),
);

type Return = (grad: Tensor, dim: number, index: Tensor, shape: Shape) => Tensor;

/** The gradient of {@link indexSelect}: zeros of the input's shape, to which every slice is added where it was taken. */
const indexSelectBackward: Op<Return> = defineOp<[Tensor, Tensor], Along & { shape: Shape }, Return>(
  () => ({
    name: "indexSelectBackward",
    infer: ([{ dtype }], { shape }) => ({ shape, dtype }),
    forward: (out, [grad, index], { dim }) => {
      if (grad.size > 0) k.indexAdd(out, index, grad.contiguous(), dim, "indexSelect");
    },
    saves: [1],
    backward: [(ctx) => indexSelect(ctx.grad, ctx.attrs.dim, ctx.input(1)), null],
  }),
  (apply) => (grad, dim, index, shape) => apply([grad, index], { dim, shape }),
);

/** How {@link indexAdd} adds. */
export interface IndexAddOptions {
  /** What the source is multiplied by. @defaultValue 1 */
  readonly alpha?: number;
}

type Place = (input: Tensor, dim: number, index: Indices, source: Tensor) => Tensor;

const addSlices: Op<Place> = placement("indexAdd", k.indexAdd, ({ grad }) => grad);

/**
 * A copy with slices added along a dimension: `out[i][index[j]][k] += alpha · source[i][j][k]` for dim 1.
 *
 * @param index  int32 vector, at least 0; a slice that is named twice receives both
 * @param source the shape of `input`, with as many slices along `dim` as there are indices
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.index_add
 */
export function indexAdd(
  input: Tensor,
  dim: number,
  index: Indices,
  source: Tensor,
  { alpha = 1 }: IndexAddOptions = {},
): Tensor {
  const added = alpha === 1 ? source : mul(source, alpha);
  if (input.dtype !== "bool" || added.dtype !== "bool") return addSlices(input, dim, index, added);
  return to(addSlices(to(input, "int32"), dim, index, to(added, "int32")), "bool"); // true and true is true, not 2
}

/**
 * A copy with slices overwritten along a dimension: `out[i][index[j]][k] = source[i][j][k]` for dim 1.
 *
 * Where a slice is named twice, the last stays; the gradient of `source` is right only if none is.
 *
 * @param index  int32 vector, at least 0
 * @param source the shape of `input`, with as many slices along `dim` as there are indices
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.index_copy
 */
export const indexCopy: Op<Place> = placement("indexCopy", k.indexCopy, (ctx) =>
  indexFill(ctx.grad, ctx.attrs.dim, ctx.input(1), 0),
);

type Fill = (input: Tensor, dim: number, index: Indices, value: Operand) => Tensor;

const fillSlices: Op<(input: Tensor, dim: number, index: Tensor, value: Tensor) => Tensor> = defineOp<
  [Tensor, Tensor, Tensor],
  Along,
  (input: Tensor, dim: number, index: Tensor, value: Tensor) => Tensor
>(
  () => ({
    name: "indexFill",
    infer: ([input, index, value]) => {
      checkVector("indexFill", index);
      if (value.shape.length > 0) {
        fail("invalid_shape", "indexFill", "the value must be a number or a 0-d tensor", { value: value.shape });
      }
      return input;
    },
    forward: (out, [input, index, value], { dim }) => {
      k.copy(out, input);
      const places = wrapped(index, { where: "indexFill", dim, size: input.shape[dim] ?? 1 });
      const shape = out.shape.map((size, d) => (d === dim ? places.size : size));
      if (places.size > 0) k.indexCopy(out, places, value.expand(shape), dim, "indexFill");
    },
    saves: [1],
    backward: [
      (ctx) => indexFill(ctx.grad, ctx.attrs.dim, ctx.input(1), 0),
      null,
      // what does not reach the input reaches the value, once for each place
      (ctx) => sum(sub(ctx.grad, indexFill(ctx.grad, ctx.attrs.dim, ctx.input(1), 0))),
    ],
  }),
  (apply) => (input, dim, index, value) => apply([input, index, value], { dim }),
);

/**
 * A copy with whole slices along a dimension set to one value.
 *
 * @param index int32 vector; negative ones count from the end
 * @param value a number or a 0-d tensor
 * @throws TensorError `invalid_index` | `invalid_dtype` | `invalid_shape`
 * @see torch.index_fill
 */
export const indexFill: Fill = (input, dim, index, value) =>
  fillSlices(
    input,
    normaliseDim("indexFill", dim, input.ndim),
    indexTensor("indexFill", index),
    as(value, input.dtype),
  );

/** Declares an op that puts slices of a source where an index says. */
function placement(
  name: string,
  kernel: (out: NDArray, index: NDArray, source: NDArray, dim: number, where: string) => void,
  toInput: InputGradient<Along>,
): Op<Place> {
  return defineOp<[Tensor, Tensor, Tensor], Along, Place>(
    () => ({
      name,
      infer: ([input, index, source], { dim }) => {
        checkSameDType(name, { input, source });
        checkSlices(name, { input, index, source }, dim);
        return input;
      },
      forward: (out, [input, index, source], { dim }) => {
        k.copy(out, input);
        if (source.size > 0) kernel(out, index, source, dim, name);
      },
      saves: [1],
      backward: [toInput, null, (ctx) => indexSelect(ctx.grad, ctx.attrs.dim, ctx.input(1))],
    }),
    (apply) => (input, dim, index, source) =>
      apply([input, indexTensor(name, index), source], { dim: normaliseDim(name, dim, input.ndim) }),
  );
}
