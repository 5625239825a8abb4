import { mul, type Tensor } from "@tapegrad/autograd";
import type { Shape } from "@tapegrad/tensor";
import * as fc from "fast-check";
import * as nn from "../../../src/index.ts";
import { boxes, matrices, numbers, positives, reals, signs } from "../arbitraries.ts";
import { anything, type Entries, entry } from "../entry.ts";
import { type Problem, problemsOf } from "../problem.ts";

const { F } = nn;

const ranked = { args: ["input1", "input2", "target"], batch: { input1: 0, input2: 0, target: 0 } };
const two = ["input1", "input2"];
const margin = numbers({ min: -1, max: 1 });

/** Numbers that are not near 0, so that vectors of them have a direction. */
const far = (shape: Shape): fc.Arbitrary<Tensor> =>
  fc.tuple(reals(shape, { min: 1 / 4, max: 4 }), signs(shape)).map(([size, sign]) => size.mul(sign));

const names = ["anchor", "positive", "negative"] as const;
const triplet = { args: names, batch: { anchor: 0, positive: 0, negative: 0 }, differentiable: names };
const triplets = matrices.chain((shape) =>
  fc.record({ anchor: reals(shape), positive: reals(shape), negative: reals(shape) }),
);

/** The differences, whose norms have corners at 0, what is lacking, and which way to the negative is nearer. */
function cornersOfTriplets({ tensors: { anchor, positive, negative }, options }: Problem): Tensor[] {
  const { p = 2, margin: wanted, swap } = options as { p?: number; margin: number; swap: boolean };
  const distance = (a: Tensor, b: Tensor): Tensor => F.pairwiseDistance(a, b, { p });
  const near = distance(anchor!, positive!);
  const ways = [distance(anchor!, negative!), ...(swap ? [distance(positive!, negative!)] : [])];
  return [
    anchor!.sub(positive!),
    anchor!.sub(negative!),
    positive!.sub(negative!),
    ...ways.map((way) => near.add(wanted).sub(way)),
    ...ways.slice(1).map((way) => way.sub(ways[0]!)),
  ];
}

const manhattan = (a: Tensor, b: Tensor): Tensor => a.sub(b).abs().sum(-1);

/** The losses that the name of this file stands for. */
export const embeddings: Entries<
  "marginRankingLoss" | "cosineEmbeddingLoss" | "tripletMarginLoss" | "tripletMarginWithDistanceLoss"
> = {
  marginRankingLoss: entry(F.marginRankingLoss, nn.MarginRankingLoss, {
    ...ranked,
    differentiable: two,
    problems: problemsOf(
      boxes.chain((shape) => fc.record({ input1: reals(shape), input2: reals(shape), target: signs(shape) })),
      { margin },
    ),
    corners: ({ tensors: { input1, input2, target }, options }) => [
      mul(target!, input1!.sub(input2!)).sub(options.margin as number),
    ],
    extremes: { input1: anything, input2: anything },
  }),
  cosineEmbeddingLoss: entry(F.cosineEmbeddingLoss, nn.CosineEmbeddingLoss, {
    ...ranked,
    differentiable: two,
    problems: problemsOf(
      matrices.chain((shape) => fc.record({ input1: far(shape), input2: far(shape), target: signs([shape[0]]) })),
      { margin },
    ),
    corners: ({ tensors: { input1, input2 }, options }) => [
      F.cosineSimilarity(input1!, input2!).sub(options.margin as number),
    ],
    extremes: { input1: anything, input2: anything },
  }),
  tripletMarginLoss: entry(F.tripletMarginLoss, nn.TripletMarginLoss, {
    ...triplet,
    problems: problemsOf(triplets, { margin: positives, p: fc.constantFrom(1, 2, 3), swap: fc.boolean() }),
    corners: cornersOfTriplets,
    extremes: Object.fromEntries(names.map((name) => [name, { min: -1e12, max: 1e12 }])), // their cubes are finite
  }),
  tripletMarginWithDistanceLoss: entry(F.tripletMarginWithDistanceLoss, nn.TripletMarginWithDistanceLoss, {
    ...triplet,
    problems: problemsOf(triplets, { margin: positives, distanceFunction: fc.constant(manhattan), swap: fc.boolean() }),
    corners: (problem) => cornersOfTriplets({ ...problem, options: { ...problem.options, p: 1 } }),
    extremes: Object.fromEntries(names.map((name) => [name, { min: -1e37, max: 1e37 }])), // their sums are finite
  }),
};
