import type { Op } from "../op.ts";
import { as, meet, type Operand } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, neg, pow, sub } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { to } from "./cast.ts";
import { where } from "./choose.ts";
import { eq, ge, isnan, le, logicalOr } from "./compare.ts";
import { binary, type Comparison, checkNumbers, floating, type Pairwise } from "./families.ts";
import { abs, logaddexp, signbit } from "./pointwise.ts";
import { flat } from "./rounding.ts";

/** The magnitude of the first with the sign of the second, that of −0 too; no gradient flows to the second (torch.copysign). */
export const copysign: Op<Comparison> = binary(() => ({
  name: "copysign",
  kernel: (out, input, other) =>
    byOps(out, [input, other], (x, sign) => {
      const magnitude = abs(x);
      return where(signbit(sign), neg(magnitude), magnitude);
    }),
  meet: floating,
  numbers: "other",
  saves: [0, "output"],
  backward: [
    (ctx) => {
      const x = ctx.input(0);
      return mul(ctx.grad, where(eq(x, 0), 0, div(ctx.output, x)));
    },
    ({ grad }) => flat(grad),
  ],
}));

/** The larger of two, where NaN loses against numbers; of equals the first gets the gradient (torch.fmax). */
export function fmax(input: Tensor, other: Tensor): Tensor {
  return preferred("fmax", ge, input, other);
}

/** The smaller of two, where NaN loses against numbers; of equals the first gets the gradient (torch.fmin). */
export function fmin(input: Tensor, other: Tensor): Tensor {
  return preferred("fmin", le, input, other);
}

function preferred(name: string, wins: Comparison, input: Tensor, other: Tensor): Tensor {
  checkNumbers(name, input, other, "none");
  const [a, b] = meet(name, input, other);
  return where(logicalOr(wins(a, b), isnan(b)), a, b);
}

/** The first operand raised to the second, in float64 whatever their dtypes (torch.float_power). */
export function floatPower(input: Operand, exponent: Operand): Tensor {
  checkNumbers("floatPower", input, exponent, "either");
  return pow(as(input, "float64", "floatPower"), as(exponent, "float64", "floatPower"));
}

/** input · 2^other (torch.ldexp). */
export function ldexp(input: Tensor, other: Tensor): Tensor {
  checkNumbers("ldexp", input, other, "none");
  return mul(input, pow(2, to(other, floating(other.dtype))));
}

/** log₂(2^a + 2^b) without overflow (torch.logaddexp2). */
export const logaddexp2: Pairwise = (input, other) => {
  checkNumbers("logaddexp2", input, other, "none");
  return div(logaddexp(mul(input, Math.LN2), mul(other, Math.LN2)), Math.LN2);
};

/** What {@link rsub} takes. */
export interface RsubOptions {
  /** A factor of what is subtracted. @defaultValue 1 */
  readonly alpha?: number;
}

/** other − alpha · input (torch.rsub). */
export function rsub(input: Tensor, other: Operand, { alpha = 1 }: RsubOptions = {}): Tensor {
  checkNumbers("rsub", input, other, "other");
  return sub(other, alpha === 1 ? input : mul(input, alpha));
}
