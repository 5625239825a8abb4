import type { NDArray } from "../ndarray.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { avgPoolFast, avgPoolFastBackward } from "./poolFast.ts";
import type { AvgPoolGeometry } from "./poolGeometry.ts";
import { adaptiveSpans, eachPlane, poolable, type Span, windowSpans } from "./poolPlane.ts";

/**
 * The mean of each window.
 *
 * @param out [images, channels, rows, columns]
 * @param x   [images, channels, height, width]
 * @see torch.nn.functional.avg_pool2d
 */
export const avgPool2d: KernelPair<[out: NDArray, x: NDArray, geometry: AvgPoolGeometry]> = kernelPair(() => ({
  name: "avgPool2d",
  js: (out, x, geometry) => {
    const down = windowSpans(out.shape[2]!, x.shape[2]!, 0, geometry);
    const across = windowSpans(out.shape[3]!, x.shape[3]!, 1, geometry);
    average(out, x, down, across, geometry.divisorOverride);
  },
  wasm: avgPoolFast,
  accepts: (out, x) => poolable(out, x),
  pays: (_, x) => x.size >= 512,
  ulps: 4, // sums in single precision
}));

/**
 * The gradient of {@link avgPool2d}: each element receives its share from every window that saw it.
 *
 * @param out  [images, channels, height, width]
 * @param grad [images, channels, rows, columns]
 */
export const avgPool2dBackward: KernelPair<[out: NDArray, grad: NDArray, geometry: AvgPoolGeometry]> = kernelPair(
  () => ({
    name: "avgPool2dBackward",
    js: (out, grad, geometry) => {
      const down = windowSpans(grad.shape[2]!, out.shape[2]!, 0, geometry);
      const across = windowSpans(grad.shape[3]!, out.shape[3]!, 1, geometry);
      share(out, grad, down, across, geometry.divisorOverride);
    },
    wasm: avgPoolFastBackward,
    accepts: (out, grad) => poolable(out, grad),
    pays: (out) => out.size >= 512,
    ulps: 4,
  }),
);

/**
 * Means of windows that are laid so that the result has the size of `out`: window i covers the elements from
 * ⌊i·size/count⌋ to ⌈(i + 1)·size/count⌉.
 *
 * @param out [images, channels, rows, columns]
 * @param x   [images, channels, height, width]
 * @see torch.nn.functional.adaptive_avg_pool2d
 */
export const adaptiveAvgPool2d: KernelPair<[out: NDArray, x: NDArray]> = kernelPair(() => ({
  name: "adaptiveAvgPool2d",
  js: (out, x) => {
    average(out, x, adaptiveSpans(out.shape[2]!, x.shape[2]!), adaptiveSpans(out.shape[3]!, x.shape[3]!), null);
  },
}));

/**
 * The gradient of {@link adaptiveAvgPool2d}.
 *
 * @param out  [images, channels, height, width]
 * @param grad [images, channels, rows, columns]
 */
export const adaptiveAvgPool2dBackward: KernelPair<[out: NDArray, grad: NDArray]> = kernelPair(() => ({
  name: "adaptiveAvgPool2dBackward",
  js: (out, grad) => {
    share(out, grad, adaptiveSpans(grad.shape[2]!, out.shape[2]!), adaptiveSpans(grad.shape[3]!, out.shape[3]!), null);
  },
}));

/**
 * The largest elements of the windows of {@link adaptiveAvgPool2d}, and where they were. The gradient is that of
 * `maxPool2d`: the indices mean the same.
 *
 * @param out     [images, channels, rows, columns]
 * @param indices int32, of the shape of `out`: the place in the input plane, row · width + column
 * @param x       [images, channels, height, width]
 * @see torch.nn.functional.adaptive_max_pool2d with return_indices=True
 */
