/** Connectionist temporal classification: how likely labels are whose times are not known, over all alignments. */
import type { NDArray } from "../ndarray.ts";
import { launchable } from "../wasm/launch.ts";
import { ctcFast, ctcLaunchable } from "./ctc/ctcFast.ts";
import { ctcPlain } from "./ctc/ctcPlain.ts";
import { scaleSamples } from "./ctc/scaleSamples.ts";
import { mul } from "./elementwise/arithmetic.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;

/**
 * Minus the log-likelihood of the labels of each sample, over all alignments, and its gradient: e^logProbs less how likely each label is at each
 * step, 0 beyond the input lengths.
 *
 * The forward-backward algorithm on probabilities, each step over the sum of the one before: as exact as on logarithms and several times
 * faster. Where double precision might not hold these, where there is no alignment, and where something is no log-probability, the
 * loss is NaN and the gradient e^logProbs: such samples must be computed on logarithms.
 *
 * @param losses        [N]
 * @param gradient      [T, N, C], or null where nobody wants it
 * @param logProbs      [T, N, C]
 * @param targets       int32, [N, S], or one after the other in one dimension. Checked already, as are the lengths
 * @param inputLengths  int32, [N]
 * @param targetLengths int32, [N]
 * @param blank         the label that stands for none
 * @see Rabiner (1989), A Tutorial on Hidden Markov Models, section V.A; Graves et al. (2006), equations 6 to 16
 */
export const ctc: KernelPair<
  [
    losses: NDArray,
    gradient: NDArray | null,
    logProbs: NDArray,
    targets: NDArray,
    inputLengths: NDArray,
    targetLengths: NDArray,
    blank: number,
  ]
> = kernelPair(() => ({
  name: "ctc",
  js: ctcPlain,
  wasm: ctcFast,
  accepts: (_losses, _gradient, logProbs, _targets, _inputLengths, targetLengths) =>
    ctcLaunchable(logProbs, targetLengths),
  pays: (_losses, _gradient, logProbs) => logProbs.size >= WORTH_LAUNCHING,
  ulps: 2,
}));

/**
 * The gradient of a function of the losses: out[t, n, c] = gradient[t, n, c] · grad[n].
 *
 * @param out      [T, N, C]
 * @param gradient [T, N, C], that of the losses
 * @param grad     [N]
 */
export const ctcBackward: KernelPair<[out: NDArray, gradient: NDArray, grad: NDArray]> = kernelPair(() => ({
  name: "ctcBackward",
  js: (out, gradient, grad) => mul.js(out, gradient, grad.view([grad.size, 1], [grad.stride[0]!, 0], grad.offset)),
  wasm: scaleSamples,
  accepts: (...operands) => operands[0].size > 0 && launchable(...operands),
  pays: (out) => out.size >= WORTH_LAUNCHING,
}));
