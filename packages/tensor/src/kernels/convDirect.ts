import type { NDArray } from "../ndarray.ts";
import type { ConvGeometry } from "./convGeometry.ts";

// What lies outside of an array counts as an element that is 0, and is multiplied: 0 times infinity is NaN here, too.

type Four = readonly [number, number, number, number];
type Elements = ArrayLike<number>;

/** Strides by name: of images, channels, rows, columns. */
function stridesOf({ stride }: NDArray): Four {
  return [stride[0]!, stride[1]!, stride[2]!, stride[3]!];
}

/** The first `count` numbers n ≥ 0 for which n · step + start lies in 0 ... size − 1: from which, and up to which. */
function inside(count: number, size: number, step: number, start: number): readonly [from: number, to: number] {
  const from = Math.min(count, Math.max(0, Math.ceil(-start / step)));
  return [from, Math.max(from, Math.min(count, Math.ceil((size - start) / step)))];
}

/** sums[at + n · gap] += factor · source[start + n · step] for n below `count`; outside of from ... to − 1 the source is 0. */
function addRow(
  sums: Float64Array,
  at: number,
  gap: number,
  count: number,
  source: Elements,
  start: number,
  step: number,
  [from, to]: readonly [number, number],
  factor: number,
): void {
  for (let n = from, s = start + from * step, t = at + from * gap; n < to; n++, s += step, t += gap) {
    sums[t] = sums[t]! + factor * source[s]!;
  }
  if (factor * 0 === 0) return;
  for (let n = 0; n < count; n++) if (n < from || n >= to) sums[at + n * gap] = Number.NaN;
}

/** Σ a[n] · b[n] for n below `count`; outside of from ... to − 1 b is 0. */
function dotRow(
  count: number,
  a: Elements,
  aStart: number,
  aStep: number,
  b: Elements,
  bStart: number,
  bStep: number,
  [from, to]: readonly [number, number],
): number {
  let sum = 0;
  for (let n = 0; n < from; n++) sum += a[aStart + n * aStep]! * 0;
  for (let n = from, i = aStart + from * aStep, j = bStart + from * bStep; n < to; n++, i += aStep, j += bStep) {
    sum += a[i]! * b[j]!;
  }
  for (let n = to; n < count; n++) sum += a[aStart + n * aStep]! * 0;
  return sum;
}

const NOWHERE = [0, 0] as const;

/** The definition of conv2d: every sum in double precision, rounded once. */
export function convDirect(
  out: NDArray,
  x: NDArray,
  weight: NDArray,
  bias: NDArray | null,
  geometry: ConvGeometry,
): void {
  const [images, channels, rows, columns] = out.shape as Four;
  const [, , height, width] = x.shape as Four;
  const [, depth, kernelRows, kernelColumns] = weight.shape as Four;
  const { stride, padding, dilation, groups } = geometry;
  const [xn, xc, xh, xw] = stridesOf(x);
  const [wo, wi, wh, ww] = stridesOf(weight);
  const [on, oc, oh, ow] = stridesOf(out);
  const [xs, ws, os] = [x.data, weight.data, out.data];
  const perGroup = channels / groups;
  const shifts = Array.from({ length: kernelColumns }, (_, v) => v * dilation[1] - padding[1]);
  const ranges = shifts.map((shift) => inside(columns, width, stride[1], shift));
  const sums = new Float64Array(columns);
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / perGroup) * depth;
      const start = bias === null ? 0 : bias.data[bias.offset + c * bias.stride[0]!]!;
      for (let i = 0; i < rows; i++) {
        sums.fill(0);
        for (let d = 0; d < depth; d++) {
          for (let u = 0; u < kernelRows; u++) {
            const y = i * stride[0] - padding[0] + u * dilation[0];
            const row = x.offset + n * xn + (first + d) * xc + y * xh;
            for (let v = 0; v < kernelColumns; v++) {
              const range = y >= 0 && y < height ? ranges[v]! : NOWHERE;
              const factor = ws[weight.offset + c * wo + d * wi + u * wh + v * ww]!;
              addRow(sums, 0, 1, columns, xs, row + shifts[v]! * xw, stride[1] * xw, range, factor);
            }
          }
        }
        const goal = out.offset + n * on + c * oc + i * oh;
        for (let j = 0; j < columns; j++) os[goal + j * ow] = sums[j]! + start;
      }
    }
  }
}

