import { fail, isFloating, k } from "@tapegrad/tensor";
import { type Op, withSpec } from "../op.ts";
import { as, type Operand, resultType } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { where } from "./choose.ts";
import { eq, ge, gt, lt } from "./compare.ts";
import { type Binary, binary, type Comparison, floating, type Pairwise, type Unary, unary } from "./families.ts";
import { log, trunc } from "./pointwise.ts";
import { flat } from "./rounding.ts";

/** Sum, element by element, with broadcasting (torch.add). */
export const add: Op<Binary> = binary(() => ({
  name: "add",
  kernel: k.add,
  backward: [({ grad }) => grad, ({ grad }) => grad],
}));

/** Difference (torch.sub). */
export const sub: Op<Binary> = binary(() => ({
  name: "sub",
  kernel: k.sub,
  backward: [({ grad }) => grad, ({ grad }) => neg(grad)],
}));

/** Product (torch.mul). */
export const mul: Op<Binary> = binary(() => ({
  name: "mul",
  kernel: k.mul,
  saves: [0, 1],
  backward: [(ctx) => mul(ctx.grad, ctx.input(1)), (ctx) => mul(ctx.grad, ctx.input(0))],
}));

const trueDivide: Op<Binary> = binary(() => ({
  name: "div",
  kernel: k.div,
  meet: floating,
  saves: [0, 1],
  backward: [
    (ctx) => trueDivide(ctx.grad, ctx.input(1)),
    (ctx) => {
      const divisor = ctx.input(1);
      return neg(mul(ctx.grad, trueDivide(trueDivide(ctx.input(0), divisor), divisor)));
    },
  ],
}));

/** How a quotient is rounded: not at all, down, or toward zero. */
export interface DivOptions {
  /** @defaultValue null */
  readonly roundingMode?: "floor" | "trunc" | null;
}

/** Quotient; of integers too it is a fraction, unless a rounding mode says otherwise (torch.div). */
export function div(input: Operand, other: Operand, { roundingMode = null }: DivOptions = {}): Tensor {
  if (roundingMode === null) return trueDivide(input, other);
  if (roundingMode === "floor") return floorDivide(input, other);
  const dtype = resultType(input, other);
  if (isFloating(dtype)) return trunc(trueDivide(input, other));
  return as(trunc(trueDivide(as(input, "float64"), as(other, "float64"))), dtype);
}

/** Quotient rounded down (torch.floor_divide). */
export const floorDivide: Op<Binary> = binary(() => ({
  name: "floorDivide",
  kernel: k.floorDivide,
  backward: [({ grad }) => flat(grad), ({ grad }) => flat(grad)],
}));

/** What division leaves, with the sign of the divisor (torch.remainder). */
export const remainder: Op<Binary> = binary(() => ({
  name: "remainder",
  numbers: "either",
  kernel: k.remainder,
  saves: [0, 1],
  backward: [({ grad }) => grad, (ctx) => neg(mul(ctx.grad, floorDivide(ctx.input(0), ctx.input(1))))],
}));

/** What division leaves, with the sign of the dividend (torch.fmod). */
export const fmod: Op<Comparison> = binary(() => ({
  name: "fmod",
  numbers: "other",
  kernel: k.fmod,
  saves: [0, 1],
  backward: [({ grad }) => grad, (ctx) => neg(mul(ctx.grad, trunc(div(ctx.input(0), ctx.input(1)))))],
}));

const power: Op<Binary> = binary(() => ({
  name: "pow",
  numbers: "either",
  kernel: k.pow,
  saves: [0, 1, "output"],
  backward: [
    (ctx) => {
      const [base, exponent] = [ctx.input(0), ctx.input(1)];
      const slope = mul(exponent, power(base, sub(exponent, 1)));
      return mul(ctx.grad, where(eq(exponent, 0), 0, slope));
    },
    (ctx) => {
      const [base, exponent] = [ctx.input(0), ctx.input(1)];
      // x^y ln x, which at x = 0 is 0 for y >= 0
      const flat = where(eq(base, 0), ge(exponent, 0), false);
      return mul(ctx.grad, where(flat, 0, mul(ctx.output, log(base))));
    },
  ],
}));

/** The first operand raised to the second (torch.pow). */
export function pow(input: Operand, exponent: Operand): Tensor {
  const dtype = resultType(input, exponent);
  if (dtype === "int32" && typeof exponent === "number" && exponent < 0) {
    fail(
      "invalid_argument",
      "pow",
      "integers cannot be raised to negative powers",
      { exponent },
      "convert the base with .float()",
    );
  }
  return power(input, exponent);
}

/** The larger of two, NaN if either is (torch.maximum). Where they are equal each gets half the gradient. */
export const maximum: Op<Pairwise> = binary(() => ({
  name: "maximum",
  numbers: "none",
  kernel: k.maximum,
  saves: [0, 1],
  backward: [
    (ctx) => shareTo(ctx.grad, ctx.input(0), ctx.input(1), lt),
    (ctx) => shareTo(ctx.grad, ctx.input(1), ctx.input(0), lt),
  ],
}));

/** The smaller of two, NaN if either is (torch.minimum). Where they are equal each gets half the gradient. */
export const minimum: Op<Pairwise> = binary(() => ({
  name: "minimum",
  numbers: "none",
  kernel: k.minimum,
  saves: [0, 1],
  backward: [
    (ctx) => shareTo(ctx.grad, ctx.input(0), ctx.input(1), gt),
    (ctx) => shareTo(ctx.grad, ctx.input(1), ctx.input(0), gt),
  ],
}));

/** The gradient unless `mine` loses against `other`, half of it where they tie. */
function shareTo(grad: Tensor, mine: Tensor, other: Tensor, loses: Op<Comparison>): Tensor {
  return where(loses(mine, other), 0, where(eq(mine, other), mul(grad, 0.5), grad));
}

/** Angle of the point (other, input) (torch.atan2). */
export const atan2: Op<Pairwise> = binary(() => ({
  name: "atan2",
  numbers: "none",
  kernel: k.atan2,
  meet: floating,
  saves: [0, 1],
  backward: [
    (ctx) => mul(mul(ctx.grad, ctx.input(1)), inverseSquare(ctx.input(0), ctx.input(1))),
    (ctx) => neg(mul(mul(ctx.grad, ctx.input(0)), inverseSquare(ctx.input(0), ctx.input(1)))),
  ],
}));

/** 1 / (a² + b²), and 0 at the origin, as torch has it. */
function inverseSquare(a: Tensor, b: Tensor): Tensor {
  const square = add(mul(a, a), mul(b, b));
  return where(eq(square, 0), 0, trueDivide(1, square));
}

/** Length of the vector (input, other) (torch.hypot). */
export const hypot: Op<Pairwise> = binary(() => ({
  name: "hypot",
  numbers: "none",
  kernel: k.hypot,
  meet: floating,
  saves: [0, 1, "output"],
  backward: [
    (ctx) => mul(ctx.grad, trueDivide(ctx.input(0), ctx.output)),
    (ctx) => mul(ctx.grad, trueDivide(ctx.input(1), ctx.output)),
  ],
}));

const opposite: Op<Unary> = unary(() => ({
  name: "neg",
  kernel: k.neg,
  floats: false,
  backward: ({ grad }) => neg(grad),
}));

/** The opposite (torch.neg). */
export const neg: Op<Unary> = withSpec(
  (input: Tensor): Tensor => {
    if (input.dtype === "bool") {
      fail("invalid_dtype", "neg", "truth values have no opposite sign", { dtype: "bool" }, "use logicalNot()");
    }
    return opposite(input);
  },
  () => opposite.spec,
);
