import { hardtanh, mul, type Tensor } from "@tapegrad/autograd";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkFloating, checkPositive, checkSameShape } from "./common/checks.ts";
import { difference } from "./common/difference.ts";
import { Loss } from "./common/loss.ts";
import { type Pointwise, pointwise } from "./common/pointwise.ts";
import { checkReduction, type LossOptions, reduce } from "./common/reduction.ts";

/** Options of {@link huberLoss}. */
export interface HuberLossOptions extends LossOptions {
  /** Where the square becomes a line. Positive. @defaultValue 1 */
  readonly delta?: number;
  /** A weight for each element, in the shape of the input; the mean is over the elements all the same. @defaultValue null */
  readonly weight?: Tensor | null;
}

const defaults = { reduction: "mean", strict: null, delta: 1, weight: null } as const;

const huber: Pointwise<{ readonly delta: number }> = pointwise<{ readonly delta: number }>({
  name: "huberLoss",
  value: (error, { delta }) => {
    const distance = Math.abs(error);
    return distance <= delta ? (distance * distance) / 2 : delta * (distance - delta / 2);
  },
  slope: (error, { delta }) => hardtanh(error, { minVal: -delta, maxVal: delta }),
});

/**
 * Squared error near zero, linear beyond `delta`: e²/2 where |e| ≤ δ, and δ·(|e| − δ/2) elsewhere, e = input − target.
 *
 * @param input  floating-point, any shape
 * @param target the shape of `input`, or one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none", in the dtype of `input`
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.huber_loss; Huber (1964), Robust Estimation of a Location Parameter
 */
export function huberLoss(input: Tensor, target: Tensor, options: HuberLossOptions = {}): Tensor {
  const where = "huberLoss";
  const { reduction, strict, delta, weight } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkFloating(where, { input });
  checkPositive(where, { delta });
  const losses = huber(difference(input, target), { delta }).to(input.dtype);
  if (weight === null) return reduce(losses, reduction);
  checkSameShape(where, { input, weight });
  return reduce(mul(losses, weight), reduction);
}

/** {@link huberLoss} as a module. */
export class HuberLoss extends Loss<HuberLossOptions> {
  static override readonly name: string = "HuberLoss";
  constructor(options: HuberLossOptions = {}) {
    super(options, defaults, ["weight"], { legacy: false });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return huberLoss(input, target, this.options);
  }
}
