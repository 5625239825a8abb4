import type { NDArray } from "../ndarray.ts";
import { layerNormFast, layerNormFastAffine, layerNormFastBackward, normalisable } from "./normFast.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** Below so many elements the plain loop is done before the other would start. */
const WORTH_LAUNCHING = 64;

/** Element i of a vector, or what stands for it where there is none. */
function at(vector: NDArray | null, i: number, otherwise: number): number {
  return vector === null ? otherwise : vector.data[vector.offset + i * vector.stride[0]!]!;
}

function put(vector: NDArray, i: number, value: number): void {
  vector.data[vector.offset + i * vector.stride[0]!] = value;
}

/**
 * Each row less its mean, over its standard deviation, times `weight`, plus `bias`:
 * out = (x − mean) · rstd · weight + bias, with rstd = 1 / √(variance + eps) and the variance divided by the columns.
 *
 * Mean and variance are taken in two passes in double precision.
 *
 * @param out    [rows, columns]
 * @param mean   [rows]
 * @param rstd   [rows]
 * @param x      [rows, columns]: the dimensions that are kept, and those that are normalised, each flattened
 * @param weight [columns], or null for ones
 * @param bias   [columns], or null for zeros
 * @see torch.nn.functional.layer_norm
 */
export const layerNorm: KernelPair<
  [out: NDArray, mean: NDArray, rstd: NDArray, x: NDArray, weight: NDArray | null, bias: NDArray | null, eps: number]
> = kernelPair(() => ({
  name: "layerNorm",
  js: (out, mean, rstd, x, weight, bias, eps) => {
    const [rows, columns] = x.shape as [number, number];
    const [to, from] = [out.data, x.data];
    const [toStep, fromStep] = [out.stride[1]!, x.stride[1]!];
    for (let i = 0; i < rows; i++) {
      const start = x.offset + i * x.stride[0]!;
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += from[start + j * fromStep]!;
      const centre = sum / columns;
      let squares = 0;
      for (let j = 0; j < columns; j++) squares += (from[start + j * fromStep]! - centre) ** 2;
      const scale = 1 / Math.sqrt(squares / columns + eps);
      put(mean, i, centre);
      put(rstd, i, scale);
      const goal = out.offset + i * out.stride[0]!;
      for (let j = 0; j < columns; j++) {
        to[goal + j * toStep] = (from[start + j * fromStep]! - centre) * scale * at(weight, j, 1) + at(bias, j, 0);
      }
    }
  },
  wasm: layerNormFast,
  accepts: (out, mean, rstd, x, weight, bias) => normalisable(out, mean, rstd, x, weight, bias),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 2,
}));

/**
 * The gradient of {@link layerNorm} with respect to `x`. With h = grad · weight and x̂ = (x − mean) · rstd:
 * out = rstd · (h − mean(h) − x̂ · mean(h · x̂)), the means over each row.
 *
 * @param out  [rows, columns]
 * @param grad [rows, columns]
 * @param x    [rows, columns]
 * @param mean [rows], as the forward pass wrote it
 * @param rstd [rows], as the forward pass wrote it
 */
export const layerNormBackward: KernelPair<
  [out: NDArray, grad: NDArray, x: NDArray, mean: NDArray, rstd: NDArray, weight: NDArray | null]
> = kernelPair(() => ({
  name: "layerNormBackward",
  js: (out, grad, x, mean, rstd, weight) => {
    const [rows, columns] = x.shape as [number, number];
    const [to, gs, xs] = [out.data, grad.data, x.data];
    for (let i = 0; i < rows; i++) {
      const [centre, scale] = [at(mean, i, 0), at(rstd, i, 1)];
      const g0 = grad.offset + i * grad.stride[0]!;
      const x0 = x.offset + i * x.stride[0]!;
      const o0 = out.offset + i * out.stride[0]!;
      let sum = 0;
      let product = 0;
      for (let j = 0; j < columns; j++) {
        const h = gs[g0 + j * grad.stride[1]!]! * at(weight, j, 1);
        sum += h;
        product += h * (xs[x0 + j * x.stride[1]!]! - centre) * scale;
      }
      for (let j = 0; j < columns; j++) {
        const h = gs[g0 + j * grad.stride[1]!]! * at(weight, j, 1);
        const normal = (xs[x0 + j * x.stride[1]!]! - centre) * scale;
        to[o0 + j * out.stride[1]!] = scale * (h - sum / columns - (normal * product) / columns);
      }
    }
  },
  wasm: layerNormFastBackward,
  accepts: (out, grad, x, mean, rstd, weight) => normalisable(out, grad, x, mean, rstd, weight),
  pays: (out) => out.size >= WORTH_LAUNCHING,
  ulps: 2,
}));

/**
 * The gradients of {@link layerNorm} with respect to `weight` and `bias`: Σ grad · x̂ and Σ grad over the rows.
 *
 * @param gradWeight [columns]
 * @param gradBias   [columns]
 * @param grad       [rows, columns]
 * @param x          [rows, columns]
 */
export const layerNormBackwardAffine: KernelPair<
  [gradWeight: NDArray, gradBias: NDArray, grad: NDArray, x: NDArray, mean: NDArray, rstd: NDArray]
> = kernelPair(() => ({
  name: "layerNormBackwardAffine",
  js: (gradWeight, gradBias, grad, x, mean, rstd) => {
    const [rows, columns] = x.shape as [number, number];
    const [gs, xs] = [grad.data, x.data];
    const products = new Float64Array(columns);
    const sums = new Float64Array(columns);
    for (let i = 0; i < rows; i++) {
      const [centre, scale] = [at(mean, i, 0), at(rstd, i, 1)];
      const g0 = grad.offset + i * grad.stride[0]!;
      const x0 = x.offset + i * x.stride[0]!;
      for (let j = 0; j < columns; j++) {
        const g = gs[g0 + j * grad.stride[1]!]!;
        products[j]! += g * (xs[x0 + j * x.stride[1]!]! - centre) * scale;
        sums[j]! += g;
      }
    }
    for (let j = 0; j < columns; j++) {
      put(gradWeight, j, products[j]!);
      put(gradBias, j, sums[j]!);
    }
  },
  wasm: layerNormFastAffine,
  accepts: (...arrays) => normalisable(...arrays),
  pays: (_weight, _bias, grad) => grad.size >= WORTH_LAUNCHING,
  ulps: 2,
}));
