import { k } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, neg, sub } from "./arithmetic.ts";
import { type Binary, binary, type Unary, unary } from "./families.ts";

/** e raised to each element (torch.exp). */
export const exp: Op<Unary> = unary(() => ({
  name: "exp",
  kernel: k.exp,
  saves: ["output"],
  backward: (ctx) => mul(ctx.grad, ctx.output),
}));

/** 2 raised to each element (torch.exp2). */
export const exp2: Op<Unary> = unary(() => ({
  name: "exp2",
  kernel: k.exp2,
  saves: ["output"],
  backward: (ctx) => mul(mul(ctx.grad, ctx.output), Math.LN2),
}));

/** eˣ − 1, exact near 0 (torch.expm1). */
export const expm1: Op<Unary> = unary(() => ({
  name: "expm1",
  kernel: k.expm1,
  saves: ["output"],
  backward: (ctx) => mul(ctx.grad, add(ctx.output, 1)),
}));

/** Natural logarithm; -Infinity at 0, NaN below (torch.log). */
export const log: Op<Unary> = unary(() => ({
  name: "log",
  kernel: k.log,
  saves: [0],
  backward: (ctx) => div(ctx.grad, ctx.input(0)),
}));

/** ln(1 + x), exact near 0 (torch.log1p). */
export const log1p: Op<Unary> = unary(() => ({
  name: "log1p",
  kernel: k.log1p,
  saves: [0],
  backward: (ctx) => div(ctx.grad, add(ctx.input(0), 1)),
}));

/** Logarithm to base 2 (torch.log2). */
export const log2: Op<Unary> = unary(() => ({
  name: "log2",
  kernel: k.log2,
  saves: [0],
  backward: (ctx) => div(ctx.grad, mul(ctx.input(0), Math.LN2)),
}));

/** Logarithm to base 10 (torch.log10). */
export const log10: Op<Unary> = unary(() => ({
  name: "log10",
  kernel: k.log10,
  saves: [0],
  backward: (ctx) => div(ctx.grad, mul(ctx.input(0), Math.LN10)),
}));

/** Square root; NaN below 0, and an infinite gradient at 0 (torch.sqrt). */
export const sqrt: Op<Unary> = unary(() => ({
  name: "sqrt",
  kernel: k.sqrt,
  saves: ["output"],
  backward: (ctx) => div(ctx.grad, mul(ctx.output, 2)),
}));

/** 1 / √x (torch.rsqrt). */
export const rsqrt: Op<Unary> = unary(() => ({
  name: "rsqrt",
  kernel: k.rsqrt,
  saves: ["output"],
  backward: (ctx) => {
    const { output } = ctx;
    return mul(mul(ctx.grad, -0.5), mul(output, mul(output, output)));
  },
}));

/** x²; integers stay integers, and truth values become them (torch.square). */
export const square: Op<Unary> = defineOp<[Tensor], undefined, Unary>(
  () => ({
    name: "square",
    infer: ([{ shape, dtype }]) => ({ shape, dtype: dtype === "bool" ? "int32" : dtype }),
    forward: (out, [input]) => k.square(out, input),
    saves: [0],
    backward: [(ctx) => mul(ctx.grad, mul(ctx.input(0), 2))],
  }),
  (call) => (input) => call([input], undefined),
);

/** 1 / x (torch.reciprocal). */
export const reciprocal: Op<Unary> = unary(() => ({
  name: "reciprocal",
  kernel: k.reciprocal,
  saves: ["output"],
  backward: (ctx) => neg(mul(ctx.grad, square(ctx.output))),
}));

/** The gradient of {@link sigmoid} from its output y: grad·y·(1 − y). */
const sigmoidBackward: Op<Binary> = binary(() => ({
  name: "sigmoidBackward",
  kernel: k.sigmoidBackward,
  saves: [0, 1],
  backward: [
    (ctx) => sigmoidBackward(ctx.grad, ctx.input(1)),
    (ctx) => mul(mul(ctx.grad, ctx.input(0)), sub(1, mul(ctx.input(1), 2))),
  ],
}));

/** 1 / (1 + e⁻ˣ), between 0 and 1 (torch.sigmoid). */
export const sigmoid: Op<Unary> = unary(() => ({
  name: "sigmoid",
  kernel: k.sigmoid,
  saves: ["output"],
  backward: (ctx) => sigmoidBackward(ctx.grad, ctx.output),
}));
