import { type DrawOptions, emptyLike, mul, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { DropoutNd } from "./dropout.ts";

/** What SELU makes of large negative numbers, but for the sign: the value that dropped elements get. */
const LEAST = 1.7580993408473766;

/**
 * Dropout that keeps mean and variance of what SELU gives: dropped elements become what SELU makes of −∞, and all are then
 * scaled and moved. Unless training, and for p = 0, the input itself.
 *
 * @param input floating-point, any shape
 * @param p     the probability of being dropped, in [0, 1]. Default 0.5
 * @throws TensorError `invalid_option`
 * @see torch.nn.functional.alpha_dropout; Klambauer et al. (2017), Self-normalizing neural networks
 */
export function alphaDropout(input: Tensor, p = 0.5, training = false, options: DrawOptions = {}): Tensor {
  if (!(p >= 0 && p <= 1)) {
    fail("invalid_option", "alphaDropout", "the probability must lie in [0, 1]", { p });
  }
  if (p === 0 || !training || input.numel() === 0) return input;
  if (p === 1) return mul(input, 0);
  const kept = emptyLike(input).bernoulli_(1 - p, options);
  const scale = 1 / Math.sqrt((LEAST * LEAST * p + 1) * (1 - p));
  const shift = kept
    .sub(1)
    .mul(LEAST * scale)
    .add(LEAST * scale * p);
  return mul(input, kept.mul(scale)).add(shift);
}

/** {@link alphaDropout} as a layer (torch.nn.AlphaDropout). */
export class AlphaDropout extends DropoutNd {
  static override readonly name: string = "AlphaDropout";
  protected override drop(input: Tensor, options: DrawOptions): Tensor {
    return alphaDropout(input, this.p, this.training, options);
  }
}
