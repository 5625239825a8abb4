import { expand, mul, sum, type Tensor } from "@tapegrad/autograd";
import { broadcastsTo, fail } from "@tapegrad/tensor";
import { checkSameShape, checkTensors } from "./checks.ts";
import type { ElementLoss } from "./elementLoss.ts";
import { type Reduction, reduce } from "./reduction.ts";

/**
 * A loss of single elements times weights, reduced: the mean is over the weights. Without weights, reduced as it is.
 *
 * @param weight the shape of `input`; null: none
 */
export function weighted(
  where: string,
  loss: ElementLoss,
  { input, target, weight }: { readonly input: Tensor; readonly target: Tensor; readonly weight: Tensor | null },
  reduction: Reduction,
): Tensor {
  if (weight === null) return loss(input, target, reduction);
  checkSameShape(where, { input, weight });
  const parts = mul(loss(input, target, "none"), weight);
  return reduction === "mean" ? sum(parts).div(sum(weight)) : reduce(parts, reduction);
}

/** A weight as a view of the shape of `input`, to which it must broadcast. */
export function expandWeight(where: string, weight: Tensor, input: Tensor): Tensor {
  checkTensors(where, { weight });
  if (!broadcastsTo(weight.shape, input.shape)) {
    const facts = { input: input.shape, weight: weight.shape };
    fail("shape_mismatch", where, "the weight does not broadcast to the shape of the input", facts);
  }
  return expand(weight, input.shape);
}
