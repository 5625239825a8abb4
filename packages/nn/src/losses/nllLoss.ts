import type { Indices, Tensor } from "@tapegrad/autograd";
import { withDefaults } from "../options.ts";
import type { Buffer } from "../parameter.ts";
import { checkFloating, checkLogProbabilities, checkTensors } from "./common/checks.ts";
import { checkClassWeights, checkSomeCount, classTargets } from "./common/classes.ts";
import { lossOfClasses } from "./common/classLoss.ts";
import { Loss } from "./common/loss.ts";
import { pickNegative } from "./common/pick.ts";
import { checkReduction, type LegacyOptions, type LossOptions } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link nllLoss}. */
export interface NLLLossOptions extends LossOptions {
  /** A weight for each class, [C]; the mean is then over the weights of the targets. @defaultValue null */
  readonly weight?: Tensor | null;
  /** A target that does not count, be it a class or not. @defaultValue -100 */
  readonly ignoreIndex?: number;
}

const defaults = { reduction: "mean", strict: null, weight: null, ignoreIndex: -100 } as const;

/**
 * Minus the log-probability of the class that was the case: −weight[t]·input[t].
 *
 * The mean is over the weights of the targets that count; of none it is NaN.
 *
 * @param input  log-probabilities, [C], [N, C] or [N, C, d₁, ...]
 * @param target class numbers in [0, C), of the input's shape without C: an int32 tensor, an Int32Array or nested lists
 * @returns a scalar, or the shape of the targets with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_index` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.nll_loss
 */
export function nllLoss(input: Tensor, target: Indices, options: NLLLossOptions = {}): Tensor {
  const where = "nllLoss";
  const { reduction, strict, weight, ignoreIndex } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkTensors(where, { input });
  checkFloating(where, { input });
  const targets = classTargets(where, input, target);
  if (weight !== null) checkClassWeights(where, input, weight);
  if (isStrict(strict)) checkStrictly(where, input, targets, ignoreIndex);
  return lossOfClasses(where, pickNegative, input, targets, { weight, ignoreIndex, reduction });
}

function checkStrictly(where: string, input: Tensor, target: Tensor, ignoreIndex: number): void {
  checkLogProbabilities(where, "input", input, "apply logSoftmax, or use crossEntropy, which does");
  checkSomeCount(where, target, ignoreIndex);
}

/** {@link nllLoss} as a module. */
export class NLLLoss extends Loss<NLLLossOptions, [input: Tensor, target: Indices]> {
  static override readonly name: string = "NLLLoss";
  declare readonly weight: Buffer | null;

  constructor(options: NLLLossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
  }

  override forward(input: Tensor, target: Indices): Tensor {
    return nllLoss(input, target, this.options);
  }
}
