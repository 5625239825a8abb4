import { fromArray, type Tensor } from "@tapegrad/autograd";
import { NDArray } from "@tapegrad/tensor";

// What is kept from step to step may live in the kernels' memory, where it is reached without a copy.

/** Zeros of a parameter's shape and dtype, to be kept. */
export function zerosToKeep({ shape, dtype }: Tensor): Tensor {
  const zeros = NDArray.own(shape, dtype);
  zeros.storage.overwritten.fill(0);
  return fromArray(zeros);
}

/** A copy to be kept. */
export function copyToKeep({ array }: Tensor): Tensor {
  const copy = array.copy();
  copy.storage.moveIn();
  return fromArray(copy);
}
