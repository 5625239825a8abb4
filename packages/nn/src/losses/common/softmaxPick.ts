import {
  allocateUnfilled,
  type BackwardContext,
  defineOp,
  exp,
  logSoftmax,
  mul,
  type Op,
  sub,
  sum,
  Tensor,
} from "@tapegrad/autograd";
import { fail, giveBack, k, NDArray } from "@tapegrad/tensor";
import { type ClassAttrs, pickNegative, placeNegative, shareOf } from "./pick.ts";
import { reduceInto, rounded } from "./reduceInto.ts";
import type { Reduction } from "./reduction.ts";

type SoftmaxPick = (input: Tensor, target: Tensor, ignoreIndex: number, reduction: Reduction) => Tensor;

const where = "crossEntropy";

/** {@link softmaxPick} composed of ops: its definition. */
export const composedSoftmaxPick: SoftmaxPick = (input, target, ignoreIndex, reduction) =>
  pickNegative(logSoftmax(input, input.ndim === 1 ? 0 : 1), target, ignoreIndex, reduction, where);

/**
 * −ln softmax(input) at the class of each target, 0 where the target is ignored; reduced. One pass over the logits gives the losses and,
 * where they are recorded, their slopes, which backward scales if need be and hands on.
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
  () => ({
    name: where,
    infer: ([{ dtype }, { shape }], { reduction }) => ({ shape: reduction === "none" ? shape : [], dtype }),
    aux: ([{ shape, dtype }]) => [{ shape, dtype }],
    forward: (out, [input, target], { ignoreIndex, reduction }, aux) => {
      const logits = asRows(input);
      const targets = asColumn(target);
      const count = countClasses(targets, logits.shape[1]!, ignoreIndex);
      const losses = reduction === "none" ? asColumn(out) : NDArray.unfilled(targets.shape, out.dtype);
      const slopes = aux === null ? null : asRows(aux[0]!);
      k.crossEntropy(losses, slopes, logits, targets, ignoreIndex, reduction === "mean" ? rounded(1 / count, out) : 1);
      reduceInto(out, losses, reduction, count);
      if (reduction !== "none") giveBack(losses.data);
    },
    saves: [0, 1],
    tidy: true,
    backward: [slope, null],
    fused: (ctx) => {
      const grad = ctx.grad.array;
      if (!allFinite(grad)) return [slope(ctx), null];
      const own = ctx.takeAux(0);
      const slopes = own ?? ctx.aux(0).array;
      const out = own ?? allocateUnfilled(slopes);
      if (grad.size > 1) k.mul(asRows(out), asRows(slopes), grad.view([grad.size, 1], [grad.stride[0]!, 0]));
      else if (own === null || grad.data[grad.offset] !== 1) k.mul(out, slopes, grad.view([], []));
      return [new Tensor(out), null];
    },
  }),
  (apply) => (input, target, ignoreIndex, reduction) => apply([input, target], { ignoreIndex, reduction, where }),
);

/** The gradient of the input, in ops. */
function slope(ctx: BackwardContext<ClassAttrs>): Tensor {
  const [input, target] = [ctx.input(0), ctx.input(1)];
  const dim = input.ndim - 1;
  const grad = shareOf(ctx.grad, target, ctx.attrs);
  const picked = placeNegative(grad, target, ctx.attrs.ignoreIndex, input.shape);
  return sub(picked, mul(exp(logSoftmax(input, dim)), sum(picked, dim, { keepdim: true })));
}

/** Whether all gradients are finite: others do not pass through products as they do through the definition. */
function allFinite({ data, offset, stride, size }: NDArray): boolean {
  const step = stride[0] ?? 0;
  for (let i = 0, at = offset; i < size; i++, at += step) if (!Number.isFinite(data[at])) return false;
  return true;
}

const asRows = (input: NDArray): NDArray =>
  input.dimension === 2 ? input : input.view([1, input.shape[0]!], [0, input.stride[0]!]);

const asColumn = (target: NDArray): NDArray => (target.dimension === 1 ? target : target.view([1], [1]));

/** Checks that every target is a class or ignored; how many are not ignored. */
function countClasses({ data, offset, stride, size }: NDArray, classes: number, ignoreIndex: number): number {
  let count = 0;
  for (let i = 0, at = offset; i < size; i++, at += stride[0]!) {
    const target = data[at]!;
    if (target === ignoreIndex) continue;
    count++;
    if (target >= 0 && target < classes) continue;
    const facts = { target, position: i, classes, ignoreIndex };
    fail("invalid_index", where, "a target is no class", facts, `classes run from 0 to ${classes - 1}`);
  }
  return count;
}
