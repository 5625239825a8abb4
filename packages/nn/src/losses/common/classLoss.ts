import { expand, mul, ne, neg, sum, type Tensor } from "@tapegrad/autograd";
import { checkSameDType } from "./checks.ts";
import { alongClasses } from "./classes.ts";
import { pickNegative } from "./pick.ts";
import type { Reduction } from "./reduction.ts";

/** What {@link lossOfClasses} needs to know. */
interface ClassLossAttrs {
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly reduction: Reduction;
}

/** Negative log-likelihood of checked arguments: −weight[t]·input[t]. */
export function lossOfClasses(where: string, input: Tensor, target: Tensor, attrs: ClassLossAttrs): Tensor {
  const { weight, ignoreIndex, reduction } = attrs;
  if (weight !== null) checkSameDType(where, { input, weight });
  const picked = pickNegative(input, target, ignoreIndex);
  const weights = weight && weightsOfTargets(input, target, weight, ignoreIndex);
  const losses = weights === null ? picked : mul(picked, weights);
  if (reduction === "none") return losses;
  const total = sum(losses);
  return reduction === "sum" ? total : total.div(sum(weights ?? ne(target, ignoreIndex)));
}

/** The weight of the class of each target, 0 where it is ignored. */
export function weightsOfTargets(input: Tensor, target: Tensor, weight: Tensor, ignoreIndex: number): Tensor {
  return neg(pickNegative(expand(alongClasses(input, weight), input.shape), target, ignoreIndex));
}
