import { add, logSigmoid, mul, neg, sub, sum, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import type { Buffer } from "../parameter.ts";
import {
  checkAllBroadcast,
  checkBinaryLogits,
  checkBroadcast,
  checkFloating,
  checkNumbers,
  checkTargetProbabilities,
} from "./common/checks.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link multilabelSoftMarginLoss}. */
export interface MultiLabelSoftMarginLossOptions extends LossOptions {
  /** A weight for each class, [C], or anything that broadcasts against the losses. @defaultValue null */
  readonly weight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, weight: null } as const;

/**
 * Cross entropy between yes and no for each class, from logits, averaged over the classes:
 * −Σᵢ weightᵢ·(tᵢ·ln s(xᵢ) + (1 − tᵢ)·ln s(−xᵢ)) / C, s the sigmoid.
 *
 * @param input  logits, the classes in the last dimension, [C], [N, C] or more
 * @param target 1 for the classes that are the case, 0 for others, or probabilities, in the shape of `input`, or in one that
 *   broadcasts against it
 * @returns a scalar, or the shape of `input` without its last dimension with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.multilabel_soft_margin_loss
 */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor,
  options: MultiLabelSoftMarginLossOptions = {},
): Tensor {
  const where = "multilabelSoftMarginLoss";
  const { reduction, strict, weight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkFloating(where, { input });
  checkNumbers(where, { target });
  if (isStrict(strict)) {
    checkBinaryLogits(where, input);
    checkTargetProbabilities(where, target);
  }
  if (input.ndim === 0) fail("invalid_shape", where, "the input needs a dimension for the classes", { input: [] });
  const yes = mul(target, logSigmoid(input));
  const no = mul(sub(1, target), logSigmoid(neg(input)));
  const parts = neg(add(yes, no));
  if (weight !== null) checkAllBroadcast(where, { input: parts, weight }, false);
  const losses = sum(weight === null ? parts : mul(parts, weight), input.ndim - 1);
  return reduce(losses.div(input.shape.at(-1)!), reduction);
}

/** {@link multilabelSoftMarginLoss} as a module. */
export class MultiLabelSoftMarginLoss extends Loss<MultiLabelSoftMarginLossOptions> {
  static override readonly name: string = "MultiLabelSoftMarginLoss";
  declare readonly weight: Buffer | null;

  constructor(options: MultiLabelSoftMarginLossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return multilabelSoftMarginLoss(input, target, this.options);
  }
}
