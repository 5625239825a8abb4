import { fail, k, NDArray } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { sum } from "./reduce.ts";
import { diagonal } from "./shape.ts";

/** Part of the last two dimensions, counted from a diagonal. */
export type Triangle = (input: Tensor, diagonal?: number) => Tensor;

/** Declares an op that keeps the elements (i, j) of every matrix for which `keeps(j - i, diagonal)`. */
function triangle(name: string, keeps: (above: number, diagonal: number) => boolean): Op<Triangle> {
  const op: Op<Triangle> = defineOp<[Tensor], { diagonal: number }, Triangle>(
    () => ({
      name,
      infer: ([input]) => {
        if (input.shape.length < 2) {
          fail("invalid_shape", name, "at least two dimensions are needed", { shape: input.shape });
        }
        return input;
      },
      forward: (out, [input], { diagonal }) => {
        const [rows, columns] = out.shape.slice(-2) as [number, number];
        const kept = new Uint8Array(rows * columns);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) kept[i * columns + j] = keeps(j - i, diagonal) ? 1 : 0;
        }
        k.where(out, NDArray.wrap(kept, [rows, columns], "bool"), input, NDArray.zeros([], out.dtype));
      },
      backward: [({ grad, attrs }) => op(grad, attrs.diagonal)],
    }),
    (apply) =>
      (input, diagonal = 0) => {
        if (!Number.isInteger(diagonal)) {
          fail("invalid_argument", name, "the diagonal must be a whole number", { diagonal });
        }
        return apply([input], { diagonal });
      },
  );
  return op;
}

/**
 * The lower triangle of each matrix, zeros elsewhere.
 *
 * @param input    at least two dimensions; the last two are the matrices
 * @param diagonal the last one that is kept: 0 the main one, above it positive, below it negative. @defaultValue 0
 * @throws TensorError `invalid_shape`
 * @see torch.tril
 */
export const tril: Op<Triangle> = triangle("tril", (above, diagonal) => above <= diagonal);

/**
 * The upper triangle of each matrix, zeros elsewhere.
 *
 * @param input    at least two dimensions; the last two are the matrices
 * @param diagonal the first one that is kept: 0 the main one, above it positive, below it negative. @defaultValue 0
 * @throws TensorError `invalid_shape`
 * @see torch.triu
 */
export const triu: Op<Triangle> = triangle("triu", (above, diagonal) => above >= diagonal);

/**
 * The sum of the main diagonal of a matrix: a scalar, int32 for integers and truth values.
 *
 * @param input [M, N]
 * @throws TensorError `invalid_shape`
 * @see torch.trace; the function that records what a function does is `traceGraph`
 */
export function trace(input: Tensor): Tensor {
  if (input.ndim !== 2) fail("invalid_shape", "trace", "the trace is that of a matrix", { shape: input.shape });
  return sum(diagonal(input));
}
