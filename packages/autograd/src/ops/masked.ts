import { broadcastShapes, fail, k, type NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { maskedFill } from "./choose.ts";
import { checkSameDType } from "./indexShapes.ts";
import { expand } from "./shape.ts";

/**
 * The elements where a mask is true, in row-major order.
 *
 * The number of them is read from the mask when the function is called.
 *
 * @param mask bool; it and the input are broadcast against each other
 * @returns [n], with n the number of true elements
 * @throws TensorError `invalid_dtype` | `shape_mismatch`
 * @see torch.masked_select
 */
export function maskedSelect(input: Tensor, mask: Tensor): Tensor {
  checkMask("maskedSelect", mask);
  const shape = broadcastShapes("maskedSelect", input.shape, mask.shape);
  const chosen = expand(mask, shape);
  return collect(expand(input, shape), chosen, [k.countTrue(chosen.array)]);
}

/**
 * A copy in which the elements where a mask is true are those of `source`, in row-major order.
 *
 * @param mask   bool; it and the input are broadcast against each other
 * @param source any shape, with at least as many elements as the mask has true ones; of the dtype of `input`
 * @throws TensorError `invalid_dtype` | `shape_mismatch`
 * @see torch.masked_scatter
 */
export function maskedScatter(input: Tensor, mask: Tensor, source: Tensor): Tensor {
  checkMask("maskedScatter", mask);
  const shape = broadcastShapes("maskedScatter", input.shape, mask.shape);
  return distribute(expand(input, shape), expand(mask, shape), source);
}

type Collect = (input: Tensor, mask: Tensor, shape: Shape) => Tensor;

/** The elements where the mask is true, one after the other in `shape`; zeros where they run out. */
const collect: Op<Collect> = defineOp<[Tensor, Tensor], { shape: Shape }, Collect>(
  () => ({
    name: "maskedSelect",
    infer: ([{ dtype }], { shape }) => ({ shape, dtype }),
    forward: (out, [input, mask]) => {
      const found = checkCount("maskedSelect", mask, out.size);
      k.maskedSelect(out.view([found], [1]), input, mask);
    },
    saves: [1],
    backward: [
      (ctx) => {
        const mask = ctx.input(1);
        return spread(ctx.grad, mask);
      },
      null,
    ],
  }),
  (apply) => (input, mask, shape) => apply([input, mask], { shape }),
);

type Spread = (source: Tensor, mask: Tensor) => Tensor;

/** Zeros of the mask's shape, with the elements of `source` where it is true. */
const spread: Op<Spread> = defineOp<[Tensor, Tensor], undefined, Spread>(
  () => ({
    name: "maskedSelectBackward",
    infer: ([{ dtype }, { shape }]) => ({ shape, dtype }),
    forward: (out, [source, mask]) => k.maskedScatter(out, mask, source, "maskedSelect"),
    saves: [1],
    backward: [(ctx) => collect(ctx.grad, ctx.input(1), ctx.inputMeta(0).shape), null],
  }),
  (apply) => (source, mask) => apply([source, mask], undefined),
);

type Distribute = (input: Tensor, mask: Tensor, source: Tensor) => Tensor;

const distribute: Op<Distribute> = defineOp<[Tensor, Tensor, Tensor], undefined, Distribute>(
  () => ({
    name: "maskedScatter",
    infer: ([input, , source]) => {
      checkSameDType("maskedScatter", { input, source });
      return input;
    },
    forward: (out, [input, mask, source]) => {
      k.copy(out, input);
      k.maskedScatter(out, mask, source, "maskedScatter");
    },
    saves: [1],
    backward: [
      (ctx) => maskedFill(ctx.grad, ctx.input(1), 0),
      null,
      (ctx) => collect(ctx.grad, ctx.input(1), ctx.inputMeta(2).shape),
    ],
  }),
  (apply) => (input, mask, source) => apply([input, mask, source], undefined),
);

type Nonzero = (input: Tensor) => Tensor;

/**
 * Where the elements are not zero: one row of indices for each, in row-major order. NaN is not zero.
 *
 * The number of rows is read from the input when the function is called.
 *
 * @returns int32 [n, d], with d the dimensions of the input
 * @see torch.nonzero
 */
export const nonzero: Op<Nonzero> = defineOp<[Tensor], { count: number }, Nonzero>(
  () => ({
    name: "nonzero",
    infer: ([{ shape }], { count }) => ({ shape: [count, shape.length], dtype: "int32" }),
    forward: (out, [input], { count }) => {
      if (checkCount("nonzero", input, count) < count) changed("nonzero", input, count);
      if (out.size > 0) k.nonzero(out, input);
    },
    backward: null,
  }),
  (apply) => (input) => apply([input], { count: k.countTrue(input.array) }),
);

/** How many elements are not zero, of at most `room`. */
function checkCount(where: string, mask: NDArray, room: number): number {
  const found = k.countTrue(mask);
  return found > room ? changed(where, mask, room) : found;
}

function changed(where: string, mask: NDArray, expected: number): never {
  const facts = { expected, found: k.countTrue(mask), elements: sizeOf(mask.shape) };
  const hint = "a recorded computation is bound to the number of elements that it was recorded with";
  return fail("shape_mismatch", where, "the number of elements to take is not the one expected", facts, hint);
}

/** Checks that a mask is bool. */
export function checkMask(where: string, mask: Tensor): void {
  if (mask.dtype !== "bool") {
    fail(
      "invalid_dtype",
      where,
      "the mask must be bool",
      { dtype: mask.dtype },
      "compare it with something, or use .bool()",
    );
  }
}
