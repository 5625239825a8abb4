import type { NDArray } from "../ndarray.ts";
import { launchable } from "../wasm/launch.ts";
import type { Layout } from "./gatherWalk.ts";
import type { AvgPoolGeometry } from "./poolGeometry.ts";

/** Visits the planes [n, c] of three arrays [images, channels, ...], of which the first says how many there are. */
export function eachPlane(
  a: Layout & { readonly shape: readonly number[] },
  b: Layout,
  c: Layout,
  visit: (a: number, b: number, c: number) => void,
): void {
  for (let n = 0; n < a.shape[0]!; n++) {
    for (let p = 0; p < a.shape[1]!; p++) {
      visit(
        a.offset + n * a.stride[0]! + p * a.stride[1]!,
        b.offset + n * b.stride[0]! + p * b.stride[1]!,
        c.offset + n * c.stride[0]! + p * c.stride[1]!,
      );
    }
  }
}

/** The first element of a window that starts at `start`, maybe in the padding, that is inside. */
export function firstInside(start: number, dilation: number): number {
  return start >= 0 ? start : start + Math.ceil(-start / dilation) * dilation;
}

/** The stretch of input that one row or column of windows covers, and how many elements it counts as. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly counted: number;
}

/** The spans of all windows along one direction (0: rows, 1: columns). */
export function windowSpans(count: number, size: number, direction: 0 | 1, geometry: AvgPoolGeometry): Span[] {
  const [kernel, stride, padding] = [
    geometry.kernel[direction],
    geometry.stride[direction],
    geometry.padding[direction],
  ];
  return Array.from({ length: count }, (_, i) => {
    const from = i * stride - padding;
    const to = Math.min(from + kernel, size + padding);
    const [start, end] = [Math.max(from, 0), Math.min(to, size)];
    return { start, end, counted: geometry.countIncludePad ? to - from : end - start };
  });
}

/** The spans of an adaptive pooling: from ⌊i·size/count⌋ to ⌈(i + 1)·size/count⌉. */
export function adaptiveSpans(count: number, size: number): Span[] {
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * size) / count);
    const end = Math.ceil(((i + 1) * size) / count);
    return { start, end, counted: end - start };
  });
}

/** Whether the fast forms take these: float32, not empty, not enormous. */
export function poolable(...arrays: readonly NDArray[]): boolean {
  return arrays.every(({ dtype, size }) => dtype === "float32" && size > 0) && launchable(...arrays);
}
