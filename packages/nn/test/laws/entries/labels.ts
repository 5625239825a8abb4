import { logSoftmax, type Tensor } from "@tapegrad/autograd";
import type { Shape } from "@tapegrad/tensor";
import * as fc from "fast-check";
import * as nn from "../../../src/index.ts";
import { boxes, chances, distributions, integers, matrices, numbers, reals, signs, weights } from "../arbitraries.ts";
import { anything, type Entries, entry } from "../entry.ts";
import { problemsOf } from "../problem.ts";

const { F } = nn;

const pair = { args: ["input", "target"], batch: { input: 0, target: 0 } };
const both = ["input", "target"];

/** A weight for each element of the last dimension, or none. */
const weighted = (input: (shape: Shape) => fc.Arbitrary<Tensor>): fc.Arbitrary<Record<string, Tensor>> =>
  boxes
    .filter((shape) => shape.length > 1) // so that the last dimension is not the batch
    .chain((shape) =>
      fc.record(
        {
          input: input(shape),
          target: chances(shape),
          weight: weights(shape.slice(-1)),
        },
        { requiredKeys: ["input", "target"] },
      ),
    ) as fc.Arbitrary<Record<string, Tensor>>;

/** Labels at the front, no two of them equal, and then −1. */
const padded = (rows: number, classes: number): fc.Arbitrary<Tensor> =>
  fc
    .array(fc.uniqueArray(fc.integer({ min: 0, max: classes - 1 })), { minLength: rows, maxLength: rows })
    .map((lists) => {
      const filled = lists.map((labels) => [...labels, ...Array.from({ length: classes - labels.length }, () => -1)]);
      return integers(filled.flat(), [rows, classes]);
    });

const single = (tensor: Tensor): Tensor => tensor.float().double();
const logDistributions = (shape: Shape): fc.Arbitrary<Tensor> => reals(shape).map((z) => single(logSoftmax(z, -1)));

/** The losses that the name of this file stands for. */
export const labels: Entries<
  | "binaryCrossEntropy"
  | "binaryCrossEntropyWithLogits"
  | "klDiv"
  | "klDiv of distributions"
  | "softMarginLoss"
  | "multilabelSoftMarginLoss"
  | "multilabelMarginLoss"
  | "hingeEmbeddingLoss"
> = {
  binaryCrossEntropy: entry(F.binaryCrossEntropy, nn.BCELoss, {
    ...pair,
    differentiable: both,
    problems: problemsOf(weighted(chances)),
    extremes: { input: { min: 0, max: 1 } },
  }),
  binaryCrossEntropyWithLogits: entry(F.binaryCrossEntropyWithLogits, nn.BCEWithLogitsLoss, {
    ...pair,
    differentiable: [...both, "posWeight"],
    problems: problemsOf(
      weighted(reals).chain((tensors) => {
        const posWeight = fc.option(weights(tensors.input!.shape.slice(-1)), { nil: undefined });
        return posWeight.map((given) => (given === undefined ? tensors : { ...tensors, posWeight: given }));
      }),
    ),
    extremes: { input: anything },
  }),
  klDiv: entry(F.klDiv, nn.KLDivLoss, {
    ...pair,
    differentiable: both,
    problems: fc.boolean().chain((logTarget) =>
      problemsOf(
        matrices.chain((shape) => {
          const target = logTarget ? logDistributions(shape) : chances(shape);
          return fc.record({ input: logDistributions(shape), target });
        }),
        { logTarget: fc.constant(logTarget) },
      ),
    ),
    extremes: { input: { min: -1e38, max: 0 } },
  }),
  "klDiv of distributions": entry(F.klDiv, nn.KLDivLoss, {
    ...pair,
    differentiable: ["input"],
    problems: problemsOf(
      matrices.chain((shape) =>
        fc.record({ input: logDistributions(shape), target: distributions(shape).map(single) }),
      ),
    ),
    extremes: { input: { min: -1e38, max: 0 }, target: { min: 0, max: 1 } },
  }),
  softMarginLoss: entry(F.softMarginLoss, nn.SoftMarginLoss, {
    ...pair,
    differentiable: both,
    problems: problemsOf(boxes.chain((shape) => fc.record({ input: reals(shape), target: signs(shape) }))),
    extremes: { input: { min: -80, max: 80 } }, // beyond, torch's exponential overflows
  }),
  multilabelSoftMarginLoss: entry(F.multilabelSoftMarginLoss, nn.MultiLabelSoftMarginLoss, {
    ...pair,
    differentiable: [...both, "weight"],
    problems: problemsOf(weighted(reals)),
    extremes: { input: anything, target: { min: 0, max: 1 } },
  }),
  multilabelMarginLoss: entry(F.multilabelMarginLoss, nn.MultiLabelMarginLoss, {
    ...pair,
    differentiable: ["input"],
    problems: problemsOf(
      matrices.chain(([rows, classes]) => fc.record({ input: reals([rows, classes]), target: padded(rows, classes) })),
    ),
    corners: ({ tensors: { input } }) => [input!.unsqueeze(1).sub(input!.unsqueeze(2)).abs().sub(1)],
    extremes: { input: anything },
  }),
  hingeEmbeddingLoss: entry(F.hingeEmbeddingLoss, nn.HingeEmbeddingLoss, {
    ...pair,
    differentiable: ["input"],
    problems: problemsOf(
      boxes.chain((shape) => fc.record({ input: reals(shape), target: signs(shape) })),
      {
        margin: numbers({ min: -2, max: 2 }),
      },
    ),
    corners: ({ tensors: { input }, options: { margin } }) => [input!.sub(margin as number)],
    extremes: { input: anything },
  }),
};
