import { fail, isFloating, k, NDArray, normaliseDim, sizeOf } from "@tapegrad/tensor";
import { fullLike, onesLike } from "../creation.ts";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { clampMin } from "./choose.ts";
import { eq } from "./compare.ts";
import { gather } from "./gather.ts";
import { checkAlong, checkSameDType, checkSlices } from "./indexShapes.ts";
import { type Indices, indexTensor } from "./indexTensor.ts";
import { foldAlong, scatter, scatterAdd } from "./scatter.ts";
import { expand, narrow, reshape } from "./shape.ts";

/** How elements that meet in one place become one. */
export type ReduceName = "sum" | "prod" | "mean" | "amax" | "amin";

/** What {@link scatterReduce} takes. */
export interface ScatterReduceOptions {
  /** Whether the elements of the input count too, where others come to them. @defaultValue true */
  readonly includeSelf?: boolean;
}

interface ExtremumAttrs {
  readonly dim: number;
  readonly largest: boolean;
  readonly includeSelf: boolean;
}

type Extremum = (input: Tensor, index: Tensor, src: Tensor, attrs: ExtremumAttrs) => Tensor;

/** The least, or the largest, number of a dtype: what every element beats. */
function worst({ dtype }: NDArray, largest: boolean): number {
  if (dtype === "bool") return largest ? 0 : 1;
  if (dtype === "int32") return largest ? -(2 ** 31) : 2 ** 31 - 1;
  return largest ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

const extremumAt: Op<Extremum> = defineOp<[Tensor, Tensor, Tensor], ExtremumAttrs, Extremum>(
  () => ({
    name: "scatterReduce",
    infer: ([input]) => input,
    forward: (out, [input, index, src], { dim, largest, includeSelf }) => {
      k.copy(out, input);
      if (index.size === 0) return;
      if (!includeSelf) {
        const least = NDArray.zeros([sizeOf(index.shape)], out.dtype).reshaped(index.shape)!;
        k.fill(least, worst(out, largest));
        k.scatter(out, index, least, dim, "scatterReduce");
      }
      foldAlong(out, index, src, dim, largest ? Math.max : Math.min);
    },
    saves: [0, 1, 2, "output"],
    backward: [
      (ctx) => {
        const { dim, includeSelf } = ctx.attrs;
        const [index, mine] = [ctx.input(1), to(eq(ctx.input(0), ctx.output), ctx.grad.dtype)];
        const grad = mul(mine, shares(ctx.grad, ctx.input(0), index, ctx.input(2), ctx.output, dim));
        return includeSelf ? grad : scatter(grad, dim, index, 0);
      },
      null,
      (ctx) => {
        const { dim } = ctx.attrs;
        const [index, src] = [ctx.input(1), ctx.input(2)];
        const best = eq(src, gather(ctx.output, dim, index));
        return mul(best, gather(shares(ctx.grad, ctx.input(0), index, src, ctx.output, dim), dim, index));
      },
    ],
  }),
  (apply) => (input, index, src, attrs) => apply([input, index, src], attrs),
);

/** The gradient over the number of elements that are the extremum of their place. */
function shares(grad: Tensor, input: Tensor, index: Tensor, src: Tensor, best: Tensor, dim: number): Tensor {
  const hits = to(eq(src, gather(best, dim, index)), "int32");
  return div(grad, scatterAdd(to(eq(input, best), "int32"), dim, index, hits));
}

/**
 * A copy where each place that indices along a dimension name holds the sum, product, mean, largest or smallest of all elements
 * sent there: `out[i][index[i][j][k]][k]` of `src[i][j][k]` for dim 1.
 *
 * Elements that are the extremum of their place share its gradient evenly.
 *
 * @param index int32, as for scatter
 * @param src   of the dtype of `input`
 * @throws TensorError `invalid_option` | `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.scatter_reduce
 */
export function scatterReduce(
  input: Tensor,
  dim: number,
  index: Indices,
  src: Tensor,
  reduce: ReduceName,
  { includeSelf = true }: ScatterReduceOptions = {},
): Tensor {
  const where = "scatterReduce";
  const at = normaliseDim(where, dim, input.ndim);
  const places = indexTensor(where, index);
  checkSameDType(where, { input, src });
  checkAlong(where, { input, index: places, src }, at);
  const cut = places.shape.reduce(
    (part, size, d) => (part.ndim === 0 || part.shape[d] === size ? part : narrow(part, d, 0, size)),
    src,
  );
  return combined(input, at, places, cut, reduce, includeSelf);
}

function combined(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ReduceName,
  includeSelf: boolean,
): Tensor {
  const without = (value: number): Tensor => (includeSelf ? input : scatter(input, dim, index, value));
  switch (reduce) {
    case "sum":
      return scatterAdd(without(0), dim, index, src);
    case "prod":
      return scatter(without(1), dim, index, src, { reduce: "multiply" });
    case "mean": {
      const ones = onesLike(input, { dtype: "int32" });
      const start = includeSelf ? ones : scatter(ones, dim, index, 0);
      const counts = clampMin(scatterAdd(start, dim, index, fullLike(src, 1, { dtype: "int32" })), 1);
      return div(scatterAdd(without(0), dim, index, src), counts, {
        roundingMode: isFloating(input.dtype) ? null : "floor",
      });
    }
    case "amax":
    case "amin":
      return extremumAt(input, index, src, { dim, largest: reduce === "amax", includeSelf });
    default:
      return fail(
        "invalid_option",
        "scatterReduce",
        "unknown reduction",
        { reduce },
        'one of "sum", "prod", "mean", "amax", "amin"',
      );
  }
}

/**
 * {@link scatterReduce} of whole slices along a dimension: `out[i][index[j]][k]` of `source[i][j][k]` for dim 1.
 *
 * @param index  int32 vector, at least 0
 * @param source the shape of `input`, with as many slices along `dim` as there are indices
 * @throws TensorError `invalid_option` | `invalid_index` | `invalid_dtype` | `shape_mismatch`
 * @see torch.index_reduce
 */
export function indexReduce(
  input: Tensor,
  dim: number,
  index: Indices,
  source: Tensor,
  reduce: Exclude<ReduceName, "sum">,
  { includeSelf = true }: ScatterReduceOptions = {},
): Tensor {
  const where = "indexReduce";
  const at = normaliseDim(where, dim, input.ndim);
  const places = indexTensor(where, index);
  checkSameDType(where, { input, source });
  checkSlices(where, { input, index: places, source }, at);
  const spread = expand(
    reshape(places, input.ndim === 0 ? source.shape : source.shape.map((_, d) => (d === at ? places.numel() : 1))),
    source.shape,
  );
  return combined(input, at, spread, source, reduce, includeSelf);
}
