import { k } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import { scalar } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, maximum, mul, neg, sub } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { clamp, where } from "./choose.ts";
import { eq, gt, isnan, le, logicalAnd, logicalNot, logicalOr, lt } from "./compare.ts";
import { exp, log, log1p, reciprocal, sigmoid, square } from "./exponential.ts";
import { type Binary, binary, floating, type Pairwise, type Unary, unary } from "./families.ts";
import { abs } from "./pointwise.ts";
import { sin } from "./trigonometric.ts";

const TWO_BY_ROOT_PI = 2 / Math.sqrt(Math.PI);

/** 2/√π·e^(−x²), the slope of erf. */
const bell = (x: Tensor): Tensor => mul(exp(neg(square(x))), TWO_BY_ROOT_PI);

/** Error function: 2/√π·∫₀ˣ e^(−t²) dt (torch.erf). */
export const erf: Op<Unary> = unary(() => ({
  name: "erf",
  kernel: k.erf,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, bell(ctx.input(0))),
}));

/** 1 − erf(x), without cancellation (torch.erfc). */
export const erfc: Op<Unary> = unary(() => ({
  name: "erfc",
  kernel: k.erfc,
  saves: [0],
  backward: (ctx) => neg(mul(ctx.grad, bell(ctx.input(0)))),
}));

/** Inverse of erf; infinite at ±1, NaN beyond (torch.erfinv). */
export const erfinv: Op<Unary> = unary(() => ({
  name: "erfinv",
  kernel: k.erfinv,
  saves: ["output"],
  backward: (ctx) => mul(ctx.grad, mul(exp(square(ctx.output)), Math.sqrt(Math.PI) / 2)),
}));

/** ln |Γ(x)|; Infinity at 0, −1, −2 ... (torch.lgamma). */
export const lgamma: Op<Unary> = unary(() => ({
  name: "lgamma",
  kernel: k.lgamma,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, digamma(ctx.input(0))),
}));

/** The derivative of ln Γ(x) (torch.digamma). */
export const digamma: Op<Unary> = unary(() => ({
  name: "digamma",
  kernel: k.digamma,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, trigamma(ctx.input(0))),
}));

/** Bernoulli numbers B₂, B₄ ... of the asymptotic series of {@link trigamma}. */
const BERNOULLI = [1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6];
const SHIFT = 10;

/**
 * The second derivative of ln Γ(x) (torch.polygamma with n = 1).
 *
 * Σ 1/(x + i)² for i < 10, and 1/y + 1/(2y²) + Σ B₂ⱼ/y²ʲ⁺¹ from y = x + 10 on; π²/sin²(πx) less that of 1 − x for
 * x < 1/2. The derivatives of the series are the series of the derivatives: they are as exact as it is itself.
 *
 * @see Abramowitz & Stegun (1964), 6.4.6, 6.4.7, 6.4.12
 */
function trigamma(input: Tensor): Tensor {
  const mirrored = lt(input, 0.5);
  const x = where(mirrored, sub(1, input), input);
  const r = reciprocal(add(x, SHIFT));
  const rr = square(r);
  let tail = BERNOULLI.reduceRight<Tensor>((sum, b) => mul(add(sum, b), rr), scalar(0, rr.dtype));
  tail = mul(add(add(tail, mul(r, 0.5)), 1), r);
  let sum = tail;
  for (let i = SHIFT - 1; i >= 0; i--) sum = add(sum, reciprocal(square(add(x, i))));
  // 1 where it is not used, so that no infinity meets a gradient of 0 there
  // sin(πx) as torch takes it, rounding included: at a pole it is not quite 0
  const sine = where(mirrored, sin(mul(input, Math.PI)), 1);
  return where(mirrored, sub(div(Math.PI ** 2, square(sine)), sum), sum);
}

type Logit = (input: Tensor, options?: LogitOptions) => Tensor;

/** What {@link logit} takes. */
export interface LogitOptions {
  /** Inputs are first clamped to [eps, 1 − eps]; null: not at all. @defaultValue null */
  readonly eps?: number | null;
}

/** ln(x / (1 − x)), the inverse of sigmoid; NaN outside [0, 1] (torch.logit). */
export const logit: Op<Logit> = defineOp<[Tensor], { eps: number | null }, Logit>(
  () => ({
    name: "logit",
    infer: ([{ shape, dtype }]) => ({ shape, dtype: floating(dtype) }),
    forward: (out, inputs, { eps }) =>
      byOps(out, inputs, (input) => {
        const x = eps === null ? input : clamp(input, eps, 1 - eps);
        return log(div(x, sub(1, x)));
      }),
    saves: [0],
    backward: [
      (ctx) => {
        const { eps } = ctx.attrs;
        const x = ctx.input(0);
        const outside = logicalOr(lt(x, eps ?? 0), gt(x, 1 - (eps ?? 0)));
        return where(outside, eps === null ? Number.NaN : 0, div(ctx.grad, mul(x, sub(1, x))));
      },
    ],
  }),
  (call) =>
    (input, { eps = null } = {}) =>
      call([input], { eps }),
);

/** ln(e^a + e^b) without overflow (torch.logaddexp). */
export const logaddexp: Op<Pairwise> = binary(() => ({
  name: "logaddexp",
  numbers: "none",
  kernel: (out, left, right) =>
    byOps(out, [left, right], (a, b) => {
      const equal = add(a, Math.LN2); // of equal infinities too, where the difference would be NaN
      return where(eq(a, b), equal, add(maximum(a, b), log1p(exp(neg(abs(sub(a, b)))))));
    }),
  meet: floating,
  saves: [0, 1],
  backward: [
    (ctx) => mul(ctx.grad, sigmoid(sub(ctx.input(0), ctx.input(1)))),
    (ctx) => mul(ctx.grad, sigmoid(sub(ctx.input(1), ctx.input(0)))),
  ],
}));

/** Where 0 wins against a logarithm, infinite or undefined as it may be. */
const vanishes = (x: Tensor, y: Tensor): Tensor => logicalAnd(eq(x, 0), logicalNot(isnan(y)));

/** x·ln y, and 0 where x = 0 whatever y is but NaN (torch.xlogy). */
export const xlogy: Op<Binary> = binary(() => ({
  name: "xlogy",
  numbers: "either",
  kernel: (out, left, right) => byOps(out, [left, right], (x, y) => where(vanishes(x, y), 0, mul(x, log(y)))),
  meet: floating,
  saves: [0, 1],
  backward: [
    (ctx) => {
      const [x, y] = [ctx.input(0), ctx.input(1)];
      return mul(ctx.grad, where(logicalAnd(eq(x, 0), le(y, 0)), 0, log(y)));
    },
    (ctx) => div(mul(ctx.grad, ctx.input(0)), ctx.input(1)),
  ],
}));

/** x·ln(1 + y), and 0 where x = 0 whatever y is but NaN (torch.special.xlog1py). */
export const xlog1py: Op<Binary> = binary(() => ({
  name: "xlog1py",
  numbers: "either",
  kernel: (out, left, right) => byOps(out, [left, right], (x, y) => where(vanishes(x, y), 0, mul(x, log1p(y)))),
  meet: floating,
  saves: [0, 1],
  backward: [
    (ctx) => {
      const [x, y] = [ctx.input(0), ctx.input(1)];
      return mul(ctx.grad, where(logicalAnd(eq(x, 0), le(y, -1)), 0, log1p(y)));
    },
    (ctx) => div(mul(ctx.grad, ctx.input(0)), add(ctx.input(1), 1)),
  ],
}));
