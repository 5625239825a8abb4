import { noGrad, type Tensor } from "@tapegrad/autograd";
import type { DType } from "@tapegrad/tensor";
import * as fc from "fast-check";
import * as nn from "../../../src/index.ts";
import { classDistributions, matrices, numbers, reals, type Sizes, sizes, weights, wholes } from "../arbitraries.ts";
import { scaleOf } from "../compare.ts";
import { anything, type Compute, type Entries, entry } from "../entry.ts";
import { type Problem, problemsOf, withoutBatch } from "../problem.ts";

const { F } = nn;

const batch = { input: 0, target: 0 };
const needed = { requiredKeys: ["input", "target"] as ("input" | "target")[] };
const smoothing = numbers({ min: 0, max: 0.9 }); // with 1 an infinite loss would be taken 0 times

/** Class numbers of which at least one is not 0, which may be ignored. */
const someCount = ({ target, classes }: Sizes): fc.Arbitrary<Tensor> =>
  wholes(target, 0, classes - 1).filter((t) => t.toArray().some((index) => index !== 0));

const labelled = sizes({ minClasses: 2 }).chain((size) =>
  fc.record({ input: reals(size.input), target: someCount(size), weight: weights([size.classes]) }, needed),
);

const distributed = sizes().chain((size) => {
  const target = classDistributions(size.input).map((p) => p.float().double());
  return fc.record({ input: reals(size.input), target, weight: weights([size.classes]) }, needed);
});

/** The weights of the targets that count, or their number. */
function weightOfTargets({ tensors: { target, weight }, options }: Problem): number {
  const each = weight?.toArray();
  let sum = 0;
  for (const index of target!.toArray()) if (index !== options.ignoreIndex) sum += each?.[index] ?? 1;
  return sum;
}

/** Without a batch there are no further dimensions, which would be taken for the classes. */
const ofMatrices = (problem: Problem): Problem | null =>
  problem.tensors.input!.ndim > 2 ? null : withoutBatch(problem, batch);

const projected = sizes({ minClasses: 2, maxRest: 0 }).chain((size) =>
  fc.integer({ min: 1, max: 3 }).chain((features) =>
    fc.record(
      {
        input: reals([size.batch, features], { min: -2, max: 2 }),
        linearWeight: reals([size.classes, features], { min: -2, max: 2 }),
        target: someCount(size),
        linearBias: reals([size.classes]),
        weight: weights([size.classes]),
      },
      { requiredKeys: ["input", "linearWeight", "target"] },
    ),
  ),
);

const byLinearModule: Compute = ({ tensors, options }, reduction) => {
  const { input, linearWeight, target, linearBias, weight = null } = tensors;
  const [classes, features] = linearWeight!.shape as [number, number];
  const settings = { ...options, weight, reduction, bias: linearBias !== undefined, dtype: input!.dtype as DType };
  const loss = new nn.LinearCrossEntropyLoss(features, classes, settings);
  noGrad(() => {
    loss.linear.weight.copy_(linearWeight!);
    if (linearBias !== undefined) loss.linear.bias!.copy_(linearBias);
  });
  return loss.forward(input!, target!).detach();
};

/** The losses that the name of this file stands for. */
export const classification: Entries<
  "crossEntropy" | "crossEntropy of distributions" | "nllLoss" | "linearCrossEntropy" | "multiMarginLoss"
> = {
  crossEntropy: entry(F.crossEntropy, nn.CrossEntropyLoss, {
    args: ["input", "target"],
    batch,
    differentiable: ["input", "weight"],
    problems: problemsOf(labelled, { ignoreIndex: fc.constantFrom(0, -100), labelSmoothing: smoothing }),
    divisor: weightOfTargets,
    unbatched: ofMatrices,
    extremes: { input: anything },
  }),
  "crossEntropy of distributions": entry(F.crossEntropy, nn.CrossEntropyLoss, {
    args: ["input", "target"],
    batch,
    differentiable: ["input", "target", "weight"],
    problems: problemsOf(distributed, { labelSmoothing: smoothing }),
    divisor: ({ tensors: { input } }) => input!.numel() / input!.shape[1]!,
    unbatched: ofMatrices,
    extremes: { input: anything },
  }),
  nllLoss: entry(F.nllLoss, nn.NLLLoss, {
    args: ["input", "target"],
    batch,
    differentiable: ["input", "weight"],
    problems: problemsOf(labelled, { ignoreIndex: fc.constantFrom(0, -100) }),
    divisor: weightOfTargets,
    unbatched: ofMatrices,
    extremes: { input: anything },
  }),
  linearCrossEntropy: {
    ...entry(F.linearCrossEntropy, nn.CrossEntropyLoss, {
      args: ["input", "linearWeight", "target"],
      batch,
      differentiable: ["input", "linearWeight", "linearBias", "weight"],
      problems: problemsOf(projected, {
        ignoreIndex: fc.constantFrom(0, -100),
        labelSmoothing: smoothing,
        options: fc.option(fc.record({ batchChunkSize: fc.integer({ min: 1, max: 3 }) })),
      }),
      divisor: weightOfTargets,
      // beyond, the products would add up to infinities of both signs
      extremes: { input: { min: -1e15, max: 1e15 }, linearWeight: { min: -1e15, max: 1e15 } },
      scale: ({ tensors: { input, linearWeight } }) => 4 * scaleOf(input!) * scaleOf(linearWeight!),
    }),
    Class: nn.LinearCrossEntropyLoss,
    byModule: byLinearModule,
  },
  multiMarginLoss: entry(F.multiMarginLoss, nn.MultiMarginLoss, {
    args: ["input", "target"],
    batch,
    differentiable: ["input", "weight"],
    problems: problemsOf(
      matrices.chain(([rows, classes]) => {
        const target = wholes([rows], 0, classes - 1);
        return fc.record({ input: reals([rows, classes]), target, weight: weights([classes]) }, needed);
      }),
      { p: fc.constantFrom(1, 2), margin: numbers({ min: 1 / 8, max: 2 }) },
    ),
    corners: ({ tensors: { input, target }, options: { margin } }) => {
      const right = input!.gather(1, target!.unsqueeze(1));
      return [input!.sub(right).add(margin as number)];
    },
    extremes: { input: anything },
  }),
};
