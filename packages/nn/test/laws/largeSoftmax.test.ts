import { grad, linear, type Tensor } from "@tapegrad/autograd";
import { Generator } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { AdaptiveLogSoftmaxWithLoss, F } from "../../src/index.ts";
import { numbers, reals, weights, wholes } from "./arbitraries.ts";
import { expectClose, law } from "./compare.ts";

const { crossEntropy, linearCrossEntropy } = F;
const each = { reduction: "none" } as const;

/** A module with drawn sizes and parameters, inputs and classes. */
const adaptive = fc
  .record({
    features: fc.integer({ min: 1, max: 6 }),
    classes: fc.integer({ min: 2, max: 9 }),
    batch: fc.integer({ min: 1, max: 4 }),
    seed: fc.nat(),
    headBias: fc.boolean(),
    divValue: fc.constantFrom(1, 2),
  })
  .chain(({ features, classes, batch, seed, ...options }) =>
    fc
      .record({
        cutoffs: fc.uniqueArray(fc.integer({ min: 1, max: classes - 1 }), { minLength: 1, maxLength: 2 }),
        input: reals([batch, features]),
        target: wholes([batch], 0, classes - 1),
      })
      .map(({ cutoffs, input, target }) => {
        const generator = new Generator().manualSeed(seed);
        const settings = { ...options, generator, dtype: "float64" } as const;
        const starts = cutoffs.toSorted((a, b) => a - b);
        return { module: new AdaptiveLogSoftmaxWithLoss(features, classes, starts, settings), input, target };
      }),
  );

describe("adaptive log-softmax", () => {
  it(
    "gives probabilities that sum to one",
    law([adaptive], ({ module, input }) => {
      const total = module.logProb(input).exp().sum(1);
      expectClose(total, total.mul(0).add(1));
    }),
  );

  it(
    "agrees with its log-probabilities of all classes, and its loss is minus their mean",
    law([adaptive], ({ module, input, target }) => {
      const { output, loss } = module(input, target);
      expectClose(output, module.logProb(input).gather(1, target.unsqueeze(1)).squeeze(1));
      expectClose(loss, output.mean().neg());
    }),
  );

  it(
    "predicts the most probable class",
    law([adaptive], ({ module, input }) => {
      const all = module.logProb(input);
      expectClose(all.gather(1, module.predict(input).unsqueeze(1)), all.amax(1, { keepdim: true }));
    }),
  );
});

const projected = fc
  .record({
    batch: fc.integer({ min: 1, max: 5 }),
    features: fc.integer({ min: 1, max: 3 }),
    classes: fc.integer({ min: 2, max: 4 }),
  })
  .chain(({ batch, features, classes }) =>
    fc.record({
      input: reals([batch, features]),
      matrix: reals([classes, features]),
      bias: fc.option(reals([classes])),
      weight: fc.option(weights([classes])),
      target: wholes([batch], 0, classes - 1),
      ignoreIndex: fc.constantFrom(-100, 0),
      labelSmoothing: numbers({ min: 0, max: 1 }),
    }),
  );
const chunks = fc.integer({ min: 1, max: 6 }).map((batchChunkSize) => ({ batchChunkSize }));

describe("linear cross entropy", () => {
  it(
    "is cross entropy after a linear layer, in chunks of any size",
    law([projected, chunks], ({ input, matrix, bias, target, ...settings }, options) => {
      const logits = linear(input, matrix, bias);
      const loss = linearCrossEntropy(input, matrix, target, { ...each, ...settings, linearBias: bias, options });
      expectClose(loss, crossEntropy(logits, target, { ...each, ...settings }));
    }),
  );

  it(
    "has the gradients of cross entropy after a linear layer, in chunks of any size",
    law([projected, chunks], ({ input, matrix, bias, target, ...settings }, options) => {
      const leaves = [input, matrix, ...(bias === null ? [] : [bias])].map((of) => of.detach().requiresGrad_());
      const [x, w, linearBias = null] = leaves as [Tensor, Tensor, Tensor?];
      const reduced = { ...settings, reduction: "sum" } as const;
      const whole = grad([crossEntropy(linear(x, w, linearBias), target, reduced)], leaves) as Tensor[];
      const inParts = grad([linearCrossEntropy(x, w, target, { ...reduced, linearBias, options })], leaves) as Tensor[];
      inParts.forEach((gradient, i) => {
        expectClose(gradient, whole[i]!);
      });
    }),
  );
});
