import { add, eq, type Indices, logSoftmax, maskedFill, mul, ne, neg, sum, Tensor, to } from "@tapegrad/autograd";
import { fail, isFloating, promote, sameShape, sizeOf } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import type { Buffer } from "../parameter.ts";
import { checkFloating, checkTargetProbabilities, checkTensors } from "./common/checks.ts";
import {
  alongClasses,
  checkClassWeights,
  checkSomeCount,
  classDim,
  classTargets,
  shapeOfTargets,
} from "./common/classes.ts";
import { lossOfClasses, weightsOfTargets } from "./common/classLoss.ts";
import { expected } from "./common/expected.ts";
import { Loss } from "./common/loss.ts";
import { pickNegative } from "./common/pick.ts";
import { checkReduction, type LegacyOptions, type LossOptions, type Reduction } from "./common/reduction.ts";
import { softmaxPick } from "./common/softmaxPick.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link crossEntropy}. */
export interface CrossEntropyLossOptions extends LossOptions {
  /** A weight for each class, [C]. @defaultValue null */
  readonly weight?: Tensor | null;
  /** A target that does not count, be it a class or not; only for class numbers. @defaultValue -100 */
  readonly ignoreIndex?: number;
  /** How much of the target is spread evenly over all classes: 0 nothing, 1 all. @defaultValue 0 */
  readonly labelSmoothing?: number;
}

const defaults = { reduction: "mean", strict: null, weight: null, ignoreIndex: -100, labelSmoothing: 0 } as const;

/** The options, with the defaults filled in. */
interface Settings {
  readonly reduction: Reduction;
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
}

/**
 * Cross entropy between a target and the softmax of logits: −Σ weight[c]·p[c]·ln softmax(input)[c], where p is 1 for the
 * class that was the case, or a distribution.
 *
 * With class numbers the mean is over the weights of the targets that count, of none it is NaN; with distributions it is
 * over their number.
 *
 * @param input  logits, [C], [N, C] or [N, C, d₁, ...]
 * @param target class numbers in [0, C), of the input's shape without C: an int32 tensor, an Int32Array or nested lists;
 *   or a floating-point tensor of probabilities, in the shape of `input`
 * @returns a scalar, or the input's shape without C with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_index` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.cross_entropy; label smoothing: Szegedy et al. (2016)
 */
export function crossEntropy(input: Tensor, target: Indices, options: CrossEntropyLossOptions = {}): Tensor {
  const where = "crossEntropy";
  const settings = withDefaults(where, options, defaults);
  const { strict } = settings;
  checkReduction(where, settings.reduction);
  checkTensors(where, { input });
  checkFloating(where, { input });
  if (!(settings.labelSmoothing <= 1)) {
    const { labelSmoothing } = settings;
    fail("invalid_option", where, "labelSmoothing must lie between 0 and 1", { labelSmoothing });
  }
  if (isStrict(strict)) checkLogits(where, input);
  if (target instanceof Tensor && sameShape(target.shape, input.shape)) {
    if (isStrict(strict) && isFloating(target.dtype)) checkTargetProbabilities(where, target);
    return ofProbabilities(where, input, target, settings);
  }
  const targets = classTargets(where, input, target);
  if (settings.weight !== null) checkClassWeights(where, input, settings.weight);
  if (isStrict(strict)) checkSomeCount(where, targets, settings.ignoreIndex);
  if (!(settings.labelSmoothing > 0)) return lossOfClasses(where, softmaxPick, input, targets, settings);
  const logProbabilities = logSoftmax(input, classDim(input));
  const loss = lossOfClasses(where, pickNegative, logProbabilities, targets, settings);
  return smoothed(loss, logProbabilities, targets, settings);
}

function ofProbabilities(where: string, input: Tensor, target: Tensor, settings: Settings): Tensor {
  const { weight, reduction, ignoreIndex, labelSmoothing } = settings;
  if (!isFloating(target.dtype) || input.ndim === 0) {
    const hint = `class numbers for this input have the shape [${shapeOfTargets(input).join(", ")}]`;
    const facts = { input: input.shape, target: target.shape, dtype: target.dtype };
    fail("invalid_dtype", where, "a target in the shape of the input holds probabilities", facts, hint);
  }
  if (ignoreIndex >= 0) {
    fail("invalid_option", where, "ignoreIndex does not go with probabilities", { ignoreIndex });
  }
  if (weight !== null) checkClassWeights(where, input, weight);
  const dim = classDim(input);
  const classes = input.shape[dim]!;
  const smooth = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classes) : target;
  // a float64 target makes all of it float64
  const logits = to(input, promote(input.dtype, smooth.dtype));
  const parts = expected(logSoftmax(logits, dim), to(smooth, logits.dtype), logits);
  const losses = neg(sum(weight === null ? parts : mul(parts, alongClasses(input, weight)), dim));
  if (reduction === "none") return losses;
  const total = sum(losses);
  return reduction === "sum" ? total : total.div(sizeOf(shapeOfTargets(input)));
}

/** (1 − ε)·loss + ε/C · what the loss would be if every class were the case. */
function smoothed(loss: Tensor, logProbabilities: Tensor, target: Tensor, settings: Settings): Tensor {
  const { weight, ignoreIndex, reduction, labelSmoothing } = settings;
  const dim = classDim(logProbabilities);
  const parts = weight === null ? logProbabilities : mul(logProbabilities, alongClasses(logProbabilities, weight));
  const all = maskedFill(neg(sum(parts, dim)), eq(target, ignoreIndex), 0);
  const share = labelSmoothing / logProbabilities.shape[dim]!;
  return add(loss.mul(1 - labelSmoothing), reduced().mul(share));

  function reduced(): Tensor {
    if (reduction === "none") return all;
    if (reduction === "sum") return sum(all);
    const counted =
      weight === null ? ne(target, ignoreIndex) : weightsOfTargets(logProbabilities, target, weight, ignoreIndex);
    return sum(all).div(sum(counted));
  }
}

/** Checks that the input is not, by mistake, the result of a softmax. */
function checkLogits(where: string, input: Tensor): void {
  const dim = classDim(input);
  if (input.numel() === 0 || (input.shape[dim] ?? 1) < 2) return;
  const nonnegative = input.toArray().every((x) => x >= 0);
  if (!nonnegative || !sum(input.detach(), dim).sub(1).abs().lt(1e-4).all().item()) return;
  const hint = "this loss applies the softmax itself: give it what comes before";
  fail("invalid_argument", where, "the input looks like probabilities", { input: input.shape }, hint);
}

/** {@link crossEntropy} as a module. */
export class CrossEntropyLoss extends Loss<CrossEntropyLossOptions, [input: Tensor, target: Indices]> {
  static override readonly name: string = "CrossEntropyLoss";
  declare readonly weight: Buffer | null;

  constructor(options: CrossEntropyLossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
  }

  override forward(input: Tensor, target: Indices): Tensor {
    return crossEntropy(input, target, this.options);
  }
}
