import { clampMin, minimum, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { F, PairwiseDistance } from "../../src/index.ts";
import { bits, boxes, integers, matrices, numbers, positives, reals, signs, weights, wholes } from "./arbitraries.ts";
import { expectAtLeast, expectClose, law } from "./compare.ts";

const {
  cosineEmbeddingLoss,
  cosineSimilarity,
  hingeEmbeddingLoss,
  marginRankingLoss,
  multiMarginLoss,
  multilabelMarginLoss,
  pairwiseDistance,
  softMarginLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} = F;
const each = { reduction: "none" } as const;
const margins = numbers({ min: -2, max: 2 });

const triplets = matrices.chain((shape) => fc.tuple(reals(shape), reals(shape), reals(shape)));
/** Vectors far longer than the epsilon that torch adds, and labels. */
const vectors = matrices.chain((shape) => fc.tuple(far(shape), far(shape), signs([shape[0]])));

/** Numbers that are not near 0. */
function far(shape: readonly [number, number]): fc.Arbitrary<Tensor> {
  return fc.tuple(reals(shape, { min: 1 / 4, max: 4 }), signs(shape)).map(([size, sign]) => size.mul(sign));
}

describe("multi-margin", () => {
  it(
    "with two classes is half of the hinge of their difference",
    law([reals([3, 2]), bits([3]), margins, fc.constantFrom(1 as const, 2 as const)], (x, t, margin, p) => {
      const sign = t.mul(2).sub(1);
      const lead = x.select(1, 1).sub(x.select(1, 0)).mul(sign);
      const hinge = clampMin(lead.neg().add(margin), 0).pow(p);
      expectClose(multiMarginLoss(x, t.to("int32"), { ...each, margin, p }), hinge.div(2));
    }),
  );

  it(
    "multiplies by the weight of the right class",
    law([reals([3, 4]), wholes([3], 0, 3), weights([4])], (x, t, weight) => {
      const times = weight.indexSelect(0, t);
      expectClose(multiMarginLoss(x, t, { ...each, weight }), multiMarginLoss(x, t, each).mul(times));
    }),
  );

  it(
    "does not see a shift of the scores",
    law([reals([3, 4]), wholes([3], 0, 3), margins], (x, t, shift) => {
      expectClose(multiMarginLoss(x.add(shift), t, each), multiMarginLoss(x, t, each));
    }),
  );

  it(
    "of several labels is that of each label against the classes that are none",
    law([reals([4]), fc.uniqueArray(fc.integer({ min: 0, max: 3 }))], (x, labels) => {
      const target = integers([...labels, ...Array.from({ length: 4 - labels.length }, () => -1)], [4]);
      const others = [0, 1, 2, 3].filter((i) => !labels.includes(i));
      // against itself a label would lack the margin of 1: what is left out here
      const alone = labels.map((label) => {
        const own = integers([others.length], []);
        const scores = x.indexSelect(0, [...others, label]);
        return multiMarginLoss(scores, own, each)
          .mul(others.length + 1)
          .item();
      });
      expect(multilabelMarginLoss(x, target, each).mul(4).item()).toBeCloseTo(
        alone.reduce((a, b) => a + b, 0),
        10,
      );
    }),
  );
});

describe("triplets", () => {
  it(
    "are those with a distance of one's own, when it is the pairwise distance",
    law([triplets, positives, fc.boolean(), fc.constantFrom(1, 2, 3)], (triplet, margin, swap, p) => {
      const plain = tripletMarginLoss(...triplet, { ...each, margin, swap, p });
      for (const distanceFunction of [
        (a: Tensor, b: Tensor) => pairwiseDistance(a, b, { p }),
        new PairwiseDistance({ p }),
      ]) {
        expectClose(tripletMarginWithDistanceLoss(...triplet, { ...each, margin, swap, distanceFunction }), plain, 0);
      }
    }),
  );

  it(
    "never cost less when swapped",
    law([triplets, positives], (triplet, margin) => {
      const [plain, swapped] = [false, true].map((swap) => tripletMarginLoss(...triplet, { ...each, margin, swap }));
      expectAtLeast(swapped!, plain!);
    }),
  );

  it(
    "when swapped take the nearer of two ways to the negative",
    law([triplets, positives], ([a, p, n], margin) => {
      const far = minimum(pairwiseDistance(a, n), pairwiseDistance(p, n));
      const expected = clampMin(pairwiseDistance(a, p).add(margin).sub(far), 0);
      expectClose(tripletMarginLoss(a, p, n, { ...each, margin, swap: true }), expected);
    }),
  );

  it(
    "cost the margin when the negative is the positive",
    law([triplets, positives], ([a, p], margin) => {
      const loss = tripletMarginLoss(a, p, p, { ...each, margin });
      expectClose(loss, loss.mul(0).add(margin));
    }),
  );
});

describe("cosine embedding", () => {
  it(
    "ignores the scale of both vectors",
    law([vectors, positives, positives, margins], ([x, y, t], a, b, margin) => {
      const scaled = cosineEmbeddingLoss(x.mul(a), y.mul(b), t, { ...each, margin });
      expectClose(scaled, cosineEmbeddingLoss(x, y, t, { ...each, margin }), 1e-7);
    }),
  );

  it(
    "is 1 − cosine for what belongs together, and cosine beyond the margin for what does not",
    law([vectors, margins], ([x, y, t], margin) => {
      const cosine = cosineSimilarity(x, y);
      const expected = cosine
        .neg()
        .add(1)
        .where(t.eq(1), clampMin(cosine.sub(margin), 0));
      expectClose(cosineEmbeddingLoss(x, y, t, { ...each, margin }), expected, 1e-9);
    }),
  );

  it(
    "does not care which vector comes first",
    law([vectors, margins], ([x, y, t], margin) => {
      expectClose(cosineEmbeddingLoss(x, y, t, { ...each, margin }), cosineEmbeddingLoss(y, x, t, { ...each, margin }));
    }),
  );
});

describe("margin ranking", () => {
  const ranked = boxes.chain((shape) => fc.tuple(reals(shape), reals(shape), signs(shape)));

  it(
    "is antisymmetric: scores exchanged and the label negated",
    law([ranked, margins], ([x, y, t], margin) => {
      const options = { ...each, margin };
      expectClose(marginRankingLoss(y, x, t.neg(), options), marginRankingLoss(x, y, t, options), 0);
    }),
  );

  it(
    "without a margin splits the difference between the two labels",
    law([ranked], ([x, y, t]) => {
      const both = marginRankingLoss(x, y, t, each).add(marginRankingLoss(x, y, t.neg(), each));
      expectClose(both, x.sub(y).abs());
    }),
  );
});

describe("hinge embedding", () => {
  const distances = boxes.chain((shape) => fc.tuple(reals(shape), signs(shape)));

  it(
    "is the distance of what belongs together, and what others lack of the margin",
    law([distances, margins], ([x, t], margin) => {
      const apart = clampMin(x.neg().add(margin), 0);
      expectClose(hingeEmbeddingLoss(x, t, { ...each, margin }), x.where(t.eq(1), apart), 0);
    }),
  );

  it(
    "counts a label that is neither as both",
    law([distances, margins], ([x, t], margin) => {
      const options = { ...each, margin };
      const both = hingeEmbeddingLoss(x, t, options).add(hingeEmbeddingLoss(x, t.neg(), options));
      expectClose(hingeEmbeddingLoss(x, t.mul(0), options), both);
    }),
  );
});

describe("soft margin", () => {
  it(
    "lies above the hinge without a margin, by at most ln 2",
    law([boxes.chain((shape) => fc.tuple(reals(shape), signs(shape)))], ([x, t]) => {
      const hinge = clampMin(x.mul(t).neg(), 0);
      const loss = softMarginLoss(x, t, each);
      expectAtLeast(loss, hinge);
      expectAtLeast(hinge.add(Math.LN2), loss);
    }),
  );
});
