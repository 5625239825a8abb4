import { sub, type Tensor } from "@tapegrad/autograd";
import { promote } from "@tapegrad/tensor";

/** input − target in the wider of the two dtypes: torch broadcasts first, so that a single number counts like any other tensor. */
export function difference(input: Tensor, target: Tensor): Tensor {
  const dtype = promote(input.dtype, target.dtype);
  return sub(input.to(dtype), target.to(dtype));
}
