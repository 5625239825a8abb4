import { k, type NDArray } from "@tapegrad/tensor";
import { withContext } from "../context.ts";
import { Tensor } from "../tensor.ts";

/**
 * A forward written in ops instead of kernels: for ops whose value is a short formula but whose gradient has a rule of
 * its own. The ops inside are neither recorded nor seen by an interpreter: the tape holds the one op around them.
 *
 * @param out     filled with the value
 * @param inputs  handed to `compute` as tensors without history
 * @param compute the formula; its result broadcasts to the shape of `out`
 */
export function byOps(out: NDArray, inputs: readonly NDArray[], compute: (...inputs: Tensor[]) => Tensor): void {
  const tensors = inputs.map((array) => new Tensor(array));
  const value = withContext("forward", { recording: false, interpreter: null }, () => compute(...tensors));
  k.copy(out, value.array);
}
