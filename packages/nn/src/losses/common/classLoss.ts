import { expand, mul, neg, sum, type Tensor } from "@tapegrad/autograd";
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

/** The loss of each target, reduced: `pickNegative` of log-probabilities, or `softmaxPick` of logits. */
type Pick = (input: Tensor, target: Tensor, ignoreIndex: number, reduction: Reduction, where: string) => Tensor;

/** The losses that `pick` finds for checked arguments, times the weights of the targets. */
export function lossOfClasses(
  where: string,
  pick: Pick,
  input: Tensor,
  target: Tensor,
  { weight, ignoreIndex, reduction }: ClassLossAttrs,
): Tensor {
  if (weight === null) return pick(input, target, ignoreIndex, reduction, where);
  checkSameDType(where, { input, weight });
  const weights = weightsOfTargets(input, target, weight, ignoreIndex);
  const losses = mul(pick(input, target, ignoreIndex, "none", where), weights);
  if (reduction === "none") return losses;
  const total = sum(losses);
  return reduction === "sum" ? total : total.div(sum(weights));
}

/** The weight of the class of each target, 0 where it is ignored. */
export function weightsOfTargets(input: Tensor, target: Tensor, weight: Tensor, ignoreIndex: number): Tensor {
  return neg(pickNegative(expand(alongClasses(input, weight), input.shape), target, ignoreIndex));
}
