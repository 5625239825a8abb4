import type { Op } from "../op.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { byOps } from "./byOps.ts";
import { where } from "./choose.ts";
import { eq, lt } from "./compare.ts";
import { type Unary, unary } from "./families.ts";
import { abs, cos, erfc, exp, log, sin, square } from "./pointwise.ts";

/** Below this angle the difference of cosine and sinc is taken from its series. */
const NEAR = 0.05;

/** sin(πx) / (πx), and 1 at 0 (torch.sinc). */
export const sinc: Op<Unary> = unary(() => ({
  name: "sinc",
  kernel: (out, input) =>
    byOps(out, [input], (x) => {
      const angle = mul(x, Math.PI);
      return where(eq(angle, 0), 1, div(sin(angle), angle));
    }),
  saves: [0],
  backward: (ctx) => {
    // (cos a − sin a / a) / a, and −a/3 + a³/30 − a⁵/840 where its digits would cancel
    const angle = mul(ctx.input(0), Math.PI);
    const near = lt(abs(angle), NEAR);
    const square_ = square(where(near, angle, 0));
    const series = mul(angle, sub(mul(square_, sub(1 / 30, mul(square_, 1 / 840))), 1 / 3));
    const far = where(near, 1, angle);
    const slope = where(near, series, div(sub(cos(far), div(sin(far), far)), far));
    return mul(mul(ctx.grad, slope), Math.PI);
  },
}));

/** −x·ln x, and 0 at 0; −Infinity below (torch.special.entr). */
export const entr: Op<Unary> = unary(() => ({
  name: "entr",
  kernel: (out, input) =>
    byOps(out, [input], (x) => {
      const inside = where(eq(x, 0), 0, neg(mul(x, log(x))));
      return where(lt(x, 0), Number.NEGATIVE_INFINITY, inside);
    }),
  saves: [0],
  backward: (ctx) => mul(ctx.grad, neg(add(log(ctx.input(0)), 1))),
}));

/** The part of a standard normal distribution below x: erfc(−x/√2) / 2 (torch.special.ndtr). */
export const ndtr: Op<Unary> = unary(() => ({
  name: "ndtr",
  kernel: (out, input) => byOps(out, [input], (x) => mul(erfc(mul(x, -Math.SQRT1_2)), 0.5)),
  saves: [0],
  backward: (ctx) => mul(ctx.grad, mul(exp(mul(square(ctx.input(0)), -0.5)), 1 / Math.sqrt(2 * Math.PI))),
}));