/** The definition of conv2d's gradient with respect to its input; it sums over the windows that saw each element. */
export function convDirectGradInput(out: NDArray, grad: NDArray, weight: NDArray, geometry: ConvGeometry): void {
  const [images, channels, height, width] = out.shape as Four;
  const [, outputs, rows, columns] = grad.shape as Four;
  const [, depth, kernelRows, kernelColumns] = weight.shape as Four;
  const { stride, padding, dilation, groups } = geometry;
  const [gn, gc, gh, gw] = stridesOf(grad);
  const [wo, wi, wh, ww] = stridesOf(weight);
  const [on, oc, oh, ow] = stridesOf(out);
  const [gs, ws, os] = [grad.data, weight.data, out.data];
  const perGroup = outputs / groups;
  // element v of a window sees every stride-th column, beginning with the first; it is then element v of window `window`
  const seen = Array.from({ length: kernelColumns }, (_, v) => {
    const shift = padding[1] - v * dilation[1];
    const first = ((-shift % stride[1]) + stride[1]) % stride[1];
    const count = Math.max(0, Math.ceil((width - first) / stride[1]));
    const window = (first + shift) / stride[1];
    return { first, count, window, range: inside(count, columns, 1, window) };
  });
  const sums = new Float64Array(width);
  for (let n = 0; n < images; n++) {
    for (let c = 0; c < channels; c++) {
      const first = Math.floor(c / depth) * perGroup;
      for (let y = 0; y < height; y++) {
        sums.fill(0);
        for (let o = first; o < first + perGroup; o++) {
          for (let u = 0; u < kernelRows; u++) {
            const i = (y + padding[0] - u * dilation[0]) / stride[0];
            if (!Number.isInteger(i)) continue;
            const row = grad.offset + n * gn + o * gc + i * gh;
            for (let v = 0; v < kernelColumns; v++) {
              const { first: at, count, window, range } = seen[v]!;
              const some = i >= 0 && i < rows ? range : NOWHERE;
              const factor = ws[weight.offset + o * wo + (c % depth) * wi + u * wh + v * ww]!;
              addRow(sums, at, stride[1], count, gs, row + window * gw, gw, some, factor);
            }
          }
        }
        const goal = out.offset + n * on + c * oc + y * oh;
        for (let z = 0; z < width; z++) os[goal + z * ow] = sums[z]!;
      }
    }
  }
}

/** The definition of conv2d's gradient with respect to its weight; it sums over all windows of all images. */
export function convDirectGradWeight(out: NDArray, grad: NDArray, x: NDArray, geometry: ConvGeometry): void {
  const [outputs, depth, kernelRows, kernelColumns] = out.shape as Four;
  const [images, , rows, columns] = grad.shape as Four;
  const [, , height, width] = x.shape as Four;
  const { stride, padding, dilation, groups } = geometry;
  const [gn, gc, gh, gw] = stridesOf(grad);
  const [xn, xc, xh, xw] = stridesOf(x);
  const [oo, oi, oh, ow] = stridesOf(out);
  const [gs, xs] = [grad.data, x.data];
  const perGroup = outputs / groups;
  for (let o = 0; o < outputs; o++) {
    for (let d = 0; d < depth; d++) {
      const channel = Math.floor(o / perGroup) * depth + d;
      for (let u = 0; u < kernelRows; u++) {
        for (let v = 0; v < kernelColumns; v++) {
          const shift = v * dilation[1] - padding[1];
          const range = inside(columns, width, stride[1], shift);
          let sum = 0;
          for (let n = 0; n < images; n++) {
            for (let i = 0; i < rows; i++) {
              const y = i * stride[0] - padding[0] + u * dilation[0];
              const some = y >= 0 && y < height ? range : NOWHERE;
              const from = grad.offset + n * gn + o * gc + i * gh;
              const row = x.offset + n * xn + channel * xc + y * xh + shift * xw;
              sum += dotRow(columns, gs, from, gw, xs, row, stride[1] * xw, some);
            }
          }
          out.data[out.offset + o * oo + d * oi + u * oh + v * ow] = sum;
        }
      }
    }
  }
}
