import { cat, defineOp, mul, narrow, type Op, stack, type Tensor, unsqueeze, zeros } from "@tapegrad/autograd";
import type { NDArray } from "@tapegrad/tensor";
import { type BatchArrays, type Sample, samplesOf } from "./batch.ts";
import { occupancyOf, totalOf } from "./lattice.ts";

/** The arguments that say what is aligned with what. */
type Batch = readonly [logProbs: Tensor, targets: Tensor, inputLengths: Tensor, targetLengths: Tensor];

interface CTCAttrs {
  readonly blank: number;
  /** Whether a sample without any alignment has loss and gradient 0, in place of infinity and NaN. */
  readonly zeroInfinity: boolean;
}

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
    infer: ([{ shape, dtype }]) => ({ shape: [shape[1]!], dtype }),
    aux: ([logProbs]) => [logProbs],
    forward: (out, inputs, attrs, aux) => {
      for (const sample of samplesOf(where, named(inputs), attrs.blank, null)) {
        const total = aux === null ? totalOf(sample.lattice) : differentiate(aux[0]!, inputs[0], null, sample, attrs);
        out.data[sample.n] = total === Number.NEGATIVE_INFINITY && attrs.zeroInfinity ? 0 : 0 - total;
      }
    },
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
    fused: (ctx) => [mul(ctx.aux(0), unsqueeze(ctx.grad, 1)), null, null, null],
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
      const arrays = named([logProbs, targets, inputLengths, targetLengths]);
      for (const sample of samplesOf(where, arrays, attrs.blank, directions)) {
        differentiate(out, logProbs, directions, sample, attrs);
      }
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

/** Writes a sample's part of the derivative of its loss to `out`, which is zero, and gives the log-likelihood. */
function differentiate(
  out: NDArray,
  logProbs: NDArray,
  directions: NDArray | null,
  { n, labels, lattice }: Sample,
  { zeroInfinity }: CTCAttrs,
): number {
  const { total, shares } = occupancyOf(lattice);
  if (shares === null && zeroInfinity) return total;
  const moves = Array.from({ length: directions?.shape[0] ?? 0 }, (_, i) => directions!.select(0, i).select(1, n));
  const { data, offset, stride } = logProbs.select(1, n);
  const [perStep, perClass] = stride as [number, number];
  const row = new Float64Array(out.shape[2]!);
  for (let t = 0; t < lattice.steps; t++) {
    for (let c = 0; c < row.length; c++) {
      row[c] = shares === null ? Number.NaN : Math.exp(data[offset + t * perStep + c * perClass]!);
      for (const move of moves) row[c]! *= move.get(t, c);
    }
    for (let s = 0; s < labels.length && shares !== null; s++) row[labels[s]!]! -= shares[t * labels.length + s]!;
    out.data.set(row, out.index(t, n));
  }
  return total;
}
