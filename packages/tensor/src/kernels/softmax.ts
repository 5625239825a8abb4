/** Softmax and its logarithm along one dimension, with their gradients. */
import type { NDArray } from "../ndarray.ts";
import { forEachLine, lineLength, lineStep } from "./lines.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { type Family, runShortRows } from "./softmax/shortLines.ts";
import { linesLaunchable, runLines } from "./softmax/softmaxFast.ts";
import { LANES, largestOf, lineOf, sumOf } from "./softmax/sums.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;

/** Whether the lines are short, and lie so that they have a fast form of their own. */
function areShortRows({ shape }: NDArray, dim: number): boolean {
  return dim === shape.length - 1 && shape[dim]! < LANES;
}

function pays(out: NDArray, dim: number): boolean {
  return out.size >= WORTH_LAUNCHING && (out.shape[dim]! >= LANES || areShortRows(out, dim));
}

function runFast(kernel: Family, out: NDArray, inputs: readonly NDArray[], dim: number): void {
  if (areShortRows(out, dim)) runShortRows(kernel, out, inputs, out.shape[dim]!);
  else runLines(kernel, out, inputs, dim);
}

/** Along `dim`; `out` has the shape of `a`. */
export type Softmax = KernelPair<[out: NDArray, a: NDArray, dim: number]>;
/** From the gradient and the output of the forward kernel. */
export type SoftmaxBackward = KernelPair<[out: NDArray, grad: NDArray, output: NDArray, dim: number]>;

/** exp(a) / Σ exp(a), with the largest element subtracted first; NaN along a line of −∞ only. */
export const softmax: Softmax = kernelPair(() => ({
  name: "softmax",
  js: (out: NDArray, a: NDArray, dim: number) => {
    const single = out.dtype === "float32";
    const line = lineOf(lineLength(a, dim), single);
    const [to, from, s, t] = [out.data, a.data, lineStep(out, dim), lineStep(a, dim)];
    forEachLine([out, a], dim, (at) => {
      const [p = 0, q = 0] = at;
      const largest = largestOf(from, q, t, line.length);
      for (let i = 0; i < line.length; i++) {
        line[i] = from[q + i * t]! - largest;
        line[i] = Math.exp(line[i]!);
      }
      const sum = sumOf(line, single);
      for (let i = 0; i < line.length; i++) to[p + i * s] = line[i]! / sum;
    });
  },
  wasm: (out, a, dim) => runFast("softmax", out, [a], dim),
  accepts: (out, a) => linesLaunchable(out, a),
  pays: (out, _, dim) => pays(out, dim),
  ulps: 4,
}));

/** a − max − log Σ exp(a − max). */
export const logSoftmax: Softmax = kernelPair(() => ({
  name: "logSoftmax",
  js: (out: NDArray, a: NDArray, dim: number) => {
    const single = out.dtype === "float32";
    const [shifted, line] = [lineOf(lineLength(a, dim), single), lineOf(lineLength(a, dim), single)];
    const [to, from, s, t] = [out.data, a.data, lineStep(out, dim), lineStep(a, dim)];
    forEachLine([out, a], dim, (at) => {
      const [p = 0, q = 0] = at;
      const largest = largestOf(from, q, t, line.length);
      for (let i = 0; i < line.length; i++) {
        shifted[i] = from[q + i * t]! - largest;
        line[i] = Math.exp(shifted[i]!);
      }
      const sum = sumOf(line, single);
      const log = single ? Math.fround(Math.log(sum)) : Math.log(sum);
      for (let i = 0; i < line.length; i++) to[p + i * s] = shifted[i]! - log;
    });
  },
  wasm: (out, a, dim) => runFast("logSoftmax", out, [a], dim),
  accepts: (out, a) => linesLaunchable(out, a),
  pays: (out, _, dim) => pays(out, dim),
  ulps: 4,
}));

/** y (g − Σ g y). */
export const softmaxBackward: SoftmaxBackward = kernelPair(() => ({
  name: "softmaxBackward",
  js: (out: NDArray, grad: NDArray, output: NDArray, dim: number) => {
    const single = out.dtype === "float32";
    const line = lineOf(lineLength(grad, dim), single);
    const [to, gs, ys] = [out.data, grad.data, output.data];
    const [s, t, u] = [lineStep(out, dim), lineStep(grad, dim), lineStep(output, dim)];
    forEachLine([out, grad, output], dim, (at) => {
      const [p = 0, q = 0, r = 0] = at;
      for (let i = 0; i < line.length; i++) line[i] = gs[q + i * t]! * ys[r + i * u]!;
      const sum = sumOf(line, single);
      for (let i = 0; i < line.length; i++) {
        line[i] = gs[q + i * t]! - sum;
        to[p + i * s] = ys[r + i * u]! * line[i]!;
      }
    });
  },
  wasm: (out, grad, output, dim) => runFast("softmaxBackward", out, [grad, output], dim),
  accepts: (out, grad, output) => linesLaunchable(out, grad, output),
  pays: (out, _grad, _output, dim) => pays(out, dim),
  ulps: 6,
}));

/** g − exp(y) Σ g. */
export const logSoftmaxBackward: SoftmaxBackward = kernelPair(() => ({
  name: "logSoftmaxBackward",
  js: (out: NDArray, grad: NDArray, output: NDArray, dim: number) => {
    const single = out.dtype === "float32";
    const line = lineOf(lineLength(grad, dim), single);
    const [to, gs, ys] = [out.data, grad.data, output.data];
    const [s, t, u] = [lineStep(out, dim), lineStep(grad, dim), lineStep(output, dim)];
    forEachLine([out, grad, output], dim, (at) => {
      const [p = 0, q = 0, r = 0] = at;
      for (let i = 0; i < line.length; i++) line[i] = gs[q + i * t]!;
      const sum = sumOf(line, single);
      for (let i = 0; i < line.length; i++) {
        line[i] = Math.exp(ys[r + i * u]!);
        to[p + i * s] = gs[q + i * t]! - line[i]! * sum;
      }
    });
  },
  wasm: (out, grad, output, dim) => runFast("logSoftmaxBackward", out, [grad, output], dim),
  accepts: (out, grad, output) => linesLaunchable(out, grad, output),
  pays: (out, _grad, _output, dim) => pays(out, dim),
  ulps: 8,
}));
