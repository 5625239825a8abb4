import type { NDArray } from "../ndarray.ts";
import {
  channelMomentsFast,
  channelNormFast,
  channelNormFastBackward,
  channelNormSumsFast,
  channelsLaunchable,
} from "./normChannelsFast.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** Shorter rows are done before the fast loop has its four lanes together. */
const SHORT_ROW = 8;

/** Below so many elements the plain loop is done before the other would start. */
const WORTH_LAUNCHING = 256;

/** Whether the fast loops pay for this array [outer, channels, inner]. */
function longRows(x: NDArray): boolean {
  return x.shape[2]! >= SHORT_ROW && x.size >= WORTH_LAUNCHING;
}

// Everything here sees its arrays as [outer, channels, inner]: [N, C, H·W] for batch normalisation, [1, N·C, H·W] for
// instance normalisation, [1, N·G, C/G·H·W] for group normalisation. Vectors have one element a channel.

/** Element c of a vector, or what stands for it where there is none. */
function at(vector: NDArray | null, c: number, otherwise: number): number {
  return vector === null ? otherwise : vector.data[vector.offset + c * vector.stride[0]!]!;
}

function put(vector: NDArray, c: number, value: number): void {
  vector.data[vector.offset + c * vector.stride[0]!] = value;
}

/** Where row [n, c] of an array starts. */
function rowOf(array: NDArray, n: number, c: number): number {
  return array.offset + n * array.stride[0]! + c * array.stride[1]!;
}

/**
 * Mean and variance of each channel, the variance divided by the number of elements and not by one less. Taken in two
 * passes in double precision.
 *
 * @param mean     [channels]
 * @param variance [channels]
 * @param x        [outer, channels, inner]
 */
export const channelMoments: KernelPair<[mean: NDArray, variance: NDArray, x: NDArray]> = kernelPair(() => ({
  name: "channelMoments",
  js: (mean, variance, x) => {
    const [outer, channels, inner] = x.shape as [number, number, number];
    const from = x.data;
    const step = x.stride[2]!;
    const count = outer * inner;
    for (let c = 0; c < channels; c++) {
      let sum = 0;
      for (let n = 0; n < outer; n++) {
        for (let l = 0, i = rowOf(x, n, c); l < inner; l++, i += step) sum += from[i]!;
      }
      const centre = sum / count;
      let squares = 0;
      for (let n = 0; n < outer; n++) {
        for (let l = 0, i = rowOf(x, n, c); l < inner; l++, i += step) squares += (from[i]! - centre) ** 2;
      }
      put(mean, c, centre);
      put(variance, c, squares / count);
    }
  },
  wasm: channelMomentsFast,
  accepts: (mean, variance, x) => channelsLaunchable([x], [mean, variance]),
  pays: (_mean, _variance, x) => longRows(x),
  ulps: 2,
}));

/** One over the standard deviation: out = 1 / √(variance + eps), for vectors. */
export const inverseDeviation: KernelPair<[out: NDArray, variance: NDArray, eps: number]> = kernelPair(() => ({
  name: "inverseDeviation",
  js: (out, variance, eps) => {
    for (let c = 0; c < out.size; c++) put(out, c, 1 / Math.sqrt(at(variance, c, 1) + eps));
  },
}));

/**
 * Each channel less its mean, over its standard deviation, times its weight, plus its bias:
 * out = (x − mean) · rstd · weight + bias.
 *
 * @param out    [outer, channels, inner]
 * @param x      [outer, channels, inner]
 * @param mean   [channels]: of the batch while training, else the running one
 * @param rstd   [channels]: {@link inverseDeviation}
 * @param weight [channels], or null for ones
 * @param bias   [channels], or null for zeros
 * @see torch.nn.functional.batch_norm
 */
export const channelNorm: KernelPair<
  [out: NDArray, x: NDArray, mean: NDArray, rstd: NDArray, weight: NDArray | null, bias: NDArray | null]
> = kernelPair(() => ({
  name: "channelNorm",
  js: (out, x, mean, rstd, weight, bias) => {
    const [outer, channels, inner] = x.shape as [number, number, number];
    const [to, from] = [out.data, x.data];
    const [toStep, fromStep] = [out.stride[2]!, x.stride[2]!];
    for (let c = 0; c < channels; c++) {
      const centre = at(mean, c, 0);
      const scale = at(rstd, c, 1) * at(weight, c, 1);
      const shift = at(bias, c, 0);
      for (let n = 0; n < outer; n++) {
        let i = rowOf(x, n, c);
        let o = rowOf(out, n, c);
        for (let l = 0; l < inner; l++, i += fromStep, o += toStep) to[o] = (from[i]! - centre) * scale + shift;
      }
    }
  },
  wasm: channelNormFast,
  accepts: (out, x, mean, rstd, weight, bias) => channelsLaunchable([out, x, weight, bias], [mean, rstd]),
  pays: (_out, x) => longRows(x),
  ulps: 2,
}));

