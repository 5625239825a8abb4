import { fail, k } from "@tapegrad/tensor";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { softplus } from "./activation.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { exp, sigmoid, square } from "./exponential.ts";
import { type Binary, binary, type Unary, unary } from "./families.ts";
import { tanh } from "./trigonometric.ts";

/** The gradient of {@link gelu} from its input: grad·(Φ(x) + x·φ(x)). */
const geluBackward: Op<Binary> = binary(() => ({
  name: "geluBackward",
  kernel: k.geluBackward,
  saves: [0, 1],
  backward: [
    (ctx) => geluBackward(ctx.grad, ctx.input(1)),
    (ctx) => {
      const squared = square(ctx.input(1));
      const density = mul(exp(mul(squared, -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return mul(mul(ctx.grad, ctx.input(0)), mul(density, sub(2, squared)));
    },
  ],
}));

const geluExact: Op<Unary> = unary(() => ({
  name: "gelu",
  kernel: k.gelu,
  saves: [0],
  backward: (ctx) => geluBackward(ctx.grad, ctx.input(0)),
}));

const GELU_SLOPE = 2 * Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

/** The gradient of the approximate {@link gelu} x·s(u) from its input; s is sigmoid, u = 2√(2/π)·(x + 0.044715·x³). */
const geluTanhBackward: Op<Binary> = binary(() => ({
  name: "geluBackward",
  kernel: k.geluTanhBackward,
  saves: [0, 1],
  backward: [
    (ctx) => geluTanhBackward(ctx.grad, ctx.input(1)),
    (ctx) => {
      const x = ctx.input(1);
      const squared = square(x);
      const first = mul(add(mul(squared, 3 * GELU_CUBIC), 1), GELU_SLOPE); // u'
      const second = mul(x, 6 * GELU_CUBIC * GELU_SLOPE); // u''
      const s = sigmoid(mul(mul(x, add(mul(squared, GELU_CUBIC), 1)), GELU_SLOPE));
      const slope = mul(s, sub(1, s));
      const bend = add(mul(square(first), sub(1, mul(s, 2))), second);
      return mul(mul(ctx.grad, ctx.input(0)), mul(slope, add(mul(first, 2), mul(x, bend))));
    },
  ],
}));

const geluTanh: Op<Unary> = unary(() => ({
  name: "gelu",
  kernel: k.geluTanh,
  saves: [0],
  backward: (ctx) => geluTanhBackward(ctx.grad, ctx.input(0)),
}));

/** What {@link gelu} takes. */
export interface GeluOptions {
  /** Whether Φ is exact or approximated through tanh. @defaultValue "none" */
  readonly approximate?: "none" | "tanh";
}

/**
 * x·Φ(x), Φ the normal distribution function (torch.nn.functional.gelu; Hendrycks & Gimpel 2016).
 *
 * @throws TensorError `invalid_option` for another `approximate`
 */
export function gelu(input: Tensor, { approximate = "none" }: GeluOptions = {}): Tensor {
  if (approximate !== "none" && approximate !== "tanh") {
    fail("invalid_option", "gelu", "unknown approximation", { approximate }, 'one of "none", "tanh"');
  }
  return approximate === "none" ? geluExact(input) : geluTanh(input);
}

/** The gradient of {@link silu} from its input: grad·s·(1 + x·(1 − s)), s = sigmoid(x). */
const siluBackward: Op<Binary> = binary(() => ({
  name: "siluBackward",
  kernel: k.siluBackward,
  saves: [0, 1],
  backward: [
    (ctx) => siluBackward(ctx.grad, ctx.input(1)),
    (ctx) => {
      const x = ctx.input(1);
      const s = sigmoid(x);
      const bend = mul(mul(s, sub(1, s)), add(mul(x, sub(1, mul(s, 2))), 2));
      return mul(mul(ctx.grad, ctx.input(0)), bend);
    },
  ],
}));

/** x·sigmoid(x), also called swish (torch.nn.functional.silu; Elfwing et al. 2017). */
export const silu: Op<Unary> = unary(() => ({
  name: "silu",
  kernel: k.silu,
  saves: [0],
  backward: (ctx) => siluBackward(ctx.grad, ctx.input(0)),
}));

/** x·tanh(softplus(x)) (torch.nn.functional.mish; Misra 2019). */
export const mish: Op<Unary> = unary(() => ({
  name: "mish",
  kernel: (out, input) => byOps(out, [input], (x) => mul(x, tanh(softplus(x)))),
  saves: [0],
  backward: (ctx) => {
    const x = ctx.input(0);
    const t = tanh(softplus(x));
    return mul(ctx.grad, add(t, mul(mul(x, sigmoid(x)), sub(1, square(t)))));
  },
}));
