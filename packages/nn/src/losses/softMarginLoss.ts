import { mul, neg, sigmoid, type Tensor } from "@tapegrad/autograd";
import { broadcastsTo, fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkFloating, checkSigns } from "./common/checks.ts";
import { Loss } from "./common/loss.ts";
import { type Pointwise, pointwise } from "./common/pointwise.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link softMarginLoss}. */
export interface SoftMarginLossOptions extends LossOptions {}

const defaults = { reduction: "mean", strict: null } as const;

/** ln(1 + eᶻ). */
const logistic: Pointwise<undefined> = pointwise<undefined>({
  name: "softMarginLoss",
  value: (z) => Math.log1p(Math.exp(z)),
  slope: (z) => share(z, undefined),
});

/** eᶻ/(1 + eᶻ), the slope of {@link logistic}: the sigmoid, but NaN where the exponential overflows, as in torch. */
const share: Pointwise<undefined> = pointwise<undefined>({
  name: "softMarginLossBackward",
  value: (z) => {
    const power = Math.exp(z);
    return power / (1 + power);
  },
  slope: (z) => mul(share(z, undefined), sigmoid(neg(z))),
});

/**
 * The logistic loss of a score x for a label y of −1 or 1: ln(1 + e^(−y·x)).
 *
 * As in torch it overflows where y·x is below −709, in double precision, and its gradient is NaN there. float32 is computed in double
 * precision, so it does no sooner. `binaryCrossEntropyWithLogits`, whose labels are 0 and 1, is the same and never overflows.
 *
 * @param input  scores, floating-point, any shape
 * @param target labels, in the shape of `input`, or in one that broadcasts to it
 * @returns a scalar, or the shape of `input` with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`; when strict `invalid_argument` for other labels
 * @see torch.nn.functional.soft_margin_loss
 */
export function softMarginLoss(input: Tensor, target: Tensor, options: SoftMarginLossOptions = {}): Tensor {
  const where = "softMarginLoss";
  const { reduction, strict } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkFloating(where, { input });
  if (!broadcastsTo(target.shape, input.shape)) {
    const facts = { input: input.shape, target: target.shape };
    fail("shape_mismatch", where, "target does not broadcast to the shape of input", facts);
  }
  if (isStrict(strict)) checkSigns(where, target);
  return reduce(logistic(mul(neg(target.to(input.dtype)), input), undefined), reduction);
}

/** {@link softMarginLoss} as a module. */
export class SoftMarginLoss extends Loss<SoftMarginLossOptions> {
  static override readonly name: string = "SoftMarginLoss";
  constructor(options: SoftMarginLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return softMarginLoss(input, target, this.options);
  }
}
