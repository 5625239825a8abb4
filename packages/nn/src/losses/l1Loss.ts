import type { Tensor } from "@tapegrad/autograd";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkErrors, checkNumbers } from "./common/checks.ts";
import { absoluteErrors } from "./common/elementLosses.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions } from "./common/reduction.ts";
import { weighted } from "./common/weighted.ts";

/** Options of {@link l1Loss}. */
export interface L1LossOptions extends LossOptions {
  /** A weight for each element, in the shape of the input; the mean is then over the weights. @defaultValue null */
  readonly weight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, weight: null } as const;

/**
 * Absolute error: |input − target|. Its gradient is 0 where the two are equal.
 *
 * @param input  any shape
 * @param target the shape of `input`, or one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.l1_loss
 */
export function l1Loss(input: Tensor, target: Tensor, options: L1LossOptions = {}): Tensor {
  const where = "l1Loss";
  const { reduction, strict, weight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkNumbers(where, { input, target });
  checkErrors(where, input, target);
  return weighted(where, absoluteErrors, { input, target, weight }, reduction);
}

/** {@link l1Loss} as a module. */
export class L1Loss extends Loss<L1LossOptions> {
  static override readonly name: string = "L1Loss";
  constructor(options: L1LossOptions & LegacyOptions = {}) {
    super(options, defaults, ["weight"]);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return l1Loss(input, target, this.options);
  }
}
