import type { Tensor } from "@tapegrad/autograd";
import { promote } from "@tapegrad/tensor";
import { preciseDistance } from "../layers/distance.ts";
import { withDefaults } from "../options.ts";
import { checkNumbers } from "./common/checks.ts";
import { floatType } from "./common/floats.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions } from "./common/reduction.ts";
import { checkTriplet, lossOfTriplet, type TripletOptions } from "./common/triplet.ts";

/** Options of {@link tripletMarginLoss}. */
export interface TripletMarginLossOptions extends TripletOptions {
  /** The order of the norm of differences. @defaultValue 2 */
  readonly p?: number;
  /** Added to each difference, so that the norm has a slope where they are 0. @defaultValue 1e-6 */
  readonly eps?: number;
}

const defaults = { reduction: "mean", strict: null, margin: 1, p: 2, eps: 1e-6, swap: false } as const;

/**
 * How much nearer to the anchor a negative example is than it may be: max(0, margin + d(anchor, positive) − d(anchor, negative)),
 * d the `pairwiseDistance` of order `p`. With `swap` the negative's distance is the smaller of those from anchor and positive.
 *
 * @param anchor   vectors in the last dimension, [N, D] or [D] or more
 * @param positive of as many dimensions as `anchor`, broadcasting against it
 * @param negative likewise
 * @returns a scalar, or the broadcast shape without its last dimension with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.triplet_margin_loss; Balntas et al. (2016), Learning shallow convolutional feature descriptors with
 *   triplet losses
 */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginLossOptions = {},
): Tensor {
  const where = "tripletMarginLoss";
  const { p, eps, ...settings } = withDefaults(where, options, defaults);
  checkReduction(where, settings.reduction);
  checkTriplet(where, [anchor, positive, negative], settings);
  checkNumbers(where, { anchor, positive, negative });
  const distance = (a: Tensor, b: Tensor): Tensor => preciseDistance(a, b, { p, eps, keepdim: false });
  const dtype = promote(floatType(anchor, positive), floatType(anchor, negative));
  return lossOfTriplet([anchor, positive, negative], distance, settings).to(dtype);
}

/** {@link tripletMarginLoss} as a module. */
export class TripletMarginLoss extends Loss<
  TripletMarginLossOptions,
  [anchor: Tensor, positive: Tensor, negative: Tensor]
> {
  static override readonly name: string = "TripletMarginLoss";
  constructor(options: TripletMarginLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginLoss(anchor, positive, negative, this.options);
  }
}
