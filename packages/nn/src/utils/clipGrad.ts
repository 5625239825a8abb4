import { noGrad, norm, stack, Tensor, tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";

/** Options of {@link clipGradNorm_}. */
export interface ClipGradNormOptions {
  /** Which norm: p, or infinity for the largest magnitude. @defaultValue 2 */
  readonly normType?: number;
  /** Make it an error if the norm is NaN or infinite. @defaultValue false */
  readonly errorIfNonfinite?: boolean;
}

/** One tensor or several. */
export type Parameters = Tensor | Iterable<Tensor>;

/**
 * Scales all gradients by one factor, in place, so that their norm together, as of one vector, is at most `maxNorm`.
 *
 * The factor is maxNorm / (norm + 1e-6) where that is below 1.
 *
 * @returns the norm before
 * @throws TensorError `not_finite` if the norm is not finite and `errorIfNonfinite` is set; the gradients are as they were
 * @see torch.nn.utils.clip_grad_norm_
 */
export function clipGradNorm_(parameters: Parameters, maxNorm: number, options: ClipGradNormOptions = {}): Tensor {
  const where = "clipGradNorm_";
  const { normType, errorIfNonfinite } = withDefaults(where, options, { normType: 2, errorIfNonfinite: false });
  const grads = gradsOf(parameters);
  return noGrad(() => {
    if (grads.length === 0) return tensor(0);
    const { dtype } = grads[0]!;
    const total = norm(stack(grads.map((grad) => norm(grad, normType).to(dtype))), normType);
    if (errorIfNonfinite && !Number.isFinite(total.item())) {
      fail("not_finite", where, "the norm of the gradients is not finite", { norm: total.item(), normType });
    }
    const factor = tensor(maxNorm, { dtype }).div(total.add(1e-6)).clamp({ max: 1 });
    for (const grad of grads) grad.mul_(factor);
    return total;
  });
}

/** Keeps each element of all gradients inside ±clipValue, in place (torch.nn.utils.clip_grad_value_). */
export function clipGradValue_(parameters: Parameters, clipValue: number): void {
  noGrad(() => {
    for (const grad of gradsOf(parameters)) grad.clamp_({ min: -clipValue, max: clipValue });
  });
}

function gradsOf(parameters: Parameters): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.flatMap(({ grad }) => (grad === null ? [] : [grad]));
}
