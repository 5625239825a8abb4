import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { values, views } from "../../testing.ts";
import { type KernelSample, largest, output } from "./sample.ts";

const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const positive = values({ min: 0.1, max: 2 });

/** Everything that a matrix of rows is normalised with. */
const matrices = fc.tuple(size(5), size(19)).chain(([rows, columns]) =>
  fc.record({
    out: output([rows, columns]),
    mean: output([rows]),
    rstd: output([rows]),
    x: views([rows, columns]),
    grad: views([rows, columns]),
    means: views([rows]),
    rstds: views([rows], { elements: positive }),
    weight: fc.option(views([columns])),
    bias: fc.option(views([columns])),
    forWeight: output([columns]),
    forBias: output([columns]),
    eps: fc.constantFrom(0.01, 0.5),
  }),
);

/** Everything that channels are normalised with. */
const channels = fc.tuple(size(4), size(4), size(19)).chain(([outer, count, inner]) =>
  fc.record({
    out: output([outer, count, inner]),
    x: views([outer, count, inner]),
    grad: views([outer, count, inner]),
    first: output([count]),
    second: output([count]),
    mean: views([count]),
    rstd: views([count], { elements: positive }),
    weight: fc.option(views([count])),
    bias: fc.option(views([count])),
    sums: fc.option(fc.record({ gradBias: views([count]), gradWeight: views([count]) })),
  }),
);

/** A bound on every number that takes part in a gradient: at most 4 each, with rstd at most 2. */
const BOUND = 4 * 2 * (2 + 8 * 8 * 4);

/** All row-major, or all views of any kind. */
const alike = (shape: readonly number[], elements: readonly fc.Arbitrary<number>[]): fc.Arbitrary<NDArray[]> =>
  fc
    .tuple(fc.boolean(), ...elements.map((own) => views(shape, { elements: own, expand: false })))
    .map(([dense, ...arrays]) => (dense ? arrays.map((a) => a.copy()) : arrays));

const parameters = fc.oneof(fc.tuple(size(40)), fc.tuple(size(5), size(9)));
const moderate = values();
const fraction = values({ min: 0, max: 1 });

/** Samples of normalisation and of the steps of optimizers. */
export const normSamples: Readonly<Record<string, KernelSample>> = {
  layerNorm: {
    args: matrices.map(({ out, mean, rstd, x, weight, bias, eps }) => [out, mean, rstd, x, weight, bias, eps]),
    outputs: 3,
    scale: () => 4 * Math.sqrt(19) + 4,
  },
  layerNormBackward: {
    args: matrices.map(({ out, grad, x, means, rstds, weight }) => [out, grad, x, means, rstds, weight]),
    scale: () => 4 * BOUND,
  },
  layerNormBackwardAffine: {
    args: matrices.map(({ forWeight, forBias, grad, x, means, rstds }) => [forWeight, forBias, grad, x, means, rstds]),
    outputs: 2,
    scale: () => 5 * 4 * 8 * 2,
  },
  channelMoments: {
    args: channels.map(({ first, second, x }) => [first, second, x]),
    outputs: 2,
    scale: ([, , x]) => largest(x as NDArray) ** 2 + largest(x as NDArray),
  },
  inverseDeviation: {
    args: channels.map(({ first, rstd }) => [first, rstd, 1e-5]),
  },
  channelNorm: {
    args: channels.map(({ out, x, mean, rstd, weight, bias }) => [out, x, mean, rstd, weight, bias]),
    scale: () => 8 * 2 * 4 + 4,
  },
  channelNormSums: {
    args: channels.map(({ first, second, grad, x, mean, rstd }) => [first, second, grad, x, mean, rstd]),
    outputs: 2,
    scale: () => 4 * 19 * 4 * 8 * 2,
  },
  channelNormBackward: {
    args: channels.map(({ out, grad, x, mean, rstd, weight, sums }) => [out, grad, x, mean, rstd, weight, sums]),
    scale: () => BOUND,
  },
  sgd: {
    args: fc
      .tuple(
        parameters.chain((shape) => alike(shape, [moderate, moderate, moderate])),
        fc.record({
          momentum: fraction,
          dampening: fraction,
          weightDecay: fc.constantFrom(0, 0.1),
          nesterov: fc.boolean(),
          maximize: fc.boolean(),
        }),
        fc.tuple(fraction, fc.boolean(), fc.boolean()),
      )
      .map(([[p, g, b], settings, [lr, first, buffered]]) => [p, g, buffered ? b : null, settings, lr, first]),
    outputs: 3,
  },
  adam: {
    args: fc
      .tuple(
        parameters.chain((shape) => alike(shape, [moderate, moderate, moderate, positive, positive])),
        fc.record({
          beta1: fraction,
          beta2: fraction,
          eps: fc.constantFrom(1e-8, 0.1),
          weightDecay: fc.constantFrom(0, 0.1),
          decoupled: fc.boolean(),
          maximize: fc.boolean(),
        }),
        fc.tuple(fraction, positive, positive, fc.boolean()),
      )
      .map(([[p, g, m, v, top], settings, [lr, c1, c2, amsgrad]]) => {
        return [p, g, m, v, amsgrad ? top : null, settings, lr, c1, c2];
      }),
    outputs: 5,
  },
};
