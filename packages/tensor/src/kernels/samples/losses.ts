import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { values, views } from "../../testing.ts";
import { elementwise, friendlyOrExtreme, type KernelSample, largest, operand, output } from "./sample.ts";

const IGNORED = 1;
const factor = fc.tuple(values({ min: -2, max: 2 }));
const ofOperands = (args: readonly unknown[]): number => largest(args[1] as NDArray) + largest(args[2] as NDArray);
const pair: KernelSample = { ...elementwise(2, { tame: true }), scale: (args) => 8 * ofOperands(args) + 1 };
const slope: KernelSample = {
  ...elementwise(2, { tame: true, numbers: factor }),
  scale: (args) => (ofOperands(args) + 1) * Math.abs(args[3] as number),
};
/** Targets are probabilities, or their logarithms. */
const shares: KernelSample = {
  ...elementwise(2, { min: 0, max: 1, tame: true }),
  scale: (args) => ofOperands(args) + 1,
};

const rows = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 150 })).chain(([count, classes]) =>
  fc.record({
    losses: output([count]),
    slopes: fc.option(output([count, classes]), { freq: 3 }),
    logits: operand([count, classes]),
    target: views([count], { dtype: "int32", elements: fc.nat({ max: classes - 1 }) }),
    factor: fc.oneof(
      fc.constant(1),
      fc.integer({ min: 1, max: 2 ** 27 }).map((count) => Math.fround(1 / count)),
    ),
  }),
);

/** Batches for CTC: any lengths that fit, labels that are the blank among them. */
const sequences = fc
  .record({
    steps: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 3 }),
    classes: fc.integer({ min: 1, max: 7 }),
    longest: fc.integer({ min: 0, max: 7 }),
    dtype: fc.constantFrom("float32" as const, "float64" as const),
  })
  .chain(({ steps, count, classes, longest, dtype }) => {
    const most = { min: 0, max: classes - 1 };
    const lengths = (max: number): fc.Arbitrary<NDArray> =>
      views([count], { dtype: "int32", elements: fc.integer({ min: 0, max }) });
    const shape = [steps, count, classes];
    return fc.tuple(
      output([count], dtype),
      fc.option(output(shape, dtype), { freq: 4 }),
      friendlyOrExtreme({ min: -4, max: 0 }).chain((elements) => views(shape, { dtype, elements })),
      views([count, longest], { dtype: "int32", elements: fc.integer(most) }),
      lengths(steps),
      lengths(longest),
      fc.integer(most),
    );
  });

const batches = fc
  .record({
    steps: fc.integer({ min: 1, max: 5 }),
    count: fc.integer({ min: 1, max: 4 }),
    classes: fc.integer({ min: 1, max: 23 }),
  })
  .chain(({ steps, count, classes }) => {
    const shape = [steps, count, classes];
    return fc.tuple(output(shape), operand(shape), operand([count]));
  });

/** Samples of the losses. */
export const lossSamples: Readonly<Record<string, KernelSample>> = {
  ...{ squaredError: pair, absoluteError: pair, logitError: pair, divergence: shares, logDivergence: pair },
  ...{ squaredErrorSlope: slope, absoluteErrorSlope: slope, logitErrorSlope: slope },
  ctc: {
    args: sequences,
    outputs: 2,
    // losses are sums over at most twelve steps, gradients at most e^logProbs
    scale: ([, , logProbs]) => {
      const most = largest(logProbs as NDArray);
      return Math.max(12 * most, Math.exp(Math.min(most, 88))) + 4;
    },
  },
  ctcBackward: { args: batches },
  crossEntropy: {
    args: rows.map(({ losses, slopes, logits, target, factor }) => [losses, slopes, logits, target, IGNORED, factor]),
    outputs: 2,
    scale: ([, , logits, , , factor], written) =>
      written === 0 ? largest(logits as NDArray) + 4 : Math.abs(factor as number),
  },
};
