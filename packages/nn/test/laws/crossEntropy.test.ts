import { cat, grad, logSoftmax, oneHot, softmax, stack, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { Categorical } from "../../../distributions/src/index.ts";
import { F } from "../../src/index.ts";
import {
  classDistributions,
  doubles,
  integers,
  moved,
  numbers,
  reals,
  type Sizes,
  sizes,
  weights,
  wholes,
} from "./arbitraries.ts";
import { expectAtLeast, expectClose, law } from "./compare.ts";

const { crossEntropy, klDiv, nllLoss } = F;
const each = { reduction: "none" } as const;

/** Logits, and a class for each. */
const labelled = sizes().chain((size) =>
  fc.tuple(reals(size.input, { min: -8, max: 8 }), wholes(size.target, 0, size.classes - 1), fc.constant(size)),
);

/** Logits, and a distribution over the classes for each. */
const distributed = sizes().chain(({ input }) =>
  fc.tuple(reals(input, { min: -8, max: 8 }), classDistributions(input)),
);

/** Two batches of distributions. */
const pairs = sizes().chain(({ input }) => fc.tuple(classDistributions(input), classDistributions(input)));

const smoothing = numbers({ min: 0, max: 1 });

/** One-hot rows in dimension 1. */
const hot = (classes: Tensor, { classes: count }: Sizes): Tensor => moved(oneHot(classes, count), -1, 1).double();

/** The class of each row repeated as often as its weight says. */
const repeated = (tensor: Tensor, times: readonly number[]): Tensor =>
  cat(
    times.flatMap((count, n) => Array.from({ length: count }, () => tensor.narrow(0, n, 1))),
    0,
  );

describe("cross entropy", () => {
  it(
    "is entropy plus divergence",
    law([distributed], ([z, p]) => {
      const entropy = new Categorical({ probs: moved(p, 1, p.ndim - 1) }).entropy();
      const divergence = klDiv(logSoftmax(z, 1), p, each).sum(1);
      expectClose(crossEntropy(z, p, each), entropy.add(divergence), 1e-10);
    }),
  );

  it(
    "with probabilities that are one-hot is that with classes",
    law([labelled, smoothing], ([z, t, size], labelSmoothing) => {
      const options = { ...each, labelSmoothing };
      expectClose(crossEntropy(z, hot(t, size), options), crossEntropy(z, t, options));
    }),
  );

  it(
    "is NLL after log-softmax",
    law([labelled, weights([4]), fc.integer({ min: -1, max: 3 })], ([z, t, { classes }], w, ignoreIndex) => {
      const options = { ...each, ignoreIndex, weight: w.narrow(0, 0, classes) };
      expectClose(crossEntropy(z, t, options), nllLoss(logSoftmax(z, 1), t, options));
    }),
  );

  it(
    "does not see a shift of the logits",
    law([distributed, numbers({ min: -50, max: 50 })], ([z, p], shift) => {
      expectClose(crossEntropy(z.add(shift), p, each), crossEntropy(z, p, each), 1e-11);
    }),
  );

  it(
    "has a gradient whose rows sum to zero",
    law([labelled, smoothing, weights([4])], ([z, t, { classes }], labelSmoothing, w) => {
      const logits = z.requiresGrad_();
      const loss = crossEntropy(logits, t, { labelSmoothing, weight: w.narrow(0, 0, classes), reduction: "sum" });
      const rows = grad([loss], [logits])[0]!.sum(1);
      expectClose(rows, rows.mul(0));
    }),
  );

  it(
    "has softmax minus target as its gradient",
    law([distributed], ([z, p]) => {
      const logits = z.requiresGrad_();
      const loss = crossEntropy(logits, p, { reduction: "sum" });
      expectClose(grad([loss], [logits])[0]!, softmax(z.detach(), 1).sub(p));
    }),
  );

  it(
    "with smoothing is the mixture of itself and that of a uniform target",
    law([labelled, smoothing], ([z, t, { classes }], labelSmoothing) => {
      const uniform = crossEntropy(z, doubles(new Float64Array(z.numel()).fill(1 / classes), z.shape), each);
      const mixture = crossEntropy(z, t, each)
        .mul(1 - labelSmoothing)
        .add(uniform.mul(labelSmoothing));
      expectClose(crossEntropy(z, t, { ...each, labelSmoothing }), mixture);
    }),
  );

  it(
    "ignores a class as if its rows were not there",
    law([sizes({ maxRest: 0 }).chain(rowsOf), smoothing, weights([4])], ([z, t], labelSmoothing, w) => {
      const kept = [...t.toArray()].flatMap((index, n) => (index === 0 ? [] : [n]));
      fc.pre(kept.length > 0);
      const rows = integers(kept, [kept.length]);
      const options = { labelSmoothing, weight: w.narrow(0, 0, z.shape[1]!) };
      const without = crossEntropy(z.indexSelect(0, rows), t.indexSelect(0, rows), options);
      expectClose(crossEntropy(z, t, { ...options, ignoreIndex: 0 }), without);
    }),
  );

  it(
    "with whole weights repeats the rows of a class",
    law(
      [sizes({ maxRest: 0 }).chain(rowsOf), fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 4, maxLength: 4 })],
      ([z, t], times) => {
        const weight = doubles(times, [4]).narrow(0, 0, z.shape[1]!);
        const counts = [...t.toArray()].map((index) => times[index]!);
        const longer = crossEntropy(repeated(z, counts), repeated(t, counts));
        expectClose(crossEntropy(z, t, { weight }), longer);
      },
    ),
  );
});

