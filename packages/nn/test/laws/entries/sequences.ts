import { clampMin, logSoftmax } from "@tapegrad/autograd";
import * as fc from "fast-check";
import * as nn from "../../../src/index.ts";
import { reals, wholes } from "../arbitraries.ts";
import { scaleOf } from "../compare.ts";
import { type Compute, type Entries, entry } from "../entry.ts";
import { type Problem, problemsOf, withoutBatch } from "../problem.ts";

const { F } = nn;

/** Sequences that are long enough for their labels, however many of these repeat. */
const spoken = fc
  .record({
    batch: fc.integer({ min: 1, max: 2 }),
    classes: fc.integer({ min: 2, max: 3 }),
    most: fc.integer({ min: 0, max: 2 }),
  })
  .chain(({ batch, classes, most }) =>
    fc.record({
      logProbs: reals([2 * most + 1, batch, classes]),
      targets: wholes([batch, most], 1, classes - 1),
      inputLengths: wholes([batch], Math.max(1, 2 * most), 2 * most + 1),
      targetLengths: wholes([batch], 0, most),
    }),
  );

const batchOfSequences = { logProbs: 1, targets: 0, inputLengths: 0, targetLengths: 0 };

/** Without a batch there is no room for padding. */
function cut(problem: Problem): Problem {
  const { targets, targetLengths, ...rest } = withoutBatch(problem, batchOfSequences).tensors;
  return {
    ...problem,
    tensors: { ...rest, targets: targets!.narrow(0, 0, targetLengths!.item()), targetLengths: targetLengths! },
  };
}

/** The shapes of the parameters of a softmax over five classes: two in the head, two and one in the tails. */
const parameters = {
  "head.weight": [4, 4],
  "head.bias": [4],
  "tail.0.0.weight": [2, 4],
  "tail.0.1.weight": [2, 2],
  "tail.1.0.weight": [1, 4],
  "tail.1.1.weight": [1, 1],
} as const;

const adaptive: Compute = ({ tensors: { input, target, ...state } }, reduction) => {
  const options = { divValue: 2, headBias: true, dtype: input!.dtype };
  const module = new nn.AdaptiveLogSoftmaxWithLoss(4, 5, [2, 4], options);
  module.loadStateDict(new Map(Object.entries(state)));
  const { output, loss } = module.forward(input!, target!);
  if (reduction === "mean") return loss;
  return reduction === "sum" ? output.sum().neg() : output.neg();
};

const states = fc.record(
  Object.fromEntries(Object.entries(parameters).map(([name, shape]) => [name, reals(shape, { min: -1, max: 1 })])),
);

/** The losses that the name of this file stands for. */
export const sequences: Entries<"ctcLoss" | "adaptiveLogSoftmaxWithLoss"> = {
  ctcLoss: entry(F.ctcLoss, nn.CTCLoss, {
    args: ["logProbs", "targets", "inputLengths", "targetLengths"],
    prepare: { logProbs: (z) => logSoftmax(z, -1) }, // for which alone torch's gradient is one
    batch: batchOfSequences,
    differentiable: ["logProbs"],
    problems: problemsOf(spoken, { zeroInfinity: fc.boolean() }),
    meanOf: ({ tensors: { targetLengths } }, losses) => losses.div(clampMin(targetLengths!, 1)).mean(),
    unbatched: cut,
    extremes: { logProbs: { min: -1e3, max: 1e3 } }, // impossible paths have a gradient of NaN in torch too
  }),
  adaptiveLogSoftmaxWithLoss: {
    Class: nn.AdaptiveLogSoftmaxWithLoss,
    problems: problemsOf(
      fc
        .integer({ min: 1, max: 3 })
        .chain((batch) =>
          fc
            .tuple(states, reals([batch, 4]), wholes([batch], 0, 4))
            .map(([state, input, target]) => ({ input, target, ...state })),
        ),
    ),
    byFunction: adaptive,
    byModule: adaptive,
    batch: { input: 0, target: 0 },
    differentiable: ["input"],
    extremes: { input: { min: -1e15, max: 1e15 } }, // beyond, the products would add up to infinities of both signs
    scale: ({ tensors: { input } }) => 16 * scaleOf(input!),
  },
};
