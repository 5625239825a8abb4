import { fail, k, normaliseDim } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import { scalar } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { where } from "./choose.ts";
import { eq, isnan, logicalAnd, logicalOr } from "./compare.ts";
import { argmax, type ValuesAndIndices } from "./extrema.ts";
import { gather } from "./gather.ts";
import { any, type ReduceOptions, sum } from "./reduce.ts";
import { narrow, reshape, squeeze } from "./shape.ts";

/** How to sort. */
export interface SortOptions {
  /** Largest first. @defaultValue false */
  readonly descending?: boolean;
  /** Whether equals must keep their order. They always do. @defaultValue false */
  readonly stable?: boolean;
}

type Argsort = (input: Tensor, dim?: number, options?: SortOptions) => Tensor;

/** The indices that sort along a dimension; equals keep their order, and NaN is larger than every number (torch.argsort). */
export const argsort: Op<Argsort> = defineOp<[Tensor], { dim: number; descending: boolean }, Argsort>(
  () => ({
    name: "argsort",
    infer: ([{ shape }]) => ({ shape, dtype: "int32" }),
    forward: (out, [input], { dim, descending }) => k.argsort(out, input, dim, descending),
    backward: null,
  }),
  (call) =>
    (input, dim = -1, { descending = false } = {}) =>
      call([input], { dim: normaliseDim("argsort", dim, input.ndim), descending }),
);

/** The elements sorted along a dimension, and where they were; equals keep their order (torch.sort). */
export function sort(input: Tensor, dim = -1, options: SortOptions = {}): ValuesAndIndices {
  return picked(input, normaliseDim("sort", dim, input.ndim), argsort(input, dim, options));
}

/** The elements sorted along the first dimension (torch.msort). */
export function msort(input: Tensor): Tensor {
  return sort(input, 0).values;
}

function picked(input: Tensor, dim: number, indices: Tensor): ValuesAndIndices {
  return { values: gather(input, dim, indices), indices };
}

interface FirstAttrs {
  readonly k: number;
  readonly dim: number;
  readonly largest: boolean;
}

type First = (input: Tensor, attrs: FirstAttrs) => Tensor;

/** The indices of the first k in order. */
const firstOf: Op<First> = defineOp<[Tensor], FirstAttrs, First>(
  () => ({
    name: "topk",
    infer: ([{ shape }], { k: count, dim }) => ({
      shape: shape.map((n, d) => (d === dim ? count : n)),
      dtype: "int32",
    }),
    forward: (out, [input], { dim, largest }) => k.topk(out, input, dim, largest),
    backward: null,
  }),
  (call) => (input, attrs) => call([input], attrs),
);

/** What {@link topk} takes. */
export interface TopkOptions {
  /** The largest, else the smallest. @defaultValue true */
  readonly largest?: boolean;
  /** Whether they must be in order. They always are. @defaultValue true */
  readonly sorted?: boolean;
}

/**
 * The `count` largest or smallest elements along a dimension, in order, and where they are; NaN is larger than every
 * number (torch.topk).
 *
 * @param count at least 0, at most the size of the dimension
 * @throws TensorError `invalid_argument` | `invalid_dim`
 */
export function topk(input: Tensor, count: number, dim = -1, { largest = true }: TopkOptions = {}): ValuesAndIndices {
  const at = normaliseDim("topk", dim, input.ndim);
  checkCount("topk", count, 0, input.shape[at] ?? 1);
  return picked(input, at, firstOf(input, { k: count, dim: at, largest }));
}

function checkCount(where: string, count: number, least: number, most: number): void {
  if (!Number.isInteger(count) || count < least || count > most) {
    fail("invalid_argument", where, "k is out of range", { k: count, range: `${least} to ${most}` });
  }
}

/**
 * The `rank`-th smallest element along a dimension, counted from 1, and where it is; NaN is larger than every number
 * (torch.kthvalue).
 *
 * @throws TensorError `invalid_argument` | `invalid_dim`
 */
export function kthvalue(input: Tensor, rank: number, dim = -1, options: ReduceOptions = {}): ValuesAndIndices {
  const at = normaliseDim("kthvalue", dim, input.ndim);
  checkCount("kthvalue", rank, 1, input.shape[at] ?? 1);
  return single(input, at, nth(input, rank, at), options);
}

/** The index of the `rank`-th smallest, with the dimension kept. */
function nth(input: Tensor, rank: number, dim: number): Tensor {
  const first = firstOf(input, { k: rank, dim, largest: false });
  return input.ndim === 0 ? first : narrow(first, dim, rank - 1, 1);
}

/** What lies at an index along a dimension, which is dropped unless it is to be kept. */
function single(input: Tensor, dim: number, indices: Tensor, { keepdim = false }: ReduceOptions): ValuesAndIndices {
  const found = picked(input, dim, indices);
  if (keepdim || input.ndim === 0) return found;
  return { values: squeeze(found.values, dim), indices: squeeze(indices, dim) };
}

const medianOfAll: Op<(input: Tensor) => Tensor> = defineOp<[Tensor], undefined, (input: Tensor) => Tensor>(
  () => ({
    name: "median",
    infer: ([{ dtype }]) => ({ shape: [], dtype }),
    forward: (out, inputs) =>
      byOps(out, inputs, (x) => (x.numel() === 0 ? scalar(Number.NaN, "float32") : median(reshape(x, [-1]), 0).values)),
    saves: [0, "output"],
    backward: [
      (ctx) => {
        const [x, middle] = [ctx.input(0), ctx.output];
        const hit = logicalOr(eq(x, middle), logicalAnd(isnan(x), isnan(middle)));
        return mul(hit, div(ctx.grad, sum(hit)));
      },
    ],
  }),
  (call) => (input) => call([input], undefined),
);

/**
 * The middle element: of an even number of them the lower of the two, NaN where there is one (torch.median). Of all
 * elements, whose equals share the gradient, or along a dimension together with where it is.
 *
 * @throws TensorError `invalid_dim`; `invalid_shape` along a dimension of size 0
 */
export function median(input: Tensor): Tensor;
export function median(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function median(input: Tensor, dim?: number, options: ReduceOptions = {}): Tensor | ValuesAndIndices {
  if (dim === undefined) return medianOfAll(input);
  const at = normaliseDim("median", dim, input.ndim);
  const size = input.shape[at] ?? 1;
  if (size === 0) fail("invalid_shape", "median", "a dimension of size 0 has no median", { shape: input.shape, dim });
  const middle = nth(input, (size + 1) >> 1, at);
  const undefinedAt = any(isnan(input), at, { keepdim: true });
  return single(input, at, where(undefinedAt, argmax(input, at, { keepdim: true }), middle), options);
}
