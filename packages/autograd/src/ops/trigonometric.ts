import { k } from "@tapegrad/tensor";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { rsqrt, square } from "./exponential.ts";
import { type Binary, binary, type Unary, unary } from "./families.ts";

/** Sine of an angle in radians (torch.sin). */
export const sin: Op<Unary> = unary(() => ({
  name: "sin",
  kernel: k.sin,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, cos(ctx.input(0))),
}));

/** Cosine of an angle in radians (torch.cos). */
export const cos: Op<Unary> = unary(() => ({
  name: "cos",
  kernel: k.cos,
  saves: [0],
  backward: (ctx) => neg(mul(ctx.grad, sin(ctx.input(0)))),
}));

/** Tangent of an angle in radians (torch.tan). */
export const tan: Op<Unary> = unary(() => ({
  name: "tan",
  kernel: k.tan,
  saves: ["output"],
  backward: (ctx) => mul(ctx.grad, add(square(ctx.output), 1)),
}));

/** The angle in [−π/2, π/2] with this sine; NaN outside [−1, 1] (torch.asin). */
export const asin: Op<Unary> = unary(() => ({
  name: "asin",
  kernel: k.asin,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, rsqrt(sub(1, square(ctx.input(0))))),
}));

/** The angle in [0, π] with this cosine; NaN outside [−1, 1] (torch.acos). */
export const acos: Op<Unary> = unary(() => ({
  name: "acos",
  kernel: k.acos,
  saves: [0],
  backward: (ctx) => neg(mul(ctx.grad, rsqrt(sub(1, square(ctx.input(0)))))),
}));

/** The angle in (−π/2, π/2) with this tangent (torch.atan). */
export const atan: Op<Unary> = unary(() => ({
  name: "atan",
  kernel: k.atan,
  saves: [0],
  backward: (ctx) => div(ctx.grad, add(square(ctx.input(0)), 1)),
}));

/** Hyperbolic sine (torch.sinh). */
export const sinh: Op<Unary> = unary(() => ({
  name: "sinh",
  kernel: k.sinh,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, cosh(ctx.input(0))),
}));

/** Hyperbolic cosine (torch.cosh). */
export const cosh: Op<Unary> = unary(() => ({
  name: "cosh",
  kernel: k.cosh,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, sinh(ctx.input(0))),
}));

/** The gradient of {@link tanh} from its output y: grad·(1 − y²). */
const tanhBackward: Op<Binary> = binary(() => ({
  name: "tanhBackward",
  kernel: k.tanhBackward,
  saves: [0, 1],
  backward: [
    (ctx) => tanhBackward(ctx.grad, ctx.input(1)),
    (ctx) => mul(mul(ctx.grad, ctx.input(0)), mul(ctx.input(1), -2)),
  ],
}));

/** Hyperbolic tangent (torch.tanh). */
export const tanh: Op<Unary> = unary(() => ({
  name: "tanh",
  kernel: k.tanh,
  saves: ["output"],
  backward: (ctx) => tanhBackward(ctx.grad, ctx.output),
}));

/** Inverse hyperbolic sine (torch.asinh). */
export const asinh: Op<Unary> = unary(() => ({
  name: "asinh",
  kernel: k.asinh,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, rsqrt(add(square(ctx.input(0)), 1))),
}));

/** Inverse hyperbolic cosine, at least 0; NaN below 1 (torch.acosh). */
export const acosh: Op<Unary> = unary(() => ({
  name: "acosh",
  kernel: k.acosh,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, rsqrt(sub(square(ctx.input(0)), 1))),
}));

/** Inverse hyperbolic tangent; infinite at ±1, NaN beyond (torch.atanh). */
export const atanh: Op<Unary> = unary(() => ({
  name: "atanh",
  kernel: k.atanh,
  saves: [0],
  backward: (ctx) => div(ctx.grad, sub(1, square(ctx.input(0)))),
}));

/** Radians as degrees (torch.rad2deg). */
export function rad2deg(input: Tensor): Tensor {
  return mul(input, 180 / Math.PI);
}

/** Degrees as radians (torch.deg2rad). */
export function deg2rad(input: Tensor): Tensor {
  return mul(input, Math.PI / 180);
}
