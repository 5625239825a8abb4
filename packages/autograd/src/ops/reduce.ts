import { type DType, fail, isFloating, k, NDArray, type Shape } from "@tapegrad/tensor";
import { allocateUnfilled, type Op, withSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { where } from "./choose.ts";
import { eq, isinf, ne } from "./compare.ts";
import { floating } from "./families.ts";
import { exp } from "./pointwise.ts";
import {
  count,
  type Dims,
  type Reduce,
  type ReduceOptions,
  reduction,
  restored,
  restoredArray,
  type SumOptions,
} from "./reduction.ts";
import { expand, reshape } from "./shape.ts";

export type { Dims, Reduce, ReduceOptions, SumOptions };

const integersAsInt32 = (dtype: DType): DType => (dtype === "bool" ? "int32" : dtype);

const sumOf: Op<Reduce> = reduction(() => ({
  name: "sum",
  kernel: k.sum,
  result: integersAsInt32,
  backward: (ctx) => {
    const { shape } = ctx.inputMeta(0);
    return expand(restored(ctx.grad, ctx.attrs, shape), shape);
  },
  fused: (ctx) => restoredArray(ctx.grad.array, ctx.attrs, ctx.inputMeta(0).shape),
}));

/** Sum over dimensions; truth values and integers add up to int32 (torch.sum). */
export const sum: Op<Reduce<SumOptions>> = withDType(sumOf);

const meanOf: Op<Reduce> = reduction(() => ({
  name: "mean",
  kernel: k.mean,
  backward: (ctx) => {
    const { shape } = ctx.inputMeta(0);
    return expand(div(restored(ctx.grad, ctx.attrs, shape), count(shape, ctx.attrs.dims)), shape);
  },
  fused: (ctx) => {
    const { array } = ctx.grad;
    const { shape } = ctx.inputMeta(0);
    const share = allocateUnfilled(array);
    k.div(share, array, NDArray.of([count(shape, ctx.attrs.dims)], [], array.dtype));
    return restoredArray(share, ctx.attrs, shape);
  },
}));

/** Mean over dimensions, of floating-point tensors only; of no elements it is NaN (torch.mean). */
export const mean: Op<Reduce<SumOptions>> = withSpec(
  (input: Tensor, dim?: Dims | null, options: SumOptions = {}): Tensor => {
    if (!isFloating(options.dtype ?? input.dtype)) {
      fail(
        "invalid_dtype",
        "mean",
        "the mean of integers is not an integer",
        { dtype: input.dtype },
        "convert it with .float(), or pass { dtype }",
      );
    }
    return withDType(meanOf)(input, dim, options);
  },
  () => meanOf.spec,
);

function withDType(op: Op<Reduce>): Op<Reduce<SumOptions>> {
  return withSpec(
    (input: Tensor, dim?: Dims | null, { dtype, ...options }: SumOptions = {}): Tensor =>
      op(dtype ? to(input, dtype) : input, dim, options),
    () => op.spec,
  );
}

const prodOf: Op<Reduce> = reduction(() => ({
  name: "prod",
  kernel: k.prod,
  result: integersAsInt32,
  saves: [0],
  backward: (ctx) => {
    const x = ctx.input(0);
    const { dims } = ctx.attrs;
    return mul(restored(ctx.grad, ctx.attrs, x.shape), productOfOthers(x, dims));
  },
}));

/** Product over all or one dimension (torch.prod). */
export const prod: Op<Reduce<SumOptions>> = withDType(prodOf);

/**
 * For each element the product of the other elements of its group: right where some of them are 0, and so is its own gradient.
 *
 * Nonzero elements are multiplied and divided; a single 0 among the others is a factor of its own, which vanishes but for its
 * gradient. With two and more of them the gradient vanishes too.
 */
function productOfOthers(x: Tensor, dims: readonly number[]): Tensor {
  const zero = eq(x, 0);
  const filled = where(zero, 1, x);
  const nonzero = prodOf(filled, dims, { keepdim: true });
  const zeros = sumOf(zero, dims, { keepdim: true });
  const others = sub(zeros, to(zero, "int32")); // zeros among the others
  const vanishing = where(zero, x, 0);
  const single = sub(sumOf(vanishing, dims, { keepdim: true }), vanishing);
  return mul(div(nonzero, filled), where(eq(others, 0), 1, where(eq(others, 1), single, 0)));
}

/** Whether all elements are nonzero (torch.all). */
export const all: Op<Reduce> = reduction(() => ({ name: "all", kernel: k.all, result: () => "bool", backward: null }));

/** Whether any element is nonzero (torch.any). */
export const any: Op<Reduce> = reduction(() => ({ name: "any", kernel: k.any, result: () => "bool", backward: null }));

/** ln Σ eˣ, without overflow (torch.logsumexp). */
export const logsumexp: Op<Reduce> = reduction(() => ({
  name: "logsumexp",
  kernel: k.logsumexp,
  result: floating,
  saves: [0, "output"],
  backward: (ctx) => {
    const input = ctx.input(0);
    const total = restored(ctx.output, ctx.attrs, input.shape);
    const weight = exp(sub(input, where(isinf(total), 0, total))); // all -inf: weights 0, not NaN
    return mul(restored(ctx.grad, ctx.attrs, input.shape), weight);
  },
}));

/** How many elements are not zero (torch.count_nonzero). */
export function countNonzero(input: Tensor, dim?: Dims | null): Tensor {
  return sumOf(ne(input, 0), dim);
}

/** Sums a tensor down to a shape that broadcasts to its own: the adjoint of broadcasting (torch.Tensor.sum_to_size). */
export function sumToShape(input: Tensor, shape: Shape): Tensor {
  const lead = input.ndim - shape.length;
  const dims = input.shape.flatMap((size, i) => (i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : []));
  const summed = dims.length === 0 ? input : sumOf(input, dims, { keepdim: true });
  return lead === 0 ? summed : reshape(summed, shape);
}
