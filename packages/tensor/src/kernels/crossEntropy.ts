/** Cross entropy of class numbers with the softmax of logits, and its gradient, each in one pass over the logits. */
import type { TypedArray } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { crossEntropyFast, crossEntropyFastBackward, rowsLaunchable } from "./softmax/crossEntropyFast.ts";
import { largestOf, lineOf, sumOf } from "./softmax/sums.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;

/**
 * losses[i] = −ln softmax(logits[i])[target[i]], 0 where the target is ignored.
 *
 * Rounded where the softmax family rounds, so that a loss is what a log-softmax and a choice from it give.
 *
 * @param losses      [rows]
 * @param logSum      [rows]: ln Σ exp(logits − their largest), which the gradient needs
 * @param logits      [rows, classes]
 * @param target      int32, [rows]: numbers of classes, or `ignoreIndex`. Checked already
 * @param ignoreIndex which target does not count
 */
export const crossEntropy: KernelPair<
  [losses: NDArray, logSum: NDArray, logits: NDArray, target: NDArray, ignoreIndex: number]
> = kernelPair({
  name: "crossEntropy",
  js: (losses, logSum, logits, target, ignoreIndex) => {
    const [rows, classes] = logits.shape as [number, number];
    const [rowStep, step] = logits.stride as [number, number];
    const single = logits.dtype === "float32";
    const line = lineOf(classes, single);
    const exps = lineOf(classes, single);
    for (let i = 0; i < rows; i++) {
      shift(line, logits.data, logits.offset + i * rowStep, step);
      for (let c = 0; c < classes; c++) exps[c] = Math.exp(line[c]!);
      const total = Math.log(sumOf(exps, single));
      const log = single ? Math.fround(total) : total;
      const t = target.data[target.offset + i * target.stride[0]!]!;
      logSum.data[logSum.offset + i * logSum.stride[0]!] = log;
      losses.data[losses.offset + i * losses.stride[0]!] = t === ignoreIndex ? 0 : log - line[t]!;
    }
  },
  wasm: crossEntropyFast,
  accepts: (losses, logSum, logits) => rowsLaunchable(losses, logSum, logits),
  pays: (_losses, _logSum, logits) => logits.size >= WORTH_LAUNCHING,
  ulps: 4,
});

/**
 * The gradient of {@link crossEntropy}: out[i] = grad[i] · (softmax(logits[i]) − the unit vector of target[i]); where the target is
 * ignored grad[i] counts as 0.
 *
 * @param out    [rows, classes]
 * @param grad   [rows]
 * @param logSum [rows], as the forward pass wrote it
 */
export const crossEntropyBackward: KernelPair<
  [out: NDArray, grad: NDArray, logSum: NDArray, logits: NDArray, target: NDArray, ignoreIndex: number]
> = kernelPair({
  name: "crossEntropyBackward",
  js: (out, grad, logSum, logits, target, ignoreIndex) => {
    const [rows, classes] = logits.shape as [number, number];
    const [rowStep, step] = logits.stride as [number, number];
    const line = lineOf(classes, logits.dtype === "float32");
    for (let i = 0; i < rows; i++) {
      shift(line, logits.data, logits.offset + i * rowStep, step);
      const t = target.data[target.offset + i * target.stride[0]!]!;
      const g = t === ignoreIndex ? 0 : grad.data[grad.offset + i * grad.stride[0]!]!;
      const log = logSum.data[logSum.offset + i * logSum.stride[0]!]!;
      const start = out.offset + i * out.stride[0]!;
      for (let c = 0; c < classes; c++) {
        line[c]! -= log;
        line[c] = Math.exp(line[c]!);
        out.data[start + c * out.stride[1]!] = c === t ? line[c]! * g - g : line[c]! * g;
      }
    }
  },
  wasm: crossEntropyFastBackward,
  accepts: (out, grad, logSum, logits) => rowsLaunchable(out, grad, logSum, logits),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 8,
});

/** What is left of a row when its largest element is subtracted. */
function shift(line: Float32Array | Float64Array, data: TypedArray, start: number, step: number): void {
  const largest = largestOf(data, start, step, line.length);
  for (let c = 0; c < line.length; c++) line[c] = data[start + c * step]! - largest;
}
