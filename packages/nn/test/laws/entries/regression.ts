import { exp, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import * as nn from "../../../src/index.ts";
import { boxes, positives, reals, weights } from "../arbitraries.ts";
import { scaleOf } from "../compare.ts";
import { anything, type Entries, entry } from "../entry.ts";
import { type Problem, problemsOf } from "../problem.ts";

const { F } = nn;

const pair = {
  args: ["input", "target"],
  batch: { input: 0, target: 0, weight: 0 },
  differentiable: ["input", "target"],
};

const unweighted = boxes.chain((shape) => fc.record({ input: reals(shape), target: reals(shape) }));

/** With a weight for each element, or without. */
const mayBeWeighted = boxes.chain((shape) =>
  fc.record(
    { input: reals(shape), target: reals(shape), weight: weights(shape) },
    { requiredKeys: ["input", "target"] },
  ),
);

const error = ({ tensors: { input, target } }: Problem): Tensor => input!.sub(target!);

const bySumOfWeights = ({ tensors: { weight } }: Problem, losses: Tensor): Tensor | number =>
  weight?.sum() ?? losses.numel();

const everywhere = { input: anything, target: anything };

/** The losses that the name of this file stands for. */
export const regression: Entries<
  "l1Loss" | "mseLoss" | "smoothL1Loss" | "huberLoss" | "gaussianNllLoss" | "poissonNllLoss"
> = {
  l1Loss: entry(F.l1Loss, nn.L1Loss, {
    ...pair,
    problems: problemsOf(mayBeWeighted),
    divisor: bySumOfWeights,
    corners: (problem) => [error(problem)],
    extremes: everywhere,
  }),
  mseLoss: entry(F.mseLoss, nn.MSELoss, {
    ...pair,
    problems: problemsOf(mayBeWeighted),
    divisor: bySumOfWeights,
    extremes: everywhere,
  }),
  smoothL1Loss: entry(F.smoothL1Loss, nn.SmoothL1Loss, {
    ...pair,
    problems: problemsOf(unweighted, { beta: fc.oneof({ weight: 5, arbitrary: positives }, fc.constant(0)) }),
    corners: (problem) => {
      const { beta } = problem.options as { beta: number };
      return [error(problem).abs().sub(beta)];
    },
    extremes: everywhere,
  }),
  huberLoss: entry(F.huberLoss, nn.HuberLoss, {
    ...pair,
    problems: problemsOf(mayBeWeighted, { delta: positives }),
    corners: (problem) => [
      error(problem)
        .abs()
        .sub((problem.options as { delta: number }).delta),
    ],
    extremes: everywhere,
  }),
  gaussianNllLoss: entry(F.gaussianNllLoss, nn.GaussianNLLLoss, {
    args: ["input", "target", "variance"],
    batch: { input: 0, target: 0, variance: 0 },
    differentiable: ["input", "target", "variance"],
    problems: problemsOf(
      boxes.chain((shape) => {
        const ofRows = shape.length > 1 ? [shape.slice(0, -1), [...shape.slice(0, -1), 1]] : [];
        const variance = fc.constantFrom(shape, ...ofRows).chain(weights);
        return fc.record({ input: reals(shape), target: reals(shape), variance });
      }),
      { full: fc.boolean(), eps: fc.constantFrom(1e-6, 1 / 16) },
    ),
    extremes: { ...everywhere, variance: { min: 0, max: anything.max } },
  }),
  poissonNllLoss: entry(F.poissonNllLoss, nn.PoissonNLLLoss, {
    ...pair,
    problems: fc.boolean().chain((logInput) =>
      problemsOf(
        boxes.chain((shape) =>
          fc.record({ input: logInput ? reals(shape) : weights(shape), target: reals(shape, { min: 1 / 8, max: 9 }) }),
        ),
        { logInput: fc.constant(logInput), full: fc.boolean(), eps: fc.constantFrom(1e-8, 1 / 16) },
      ),
    ),
    corners: ({ tensors: { target }, options: { full } }) => (full ? [target!.sub(1)] : []),
    // beyond, two infinities meet, in torch too
    extremes: { input: { min: 0, max: 1e30 }, target: { min: 1e-30, max: 1e7 } },
    scale: ({ tensors: { input } }) => scaleOf(exp(input!)) * 9,
  }),
};
