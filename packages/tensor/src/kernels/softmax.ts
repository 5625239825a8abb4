/** Softmax and its logarithm along one dimension, with their gradients. */
import type { NDArray } from "../ndarray.ts";
import { forEachLine, lineLength, lineStep } from "./lines.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { linesLaunchable, runLines } from "./softmax/softmaxFast.ts";

/** Elements from which on a call costs less than plain loops. */
const WORTH_LAUNCHING = 64;
/** Lines from this length on are added up in lanes, by torch too; in shorter ones the order of the sum is kept as torch's. */
const LANES = 16;

function pays({ shape, size }: NDArray, dim: number): boolean {
  return size >= WORTH_LAUNCHING && shape[dim]! >= LANES;
}

/** Along `dim`; `out` has the shape of `a`. */
export type Softmax = KernelPair<[out: NDArray, a: NDArray, dim: number]>;
/** From the gradient and the output of the forward kernel. */
export type SoftmaxBackward = KernelPair<[out: NDArray, grad: NDArray, output: NDArray, dim: number]>;

/** Rounds to the type in which torch keeps intermediate results. Rounding where torch rounds is what makes our numbers its numbers. */
function roundingOf({ dtype }: NDArray): (x: number) => number {
  return dtype === "float32" ? Math.fround : (x) => x;
}

/**
 * A sum with torch's rounding: term by term in a short line; in a longer one in 16 lanes, which are then added in halves, so that
 * errors do not grow with the length.
 */
function sumOf(n: number, round: (x: number) => number, term: (i: number) => number): number {
  let sum = 0;
  if (n < LANES) {
    for (let i = 0; i < n; i++) sum = round(sum + term(i));
    return sum;
  }
  const lanes = new Float64Array(LANES);
  for (let i = 0; i < n; i++) lanes[i % LANES] = round(lanes[i % LANES]! + term(i));
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let i = 0; i < half; i++) lanes[i] = round(lanes[i]! + lanes[i + half]!);
  }
  return lanes[0]!;
}

/** exp(a) / Σ exp(a), with the largest element subtracted first; NaN along a line of −∞ only. */
export const softmax: Softmax = kernelPair({
  name: "softmax",
  js: (out: NDArray, a: NDArray, dim: number) => {
    const n = lineLength(a, dim);
    const round = roundingOf(out);
    const [s, t] = [lineStep(out, dim), lineStep(a, dim)];
    const line = new Float64Array(n);
    forEachLine([out, a], dim, (at) => {
      const [p = 0, q = 0] = at;
      const largest = largestOf(a, q, t, n);
      for (let i = 0; i < n; i++) line[i] = round(Math.exp(round(a.data[q + i * t]! - largest)));
      const sum = sumOf(n, round, (i) => line[i]!);
      for (let i = 0; i < n; i++) out.data[p + i * s] = line[i]! / sum;
    });
  },
  wasm: (out, a, dim) => runLines("softmax", out, [a], dim),
  accepts: (out, a) => linesLaunchable(out, a),
  pays: (out, _, dim) => pays(out, dim),
  ulps: 4,
});

/** a − max − log Σ exp(a − max). */
export const logSoftmax: Softmax = kernelPair({
  name: "logSoftmax",
  js: (out: NDArray, a: NDArray, dim: number) => {
    const n = lineLength(a, dim);
    const round = roundingOf(out);
    const [s, t] = [lineStep(out, dim), lineStep(a, dim)];
    forEachLine([out, a], dim, (at) => {
      const [p = 0, q = 0] = at;
      const largest = largestOf(a, q, t, n);
      const sum = sumOf(n, round, (i) => round(Math.exp(round(a.data[q + i * t]! - largest))));
      const log = round(Math.log(sum));
      for (let i = 0; i < n; i++) out.data[p + i * s] = round(a.data[q + i * t]! - largest) - log;
    });
  },
  wasm: (out, a, dim) => runLines("logSoftmax", out, [a], dim),
  accepts: (out, a) => linesLaunchable(out, a),
  pays: (out, _, dim) => pays(out, dim),
  ulps: 4,
});

/** y (g − Σ g y). */
export const softmaxBackward: SoftmaxBackward = kernelPair({
  name: "softmaxBackward",
  js: (out: NDArray, grad: NDArray, output: NDArray, dim: number) => {
    const n = lineLength(grad, dim);
    const round = roundingOf(out);
    const [s, t, u] = [lineStep(out, dim), lineStep(grad, dim), lineStep(output, dim)];
    forEachLine([out, grad, output], dim, (at) => {
      const [p = 0, q = 0, r = 0] = at;
      const sum = sumOf(n, round, (i) => round(grad.data[q + i * t]! * output.data[r + i * u]!));
      for (let i = 0; i < n; i++) out.data[p + i * s] = output.data[r + i * u]! * round(grad.data[q + i * t]! - sum);
    });
  },
  wasm: (out, grad, output, dim) => runLines("softmaxBackward", out, [grad, output], dim),
  accepts: (out, grad, output) => linesLaunchable(out, grad, output),
  pays: (out, _grad, _output, dim) => pays(out, dim),
  ulps: 6,
});

/** g − exp(y) Σ g. */
export const logSoftmaxBackward: SoftmaxBackward = kernelPair({
  name: "logSoftmaxBackward",
  js: (out: NDArray, grad: NDArray, output: NDArray, dim: number) => {
    const n = lineLength(grad, dim);
    const round = roundingOf(out);
    const [s, t, u] = [lineStep(out, dim), lineStep(grad, dim), lineStep(output, dim)];
    forEachLine([out, grad, output], dim, (at) => {
      const [p = 0, q = 0, r = 0] = at;
      const sum = sumOf(n, round, (i) => grad.data[q + i * t]!);
      for (let i = 0; i < n; i++) {
        out.data[p + i * s] = grad.data[q + i * t]! - round(Math.exp(output.data[r + i * u]!)) * sum;
      }
    });
  },
  wasm: (out, grad, output, dim) => runLines("logSoftmaxBackward", out, [grad, output], dim),
  accepts: (out, grad, output) => linesLaunchable(out, grad, output),
  pays: (out, _grad, _output, dim) => pays(out, dim),
  ulps: 8,
});

function largestOf({ data }: NDArray, first: number, step: number, n: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let i = 0, q = first; i < n; i++, q += step) largest = Math.max(largest, data[q]!);
  return largest;
}
