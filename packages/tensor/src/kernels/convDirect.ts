import type { NDArray } from "../ndarray.ts";
import type { ConvGeometry } from "./convGeometry.ts";

// What lies outside of an array counts as an element that is 0, and is multiplied: 0 times infinity is NaN here, too.

/** Four strides by name: of images, channels, rows, columns. */
function stridesOf({ stride }: NDArray): readonly [number, number, number, number] {
  return [stride[0]!, stride[1]!, stride[2]!, stride[3]!];
}

/** The definition of conv2d: every sum in double precision, rounded once. */
export function convDirect(
  out: NDArray,
  x: NDArray,
  weight: NDArray,
  bias: NDArray | null,
  geometry: ConvGeometry,
): void {
  const [images, channels, rows, columns] = out.shape as [number, number, number, number];
  const [, , height, width] = x.shape as [number, number, number, number];
  const [, depth, kernelRows, kernelColumns] = weight.shape as [number, number, number, number];
  const { stride, padding, dilation, groups } = geometry;
  const [xn, xc, xh, xw] = stridesOf(x);
  const [wo, wi, wh, ww] = stridesOf(weight);
  const [on, oc, oh, ow] = stridesOf(out);
  const [xs, ws, os] = [x.data, weight.data, out.data];
  const perGroup = channels / groups;
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / perGroup) * depth;
      const start = bias === null ? 0 : bias.data[bias.offset + c * bias.stride[0]!]!;
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          let sum = 0;
          for (let d = 0; d < depth; d++) {
            const plane = x.offset + n * xn + (first + d) * xc;
            const taps = weight.offset + c * wo + d * wi;
            for (let u = 0; u < kernelRows; u++) {
              const y = i * stride[0] - padding[0] + u * dilation[0];
              for (let v = 0; v < kernelColumns; v++) {
                const z = j * stride[1] - padding[1] + v * dilation[1];
                const inside = y >= 0 && y < height && z >= 0 && z < width;
                sum += (inside ? xs[plane + y * xh + z * xw]! : 0) * ws[taps + u * wh + v * ww]!;
              }
            }
          }
          os[out.offset + n * on + c * oc + i * oh + j * ow] = sum + start;
        }
      }
    }
  }
}

/** The definition of conv2d's gradient with respect to its input; it sums over the windows that saw each element. */
export function convDirectGradInput(out: NDArray, grad: NDArray, weight: NDArray, geometry: ConvGeometry): void {
  const [images, channels, height, width] = out.shape as [number, number, number, number];
  const [, outputs, rows, columns] = grad.shape as [number, number, number, number];
  const [, depth, kernelRows, kernelColumns] = weight.shape as [number, number, number, number];
  const { stride, padding, dilation, groups } = geometry;
  const [gn, gc, gh, gw] = stridesOf(grad);
  const [wo, wi, wh, ww] = stridesOf(weight);
  const [on, oc, oh, ow] = stridesOf(out);
  const [gs, ws, os] = [grad.data, weight.data, out.data];
  const perGroup = outputs / groups;
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / depth) * perGroup;
      for (let y = 0; y < height; y++) {
        for (let z = 0; z < width; z++) {
          let sum = 0;
          for (let o = first; o < first + perGroup; o++) {
            const plane = grad.offset + n * gn + o * gc;
            const taps = weight.offset + o * wo + (c % depth) * wi;
            for (let u = 0; u < kernelRows; u++) {
              const i = (y + padding[0] - u * dilation[0]) / stride[0];
              if (!Number.isInteger(i)) continue;
              for (let v = 0; v < kernelColumns; v++) {
                const j = (z + padding[1] - v * dilation[1]) / stride[1];
                if (!Number.isInteger(j)) continue;
                const inside = i >= 0 && i < rows && j >= 0 && j < columns;
                sum += (inside ? gs[plane + i * gh + j * gw]! : 0) * ws[taps + u * wh + v * ww]!;
              }
            }
          }
          os[out.offset + n * on + c * oc + y * oh + z * ow] = sum;
        }
      }
    }
  }
}

/** The definition of conv2d's gradient with respect to its weight; it sums over all windows of all images. */
export function convDirectGradWeight(out: NDArray, grad: NDArray, x: NDArray, geometry: ConvGeometry): void {
  const [outputs, depth, kernelRows, kernelColumns] = out.shape as [number, number, number, number];
  const [images, , rows, columns] = grad.shape as [number, number, number, number];
  const [, , height, width] = x.shape as [number, number, number, number];
  const { stride, padding, dilation, groups } = geometry;
  const [gn, gc, gh, gw] = stridesOf(grad);
  const [xn, xc, xh, xw] = stridesOf(x);
  const [oo, oi, oh, ow] = stridesOf(out);
  const [gs, xs, os] = [grad.data, x.data, out.data];
  const perGroup = outputs / groups;
  for (let o = 0; o < outputs; o++) {
    for (let d = 0; d < depth; d++) {
      const channel = Math.floor(o / perGroup) * depth + d;
      for (let u = 0; u < kernelRows; u++) {
        for (let v = 0; v < kernelColumns; v++) {
          let sum = 0;
          for (let n = 0; n < images; n++) {
            const seen = x.offset + n * xn + channel * xc;
            const plane = grad.offset + n * gn + o * gc;
            for (let i = 0; i < rows; i++) {
              const y = i * stride[0] - padding[0] + u * dilation[0];
              for (let j = 0; j < columns; j++) {
                const z = j * stride[1] - padding[1] + v * dilation[1];
                const inside = y >= 0 && y < height && z >= 0 && z < width;
                sum += gs[plane + i * gh + j * gw]! * (inside ? xs[seen + y * xh + z * xw]! : 0);
              }
            }
          }
          os[out.offset + o * oo + d * oi + u * oh + v * ow] = sum;
        }
      }
    }
  }
}
