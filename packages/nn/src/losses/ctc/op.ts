import {
  allocateUnfilled,
  cat,
  defineOp,
  mul,
  narrow,
  type Op,
  stack,
  Tensor,
  unsqueeze,
  zeros,
} from "@tapegrad/autograd";
import { k, type NDArray } from "@tapegrad/tensor";
import type { BatchArrays } from "./batch.ts";
import { type CTCAttrs, differentiate, lossesOf } from "./derivative.ts";

/** The arguments that say what is aligned with what. */
type Batch = readonly [logProbs: Tensor, targets: Tensor, inputLengths: Tensor, targetLengths: Tensor];

type Likelihood = (batch: Batch, attrs: CTCAttrs) => Tensor;
type Derivative = (batch: Batch, directions: Tensor, attrs: CTCAttrs) => Tensor;

const where = "ctcLoss";

/**
 * Minus the log-likelihood of the labels of each sample, over all alignments, [N].
 *
 * Its gradient is torch's, e^logProbs − occupancy: right for what comes before a log-softmax, which takes the first part away again. It is
 * that of the loss plus the sum of all e^logProbs within the input lengths, a constant if they are probabilities.
 *
 * @see Graves et al. (2006), Connectionist Temporal Classification, equations 6 to 16
 */
export const ctcLikelihood: Op<Likelihood> = defineOp<[Tensor, Tensor, Tensor, Tensor], CTCAttrs, Likelihood>(
  {
    name: where,
    tidy: true,
    infer: ([{ shape, dtype }]) => ({ shape: [shape[1]!], dtype }),
    aux: ([logProbs]) => [logProbs],
    forward: (out, inputs, attrs, aux) => lossesOf(where, out, aux?.[0] ?? null, named(inputs), attrs),
    saves: [0, 1, 2, 3],
    backward: [
      (ctx) => {
        const batch: Batch = [ctx.input(0), ctx.input(1), ctx.input(2), ctx.input(3)];
        const none = zeros([0, ...batch[0].shape], { dtype: batch[0].dtype });
        return mul(ctcDerivative(batch, none, ctx.attrs), unsqueeze(ctx.grad, 1));
      },
      null,
      null,
      null,
    ],
    fused: (ctx) => {
      const gradient = ctx.aux(0).array;
      const out = allocateUnfilled(gradient);
      k.ctcBackward(out, gradient, ctx.grad.array);
      return [new Tensor(out), null, null, null];
    },
  },
  (apply) => (batch, attrs) => apply([...batch], attrs),
);

/**
 * The gradient of the losses with respect to the log-probabilities, [T, N, C], differentiated along k directions.
 *
 * Its own gradients are of the same kind: along the directions and the gradient that arrives, and along the directions with that in the
 * place of one.
 *
 * @param directions [k, T, N, C]
 */
const ctcDerivative: Op<Derivative> = defineOp<[Tensor, Tensor, Tensor, Tensor, Tensor], CTCAttrs, Derivative>(
  {
    name: "ctcLossBackward",
    infer: ([logProbs]) => logProbs,
    forward: (out, [logProbs, targets, inputLengths, targetLengths, directions], attrs) => {
      const along = Array.from({ length: directions.shape[0]! }, (_, i) => directions.select(0, i));
      differentiate(where, out, named([logProbs, targets, inputLengths, targetLengths]), along, attrs);
    },
    saves: [0, 1, 2, 3, 4],
    backward: [
      (ctx) => {
        const further = cat([ctx.input(4), unsqueeze(ctx.grad, 0)], 0);
        return ctcDerivative([ctx.input(0), ctx.input(1), ctx.input(2), ctx.input(3)], further, ctx.attrs);
      },
      null,
      null,
      null,
      (ctx) => {
        const batch: Batch = [ctx.input(0), ctx.input(1), ctx.input(2), ctx.input(3)];
        const directions = ctx.input(4);
        const count = directions.shape[0]!;
        const replaced = Array.from({ length: count }, (_, i) => {
          const others = [narrow(directions, 0, 0, i), narrow(directions, 0, i + 1, count - i - 1)];
          return ctcDerivative(batch, cat([...others, unsqueeze(ctx.grad, 0)], 0), ctx.attrs);
        });
        return stack(replaced, 0);
      },
    ],
  },
  (apply) => (batch, directions, attrs) => apply([...batch, directions], attrs),
);

function named([logProbs, targets, inputLengths, targetLengths]: readonly [
  NDArray,
  NDArray,
  NDArray,
  NDArray,
]): BatchArrays {
  return { logProbs, targets, inputLengths, targetLengths };
}
