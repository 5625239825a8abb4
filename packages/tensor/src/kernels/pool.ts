import type { NDArray } from "../ndarray.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { maxPoolFast, maxPoolFastBackward } from "./poolFast.ts";
import type { MaxPoolGeometry } from "./poolGeometry.ts";
import { eachPlane, firstInside, poolable } from "./poolPlane.ts";

/**
 * The largest element of each window, and where it was. NaN beats everything; among equals the first in row-major order
 * wins, among NaN the last, as in torch. A window with nothing inside of the input, which padding and dilation can bring about,
 * gives minus infinity and names the nearest element, where torch names a place outside.
 *
 * @param out     [images, channels, rows, columns]
 * @param indices int32, of the shape of `out`: the place in the input plane, row · width + column
 * @param x       [images, channels, height, width]
 * @see torch.nn.functional.max_pool2d with return_indices=True
 */
export const maxPool2d: KernelPair<[out: NDArray, indices: NDArray, x: NDArray, geometry: MaxPoolGeometry]> =
  kernelPair(() => ({
    name: "maxPool2d",
    js: (out, indices, x, { kernel, stride, padding, dilation }) => {
      const [, , rows, columns] = out.shape as [number, number, number, number];
      const [, , height, width] = x.shape as [number, number, number, number];
      const [oh, ow] = [out.stride[2]!, out.stride[3]!];
      const [ih, iw] = [indices.stride[2]!, indices.stride[3]!];
      const [xh, xw] = [x.stride[2]!, x.stride[3]!];
      const [to, at, from] = [out.data, indices.data, x.data];
      eachPlane(out, indices, x, (outPlane, indexPlane, plane) => {
        for (let i = 0; i < rows; i++) {
          const top = firstInside(i * stride[0] - padding[0], dilation[0]);
          const bottom = Math.min(i * stride[0] - padding[0] + (kernel[0] - 1) * dilation[0] + 1, height);
          for (let j = 0; j < columns; j++) {
            const left = firstInside(j * stride[1] - padding[1], dilation[1]);
            const right = Math.min(j * stride[1] - padding[1] + (kernel[1] - 1) * dilation[1] + 1, width);
            let best = Number.NEGATIVE_INFINITY;
            let place = Math.min(top, height - 1) * width + Math.min(left, width - 1);
            for (let y = top; y < bottom; y += dilation[0]) {
              for (let z = left; z < right; z += dilation[1]) {
                const value = from[plane + y * xh + z * xw]!;
                if (value > best || Number.isNaN(value)) {
                  best = value;
                  place = y * width + z;
                }
              }
            }
            to[outPlane + i * oh + j * ow] = best;
            at[indexPlane + i * ih + j * iw] = place;
          }
        }
      });
    },
    wasm: maxPoolFast,
    accepts: (out, indices, x) => poolable(out, x) && indices.dtype === "int32",
    pays: (_out, _indices, x) => x.size >= 512,
  }));

/**
 * The gradient of a max pooling: `out` is zero but where an element was chosen, where it is the sum of the gradients of the
 * windows that chose it.
 *
 * @param out     [images, channels, height, width]
 * @param grad    [images, channels, rows, columns]
 * @param indices int32, of the shape of `grad`, as {@link maxPool2d} wrote them
 */
export const maxPool2dBackward: KernelPair<[out: NDArray, grad: NDArray, indices: NDArray]> = kernelPair(() => ({
  name: "maxPool2dBackward",
  js: (out, grad, indices) => {
    const [, , rows, columns] = grad.shape as [number, number, number, number];
    const [, , height, width] = out.shape as [number, number, number, number];
    const [oh, ow] = [out.stride[2]!, out.stride[3]!];
    const [gh, gw] = [grad.stride[2]!, grad.stride[3]!];
    const [ih, iw] = [indices.stride[2]!, indices.stride[3]!];
    const [to, from, at] = [out.data, grad.data, indices.data];
    if (out.isContiguous && grad.isContiguous && indices.isContiguous) {
      to.fill(0, out.offset, out.offset + out.size);
      const count = rows * columns;
      eachPlane(out, grad, indices, (outPlane, gradPlane, indexPlane) => {
        addAt(to, outPlane, at, indexPlane, from, gradPlane, count);
      });
      return;
    }
    eachPlane(out, grad, indices, (outPlane, gradPlane, indexPlane) => {
      for (let y = 0; y < height; y++) for (let z = 0; z < width; z++) to[outPlane + y * oh + z * ow] = 0;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const place = at[indexPlane + i * ih + j * iw]!;
          const t = outPlane + Math.floor(place / width) * oh + (place % width) * ow;
          to[t] = to[t]! + from[gradPlane + i * gh + j * gw]!;
        }
      }
    });
  },
  wasm: maxPoolFastBackward,
  accepts: (out, grad, indices) => poolable(out, grad) && indices.dtype === "int32",
  pays: (out) => out.size >= 512,
}));

/** to[places[k]] += from[k], for a run of neighbours. */
function addAt(
  to: NDArray["data"],
  start: number,
  places: NDArray["data"],
  placesStart: number,
  from: NDArray["data"],
  fromStart: number,
  count: number,
): void {
  for (let k = 0; k < count; k++) {
    const t = start + places[placesStart + k]!;
    to[t] = to[t]! + from[fromStart + k]!;
  }
}

/**
 * What the windows of a max pooling chose, from another array of the input's shape: `out` is `source` at `indices`. It is
 * the pooling's derivative in a direction, and the gradient of {@link maxPool2dBackward}.
 *
 * @param out     [images, channels, rows, columns]
 * @param source  [images, channels, height, width]
 * @param indices int32, of the shape of `out`, as {@link maxPool2d} wrote them
 */
export const maxPool2dGather: KernelPair<[out: NDArray, source: NDArray, indices: NDArray]> = kernelPair(() => ({
  name: "maxPool2dGather",
  js: (out, source, indices) => {
    const [, , rows, columns] = out.shape as [number, number, number, number];
    const width = source.shape[3]!;
    const [oh, ow] = [out.stride[2]!, out.stride[3]!];
    const [sh, sw] = [source.stride[2]!, source.stride[3]!];
    const [ih, iw] = [indices.stride[2]!, indices.stride[3]!];
    const [to, from, at] = [out.data, source.data, indices.data];
    const dense = sw === 1 && sh === width;
    eachPlane(out, source, indices, (outPlane, plane, indexPlane) => {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const place = at[indexPlane + i * ih + j * iw]!;
          const s = plane + (dense ? place : Math.floor(place / width) * sh + (place % width) * sw);
          to[outPlane + i * oh + j * ow] = from[s]!;
        }
      }
    });
  },
}));
