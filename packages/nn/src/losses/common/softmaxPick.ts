import { allocateUnfilled, defineOp, exp, logSoftmax, mul, type Op, sub, sum, Tensor } from "@tapegrad/autograd";
import { fail, k, NDArray } from "@tapegrad/tensor";
import { type ClassAttrs, countOf, pickNegative, placeNegative, shareOf, sharesOf } from "./pick.ts";
import { reduceInto } from "./reduceInto.ts";
import type { Reduction } from "./reduction.ts";

type SoftmaxPick = (input: Tensor, target: Tensor, ignoreIndex: number, reduction: Reduction) => Tensor;

const where = "crossEntropy";

/** {@link softmaxPick} composed of ops: its definition. */
export const composedSoftmaxPick: SoftmaxPick = (input, target, ignoreIndex, reduction) =>
  pickNegative(logSoftmax(input, input.ndim === 1 ? 0 : 1), target, ignoreIndex, reduction, where);

/**
 * −ln softmax(input) at the class of each target, 0 where the target is ignored; reduced. Forward and backward go over the logits once
 * each, and keep one number a row.
 *
 * @param input  [N, C] or [C]; of more dimensions the composed definition is computed
 * @param target int32, [N] or []
 * @throws TensorError `invalid_index` for a class that is neither in [0, C) nor ignored
 */
export function softmaxPick(input: Tensor, target: Tensor, ignoreIndex: number, reduction: Reduction): Tensor {
  return input.ndim > 2
    ? composedSoftmaxPick(input, target, ignoreIndex, reduction)
    : fused(input, target, ignoreIndex, reduction);
}

const fused: Op<SoftmaxPick> = defineOp<[Tensor, Tensor], ClassAttrs, SoftmaxPick>(
  {
    name: where,
    infer: ([{ dtype }, { shape }], { reduction }) => ({ shape: reduction === "none" ? shape : [], dtype }),
    aux: ([{ dtype }, { shape }]) => [{ shape: [shape[0] ?? 1], dtype }],
    forward: (out, [input, target], { ignoreIndex, reduction }, aux) => {
      const logits = asRows(input);
      const targets = asColumn(target);
      checkClasses(targets, logits.shape[1]!, ignoreIndex);
      const losses = reduction === "none" ? asColumn(out) : NDArray.unfilled(targets.shape, out.dtype);
      const logSum = aux?.[0] ?? NDArray.unfilled(targets.shape, out.dtype);
      k.crossEntropy(losses, logSum, logits, targets, ignoreIndex);
      reduceInto(out, losses, reduction, reduction === "mean" ? countOf(targets, ignoreIndex) : 1);
    },
    saves: [0, 1],
    tidy: true,
    backward: [
      (ctx) => {
        const [input, target] = [ctx.input(0), ctx.input(1)];
        const dim = input.ndim - 1;
        const grad = shareOf(ctx.grad, target, ctx.attrs);
        const picked = placeNegative(grad, target, ctx.attrs.ignoreIndex, input.shape);
        return sub(picked, mul(exp(logSoftmax(input, dim)), sum(picked, dim, { keepdim: true })));
      },
      null,
    ],
    fused: (ctx) => {
      const [input, target] = [ctx.input(0).array, ctx.input(1).array];
      const out = allocateUnfilled(input);
      const grads = NDArray.unfilled([target.size], input.dtype);
      const share = sharesOf(ctx.grad.array, target, ctx.attrs);
      for (let i = 0; i < target.size; i++) grads.data[i] = share(i);
      const { ignoreIndex } = ctx.attrs;
      k.crossEntropyBackward(asRows(out), grads, ctx.aux(0).array, asRows(input), asColumn(target), ignoreIndex);
      return [new Tensor(out), null];
    },
  },
  (apply) => (input, target, ignoreIndex, reduction) => apply([input, target], { ignoreIndex, reduction, where }),
);

const asRows = (input: NDArray): NDArray =>
  input.dimension === 2 ? input : input.view([1, input.shape[0]!], [0, input.stride[0]!]);

const asColumn = (target: NDArray): NDArray => (target.dimension === 1 ? target : target.view([1], [1]));

function checkClasses({ data, offset, stride, size }: NDArray, classes: number, ignoreIndex: number): void {
  for (let i = 0, at = offset; i < size; i++, at += stride[0]!) {
    const target = data[at]!;
    if ((target >= 0 && target < classes) || target === ignoreIndex) continue;
    const facts = { target, position: i, classes, ignoreIndex };
    fail("invalid_index", where, "a target is no class", facts, `classes run from 0 to ${classes - 1}`);
  }
}
