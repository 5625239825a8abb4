import { type DType, k, NDArray, normaliseDim } from "@tapegrad/tensor";
import { arange, eye } from "../creation.ts";
import { type BackwardContext, defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { where } from "./choose.ts";
import { eq, ge, gt, logicalAnd, lt } from "./compare.ts";
import { exp, log } from "./exponential.ts";
import type { ValuesAndIndices } from "./extrema.ts";
import { floating } from "./families.ts";
import { gather } from "./gather.ts";
import { abs } from "./pointwise.ts";
import { sum } from "./reduce.ts";
import { expand, movedim, strideOver, unsqueeze } from "./shape.ts";

/** Scans that may add in another dtype. */
export interface ScanOptions {
  /** The dtype to convert to before scanning. */
  readonly dtype?: DType;
}

interface DimAttrs {
  readonly dim: number;
}

type Scan = (input: Tensor, dim: number, options?: ScanOptions) => Tensor;
type Context = BackwardContext<DimAttrs>;

interface ScanSpec {
  readonly name: string;
  readonly kernel: (out: NDArray, input: NDArray, dim: number) => void;
  readonly result: (dtype: DType) => DType;
  readonly saves?: readonly (0 | "output")[];
  readonly backward: (ctx: Context) => Tensor;
  /** The same gradient, cheaper, while nobody asks for gradients of gradients. */
  readonly fast?: (ctx: Context) => Tensor;
}

/** Declares a scan: a running result along one dimension. */
function scan({ name, kernel, result, saves = [], backward, fast }: ScanSpec): Op<Scan> {
  return defineOp<[Tensor], DimAttrs, Scan>(
    () => ({
      name,
      infer: ([{ shape, dtype }]) => ({ shape, dtype: result(dtype) }),
      forward: (out, [input], { dim }) => kernel(out, input, dim),
      saves,
      backward: [backward],
      ...(fast && { fused: (ctx) => [fast(ctx)] }),
    }),
    (call) =>
      (input, dim, { dtype = input.dtype } = {}) =>
        call([to(input, dtype)], { dim: normaliseDim(name, dim, input.ndim) }),
  );
}

const integersAsInt32 = (dtype: DType): DType => (dtype === "bool" ? "int32" : dtype);

/** The elements along a dimension from the last to the first, without a copy. */
function reversed(input: Tensor, dim: number): Tensor {
  if (input.ndim === 0) return input;
  const size = input.shape[dim]!;
  return strideOver(input, dim, size - 1, size, -1);
}

/** The sums of each element and all after it: what carries gradients back through a scan. */
const sumFrom = (input: Tensor, dim: number): Tensor => reversed(cumsum(reversed(input, dim), dim), dim);

/** Running sum along a dimension; truth values add up to int32 (torch.cumsum). */
export const cumsum: Op<Scan> = scan({
  name: "cumsum",
  kernel: k.cumsum,
  result: integersAsInt32,
  backward: (ctx) => sumFrom(ctx.grad, ctx.attrs.dim),
});

/** Running product along a dimension, with the right gradients at zeros too (torch.cumprod). */
export const cumprod: Op<Scan> = scan({
  name: "cumprod",
  kernel: k.cumprod,
  result: integersAsInt32,
  saves: [0, "output"],
  // n² products, each leaving one factor out: differentiable to any order wherever the zeros are
  backward: (ctx) => {
    const x = ctx.input(0);
    const { dim } = ctx.attrs;
    if (x.ndim === 0) return ctx.grad;
    const n = x.shape[dim]!;
    const factors = table(x, dim, -2);
    const products = cumprod(where(eye(n, n, { dtype: "bool" }), 1, factors), -1);
    return weigh(ctx.grad, products, dim);
  },
  // Left of the first zero, Σ grad·output / x as if there were none; at it, the sum of the products that leave it out;
  // right of it, 0: every product has it as a factor.
  fast: (ctx) => {
    const x = ctx.input(0);
    const { dim } = ctx.attrs;
    if (x.ndim === 0) return ctx.grad;
    const zero = eq(x, 0);
    const zeros = cumsum(zero, dim);
    const first = logicalAnd(zero, eq(zeros, 1));
    const without = cumprod(where(first, 1, x), dim);
    const left = div(sumFrom(mul(ctx.grad, ctx.output), dim), x);
    const here = sumFrom(mul(ctx.grad, without), dim);
    return where(eq(zeros, 0), left, where(first, here, 0));
  },
});

/** Running ln Σ eˣ along a dimension, without overflow (torch.logcumsumexp). */
export const logcumsumexp: Op<Scan> = scan({
  name: "logcumsumexp",
  kernel: k.logcumsumexp,
  result: floating,
  saves: [0, "output"],
  // e^(x[k] − output[i]) for every k ≤ i: at most 1, and differentiable to any order
  backward: (ctx) => {
    const x = ctx.input(0);
    const { dim } = ctx.attrs;
    if (x.ndim === 0) return ctx.grad;
    const n = x.shape[dim]!;
    const distance = sub(table(x, dim, -1), table(ctx.output, dim, -2));
    return weigh(ctx.grad, exp(where(fromDiagonal(n), distance, Number.NEGATIVE_INFINITY)), dim);
  },
  // in logarithms, apart for gradients of either sign, so that nothing overflows
  fast: (ctx) => {
    const [x, { output, grad }] = [ctx.input(0), ctx];
    const { dim } = ctx.attrs;
    const size = log(abs(grad));
    const part = (own: Tensor): Tensor => {
      const weights = sub(where(own, size, Number.NEGATIVE_INFINITY), output);
      return exp(add(reversed(logcumsumexp(reversed(weights, dim), dim), dim), x));
    };
    return sub(part(gt(grad, 0)), part(lt(grad, 0)));
  },
});

/** A line of n along `dim` as n × n, moved to the end and repeated along the last dimension but one (-2) or the last (-1). */
function table(input: Tensor, dim: number, repeated: -1 | -2): Tensor {
  const lines = movedim(input, dim, -1);
  return expand(unsqueeze(lines, repeated), [...lines.shape, lines.shape.at(-1)!]);
}

/** n × n: whether the column is not left of the row. */
function fromDiagonal(n: number): Tensor {
  const places = arange(n);
  return ge(places, unsqueeze(places, 1));
}

/** Σ over columns i ≥ k of grad[i]·weights[k, i], with k moved back to `dim`. */
function weigh(grad: Tensor, weights: Tensor, dim: number): Tensor {
  const n = weights.shape.at(-1)!;
  const terms = mul(table(grad, dim, -2), where(fromDiagonal(n), weights, 0));
  return movedim(sum(terms, -1), -1, dim);
}

type ExtremeIndices = (input: Tensor, dim: number) => Tensor;

/** Declares the places of running extrema; of equals the last, and from the first NaN on those of NaN. */
function extremeIndices(name: string, beats: (x: number, best: number) => boolean): Op<ExtremeIndices> {
  return defineOp<[Tensor], DimAttrs, ExtremeIndices>(
    () => ({
      name,
      infer: ([{ shape }]) => ({ shape, dtype: "int32" }),
      forward: (out, [input], { dim }) => {
        const order = [...input.shape.keys()].filter((d) => d !== dim);
        if (input.dimension > 0) order.push(dim);
        const values = input.transpose(...order).toArray();
        const found = new Int32Array(values.length);
        const n = input.shape[dim] ?? 1;
        for (let row = 0; row < values.length; row += n) {
          let best = 0;
          for (let i = 0; i < n; i++) {
            const [x, held] = [values[row + i]!, values[row + best]!];
            if (Number.isNaN(x) || beats(x, held)) best = i;
            found[row + i] = best;
          }
        }
        const target = out.transpose(...order);
        k.copy(target, NDArray.wrap(found, target.shape));
      },
      backward: null,
    }),
    (call) => (input, dim) => call([input], { dim }),
  );
}

const largestSoFar: Op<ExtremeIndices> = extremeIndices("cummax", (x, best) => x >= best);
const smallestSoFar: Op<ExtremeIndices> = extremeIndices("cummin", (x, best) => x <= best);

/** The largest so far along a dimension and where it is, the last of equals; NaN once there was one (torch.cummax). */
export function cummax(input: Tensor, dim: number): ValuesAndIndices {
  const at = normaliseDim("cummax", dim, input.ndim);
  const indices = largestSoFar(input, at);
  return { values: gather(input, at, indices), indices };
}

/** The smallest so far along a dimension and where it is, the last of equals; NaN once there was one (torch.cummin). */
export function cummin(input: Tensor, dim: number): ValuesAndIndices {
  const at = normaliseDim("cummin", dim, input.ndim);
  const indices = smallestSoFar(input, at);
  return { values: gather(input, at, indices), indices };
}