/**
 * What a channel's normalisation owes to its bias and its weight: Σ grad, and Σ grad · (x − mean) · rstd. While training
 * they are also what {@link channelNormBackward} needs.
 *
 * @param gradBias   [channels]
 * @param gradWeight [channels]
 * @param grad       [outer, channels, inner]
 * @param x          [outer, channels, inner]
 */
export const channelNormSums: KernelPair<
  [gradBias: NDArray, gradWeight: NDArray, grad: NDArray, x: NDArray, mean: NDArray, rstd: NDArray]
> = kernelPair(() => ({
  name: "channelNormSums",
  js: (gradBias, gradWeight, grad, x, mean, rstd) => {
    const [outer, channels, inner] = x.shape as [number, number, number];
    const [gs, xs] = [grad.data, x.data];
    for (let c = 0; c < channels; c++) {
      const centre = at(mean, c, 0);
      let sum = 0;
      let product = 0;
      for (let n = 0; n < outer; n++) {
        let g = rowOf(grad, n, c);
        let i = rowOf(x, n, c);
        for (let l = 0; l < inner; l++, g += grad.stride[2]!, i += x.stride[2]!) {
          sum += gs[g]!;
          product += gs[g]! * (xs[i]! - centre);
        }
      }
      put(gradBias, c, sum);
      put(gradWeight, c, product * at(rstd, c, 1));
    }
  },
  wasm: channelNormSumsFast,
  accepts: (gradBias, gradWeight, grad, x, mean, rstd) =>
    channelsLaunchable([gradBias, gradWeight, grad, x], [mean, rstd]),
  pays: (_bias, _weight, grad) => longRows(grad),
  ulps: 2,
}));

/**
 * The gradient of {@link channelNorm} with respect to `x`, where mean and rstd are those of x itself. With x̂ = (x − mean) ·
 * rstd and `count` elements a channel: out = weight · rstd · (grad − gradBias / count − x̂ · gradWeight / count).
 *
 * Without sums, mean and rstd are constants (evaluation), and out = weight · rstd · grad.
 *
 * @param out  [outer, channels, inner]
 * @param grad [outer, channels, inner]
 * @param x    [outer, channels, inner]
 * @param sums what {@link channelNormSums} wrote, or null
 */
export const channelNormBackward: KernelPair<
  [
    out: NDArray,
    grad: NDArray,
    x: NDArray,
    mean: NDArray,
    rstd: NDArray,
    weight: NDArray | null,
    sums: { readonly gradBias: NDArray; readonly gradWeight: NDArray } | null,
  ]
> = kernelPair(() => ({
  name: "channelNormBackward",
  js: (out, grad, x, mean, rstd, weight, sums) => {
    const [outer, channels, inner] = x.shape as [number, number, number];
    const [to, gs, xs] = [out.data, grad.data, x.data];
    const count = outer * inner;
    for (let c = 0; c < channels; c++) {
      const centre = at(mean, c, 0);
      const scale = at(rstd, c, 1) * at(weight, c, 1);
      const level = sums === null ? 0 : at(sums.gradBias, c, 0) / count;
      const slope = sums === null ? 0 : (at(sums.gradWeight, c, 0) / count) * at(rstd, c, 1);
      for (let n = 0; n < outer; n++) {
        const [g0, x0, o0] = [rowOf(grad, n, c), rowOf(x, n, c), rowOf(out, n, c)];
        for (let l = 0; l < inner; l++) {
          const g = gs[g0 + l * grad.stride[2]!]!;
          // a constant mean leaves x out of it, infinities included
          const owed = sums === null ? g : g - level - (xs[x0 + l * x.stride[2]!]! - centre) * slope;
          to[o0 + l * out.stride[2]!] = owed * scale;
        }
      }
    }
  },
  wasm: (out, grad, x, mean, rstd, weight, sums) => {
    if (sums !== null) channelNormFastBackward(out, grad, x, mean, rstd, weight, sums);
  },
  accepts: (out, grad, x, mean, rstd, weight, sums) =>
    sums !== null && channelsLaunchable([out, grad, x, weight, sums.gradBias, sums.gradWeight], [mean, rstd]),
  pays: (out) => longRows(out),
  ulps: 2,
}));
