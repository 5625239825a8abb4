import { cat, log, sigmoid, stack, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { F } from "../../src/index.ts";
import { bits, boxes, chances, doubles, matrices, reals, weights } from "./arbitraries.ts";
import { expectClose, law } from "./compare.ts";

const { binaryCrossEntropy, binaryCrossEntropyWithLogits, multilabelSoftMarginLoss, nllLoss, softMarginLoss } = F;
const each = { reduction: "none" } as const;

const logits = boxes.chain((shape) => fc.tuple(reals(shape, { min: -8, max: 8 }), bits(shape), chances(shape)));

describe("binary cross entropy", () => {
  it(
    "is NLL of the probabilities of no and yes",
    law([boxes.chain((shape) => fc.tuple(chances(shape), bits(shape)))], ([p, t]) => {
      const both = stack([p.neg().add(1), p], 1);
      expectClose(binaryCrossEntropy(p, t, each), nllLoss(log(both), t.to("int32"), each));
    }),
  );

  it(
    "of a target that is a probability is the mixture of yes and no",
    law([boxes.chain((shape) => fc.tuple(chances(shape), chances(shape)))], ([p, t]) => {
      const [yes, no] = [t.mul(0).add(1), t.mul(0)];
      const mixture = t.mul(binaryCrossEntropy(p, yes, each)).add(
        t
          .neg()
          .add(1)
          .mul(binaryCrossEntropy(p, no, each)),
      );
      expectClose(binaryCrossEntropy(p, t, each), mixture);
    }),
  );

  it(
    "with logits is that after the sigmoid",
    law([logits], ([x, , t]) => {
      expectClose(binaryCrossEntropyWithLogits(x, t, each), binaryCrossEntropy(sigmoid(x), t, each), 1e-11);
    }),
  );

  it(
    "with logits is the soft margin loss with labels of −1 and 1",
    law([logits], ([x, t]) => {
      expectClose(binaryCrossEntropyWithLogits(x, t, each), softMarginLoss(x, t.mul(2).sub(1), each));
    }),
  );

  it(
    "with a whole posWeight repeats what is the case",
    law([logits, fc.integer({ min: 1, max: 4 })], ([x, t], times) => {
      const [input, target] = [x.flatten(), t.flatten()];
      const again = Array.from({ length: times - 1 }, () => [input, target.eq(1)] as const);
      const total = binaryCrossEntropyWithLogits(input, target, { posWeight: doubles([times], []), reduction: "sum" });
      const more = again.map(([of, where]) => of.maskedSelect(where));
      const repeats = cat([input, ...more], 0);
      const labels = cat([target, ...more.map((of) => of.mul(0).add(1))], 0);
      expectClose(total, binaryCrossEntropyWithLogits(repeats, labels, { reduction: "sum" }));
    }),
  );

  it(
    "multiplies by its weights",
    law([logits, weights([])], ([x, , t], w) => {
      const weight = w.expand(x.shape);
      const weighted = (fn: typeof binaryCrossEntropy, input: Tensor): void => {
        expectClose(fn(input, t, { ...each, weight }), fn(input, t, each).mul(w));
      };
      weighted(binaryCrossEntropyWithLogits, x);
      weighted(binaryCrossEntropy, sigmoid(x));
    }),
  );

  it(
    "with logits swaps its classes when the sign of the logits changes",
    law([logits], ([x, , t]) => {
      expectClose(
        binaryCrossEntropyWithLogits(x.neg(), t.neg().add(1), each),
        binaryCrossEntropyWithLogits(x, t, each),
      );
    }),
  );
});

describe("the multi-label soft margin loss", () => {
  it(
    "is the mean over the classes of binary cross entropy with logits",
    law([matrices.chain((shape) => fc.tuple(reals(shape), chances(shape), weights([shape[1]])))], ([x, t, weight]) => {
      const mean = binaryCrossEntropyWithLogits(x, t, { ...each, weight }).mean(-1);
      expectClose(multilabelSoftMarginLoss(x, t, { ...each, weight }), mean);
    }),
  );
});
