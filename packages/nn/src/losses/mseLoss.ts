import type { Tensor } from "@tapegrad/autograd";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkErrors } from "./common/checks.ts";
import { squaredErrors } from "./common/elementLosses.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions } from "./common/reduction.ts";
import { weighted } from "./common/weighted.ts";

/** Options of {@link mseLoss}. */
export interface MSELossOptions extends LossOptions {
  /** A weight for each element, in the shape of the input; the mean is then over the weights. @defaultValue null */
  readonly weight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, weight: null } as const;

/**
 * Squared error: (input − target)².
 *
 * @param input  any shape
 * @param target the shape of `input`, or one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.mse_loss
 */
export function mseLoss(input: Tensor, target: Tensor, options: MSELossOptions = {}): Tensor {
  const where = "mseLoss";
  const { reduction, strict, weight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkErrors(where, input, target);
  return weighted(where, squaredErrors, { input, target, weight }, reduction);
}

/** {@link mseLoss} as a module. */
export class MSELoss extends Loss<MSELossOptions> {
  static override readonly name: string = "MSELoss";
  constructor(options: MSELossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return mseLoss(input, target, this.options);
  }
}
