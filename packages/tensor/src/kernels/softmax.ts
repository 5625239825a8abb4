/** Softmax and its logarithm along one dimension, with their gradients. */
import type { TypedArray } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { forEachLine, lineLength, lineStep } from "./lines.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { type Family, runShortRows } from "./softmax/shortLines.ts";
import { linesLaunchable, runLines } from "./softmax/softmaxFast.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;
/** Lines from this length on are added up in lanes, by torch too; in shorter ones the order of the sum is kept as torch's. */
const LANES = 16;

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

/**
 * A sum with torch's rounding: term by term in a short line; in a longer one in 16 lanes, which are then added in halves, so that
 * errors do not grow with the length.
 *
 * @param single whether torch keeps intermediate results in float32. Rounding where torch rounds is what makes our numbers its numbers
 */
function sumOf(line: Float32Array | Float64Array, single: boolean): number {
  const n = line.length;
  if (n < LANES) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = single ? Math.fround(sum + line[i]!) : sum + line[i]!;
    return sum;
  }
  const lanes = single ? new Float32Array(LANES) : new Float64Array(LANES);
  for (let i = 0; i < n; i++) lanes[i % LANES]! += line[i]!;
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) lanes[i]! += lanes[i + half]!;
  }
  return lanes[0]!;
}

/** A line's worth of intermediate results, in the type in which torch keeps them. */
function lineOf(n: number, single: boolean): Float32Array | Float64Array {
  return single ? new Float32Array(n) : new Float64Array(n);
}

/** exp(a) / Σ exp(a), with the largest element subtracted first; NaN along a line of −∞ only. */
export const softmax: Softmax = kernelPair({
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
});

/** a − max − log Σ exp(a − max). */
export const logSoftmax: Softmax = kernelPair({
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
});

/** y (g − Σ g y). */
export const softmaxBackward: SoftmaxBackward = kernelPair({
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
});

/** g − exp(y) Σ g. */
export const logSoftmaxBackward: SoftmaxBackward = kernelPair({
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
});

function largestOf(data: TypedArray, first: number, step: number, n: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0, q = first; i < n; i++, q += step) largest = Math.max(largest, data[q]!);
  return largest;
}
