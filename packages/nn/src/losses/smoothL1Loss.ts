import { abs, hardtanh, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkFloating, checkNumbers } from "./common/checks.ts";
import { difference } from "./common/difference.ts";
import { Loss } from "./common/loss.ts";
import { type Pointwise, pointwise } from "./common/pointwise.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";

/** Options of {@link smoothL1Loss}. */
export interface SmoothL1LossOptions extends LossOptions {
  /** Where the square becomes a line; 0: it is a line everywhere. At least 0. @defaultValue 1 */
  readonly beta?: number;
}

const defaults = { reduction: "mean", strict: null, beta: 1 } as const;

const rounded: Pointwise<{ readonly beta: number }> = pointwise<{ readonly beta: number }>({
  name: "smoothL1Loss",
  value: (error, { beta }) => {
    const distance = Math.abs(error);
    return distance < beta ? ((distance / beta) * distance) / 2 : distance - beta / 2;
  },
  slope: (error, { beta }) => hardtanh(error, { minVal: -beta, maxVal: beta }).div(beta),
});

/**
 * Absolute error whose corner is rounded off: e²/(2β) where |e| < β, and |e| − β/2 elsewhere, e = input − target.
 *
 * It is `huberLoss` with delta β, over β: its slope never exceeds 1. With β = 0 it is `l1Loss`.
 *
 * @param input  any shape
 * @param target the shape of `input`, or one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.smooth_l1_loss; Girshick (2015), Fast R-CNN
 */
export function smoothL1Loss(input: Tensor, target: Tensor, options: SmoothL1LossOptions = {}): Tensor {
  const where = "smoothL1Loss";
  const { reduction, strict, beta } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  if (!(beta >= 0)) fail("invalid_option", where, "beta must be at least 0", { beta });
  if (beta === 0) checkNumbers(where, { input, target });
  const error = difference(input, target);
  checkFloating(where, { "input - target": error });
  return reduce(beta === 0 ? abs(error) : rounded(error, { beta }), reduction);
}

/** {@link smoothL1Loss} as a module. */
export class SmoothL1Loss extends Loss<SmoothL1LossOptions> {
  static override readonly name: string = "SmoothL1Loss";
  constructor(options: SmoothL1LossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return smoothL1Loss(input, target, this.options);
  }
}
