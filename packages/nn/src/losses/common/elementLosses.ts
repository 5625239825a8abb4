/** The losses of single elements that are computed in one pass. */
import { abs, add, div, exp, logSigmoid, mul, ne, neg, sigmoid, sign, square, sub, xlogy } from "@tapegrad/autograd";
import { k, NDArray } from "@tapegrad/tensor";
import { type ElementLoss, elementLoss } from "./elementLoss.ts";

const scalar = (value: number, like: NDArray): NDArray => NDArray.of([value], [], like.dtype);

/** (input − target)², reduced. */
export const squaredErrors: ElementLoss = elementLoss({
  name: "mseLoss",
  definition: (input, target) => square(sub(input, target)),
  slopes: [(input, target) => sub(input, target).mul(2), (input, target) => sub(target, input).mul(2)],
  value: k.squaredError,
  slopeKernels: [
    (out, input, target, factor) => k.squaredErrorSlope(out, input, target, 2 * factor),
    (out, input, target, factor) => k.squaredErrorSlope(out, input, target, -2 * factor),
  ],
});

/** |input − target|, reduced. */
export const absoluteErrors: ElementLoss = elementLoss({
  name: "l1Loss",
  definition: (input, target) => abs(sub(input, target)),
  slopes: [(input, target) => sign(sub(input, target)), (input, target) => sign(sub(target, input))],
  value: k.absoluteError,
  slopeKernels: [
    k.absoluteErrorSlope,
    (out, input, target, factor) => k.absoluteErrorSlope(out, target, input, factor),
  ],
});

/** −(t·ln s(x) + (1 − t)·ln s(−x)) of logits x and targets t, reduced. */
export const logitErrors: ElementLoss = elementLoss({
  name: "binaryCrossEntropyWithLogits",
  definition: (input, target) => sub(mul(sub(1, target), input), logSigmoid(input)),
  slopes: [(input, target) => sub(sigmoid(input), target), neg],
  value: k.logitError,
  slopeKernels: [k.logitErrorSlope, (out, input, _target, factor) => k.mul(out, input, scalar(-factor, input))],
});

/** t·(ln t − input), reduced. */
export const divergences: ElementLoss = elementLoss({
  name: "klDiv",
  definition: (input, target) => sub(xlogy(target, target), mul(target, input)),
  // of target·ln target the second factor's slope is NaN at 0, as in torch
  slopes: [
    (_input, target) => neg(target),
    (input, target) => sub(add(xlogy(ne(target, 0), target), div(target, target)), input),
  ],
  value: k.divergence,
  slopeKernels: [
    (out, _input, target, factor) => k.mul(out, target, scalar(-factor, target)),
    (out, input, target, factor) => {
      const ratio = NDArray.zeros(out.shape, out.dtype);
      k.div(ratio, target, target);
      k.log(out, target);
      k.add(out, out, ratio);
      k.sub(out, out, input);
      k.mul(out, out, scalar(factor, target));
    },
  ],
});

/** eᵗ·(t − input), reduced. */
export const logDivergences: ElementLoss = elementLoss({
  name: "klDivOfLogarithms",
  definition: (input, target) => mul(exp(target), sub(target, input)),
  slopes: [(_input, target) => neg(exp(target)), (input, target) => mul(exp(target), sub(target, input).add(1))],
  value: k.logDivergence,
  slopeKernels: [
    (out, _input, target, factor) => {
      k.exp(out, target);
      k.mul(out, out, scalar(-factor, target));
    },
    (out, input, target, factor) => {
      k.logDivergence(out, input, target);
      const share = NDArray.zeros(out.shape, out.dtype);
      k.exp(share, target);
      k.add(out, out, share);
      k.mul(out, out, scalar(factor, target));
    },
  ],
});
