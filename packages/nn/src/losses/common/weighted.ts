import { expand, mul, sum, type Tensor } from "@tapegrad/autograd";
import { broadcastsTo, fail } from "@tapegrad/tensor";
import { checkSameShape, checkTensors } from "./checks.ts";
import { type Reduction, reduce } from "./reduction.ts";

/**
 * Errors times weights, reduced: the mean is over the weights. Without weights, errors reduced as they are.
 *
 * @param weight the shape of `input`; null: none
 */
export function weighted(
  where: string,
  errors: Tensor,
  input: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
): Tensor {
  if (weight === null) return reduce(errors, reduction);
  checkSameShape(where, { input, weight });
  const parts = mul(errors, weight);
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
