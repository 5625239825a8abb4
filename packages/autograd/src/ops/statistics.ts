import { fail, isFloating, k, normaliseDims, reducedShape } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { where } from "./choose.ts";
import { eq, ne } from "./compare.ts";
import { amax, amin } from "./extrema.ts";
import { abs, exp, log, sign, sqrt } from "./pointwise.ts";
import { mean, sum } from "./reduce.ts";
import { count, type Dims, type Reduce, type ReduceAttrs, type ReduceOptions, restored } from "./reduction.ts";

/** How a variance is taken. */
export interface VarOptions extends ReduceOptions {
  /** What is subtracted from the number of elements in the divisor. @defaultValue 1 */
  readonly correction?: number;
}

/** Variance over dimensions: Σ(x − mean)² / max(0, N − correction) (torch.var). */
export const variance: Op<Reduce<VarOptions>> = defineOp<
  [Tensor],
  ReduceAttrs & { correction: number },
  Reduce<VarOptions>
>(
  () => ({
    name: "var",
    infer: ([{ shape, dtype }], { dims, keepdim }) => {
      if (!isFloating(dtype))
        fail(
          "invalid_dtype",
          "var",
          "the variance of integers is not an integer",
          { dtype },
          "convert it with .float()",
        );
      return { shape: reducedShape(shape, dims, keepdim), dtype };
    },
    forward: (out, [input], { dims, correction }) =>
      k.variance(out.reshaped(reducedShape(input.shape, dims, true))!, input, dims, correction),
    saves: [0],
    backward: [
      (ctx) => {
        const x = ctx.input(0);
        const { dims, correction } = ctx.attrs;
        const scale = 2 / Math.max(0, count(x.shape, dims) - correction);
        return mul(mul(restored(ctx.grad, ctx.attrs, x.shape), scale), sub(x, mean(x, dims, { keepdim: true })));
      },
    ],
  }),
  (call) =>
    (input, dim, { keepdim = false, correction = 1 } = {}) =>
      call([input], { dims: normaliseDims("var", dim ?? undefined, input.ndim), keepdim, correction }),
);

export { variance as var };

/** Standard deviation: the root of the variance (torch.std). */
export function std(input: Tensor, dim?: Dims | null, options?: VarOptions): Tensor {
  return sqrt(variance(input, dim, options));
}

/** A pair of statistics of the same elements. */
export interface VarMean {
  readonly variance: Tensor;
  readonly mean: Tensor;
}

/** Variance and mean together (torch.var_mean). */
export function varMean(input: Tensor, dim?: Dims | null, options: VarOptions = {}): VarMean {
  return { variance: variance(input, dim, options), mean: mean(input, dim, { keepdim: options.keepdim ?? false }) };
}

/** A pair of statistics of the same elements. */
export interface StdMean {
  readonly std: Tensor;
  readonly mean: Tensor;
}

/** Standard deviation and mean together (torch.std_mean). */
export function stdMean(input: Tensor, dim?: Dims | null, options: VarOptions = {}): StdMean {
  return { std: std(input, dim, options), mean: mean(input, dim, { keepdim: options.keepdim ?? false }) };
}

/** How a norm is taken. */
export interface NormOptions extends ReduceOptions {
  /** The order p of (Σ|x|ᵖ)^(1/p); Infinity and -Infinity give the extrema, 0 the count of nonzeros. @defaultValue 2 */
  readonly p?: number;
}

/** Vector norm over dimensions, treated as one vector (torch.linalg.vector_norm, torch.norm). */
export function norm(input: Tensor, p: number | "fro" = 2, dim?: Dims | null, options?: ReduceOptions): Tensor {
  const order = p === "fro" ? 2 : p;
  if (typeof order !== "number") fail("unsupported", "norm", "unknown order of a norm", { p }, 'a number, or "fro"');
  if (order === Number.POSITIVE_INFINITY) return amax(abs(input), dim, options);
  if (order === Number.NEGATIVE_INFINITY) return amin(abs(input), dim, options);
  if (order === 0) return to(sum(ne(input, 0), dim, options), input.dtype);
  if (order === 1) return sum(abs(input), dim, options);
  return normOf(input, dim, { ...options, p: order });
}

const normOf: Op<Reduce<NormOptions>> = defineOp<[Tensor], ReduceAttrs & { p: number }, Reduce<NormOptions>>(
  () => ({
    name: "linalgVectorNorm",
    infer: ([{ shape, dtype }], { dims, keepdim }) => {
      if (!isFloating(dtype))
        fail("invalid_dtype", "norm", "a norm needs floating-point numbers", { dtype }, "convert it with .float()");
      return { shape: reducedShape(shape, dims, keepdim), dtype };
    },
    forward: (out, [input], { dims, p }) =>
      k.norm(out.reshaped(reducedShape(input.shape, dims, true))!, input, dims, p),
    saves: [0, "output"],
    backward: [
      (ctx) => {
        const x = ctx.input(0);
        const { p } = ctx.attrs;
        const total = restored(ctx.output, ctx.attrs, x.shape);
        const grad = restored(ctx.grad, ctx.attrs, x.shape);
        // x |x|^(p-2) / ‖x‖^(p-1), and 0 where the norm is 0
        const ratio = div(x, total);
        const slope = p === 2 ? ratio : mul(sign(x), power(abs(ratio), p - 1));
        return mul(grad, where(eq(total, 0), 0, slope));
      },
    ],
  }),
  (call) =>
    (input, dim, { keepdim = false, p = 2 } = {}) =>
      call([input], { dims: normaliseDims("norm", dim ?? undefined, input.ndim), keepdim, p }),
);

/** A nonnegative base raised to a constant; its gradient at 0 is taken as 0. */
function power(base: Tensor, exponent: number): Tensor {
  const safe = where(eq(base, 0), 1, base);
  return where(eq(base, 0), exponent === 0 ? 1 : 0, exp(mul(log(safe), exponent)));
}
