import type { Tensor } from "@tapegrad/autograd";
import { PairwiseDistance } from "../layers/distance.ts";
import { withDefaults } from "../options.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction } from "./common/reduction.ts";
import { checkTriplet, type DistanceFunction, lossOfTriplet, type TripletOptions } from "./common/triplet.ts";
import { tripletMarginLoss } from "./tripletMarginLoss.ts";

export type { DistanceFunction };

/** Options of {@link tripletMarginWithDistanceLoss}. */
export interface TripletMarginWithDistanceLossOptions extends TripletOptions {
  /** Gives the distance of two tensors: a function or a module. null: `pairwiseDistance`. @defaultValue null */
  readonly distanceFunction?: DistanceFunction | null;
}

const defaults = { reduction: "mean", strict: null, margin: 1, swap: false, distanceFunction: null } as const;

/**
 * How much nearer to the anchor a negative example is than it may be, by a distance of one's own:
 * max(0, margin + d(anchor, positive) − d(anchor, negative)). With `swap` the negative's distance is the smaller of those from anchor
 * and positive.
 *
 * @param anchor   what the distance function takes: [N, D] for the default
 * @param positive of as many dimensions as `anchor`, broadcasting against it
 * @param negative likewise
 * @returns a scalar, or what the distance function gives with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_option`
 * @see torch.nn.functional.triplet_margin_with_distance_loss
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletMarginWithDistanceLossOptions = {},
): Tensor {
  const where = "tripletMarginWithDistanceLoss";
  const { distanceFunction, ...settings } = withDefaults(where, options, defaults);
  checkReduction(where, settings.reduction);
  checkTriplet(where, [anchor, positive, negative], settings);
  if (distanceFunction !== null) return lossOfTriplet([anchor, positive, negative], distanceFunction, settings);
  return tripletMarginLoss(anchor, positive, negative, settings);
}

/** {@link tripletMarginWithDistanceLoss} as a module; a distance that is a module is a part of it. */
export class TripletMarginWithDistanceLoss extends Loss<
  TripletMarginWithDistanceLossOptions,
  [anchor: Tensor, positive: Tensor, negative: Tensor]
> {
  static override readonly name: string = "TripletMarginWithDistanceLoss";
  readonly distanceFunction: DistanceFunction;

  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    super(options, defaults, [], { legacy: false });
    this.distanceFunction = this.options.distanceFunction ?? new PairwiseDistance();
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return tripletMarginWithDistanceLoss(anchor, positive, negative, this.options);
  }
}
