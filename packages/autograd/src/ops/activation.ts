import { fail, k, normaliseDim } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { clampMax, where } from "./choose.ts";
import { gt } from "./compare.ts";
import { exp, expm1, sigmoid } from "./exponential.ts";
import { type Binary, binary, floating, type Unary, unary } from "./families.ts";
import { abs } from "./pointwise.ts";
import { narrow } from "./shape.ts";
import { tanh } from "./trigonometric.ts";

export * from "./gelu.ts";
export * from "./piecewise.ts";
export * from "./prelu.ts";

interface EluAttrs {
  readonly alpha: number;
  readonly scale: number;
  readonly inputScale: number;
}

/** scale·x above 0, scale·alpha·(e^(inputScale·x) − 1) at 0 and below. */
const scaledElu: Op<(input: Tensor, attrs: EluAttrs) => Tensor> = defineOp<
  [Tensor],
  EluAttrs,
  (input: Tensor, attrs: EluAttrs) => Tensor
>(
  () => ({
    name: "elu",
    infer: ([{ shape, dtype }]) => ({ shape, dtype: floating(dtype) }),
    forward: (out, inputs, { alpha, scale, inputScale }) =>
      byOps(out, inputs, (x) => where(gt(x, 0), mul(x, scale), mul(expm1(mul(x, inputScale)), alpha * scale))),
    saves: [0],
    backward: [
      (ctx) => {
        const { alpha, scale } = ctx.attrs;
        const inputScale = 1 / Math.fround(1 / ctx.attrs.inputScale); // as torch has it, in float64 too
        const x = ctx.input(0);
        // not of large x, where an infinity in the branch not taken would make its own gradient NaN
        const growth = exp(mul(clampMax(x, 0), inputScale));
        return where(gt(x, 0), mul(ctx.grad, scale), mul(mul(ctx.grad, inputScale * alpha * scale), growth));
      },
    ],
  }),
  (call) => (input, attrs) => call([input], attrs),
);

/** What {@link elu} and {@link celu} take. */
export interface EluOptions {
  /** The bound that large negative elements approach is −alpha. @defaultValue 1 */
  readonly alpha?: number;
}

/** x above 0, alpha·(eˣ − 1) at 0 and below (torch.nn.functional.elu; Clevert et al. 2015). */
export function elu(input: Tensor, { alpha = 1 }: EluOptions = {}): Tensor {
  return scaledElu(input, { alpha, scale: 1, inputScale: 1 });
}

/** {@link elu} scaled so that layers keep mean 0 and variance 1 (torch.selu; Klambauer et al. 2017). */
export function selu(input: Tensor): Tensor {
  return scaledElu(input, { alpha: 1.6732632423543772, scale: 1.0507009873554805, inputScale: 1 });
}

/**
 * max(x, 0) + min(0, alpha·(e^(x/alpha) − 1)): smooth at 0 for every alpha (torch.celu; Barron 2017).
 *
 * @throws TensorError `invalid_option` when alpha is 0
 */
export function celu(input: Tensor, { alpha = 1 }: EluOptions = {}): Tensor {
  if (alpha === 0) fail("invalid_option", "celu", "alpha must not be 0", { alpha });
  return scaledElu(input, { alpha, scale: 1, inputScale: 1 / alpha });
}

interface SoftplusAttrs {
  readonly beta: number;
  readonly threshold: number;
}

type SoftplusBackward = (grad: Tensor, input: Tensor, attrs: SoftplusAttrs) => Tensor;