/** Rows of logits with their classes. */
function rowsOf({ input, target, classes }: Sizes): fc.Arbitrary<[Tensor, Tensor]> {
  return fc.tuple(reals(input, { min: -8, max: 8 }), wholes(target, 0, classes - 1));
}

describe("divergence", () => {
  it(
    "is not negative",
    law([pairs], ([p, q]) => {
      const divergence = klDiv(q.log().clamp({ min: -1e3 }), p, each).sum(1);
      expectAtLeast(divergence, divergence.mul(0));
    }),
  );

  it(
    "is zero for equals, and for them alone",
    law([pairs], ([p, q]) => {
      const floor = -1e3; // what ln 0 is taken for, so that no product is 0·∞
      const rows = (of: Tensor): Tensor => klDiv(of.log().clamp({ min: floor }), p, each).sum(1);
      expectClose(rows(p), rows(p).mul(0));
      // Pinsker's inequality: the divergence is at least half the square of the distance
      expectAtLeast(rows(q), p.sub(q).abs().sum(1).square().div(2));
    }),
  );

  it(
    "takes targets and their logarithms alike",
    law([sizes().chain(({ input }) => fc.tuple(reals(input), reals(input)))], ([z, of]) => {
      const [input, target] = [logSoftmax(z, 1), logSoftmax(of, 1)];
      expectClose(klDiv(input, target, { ...each, logTarget: true }), klDiv(input, target.exp(), each));
    }),
  );

  it(
    "times the batch is the sum, when it is the batch's mean",
    law([distributed], ([z, p]) => {
      const input = logSoftmax(z, 1);
      const total = klDiv(input, p, { reduction: "sum" });
      expectClose(klDiv(input, p, { reduction: "batchmean" }).mul(z.shape[0]!), total);
      expectClose(klDiv(input, p).mul(z.numel()), total);
    }),
  );
});

describe("negative log-likelihood", () => {
  it(
    "is the entry of the class, negated and weighted",
    law([labelled, weights([4])], ([z, t, size], w) => {
      const weight = w.narrow(0, 0, size.classes);
      const along = weight.reshape([1, size.classes, ...size.rest.map(() => 1)]);
      expectClose(nllLoss(z, t, { ...each, weight }), hot(t, size).mul(z).mul(along).sum(1).neg());
    }),
  );

  it(
    "of one class is minus the input",
    law([reals([3, 1])], (z) => {
      expectClose(nllLoss(z, [0, 0, 0], each), z.select(1, 0).neg());
      expectClose(
        nllLoss(stack([z, z], 2), integers([0, 0, 0, 0, 0, 0], [3, 2]), { reduction: "sum" }),
        z.sum().mul(-2),
      );
    }),
  );
});
