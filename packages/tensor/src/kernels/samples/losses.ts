import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { values, views } from "../../testing.ts";
import { elementwise, type KernelSample, largest, operand, output } from "./sample.ts";

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

const rows = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 37 })).chain(([count, classes]) =>
  fc.record({
    out: output([count, classes]),
    losses: output([count]),
    logSum: output([count]),
    logits: operand([count, classes]),
    moderate: views([count, classes]),
    grad: views([count]),
    logs: views([count]),
    target: views([count], { dtype: "int32", elements: fc.nat({ max: classes - 1 }) }),
  }),
);

/** Samples of the losses. */
export const lossSamples: Readonly<Record<string, KernelSample>> = {
  ...{ squaredError: pair, absoluteError: pair, logitError: pair, divergence: shares, logDivergence: pair },
  ...{ squaredErrorSlope: slope, absoluteErrorSlope: slope, logitErrorSlope: slope },
  crossEntropy: {
    args: rows.map(({ losses, logSum, logits, target }) => [losses, logSum, logits, target, IGNORED]),
    outputs: 2,
    scale: ([, , logits]) => largest(logits as NDArray) + 4,
  },
  crossEntropyBackward: {
    // the logarithms of sums lie above 0: probabilities stay below e⁸
    args: rows.map(({ out, grad, logs, moderate, target }) => [out, grad, logs, moderate, target, IGNORED]),
    scale: ([, grad, logs, logits]) =>
      largest(grad as NDArray) * Math.exp(largest(logs as NDArray)) * (1 + largest(logits as NDArray)),
  },
};
