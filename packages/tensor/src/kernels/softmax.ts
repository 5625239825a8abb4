/** Softmax and its logarithm along one dimension, with their gradients. */
import type { NDArray } from "../ndarray.ts";
import { forEachLine, lineLength, lineStep } from "./lines.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { linesLaunchable, runLines } from "./softmax/softmaxFast.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;

/** Along `dim`; `out` has the shape of `a`. */
export type Softmax = KernelPair<[out: NDArray, a: NDArray, dim: number]>;
/** From the gradient and the output of the forward kernel. */
export type SoftmaxBackward = KernelPair<[out: NDArray, grad: NDArray, output: NDArray, dim: number]>;

/** exp(a) / Σ exp(a), with the largest element subtracted first; NaN along a line of −∞ only. */
export const softmax: Softmax = kernelPair({
  name: "softmax",
  js: (out: NDArray, a: NDArray, dim: number) => {
    const n = lineLength(a, dim);
    const [s, t] = [lineStep(out, dim), lineStep(a, dim)];
    const line = new Float64Array(n);
    forEachLine([out, a], dim, (at) => {
      const [p = 0, q = 0] = at;
      const largest = largestOf(a, q, t, n);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += line[i] = Math.exp(a.data[q + i * t]! - largest);
      for (let i = 0; i < n; i++) out.data[p + i * s] = line[i]! / sum;
    });
  },
  wasm: (out, a, dim) => runLines("softmax", out, [a], dim),
  accepts: (out, a) => linesLaunchable(out, a),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 4,
});

/** a − max − log Σ exp(a − max). */
export const logSoftmax: Softmax = kernelPair({
  name: "logSoftmax",
  js: (out: NDArray, a: NDArray, dim: number) => {
    const n = lineLength(a, dim);
    const [s, t] = [lineStep(out, dim), lineStep(a, dim)];
    forEachLine([out, a], dim, (at) => {
      const [p = 0, q = 0] = at;
      const largest = largestOf(a, q, t, n);
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.exp(a.data[q + i * t]! - largest);
      const log = Math.log(sum);
      for (let i = 0; i < n; i++) out.data[p + i * s] = a.data[q + i * t]! - largest - log;
    });
  },
  wasm: (out, a, dim) => runLines("logSoftmax", out, [a], dim),
  accepts: (out, a) => linesLaunchable(out, a),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 4,
});

/** y (g − Σ g y). */
export const softmaxBackward: SoftmaxBackward = kernelPair({
  name: "softmaxBackward",
  js: (out: NDArray, grad: NDArray, output: NDArray, dim: number) => {
    const n = lineLength(grad, dim);
    const [s, t, u] = [lineStep(out, dim), lineStep(grad, dim), lineStep(output, dim)];
    forEachLine([out, grad, output], dim, (at) => {
      const [p = 0, q = 0, r = 0] = at;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += grad.data[q + i * t]! * output.data[r + i * u]!;
      for (let i = 0; i < n; i++) out.data[p + i * s] = output.data[r + i * u]! * (grad.data[q + i * t]! - sum);
    });
  },
  wasm: (out, grad, output, dim) => runLines("softmaxBackward", out, [grad, output], dim),
  accepts: (out, grad, output) => linesLaunchable(out, grad, output),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 6,
});

/** g − exp(y) Σ g. */
export const logSoftmaxBackward: SoftmaxBackward = kernelPair({
  name: "logSoftmaxBackward",
  js: (out: NDArray, grad: NDArray, output: NDArray, dim: number) => {
    const n = lineLength(grad, dim);
    const [s, t, u] = [lineStep(out, dim), lineStep(grad, dim), lineStep(output, dim)];
    forEachLine([out, grad, output], dim, (at) => {
      const [p = 0, q = 0, r = 0] = at;
      let sum = 0;
      for (let i = 0; i < n; i++) sum += grad.data[q + i * t]!;
      for (let i = 0; i < n; i++) out.data[p + i * s] = grad.data[q + i * t]! - Math.exp(output.data[r + i * u]!) * sum;
    });
  },
  wasm: (out, grad, output, dim) => runLines("logSoftmaxBackward", out, [grad, output], dim),
  accepts: (out, grad, output) => linesLaunchable(out, grad, output),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 8,
});

function largestOf({ data }: NDArray, first: number, step: number, n: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0, q = first; i < n; i++, q += step) largest = Math.max(largest, data[q]!);
  return largest;
}
