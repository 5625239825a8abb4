import type { Tensor } from "@tapegrad/autograd";
import { isFloating } from "@tapegrad/tensor";

/** Integers and truth values as float32; floating-point tensors as they are. */
export function asFloats(tensor: Tensor): Tensor {
  return isFloating(tensor.dtype) ? tensor : tensor.float();
}