/** The gradient of {@link softplus} from its input: grad·sigmoid(beta·x), and grad itself beyond the threshold. */
const softplusBackward: Op<SoftplusBackward> = defineOp<[Tensor, Tensor], SoftplusAttrs, SoftplusBackward>(
  () => ({
    name: "softplusBackward",
    infer: ([grad]) => grad,
    forward: (out, [grad, input], { beta, threshold }) => k.softplusBackward(out, grad, input, beta, threshold),
    saves: [0, 1],
    backward: [
      (ctx) => softplusBackward(ctx.grad, ctx.input(1), ctx.attrs),
      (ctx) => {
        const { beta, threshold } = ctx.attrs;
        const scaled = mul(ctx.input(1), beta);
        const s = sigmoid(scaled);
        const bend = mul(mul(s, sub(1, s)), beta);
        return mul(mul(ctx.grad, ctx.input(0)), where(gt(scaled, threshold), 0, bend));
      },
    ],
  }),
  (call) => (grad, input, attrs) => call([grad, input], attrs),
);

const softplusOf: Op<(input: Tensor, attrs: SoftplusAttrs) => Tensor> = defineOp<
  [Tensor],
  SoftplusAttrs,
  (input: Tensor, attrs: SoftplusAttrs) => Tensor
>(
  () => ({
    name: "softplus",
    infer: ([{ shape, dtype }]) => ({ shape, dtype: floating(dtype) }),
    forward: (out, [input], { beta, threshold }) => k.softplus(out, input, beta, threshold),
    saves: [0],
    backward: [(ctx) => softplusBackward(ctx.grad, ctx.input(0), ctx.attrs)],
  }),
  (call) => (input, attrs) => call([input], attrs),
);

/** What {@link softplus} takes. */
export interface SoftplusOptions {
  /** How sharp the bend is. @defaultValue 1 */
  readonly beta?: number;
  /** Where beta·x exceeds it, the result is x. @defaultValue 20 */
  readonly threshold?: number;
}

/** ln(1 + e^(beta·x)) / beta, a smooth relu; never overflows (torch.nn.functional.softplus). */
export function softplus(input: Tensor, { beta = 1, threshold = 20 }: SoftplusOptions = {}): Tensor {
  return softplusOf(input, { beta, threshold });
}

/** The gradient of {@link logSigmoid} from its input: grad·sigmoid(−x). */
const logSigmoidBackward: Op<Binary> = binary(() => ({
  name: "logSigmoidBackward",
  kernel: k.logSigmoidBackward,
  saves: [0, 1],
  backward: [
    (ctx) => logSigmoidBackward(ctx.grad, ctx.input(1)),
    (ctx) => {
      const s = sigmoid(ctx.input(1));
      return neg(mul(mul(ctx.grad, ctx.input(0)), mul(s, sub(1, s))));
    },
  ],
}));

/** ln(sigmoid(x)), exact for large negative x, where it is x (torch.nn.functional.logsigmoid). */
export const logSigmoid: Op<Unary> = unary(() => ({
  name: "logSigmoid",
  kernel: k.logSigmoid,
  saves: [0],
  backward: (ctx) => logSigmoidBackward(ctx.grad, ctx.input(0)),
}));

/** x / (1 + |x|) (torch.nn.functional.softsign). */
export function softsign(input: Tensor): Tensor {
  return div(input, add(abs(input), 1));
}

/** x − tanh(x) (torch.nn.functional.tanhshrink). */
export function tanhshrink(input: Tensor): Tensor {
  return sub(input, tanh(input));
}

/**
 * The first half along a dimension times the sigmoid of the second (torch.nn.functional.glu; Dauphin et al. 2016).
 *
 * @param input a tensor whose size along `dim` is even
 * @param dim   the dimension that is halved. Default -1
 * @throws TensorError `invalid_shape` | `invalid_dim`
 */
export function glu(input: Tensor, dim = -1): Tensor {
  if (input.ndim === 0) fail("invalid_shape", "glu", "a 0-d tensor cannot be halved");
  const at = normaliseDim("glu", dim, input.ndim);
  const size = input.shape[at]!;
  if (size % 2 !== 0)
    fail("invalid_shape", "glu", "the size along the dimension must be even", { shape: input.shape, dim });
  return mul(narrow(input, at, 0, size / 2), sigmoid(narrow(input, at, size / 2, size / 2)));
}
