import { broadcastShapes, fail, isFloating, k } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import { as, meet, type Operand } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { eq, isnan, lt } from "./compare.ts";
import { abs } from "./pointwise.ts";

export * from "./clamp.ts";

/** Picks from two operands by a condition. */
export type Where = (cond: Operand, a: Operand, b: Operand) => Tensor;

/**
 * `a` where the condition holds, `b` elsewhere, with broadcasting (torch.where).
 *
 * The operand that is not taken gets gradient 0 there, whatever its own derivative is.
 *
 * @param cond a bool tensor
 * @throws TensorError `invalid_dtype` | `shape_mismatch`
 */
export const where: Op<Where> = defineOp<[Tensor, Tensor, Tensor], undefined, Where>(
  () => ({
    name: "where",
    infer: ([cond, a, b]) => {
      if (cond.dtype !== "bool") {
        fail(
          "invalid_dtype",
          "where",
          "the condition must be bool",
          { condition: cond.dtype },
          "compare it, for example with ne(cond, 0)",
        );
      }
      return {
        shape: broadcastShapes("where", cond.shape, broadcastShapes("where", a.shape, b.shape)),
        dtype: a.dtype,
      };
    },
    forward: (out, [cond, a, b]) => k.where(out, cond, a, b),
    saves: [0],
    backward: [null, (ctx) => where(ctx.input(0), ctx.grad, 0), (ctx) => where(ctx.input(0), 0, ctx.grad)],
  }),
  (call) => (cond, a, b) => {
    const [first, second] = meet("where", a, b);
    return call([cond instanceof Tensor ? cond : as(cond, "bool"), first, second], undefined);
  },
);

type Fill = (input: Tensor, mask: Tensor, value: Operand) => Tensor;

/**
 * One value where the mask holds, the elements elsewhere (torch.masked_fill).
 *
 * @param mask  a bool tensor that broadcasts with `input`
 * @param value a number or a 0-d tensor, converted to the dtype of `input`
 * @throws TensorError `invalid_dtype` | `invalid_shape` | `shape_mismatch`
 */
export const maskedFill: Op<Fill> = defineOp<[Tensor, Tensor, Tensor], undefined, Fill>(
  () => ({
    name: "maskedFill",
    infer: ([input, mask, value]) => {
      if (mask.dtype !== "bool") fail("invalid_dtype", "maskedFill", "the mask must be bool", { mask: mask.dtype });
      if (value.shape.length > 0) {
        fail(
          "invalid_shape",
          "maskedFill",
          "the value must be a number or a 0-d tensor",
          { value: value.shape },
          "use where() for more",
        );
      }
      return { shape: broadcastShapes("maskedFill", input.shape, mask.shape), dtype: input.dtype };
    },
    forward: (out, [input, mask, value]) => k.where(out, mask, value, input),
    saves: [1],
    backward: [(ctx) => where(ctx.input(1), 0, ctx.grad), null, (ctx) => where(ctx.input(1), ctx.grad, 0)],
  }),
  (call) => (input, mask, value) => call([input, mask, as(value, input.dtype, "maskedFill")], undefined),
);

/** What takes the place of values that are not finite. */
export interface NanToNumOptions {
  /** For NaN. @defaultValue 0 */
  readonly nan?: number | null;
  /** For +Infinity. @defaultValue the largest finite number of the dtype */
  readonly posinf?: number | null;
  /** For -Infinity. @defaultValue the smallest finite number of the dtype */
  readonly neginf?: number | null;
}

const LARGEST_FLOAT32 = (2 - 2 ** -23) * 2 ** 127;

/** Numbers in the place of NaN and infinities, which get gradient 0; integers stay as they are (torch.nan_to_num). */
export function nanToNum(input: Tensor, { nan, posinf, neginf }: NanToNumOptions = {}): Tensor {
  if (!isFloating(input.dtype)) return input;
  const largest = input.dtype === "float32" ? LARGEST_FLOAT32 : Number.MAX_VALUE;
  const numbers = where(isnan(input), nan ?? 0, input);
  const bounded = where(eq(input, Number.POSITIVE_INFINITY), posinf ?? largest, numbers);
  return where(eq(input, Number.NEGATIVE_INFINITY), neginf ?? -largest, bounded);
}

/**
 * From `input` to `end` by the fraction `weight`: input + weight·(end − input) (torch.lerp).
 *
 * Beyond the middle it is counted from `end`, so that both ends are met exactly.
 */
export function lerp(input: Tensor, end: Tensor, weight: Operand): Tensor {
  const span = sub(end, input);
  if (typeof weight === "number") {
    return Math.abs(weight) < 0.5 ? add(input, mul(span, weight)) : sub(end, mul(span, 1 - weight));
  }
  return where(
    lt(abs(as(weight, span.dtype)), 0.5),
    add(input, mul(span, weight)),
    sub(end, mul(span, sub(1, weight))),
  );
}

/** What {@link addcmul} and {@link addcdiv} take. */
export interface AddcOptions {
  /** A factor of what is added. @defaultValue 1 */
  readonly value?: number;
}

/** input + value · tensor1 · tensor2 (torch.addcmul). */
export function addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, { value = 1 }: AddcOptions = {}): Tensor {
  return add(input, mul(value === 1 ? tensor1 : mul(tensor1, value), tensor2));
}

/** input + value · tensor1 / tensor2 (torch.addcdiv). */
export function addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, { value = 1 }: AddcOptions = {}): Tensor {
  if (!isFloating(tensor1.dtype) && !isFloating(tensor2.dtype)) {
    fail(
      "invalid_dtype",
      "addcdiv",
      "the quotient of integers is not an integer",
      { tensor1: tensor1.dtype, tensor2: tensor2.dtype },
      "convert one with .float()",
    );
  }
  return add(input, div(value === 1 ? tensor1 : mul(tensor1, value), tensor2));
}
