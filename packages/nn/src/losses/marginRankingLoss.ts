import { clampMin, mul, neg, sub, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkAllBroadcast, checkNumbers, checkSigns } from "./common/checks.ts";
import { floatType } from "./common/floats.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link marginRankingLoss}. */
export interface MarginRankingLossOptions extends LossOptions {
  /** By how much the one is to exceed the other. @defaultValue 0 */
  readonly margin?: number;
}

const defaults = { reduction: "mean", strict: null, margin: 0 } as const;

/**
 * What two scores lack of the right order: max(0, −y·(input1 − input2) + margin), where the label y is 1 if the first is to be the
 * larger, and −1 if the second is.
 *
 * At 0 the gradient passes, as in torch.
 *
 * @param input1 scores, any shape
 * @param input2 of as many dimensions as `input1`, broadcasting against it
 * @param target labels, likewise
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`; when strict `invalid_argument` for other labels
 * @see torch.nn.functional.margin_ranking_loss
 */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor,
  target: Tensor,
  options: MarginRankingLossOptions = {},
): Tensor {
  const where = "marginRankingLoss";
  const { reduction, strict, margin } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkAllBroadcast(where, { input1, input2, target }, strict);
  if (input1.ndim !== input2.ndim || input1.ndim !== target.ndim) {
    const facts = { input1: input1.shape, input2: input2.shape, target: target.shape };
    fail("shape_mismatch", where, "the arguments must have as many dimensions as each other", facts);
  }
  checkNumbers(where, { input1, input2, target });
  if (isStrict(strict)) checkSigns(where, target);
  const lack = mul(neg(target), sub(input1, input2));
  return reduce(clampMin(lack.to(floatType(lack)).add(margin), 0), reduction);
}

/** {@link marginRankingLoss} as a module. */
export class MarginRankingLoss extends Loss<
  MarginRankingLossOptions,
  [input1: Tensor, input2: Tensor, target: Tensor]
> {
  static override readonly name: string = "MarginRankingLoss";
  constructor(options: MarginRankingLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return marginRankingLoss(input1, input2, target, this.options);
  }
}
