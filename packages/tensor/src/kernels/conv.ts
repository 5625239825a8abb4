import type { NDArray } from "../ndarray.ts";
import { launchable } from "../wasm/launch.ts";
import { convDirect, convDirectGradInput, convDirectGradWeight } from "./convDirect.ts";
import { convFast, convFastGradInput } from "./convFast.ts";
import { convFastGradWeight } from "./convFastWeight.ts";
import type { ConvGeometry } from "./convGeometry.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** Below so many products the tables of the fast form cost more than it saves. */
const WORTH_TABLES = 4096;

/** Whether all are float32, small enough, and not empty. */
function fits(...arrays: readonly NDArray[]): boolean {
  return arrays.every(({ dtype, size }) => dtype === "float32" && size > 0) && launchable(...arrays);
}

/** Products in a convolution with this result and these weights. */
function products(result: NDArray, weight: NDArray): number {
  return result.size * (weight.size / weight.shape[0]!);
}

/**
 * Two-dimensional convolution (cross-correlation, as torch has it):
 * out[n, o, i, j] = bias[o] + Σ x[n, d, i·stride + u·dilation − padding, ...] · weight[o, d, u, v], over the channels d of
 * o's group and the elements (u, v) of the window. What lies outside of x counts as elements that are 0.
 *
 * @param out    [images, outputs, rows, columns]
 * @param x      [images, channels, height, width]
 * @param weight [outputs, channels / groups, kernel rows, kernel columns]
 * @param bias   [outputs], or null
 * @see torch.nn.functional.conv2d
 */
export const conv2d: KernelPair<
  [out: NDArray, x: NDArray, weight: NDArray, bias: NDArray | null, geometry: ConvGeometry]
> = kernelPair(() => ({
  name: "conv2d",
  js: convDirect,
  wasm: convFast,
  accepts: (out, x, weight, bias) => fits(out, x, weight) && (bias === null || bias.dtype === "float32"),
  pays: (out, _, weight) => products(out, weight) >= WORTH_TABLES,
  ulps: 32, // sums in single precision, of as many terms as a window has elements
}));

/**
 * The gradient of {@link conv2d} with respect to its input, which is also the transposed convolution of `grad`: the shape
 * of `out` says how large the input is.
 *
 * @param out    [images, channels, height, width]
 * @param grad   [images, outputs, rows, columns]
 * @param weight [outputs, channels / groups, kernel rows, kernel columns]
 * @see torch.nn.grad.conv2d_input
 */
export const conv2dGradInput: KernelPair<[out: NDArray, grad: NDArray, weight: NDArray, geometry: ConvGeometry]> =
  kernelPair(() => ({
    name: "conv2dGradInput",
    js: convDirectGradInput,
    wasm: convFastGradInput,
    accepts: (out, grad, weight) => fits(out, grad, weight),
    pays: (_, grad, weight) => products(grad, weight) >= WORTH_TABLES,
    ulps: 32,
  }));

/**
 * The gradient of {@link conv2d} with respect to its weight: the shape of `out` says how large the kernel is.
 *
 * @param out  [outputs, channels / groups, kernel rows, kernel columns]
 * @param grad [images, outputs, rows, columns]
 * @param x    [images, channels, height, width]
 * @see torch.nn.grad.conv2d_weight
 */
export const conv2dGradWeight: KernelPair<[out: NDArray, grad: NDArray, x: NDArray, geometry: ConvGeometry]> =
  kernelPair(() => ({
    name: "conv2dGradWeight",
    js: convDirectGradWeight,
    wasm: convFastGradWeight,
    accepts: (out, grad, x) => fits(out, grad, x),
    pays: (out, grad) => products(grad, out) >= WORTH_TABLES,
    ulps: 32,
  }));
