import { add, clampMin, ne, where as pick, sub, type Tensor } from "@tapegrad/autograd";
import { isFloating } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkNumbers, checkSigns } from "./common/checks.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link hingeEmbeddingLoss}. */
export interface HingeEmbeddingLossOptions extends LossOptions {
  /** The distance beyond which what does not belong together costs nothing. @defaultValue 1 */
  readonly margin?: number;
}

const defaults = { reduction: "mean", strict: null, margin: 1 } as const;

/**
 * A distance x for things that belong together, label 1, and max(0, margin − x) for things that do not, label −1.
 *
 * A label that is neither counts as both, as in torch.
 *
 * @param input  distances, any shape
 * @param target labels, in the shape of `input`, or in one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`; when strict `invalid_argument` for other labels
 * @see torch.nn.functional.hinge_embedding_loss
 */
export function hingeEmbeddingLoss(input: Tensor, target: Tensor, options: HingeEmbeddingLossOptions = {}): Tensor {
  const where = "hingeEmbeddingLoss";
  const { reduction, strict, margin } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkNumbers(where, { input });
  if (isStrict(strict)) checkSigns(where, target);
  const bound = isFloating(input.dtype) ? margin : Math.trunc(margin); // integers stay integers, as in torch
  const apart = pick(ne(target, 1), clampMin(sub(bound, input), 0), 0);
  const together = pick(ne(target, -1), input, 0);
  return reduce(add(apart, together), reduction);
}

/** {@link hingeEmbeddingLoss} as a module. */
export class HingeEmbeddingLoss extends Loss<HingeEmbeddingLossOptions> {
  static override readonly name: string = "HingeEmbeddingLoss";
  constructor(options: HingeEmbeddingLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return hingeEmbeddingLoss(input, target, this.options);
  }
}
