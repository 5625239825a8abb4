import { type DrawOptions, emptyLike, erf, noGrad, type Tensor, tensor as tensorOf, where } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { drawing } from "./drawing.ts";

/** What {@link truncNormal_} takes. */
export interface TruncNormalOptions extends DrawOptions {
  /** @defaultValue 0 */
  readonly mean?: number;
  /** @defaultValue 1 */
  readonly std?: number;
  /** No number is below. @defaultValue -2 */
  readonly a?: number;
  /** No number is above. @defaultValue 2 */
  readonly b?: number;
}

/**
 * Normal numbers of which those outside [a, b] are drawn again (torch.nn.init.trunc_normal_).
 *
 * Where less than 0.3 of the distribution lies inside, numbers are drawn uniformly and accepted by their density.
 */
export function truncNormal_<T extends Tensor>(tensor: T, options: TruncNormalOptions = {}): T {
  const { mean, std, a, b, generator } = withDefaults("truncNormal_", options, {
    mean: 0,
    std: 1,
    a: -2,
    b: 2,
    generator: undefined,
  });
  if (!(std > 0 && a < b)) fail("invalid_option", "truncNormal_", "needs std > 0 and a < b", { std, a, b });
  const inside = normalBelow((b - mean) / std) - normalBelow((a - mean) / std);
  const draw = drawing(generator);
  noGrad(() => {
    if (inside > 0.3) redrawOutside(tensor, mean, std, a, b, draw);
    else acceptByDensity(tensor, mean, std, a, b, draw);
  });
  return tensor;
}

function redrawOutside(tensor: Tensor, mean: number, std: number, a: number, b: number, draw: DrawOptions): void {
  const [low, high] = tensor.dtype === "float32" ? [Math.fround(a), Math.fround(b)] : [a, b];
  let result: Tensor = tensor.normal_(mean, std, draw);
  for (;;) {
    const outside = result.lt(low).logicalOr(result.gt(high));
    if (!outside.any().item()) break;
    result = where(outside, emptyLike(result).normal_(mean, std, draw), result);
  }
  if (result !== tensor) tensor.copy_(result);
}

function acceptByDensity(tensor: Tensor, mean: number, std: number, a: number, b: number, draw: DrawOptions): void {
  const peak = -0.5 * ((Math.max(a, Math.min(mean, b)) - mean) / std) ** 2;
  let result: Tensor = tensor;
  let pending: Tensor | null = null;
  for (;;) {
    const candidates = emptyLike(tensor).uniform_(a, b, draw);
    const density = candidates.sub(mean).div(std).square().mul(-0.5).sub(peak);
    const refused = emptyLike(tensor).uniform_(0, 1, draw).log().gt(density);
    result = pending === null ? candidates : where(pending, candidates, result);
    pending = pending === null ? refused : refused.logicalAnd(pending);
    if (!pending.any().item()) break;
  }
  tensor.copy_(result);
}

/** Probability that a standard normal number is at most x. */
function normalBelow(x: number): number {
  return (1 + erf(tensorOf(x / Math.SQRT2, { dtype: "float64" })).item()) / 2;
}
