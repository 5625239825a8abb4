import { clampMin, div, type Indices, indexTensor, int, mean, sum, Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkFloating, checkLogProbabilities, checkTensors } from "./common/checks.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LossOptions } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";
import { ctcLikelihood } from "./ctc/op.ts";

/** Options of {@link ctcLoss}. */
export interface CTCLossOptions extends LossOptions {
  /** The label that stands for none. @defaultValue 0 */
  readonly blank?: number;
  /** Whether a sample that is too short for its labels has loss and gradient 0, in place of infinity and NaN. @defaultValue false */
  readonly zeroInfinity?: boolean;
}

const defaults = { reduction: "mean", strict: null, blank: 0, zeroInfinity: false } as const;

/**
 * Minus the log-likelihood of a sequence of labels whose times are not known: over all ways to spread them over the steps, in order, with
 * repetitions and blanks between them, which are necessary between two equal ones. Computed in double precision.
 *
 * The mean is over the batch, each loss divided by the number of labels, of which none count as one. The gradient is torch's: it includes
 * e^logProbs, and is therefore right for what comes before the log-softmax that has made the log-probabilities, and only for that.
 *
 * @param logProbs      log-probabilities of labels, blank included: [T, N, C], or [T, C] without a batch
 * @param targets       labels in [0, C): [N, S], padded with anything; or those of all samples one after the other. An int32 tensor, an
 *   Int32Array or lists; fractions of other tensors are cut off, as in torch
 * @param inputLengths  how many steps of each sample count, [N], at most T
 * @param targetLengths how many labels each sample has, [N]
 * @returns a scalar, or [N] with reduction "none", [] without a batch
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_index` | `invalid_argument` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.ctc_loss; Graves et al. (2006), Connectionist Temporal Classification
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Indices,
  inputLengths: Indices,
  targetLengths: Indices,
  options: CTCLossOptions = {},
): Tensor {
  const where = "ctcLoss";
  const { reduction, strict, blank, zeroInfinity } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkLogProbs(where, logProbs, blank);
  const batch = logProbs.ndim === 3 ? logProbs : logProbs.unsqueeze(1);
  const labels = labelsOf(where, targets, batch);
  const steps = lengthsOf(where, "inputLengths", inputLengths, batch);
  const counts = lengthsOf(where, "targetLengths", targetLengths, batch);
  if (isStrict(strict)) checkLogProbabilities(where, "logProbs", logProbs, "apply logSoftmax");
  const losses = ctcLikelihood([batch, labels, steps, counts], { blank, zeroInfinity });
  if (reduction === "sum") return sum(losses);
  if (reduction === "mean") return mean(div(losses, clampMin(counts, 1)));
  return logProbs.ndim === 3 ? losses : losses.squeeze(0);
}

function checkLogProbs(where: string, logProbs: Tensor, blank: number): void {
  checkTensors(where, { logProbs });
  checkFloating(where, { logProbs });
  const { ndim, shape } = logProbs;
  if ((ndim !== 2 && ndim !== 3) || logProbs.numel() === 0) {
    const hint = "log-probabilities have the shape [T, N, C] or [T, C]";
    fail(
      "invalid_shape",
      where,
      "logProbs must be a non-empty array of two or three dimensions",
      { logProbs: shape },
      hint,
    );
  }
  const classes = shape.at(-1)!;
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
    fail("invalid_option", where, "the blank is no label", { blank, classes }, `labels run from 0 to ${classes - 1}`);
  }
}

/** The targets as int32. */
function labelsOf(where: string, targets: Indices, batch: Tensor): Tensor {
  const labels = targets instanceof Tensor ? int(targets) : indexTensor(where, targets);
  const samples = batch.shape[1]!;
  if (labels.ndim < 1 || labels.ndim > 2) {
    const hint = "targets have the shape [N, S], or stand one after the other in one dimension";
    fail("invalid_shape", where, "targets must have one or two dimensions", { targets: labels.shape }, hint);
  }
  if (labels.ndim === 2 && labels.shape[0] !== samples) {
    fail("shape_mismatch", where, "there must be a row of targets for each sample", { targets: labels.shape, samples });
  }
  return labels;
}

/** Lengths as an int32 vector, one for each sample. */
function lengthsOf(where: string, name: string, lengths: Indices, batch: Tensor): Tensor {
  const vector = indexTensor(where, lengths).reshape(-1);
  const samples = batch.shape[1]!;
  if (vector.numel() !== samples) {
    fail("shape_mismatch", where, `${name} must have one length for each sample`, { [name]: vector.shape, samples });
  }
  return vector;
}

/** {@link ctcLoss} as a module. */
export class CTCLoss extends Loss<
  CTCLossOptions,
  [logProbs: Tensor, targets: Indices, inputLengths: Indices, targetLengths: Indices]
> {
  static override readonly name: string = "CTCLoss";
  constructor(options: CTCLossOptions = {}) {
    super(options, defaults, [], { legacy: false });
  }

  override forward(logProbs: Tensor, targets: Indices, inputLengths: Indices, targetLengths: Indices): Tensor {
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, this.options);
  }
}
