/** Cross entropy of class numbers with the softmax of logits, and its slopes, in one pass over the logits. */
import type { NDArray } from "../ndarray.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { crossEntropyFast, rowsLaunchable } from "./softmax/crossEntropyFast.ts";
import { largestOf, lineOf, sumOf } from "./softmax/sums.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;

/**
 * losses[i] = −ln softmax(logits[i])[target[i]], and its slopes times a factor: slopes[i] = factor · (softmax(logits[i]) − the unit vector
 * of target[i]). Where the target is ignored the loss is 0, and so is the factor.
 *
 * A loss is rounded where the softmax family rounds, so that it is what a log-softmax and a choice from it give.
 *
 * @param losses      [rows]
 * @param slopes      [rows, classes]; null: they are not wanted
 * @param logits      [rows, classes]
 * @param target      int32, [rows]: numbers of classes, or `ignoreIndex`. Checked already
 * @param ignoreIndex which target does not count
 * @param factor      1, or one over the number of targets that count
 */
export const crossEntropy: KernelPair<
  [losses: NDArray, slopes: NDArray | null, logits: NDArray, target: NDArray, ignoreIndex: number, factor: number]
> = kernelPair(() => ({
  name: "crossEntropy",
  js: (losses, slopes, logits, target, ignoreIndex, factor) => {
    const [rows, classes] = logits.shape as [number, number];
    const [rowStep, step] = logits.stride as [number, number];
    const single = logits.dtype === "float32";
    const line = lineOf(classes, single);
    const exps = lineOf(classes, single);
    for (let i = 0; i < rows; i++) {
      const start = logits.offset + i * rowStep;
      const largest = largestOf(logits.data, start, step, classes);
      for (let c = 0; c < classes; c++) {
        line[c] = logits.data[start + c * step]! - largest;
        exps[c] = Math.exp(line[c]!);
      }
      const total = sumOf(exps, single);
      const log = single ? Math.fround(Math.log(total)) : Math.log(total);
      const t = target.data[target.offset + i * target.stride[0]!]!;
      losses.data[losses.offset + i * losses.stride[0]!] = t === ignoreIndex ? 0 : log - line[t]!;
      if (slopes === null) continue;
      const share = t === ignoreIndex ? 0 : factor;
      const part = share / total;
      const to = slopes.offset + i * slopes.stride[0]!;
      for (let c = 0; c < classes; c++) {
        slopes.data[to + c * slopes.stride[1]!] = c === t ? exps[c]! * part - share : exps[c]! * part;
      }
    }
  },
  wasm: crossEntropyFast,
  accepts: (losses, slopes, logits) => rowsLaunchable(losses, slopes, logits),
  pays: (_losses, _slopes, logits) => logits.size >= WORTH_LAUNCHING,
  ulps: 4,
}));
