import type { NDArray } from "../ndarray.ts";
import { launchable } from "../wasm/launch.ts";
import { walk } from "./gatherWalk.ts";
import { type AdamSettings, adamDense, type SgdSettings, sgdDense } from "./optimizerDense.ts";
import { adamFast, sgdFast } from "./optimizerFast.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

export type { AdamSettings, SgdSettings } from "./optimizerDense.ts";

/** Below so many elements the plain loop is done before the other would start. */
const WORTH_LAUNCHING = 128;

/** Whether all are float32 and row-major. */
function streams(...arrays: readonly (NDArray | null)[]): boolean {
  const given = arrays.filter((array) => array !== null);
  return given.every(({ dtype, isContiguous }) => dtype === "float32" && isContiguous) && launchable(given[0]!);
}

/**
 * One step of stochastic gradient descent on one parameter, in place.
 *
 * @param param  any shape, changed
 * @param grad   of the same shape
 * @param buffer of the same shape, changed: the direction; null without momentum
 * @param lr     the learning rate of this step
 * @param first  whether this is the first step, which sets the direction to the gradient, without dampening
 * @see torch.optim.SGD
 */
export const sgd: KernelPair<
  [param: NDArray, grad: NDArray, buffer: NDArray | null, settings: SgdSettings, lr: number, first: boolean]
> = kernelPair(() => ({
  name: "sgd",
  js: (param, grad, buffer, settings, lr, first) => {
    if (areDense(param, grad, buffer, null, null)) sgdDense(param, buffer, grad, settings, lr, first);
    else
      inDense(buffer === null ? [param] : [param, buffer], grad, ([p, b], g) => {
        sgdDense(p!, b ?? null, g, settings, lr, first);
      });
  },
  wasm: sgdFast,
  accepts: (param, grad, buffer) => streams(param, grad, buffer),
  pays: (param) => param.size >= WORTH_LAUNCHING,
}));

/**
 * One step of Adam or AdamW on one parameter, in place.
 *
 * @param param       any shape, changed
 * @param grad        of the same shape
 * @param mean        of the same shape, changed: the running mean of the gradient (torch's exp_avg)
 * @param square      of the same shape, changed: the running mean of its square (exp_avg_sq)
 * @param largest     of the same shape, changed: the largest square so far (max_exp_avg_sq, AMSGrad); else null
 * @param lr          the learning rate of this step
 * @param correction1 1 − beta1^step, with steps counted from 1
 * @param correction2 1 − beta2^step
 * @see torch.optim.Adam, torch.optim.AdamW; Kingma and Ba (2015); Loshchilov and Hutter (2019); Reddi et al. (2018)
 */
export const adam: KernelPair<
  [
    param: NDArray,
    grad: NDArray,
    mean: NDArray,
    square: NDArray,
    largest: NDArray | null,
    settings: AdamSettings,
    lr: number,
    correction1: number,
    correction2: number,
  ]
> = kernelPair(() => ({
  name: "adam",
  js: (param, grad, mean, square, largest, settings, lr, correction1, correction2) => {
    if (areDense(param, grad, mean, square, largest)) {
      adamDense(param, mean, square, largest, grad, settings, lr, correction1, correction2);
      return;
    }
    const changed = largest === null ? [param, mean, square] : [param, mean, square, largest];
    inDense(changed, grad, ([p, m, v, top], g) => {
      adamDense(p!, m!, v!, top ?? null, g, settings, lr, correction1, correction2);
    });
  },
  wasm: adamFast,
  accepts: (param, grad, mean, square, largest) => streams(param, grad, mean, square, largest),
  pays: (param) => param.size >= WORTH_LAUNCHING,
}));

/** Whether all that are given are row-major. */
function areDense(
  param: NDArray,
  grad: NDArray,
  third: NDArray | null,
  fourth: NDArray | null,
  fifth: NDArray | null,
): boolean {
  return (
    param.isContiguous &&
    grad.isContiguous &&
    (third === null || third.isContiguous) &&
    (fourth === null || fourth.isContiguous) &&
    (fifth === null || fifth.isContiguous)
  );
}

/** Runs on row-major arrays: on the operands themselves, or on copies of which the changed ones are written back. */
function inDense(changed: NDArray[], grad: NDArray, run: (changed: NDArray[], grad: NDArray) => void): void {
  const dense = changed.map((array) => array.contiguous());
  run(dense, grad.contiguous());
  dense.forEach((copy, i) => {
    const original = changed[i]!;
    if (copy === original) return;
    const [to, from] = [original.data, copy.data];
    walk(original.shape, original, copy, copy, (t, f) => {
      to[t] = from[f]!;
    });
  });
}
