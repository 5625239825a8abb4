import { fail, k, type NDArray, sizeOf } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { amax } from "./extrema.ts";
import { indexFill } from "./indexSelect.ts";
import { type Indices, indexTensor } from "./indexTensor.ts";

/** How {@link embedding} looks up. */
export interface EmbeddingOptions {
  /** The row whose gradient stays zero; negative ones count from the end; null: none. @defaultValue null */
  readonly paddingIdx?: number | null;
}

interface EmbeddingAttrs {
  readonly paddingIdx: number | null;
}

type LookUp = (input: Tensor, weight: Tensor, paddingIdx: number | null) => Tensor;

/**
 * Rows of a table, by number: `out[..., :] = weight[input[...], :]`.
 *
 * @param input  int32, any shape, of 0 to rows − 1
 * @param weight [rows, columns]
 * @returns the shape of `input`, and the columns as a last dimension
 * @throws TensorError `invalid_index` | `invalid_dtype` | `invalid_shape` | `invalid_option`
 * @see torch.nn.functional.embedding
 */
export function embedding(input: Indices, weight: Tensor, { paddingIdx = null }: EmbeddingOptions = {}): Tensor {
  const where = "embedding";
  const index = indexTensor(where, input);
  if (weight.ndim !== 2) fail("invalid_shape", where, "the weight must be a matrix", { weight: weight.shape });
  const rows = weight.shape[0]!;
  if (paddingIdx !== null && !(Number.isInteger(paddingIdx) && paddingIdx >= -rows && paddingIdx < rows)) {
    fail("invalid_option", where, "paddingIdx is not a row of the weight", { paddingIdx, rows });
  }
  return lookUp(index, weight, paddingIdx !== null && paddingIdx < 0 ? paddingIdx + rows : paddingIdx);
}

const lookUp: Op<LookUp> = defineOp<[Tensor, Tensor], EmbeddingAttrs, LookUp>(
  () => ({
    name: "embedding",
    infer: ([{ shape }, weight]) => ({ shape: [...shape, weight.shape[1]!], dtype: weight.dtype }),
    forward: (out, [index, weight]) => {
      if (out.size > 0) k.indexSelect(asRows(out), weight, asVector(index), 0, "embedding");
    },
    saves: [0],
    tidy: true,
    backward: [null, (ctx) => lookUpBackward(ctx.grad, ctx.input(0), ctx.inputMeta(1).shape[0]!, ctx.attrs.paddingIdx)],
  }),
  (apply) => (index, weight, paddingIdx) => apply([index, weight], { paddingIdx }),
);

type Return = (grad: Tensor, index: Tensor, rows: number, paddingIdx: number | null) => Tensor;

/** The gradient of the table: each row is the sum of the gradients of its look-ups, that of the padding is zero. */
const lookUpBackward: Op<Return> = defineOp<[Tensor, Tensor], EmbeddingAttrs & { rows: number }, Return>(
  () => ({
    name: "embeddingBackward",
    infer: ([{ shape, dtype }], { rows }) => ({ shape: [rows, shape.at(-1)!], dtype }),
    forward: (out, [grad, index], { paddingIdx }) => {
      k.fill(out, 0);
      if (grad.size > 0) k.indexAdd(out, asVector(index), asRows(grad.contiguous()), 0, "embedding");
      if (paddingIdx !== null) k.fill(out.select(0, paddingIdx), 0);
    },
    saves: [1],
    tidy: true,
    backward: [
      (ctx) => {
        const { paddingIdx } = ctx.attrs;
        const table = paddingIdx === null ? ctx.grad : indexFill(ctx.grad, 0, paddingIdx, 0);
        return lookUp(ctx.input(1), table, null);
      },
      null,
    ],
  }),
  (apply) => (grad, index, rows, paddingIdx) => apply([grad, index], { rows, paddingIdx }),
);

const asVector = (index: NDArray): NDArray => index.reshaped([index.size]) ?? index.copy().view([index.size], [1]);

function asRows(array: NDArray): NDArray {
  const shape = [sizeOf(array.shape.slice(0, -1)), array.shape.at(-1)!];
  return array.reshaped(shape) ?? array.copy().reshaped(shape)!;
}

type OneHot = (target: Tensor, numClasses: number) => Tensor;

const mark: Op<OneHot> = defineOp<[Tensor], { numClasses: number }, OneHot>(
  () => ({
    name: "oneHot",
    infer: ([{ shape }], { numClasses }) => ({ shape: [...shape, numClasses], dtype: "int32" }),
    forward: (out, [target]) => {
      const { ndim, index } = {
        ndim: target.shape.length,
        index: target.view([...target.shape, 1], [...target.stride, 1]),
      };
      if (target.size > 0) k.scatterValue(out, index, 1, ndim, "oneHot");
    },
    backward: null,
  }),
  (apply) => (target, numClasses) => apply([target], { numClasses }),
);

/**
 * Class numbers as vectors of zeros with a single 1.
 *
 * @param target     int32, any shape, of 0 to numClasses − 1
 * @param numClasses the length of the vectors; -1: the largest class, plus one. @defaultValue -1
 * @returns int32, the shape of `target`, and the classes as a last dimension
 * @throws TensorError `invalid_index` | `invalid_dtype` | `invalid_argument`
 * @see torch.nn.functional.one_hot
 */
export function oneHot(target: Indices, numClasses = -1): Tensor {
  const where = "oneHot";
  const index = indexTensor(where, target);
  if (!Number.isInteger(numClasses) || numClasses < -1) {
    fail("invalid_argument", where, "numClasses must be a whole number of at least 0, or -1", { numClasses });
  }
  if (numClasses === -1 && index.numel() === 0) {
    const hint = "pass numClasses";
    fail("invalid_argument", where, "no classes to count", { target: index.shape }, hint);
  }
  return mark(index, numClasses >= 0 ? numClasses : Math.max(amax(index).item(), 0) + 1);
}
