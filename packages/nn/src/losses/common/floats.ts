import { resultType, type Tensor } from "@tapegrad/autograd";
import { type DType, isFloating } from "@tapegrad/tensor";

/** The dtype in which tensors meet, which is float32 for integers and truth values. */
export function floatType(x1: Tensor, x2: Tensor = x1): DType {
  const dtype = resultType(x1, x2);
  return isFloating(dtype) ? dtype : "float32";
}