export const adaptiveMaxPool2d: KernelPair<[out: NDArray, indices: NDArray, x: NDArray]> = kernelPair(() => ({
  name: "adaptiveMaxPool2d",
  js: (out, indices, x) => {
    const down = adaptiveSpans(out.shape[2]!, x.shape[2]!);
    const across = adaptiveSpans(out.shape[3]!, x.shape[3]!);
    const width = x.shape[3]!;
    const [to, at, from] = [out.data, indices.data, x.data];
    eachPlane(out, indices, x, (outPlane, indexPlane, plane) => {
      down.forEach((rows, i) => {
        across.forEach((columns, j) => {
          let best = Number.NEGATIVE_INFINITY;
          let place = rows.start * width + columns.start;
          for (let y = rows.start; y < rows.end; y++) {
            for (let z = columns.start; z < columns.end; z++) {
              const value = from[plane + y * x.stride[2]! + z * x.stride[3]!]!;
              if (value > best || Number.isNaN(value)) {
                best = value;
                place = y * width + z;
              }
            }
          }
          to[outPlane + i * out.stride[2]! + j * out.stride[3]!] = best;
          at[indexPlane + i * indices.stride[2]! + j * indices.stride[3]!] = place;
        });
      });
    });
  },
}));

function average(out: NDArray, x: NDArray, down: Span[], across: Span[], divisor: number | null): void {
  const [to, from] = [out.data, x.data];
  const [oh, ow] = [out.stride[2]!, out.stride[3]!];
  const [xh, xw] = [x.stride[2]!, x.stride[3]!];
  eachPlane(out, x, x, (outPlane, plane) => {
    for (let i = 0; i < down.length; i++) {
      const rows = down[i]!;
      for (let j = 0; j < across.length; j++) {
        const columns = across[j]!;
        let sum = 0;
        for (let y = rows.start; y < rows.end; y++) {
          for (let z = columns.start; z < columns.end; z++) sum += from[plane + y * xh + z * xw]!;
        }
        const empty = rows.start >= rows.end || columns.start >= columns.end;
        to[outPlane + i * oh + j * ow] = empty ? 0 : sum / (divisor ?? rows.counted * columns.counted);
      }
    }
  });
}

/** Which windows see an element: a stretch of them for each element. */
interface Seen {
  readonly from: Int32Array;
  readonly to: Int32Array;
}

/** For each of `size` elements, from the first window that ends behind it up to the first that starts behind it. */
function seenBy(spans: readonly Span[], size: number): Seen {
  const from = new Int32Array(size);
  const to = new Int32Array(size);
  let [first, last] = [0, 0];
  for (let y = 0; y < size; y++) {
    while (first < spans.length && spans[first]!.end <= y) first++;
    while (last < spans.length && spans[last]!.start <= y) last++;
    from[y] = first;
    to[y] = last;
  }
  return { from, to };
}

function share(out: NDArray, grad: NDArray, down: Span[], across: Span[], divisor: number | null): void {
  const [height, width] = [out.shape[2]!, out.shape[3]!];
  const [oh, ow] = [out.stride[2]!, out.stride[3]!];
  const [gh, gw] = [grad.stride[2]!, grad.stride[3]!];
  const columns = across.length;
  const parts = new Float64Array(down.length * columns);
  const counts = parts.map((_, k) => {
    return divisor ?? down[Math.floor(k / columns)]!.counted * across[k % columns]!.counted;
  });
  const row = new Float64Array(columns);
  const rowsAt = seenBy(down, height);
  const columnsAt = seenBy(across, width);
  const [to, from] = [out.data, grad.data];
  eachPlane(out, grad, grad, (outPlane, gradPlane) => {
    for (let i = 0, k = 0; i < down.length; i++) {
      for (let j = 0; j < columns; j++, k++) parts[k] = from[gradPlane + i * gh + j * gw]! / counts[k]!;
    }
    for (let y = 0; y < height; y++) {
      row.fill(0);
      for (let i = rowsAt.from[y]!; i < rowsAt.to[y]!; i++) {
        for (let j = 0, k = i * columns; j < columns; j++, k++) row[j]! += parts[k]!;
      }
      spread(row, columnsAt, to, outPlane + y * oh, ow);
    }
  });
}

/** Every element of a row gets the sum of what the windows that see it have for it. */
function spread(row: Float64Array, seen: Seen, to: NDArray["data"], start: number, step: number): void {
  const { from, to: until } = seen;
  for (let z = 0; z < from.length; z++) {
    let sum = 0;
    for (let j = from[z]!; j < until[z]!; j++) sum += row[j]!;
    to[start + z * step] = sum;
  }
}
