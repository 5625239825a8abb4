import { isFloating, k } from "@tapegrad/tensor";
import { noGrad } from "../context.ts";
import type { Op } from "../op.ts";
import { resultType } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { where } from "./choose.ts";
import { eq, gt, logicalAnd, logicalOr, lt } from "./compare.ts";
import { reciprocal } from "./exponential.ts";
import { checkNumbers, type Unary, unary } from "./families.ts";
import { flat } from "./rounding.ts";

export * from "./exponential.ts";
export { ceil, floor, frac, type RoundOptions, round, trunc } from "./rounding.ts";
export * from "./special.ts";
export * from "./trigonometric.ts";

/** The magnitude; its gradient at 0 is 0 (torch.abs). */
export const abs: Op<Unary> = unary(() => ({
  name: "abs",
  kernel: k.abs,
  floats: false,
  saves: [0],
  backward: (ctx) => mul(ctx.grad, sgn(ctx.input(0))),
}));

/** −1, 0 or 1; 0 for NaN (torch.sign). */
export const sign: Op<Unary> = unary(() => ({
  name: "sign",
  kernel: k.sign,
  floats: false,
  backward: ({ grad }) => flat(grad),
}));

/** The sign, which for real numbers is {@link sign} (torch.sgn). */
export const sgn: Op<Unary> = unary(() => ({
  name: "sgn",
  kernel: k.sign,
  floats: false,
  backward: ({ grad }) => flat(grad),
}));

/** The tensor itself (torch.positive). */
export function positive(input: Tensor): Tensor {
  return input;
}

/** Whether each element is negative; true for −0 too (torch.signbit). */
export function signbit(input: Tensor): Tensor {
  if (!isFloating(input.dtype)) return lt(input, 0);
  return noGrad(() => logicalOr(lt(input, 0), logicalAnd(eq(input, 0), lt(reciprocal(input), 0))));
}

/** 0 below zero, 1 above it, and the element of `values` at zero; without a gradient (torch.heaviside). */
export function heaviside(input: Tensor, values: Tensor): Tensor {
  checkNumbers("heaviside", input, values, "none");
  return noGrad(() => where(eq(input, 0), values, to(gt(input, 0), resultType(input, values))));
}
