import { logSigmoid, mul, sub, type Tensor } from "@tapegrad/autograd";
import { withDefaults } from "../options.ts";
import type { Buffer } from "../parameter.ts";
import { checkBinaryLogits, checkFloating, checkSameShape, checkTargetProbabilities } from "./common/checks.ts";
import { logitErrors } from "./common/elementLosses.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";
import { expandWeight } from "./common/weighted.ts";

/** Options of {@link binaryCrossEntropyWithLogits}. */
export interface BCEWithLogitsLossOptions extends LossOptions {
  /** Rescales the loss of each element; broadcasts to the shape of the input. @defaultValue null */
  readonly weight?: Tensor | null;
  /** Rescales the part of the target that is yes; broadcasts to the shape of the input. @defaultValue null */
  readonly posWeight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, weight: null, posWeight: null } as const;

/**
 * Cross entropy between yes and no from logits: −(w·t·ln s(x) + (1 − t)·ln s(−x)), s the sigmoid and w `posWeight`.
 *
 * Computed as (1 − t)·x − ((w − 1)·t + 1)·ln s(x), which is the same, and finite for every finite logit.
 *
 * @param input  logits, any shape
 * @param target probabilities in [0, 1], in the shape of `input`
 * @returns a scalar, or the shape of `input` with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`; when strict `invalid_argument` for probabilities as logits, and for
 *   targets that are none
 * @see torch.nn.functional.binary_cross_entropy_with_logits
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor,
  options: BCEWithLogitsLossOptions = {},
): Tensor {
  const where = "binaryCrossEntropyWithLogits";
  const { reduction, strict, weight, posWeight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkSameShape(where, { input, target });
  checkFloating(where, { input, target });
  if (isStrict(strict)) {
    checkBinaryLogits(where, input);
    checkTargetProbabilities(where, target);
  }
  if (posWeight === null && weight === null) return logitErrors(input, target, reduction);
  const losses =
    posWeight === null
      ? logitErrors(input, target, "none")
      : sub(mul(sub(1, target), input), mul(logSigmoid(input), factorOf(where, posWeight, input, target)));
  return reduce(weight === null ? losses : mul(losses, expandWeight(where, weight, input)), reduction);
}

/** (w − 1)·t + 1, the factor of ln s(x). */
function factorOf(where: string, posWeight: Tensor, input: Tensor, target: Tensor): Tensor {
  return mul(expandWeight(where, posWeight, input).sub(1), target).add(1);
}

/** {@link binaryCrossEntropyWithLogits} as a module. */
export class BCEWithLogitsLoss extends Loss<BCEWithLogitsLossOptions> {
  static override readonly name: string = "BCEWithLogitsLoss";
  declare readonly weight: Buffer | null;
  declare readonly posWeight: Buffer | null;

  constructor(options: BCEWithLogitsLossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight", "posWeight"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return binaryCrossEntropyWithLogits(input, target, this.options);
  }
}
