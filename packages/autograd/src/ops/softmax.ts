import { type DType, fail, isFloating, k, normaliseDim, type Shape } from "@tapegrad/tensor";
import { defineOp, type Op, type OpSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mul, neg, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { exp } from "./exponential.ts";
import { sum } from "./reduce.ts";

/** What {@link softmax}, {@link softmin} and {@link logSoftmax} take. */
export interface SoftmaxOptions {
  /** The dtype to convert to before anything is computed. @defaultValue that of the input */
  readonly dtype?: DType;
}

type Softmax = (input: Tensor, dim: number, options?: SoftmaxOptions) => Tensor;
type SoftmaxBackward = (grad: Tensor, output: Tensor, dim: number) => Tensor;

interface DimAttrs {
  readonly dim: number;
}

function sharesOf(name: string): OpSpec<[Tensor], DimAttrs>["infer"] {
  return ([{ shape, dtype }]): { shape: Shape; dtype: DType } => {
    if (!isFloating(dtype)) {
      fail(
        "invalid_dtype",
        name,
        "the input must be floating-point",
        { dtype },
        'convert it with .float(), or pass { dtype: "float32" }',
      );
    }
    return { shape, dtype };
  };
}

/** Sorts out the arguments of the three. */
function along(name: string, call: (inputs: [Tensor], attrs: DimAttrs) => Tensor): Softmax {
  return (input, dim, { dtype = input.dtype } = {}) =>
    call([to(input, dtype)], { dim: normaliseDim(name, dim, input.ndim) });
}

/** The gradient of {@link softmax} from its output y: y·(grad − Σ grad·y). */
const softmaxBackward: Op<SoftmaxBackward> = defineOp<[Tensor, Tensor], DimAttrs, SoftmaxBackward>(
  () => ({
    name: "softmaxBackward",
    infer: ([grad]) => grad,
    forward: (out, [grad, output], { dim }) => k.softmaxBackward(out, grad, output, dim),
    saves: [0, 1],
    tidy: true,
    backward: [
      (ctx) => softmaxBackward(ctx.grad, ctx.input(1), ctx.attrs.dim),
      (ctx) => {
        const [grad, output] = [ctx.input(0), ctx.input(1)];
        const total = (a: Tensor): Tensor => sum(mul(a, output), ctx.attrs.dim, { keepdim: true });
        return sub(mul(ctx.grad, sub(grad, total(grad))), mul(grad, total(ctx.grad)));
      },
    ],
  }),
  (call) => (grad, output, dim) => call([grad, output], { dim }),
);

/**
 * eˣ / Σ eˣ along a dimension, without overflow: shares that add up to 1 (torch.softmax).
 *
 * @throws TensorError `invalid_dtype` for integers without `dtype`; `invalid_dim`
 */
export const softmax: Op<Softmax> = defineOp<[Tensor], DimAttrs, Softmax>(
  () => ({
    name: "softmax",
    infer: sharesOf("softmax"),
    forward: (out, [input], { dim }) => k.softmax(out, input, dim),
    saves: ["output"],
    tidy: true,
    backward: [(ctx) => softmaxBackward(ctx.grad, ctx.output, ctx.attrs.dim)],
  }),
  (call) => along("softmax", call),
);

/** The gradient of {@link logSoftmax} from its output y: grad − e^y·Σ grad. */
const logSoftmaxBackward: Op<SoftmaxBackward> = defineOp<[Tensor, Tensor], DimAttrs, SoftmaxBackward>(
  () => ({
    name: "logSoftmaxBackward",
    infer: ([grad]) => grad,
    forward: (out, [grad, output], { dim }) => k.logSoftmaxBackward(out, grad, output, dim),
    saves: [0, 1],
    tidy: true,
    backward: [
      (ctx) => sub(ctx.grad, sum(mul(ctx.grad, exp(ctx.input(1))), ctx.attrs.dim, { keepdim: true })),
      (ctx) => neg(mul(mul(ctx.grad, exp(ctx.input(1))), sum(ctx.input(0), ctx.attrs.dim, { keepdim: true }))),
    ],
  }),
  (call) => (grad, output, dim) => call([grad, output], { dim }),
);

/**
 * The logarithm of {@link softmax}, exact where that is too small to be told from 0 (torch.log_softmax).
 *
 * @throws TensorError `invalid_dtype` for integers without `dtype`; `invalid_dim`
 */
export const logSoftmax: Op<Softmax> = defineOp<[Tensor], DimAttrs, Softmax>(
  () => ({
    name: "logSoftmax",
    infer: sharesOf("logSoftmax"),
    forward: (out, [input], { dim }) => k.logSoftmax(out, input, dim),
    saves: ["output"],
    tidy: true,
    backward: [(ctx) => logSoftmaxBackward(ctx.grad, ctx.output, ctx.attrs.dim)],
  }),
  (call) => along("logSoftmax", call),
);

/** {@link softmax} of −x: the smallest gets the largest share (torch.nn.functional.softmin). */
export function softmin(input: Tensor, dim: number, options: SoftmaxOptions = {}): Tensor {
  return softmax(neg(to(input, options.dtype ?? input.dtype)), dim);
}
