/** Scaled dot product attention, and its gradient, without the scores ever being held for more than one matrix of the batch. */
import type { NDArray } from "../ndarray.ts";
import { attentionFast, attentionFastBackward, attentionLaunchable } from "./attention/attentionFast.ts";
import { nestOf, walkEach } from "./nest.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** How scores are made of products. */
export interface AttentionAttrs {
  /** What the products are multiplied by. */
  readonly scale: number;
  /** Whether row i looks at columns 0 to i only. */
  readonly causal: boolean;
}

/**
 * softmax(scale · query · keyᵀ) · value, the softmax along the rows; for each matrix of the batch. No operand may be empty.
 *
 * @param out   [...batch, L, V]
 * @param logs  [...batch, L]: the logarithm of the sum of the exponentials of each row's scores, which the gradient needs
 * @param query [...batch, L, E]
 * @param key   [...batch, S, E]
 * @param value [...batch, S, V]
 */
export const attention: KernelPair<
  [out: NDArray, logs: NDArray, query: NDArray, key: NDArray, value: NDArray, attrs: AttentionAttrs]
> = kernelPair(() => ({
  name: "attention",
  js: (out, logs, query, key, value, attrs) => {
    const columns = new Float64Array(key.shape.at(-2)!);
    const width = value.shape.at(-1)!;
    forEachMatrix([out, query, key, value], [logs], (at) => {
      const [o, q, k, v, l] = at as [number, number, number, number, number];
      for (let i = 0; i < out.shape.at(-2)!; i++) {
        const seen = rowOfScores(columns, query, q, key, k, i, attrs);
        let largest = Number.NEGATIVE_INFINITY;
        for (let j = 0; j < seen; j++) largest = Math.max(largest, columns[j]!);
        let sum = 0;
        for (let j = 0; j < seen; j++) {
          columns[j] = Math.exp(columns[j]! - largest);
          sum += columns[j]!;
        }
        logs.data[l + i * logs.stride.at(-1)!] = largest + Math.log(sum);
        for (let c = 0; c < width; c++) {
          let total = 0;
          for (let j = 0; j < seen; j++) total += columns[j]! * element(value, v, j, c);
          out.data[place(out, o, i, c)] = total / sum;
        }
      }
    });
  },
  wasm: attentionFast,
  accepts: (out, logs, query, key, value) => attentionLaunchable(out, logs, query, key, value),
  pays: (out) => out.size >= 64,
  ulps: 16,
}));

/**
 * The gradients of {@link attention}. With P the shares of the rows and D = P ∘ (grad · valueᵀ): of the value Pᵀ · grad; of the scores
 * scale · (D − P · the sums of D's rows), and of query and key what products with the other make of that.
 *
 * @param toQuery [...batch, L, E]
 * @param toKey   [...batch, S, E]
 * @param toValue [...batch, S, V]
 * @param grad    [...batch, L, V]
 * @param logs    as the forward pass wrote it
 */
export const attentionBackward: KernelPair<
  [
    ...[toQuery: NDArray, toKey: NDArray, toValue: NDArray, grad: NDArray, logs: NDArray],
    ...[query: NDArray, key: NDArray, value: NDArray, attrs: AttentionAttrs],
  ]
> = kernelPair(() => ({
  name: "attentionBackward",
  js: (toQuery, toKey, toValue, grad, logs, query, key, value, attrs) => {
    const [rows, columns] = [query.shape.at(-2)!, key.shape.at(-2)!];
    const [depth, width] = [query.shape.at(-1)!, value.shape.at(-1)!];
    const shares = new Float64Array(columns);
    const slopes = new Float64Array(columns);
    const matrices = [toQuery, toKey, toValue, grad, query, key, value];
    forEachMatrix(matrices, [logs], (at) => {
      const [tq, tk, tv, g, q, k, v, l] = at as [number, number, number, number, number, number, number, number];
      const ofKey = new Float64Array(columns * depth);
      const ofValue = new Float64Array(columns * width);
      for (let i = 0; i < rows; i++) {
        const seen = rowOfScores(shares, query, q, key, k, i, attrs);
        const log = logs.data[l + i * logs.stride.at(-1)!]!;
        let sum = 0;
        for (let j = 0; j < seen; j++) {
          shares[j] = Math.exp(shares[j]! - log);
          let product = 0;
          for (let c = 0; c < width; c++) {
            const slope = element(grad, g, i, c);
            product += slope * element(value, v, j, c);
            ofValue[j * width + c]! += shares[j]! * slope;
          }
          slopes[j] = product;
          sum += shares[j]! * product;
        }
        for (let j = 0; j < seen; j++) slopes[j] = shares[j]! * (slopes[j]! - sum) * attrs.scale;
        for (let e = 0; e < depth; e++) {
          let total = 0;
          for (let j = 0; j < seen; j++) {
            total += slopes[j]! * element(key, k, j, e);
            ofKey[j * depth + e]! += slopes[j]! * element(query, q, i, e);
          }
          toQuery.data[place(toQuery, tq, i, e)] = total;
        }
      }
      for (let j = 0; j < columns; j++) {
        for (let e = 0; e < depth; e++) toKey.data[place(toKey, tk, j, e)] = ofKey[j * depth + e]!;
        for (let c = 0; c < width; c++) toValue.data[place(toValue, tv, j, c)] = ofValue[j * width + c]!;
      }
    });
  },
  wasm: attentionFastBackward,
  accepts: (toQuery, toKey, toValue, grad, logs, query, key, value) =>
    attentionLaunchable(toQuery, toKey, toValue, grad, logs, query, key, value),
  pays: (toQuery) => toQuery.size >= 64,
  ulps: 8,
}));

/** Visits the matrices of a batch: where each starts, and behind them where the rows of `vectors` do. */
function forEachMatrix(
  matrices: readonly NDArray[],
  vectors: readonly NDArray[],
  visit: (at: readonly number[]) => void,
): void {
  const shape = matrices[0]!.shape.slice(0, -2);
  const batches = [
    ...matrices.map((a) => a.view(shape, a.stride.slice(0, -2), a.offset)),
    ...vectors.map((a) => a.view(shape, a.stride.slice(0, -1), a.offset)),
  ];
  walkEach(nestOf(shape, batches), visit);
}

function place({ stride }: NDArray, start: number, row: number, column: number): number {
  return start + row * stride.at(-2)! + column * stride.at(-1)!;
}

function element(matrix: NDArray, start: number, row: number, column: number): number {
  return matrix.data[place(matrix, start, row, column)]!;
}

/** Writes the scores of a row; returns how many it looks at. */
function rowOfScores(
  to: Float64Array,
  query: NDArray,
  q: number,
  key: NDArray,
  k: number,
  row: number,
  { scale, causal }: AttentionAttrs,
): number {
  const seen = causal ? Math.min(row + 1, to.length) : to.length;
  for (let j = 0; j < seen; j++) {
    let product = 0;
    for (let e = 0; e < query.shape.at(-1)!; e++) product += element(query, q, row, e) * element(key, k, j, e);
    to[j] = product * scale;
  }
  return seen;
}
