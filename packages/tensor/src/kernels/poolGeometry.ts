import type { Pair } from "./convGeometry.ts";

/** How the windows of a pooling lie on its input. The shape of the result has already said how many there are. */
export interface MaxPoolGeometry {
  /** Rows and columns of a window. */
  readonly kernel: Pair;
  /** Input elements from one window to the next. */
  readonly stride: Pair;
  /** Elements added on each side: minus infinity. At most half of the window. */
  readonly padding: Pair;
  /** Input elements from one element of a window to the next. */
  readonly dilation: Pair;
}

/** How the windows of an average pooling lie, and by what their sums are divided. */
export interface AvgPoolGeometry {
  /** Rows and columns of a window. */
  readonly kernel: Pair;
  /** Input elements from one window to the next. */
  readonly stride: Pair;
  /** Zeros added on each side. At most half of the window. */
  readonly padding: Pair;
  /** Whether the padding counts as elements that are averaged; what `ceilMode` adds beyond it never does. */
  readonly countIncludePad: boolean;
  /** What to divide by instead of the number of elements; null: that number. */
  readonly divisorOverride: number | null;
}

/**
 * How many windows a pooling has along one direction, as torch counts them: ⌊(size + 2·padding − dilation·(kernel − 1) − 1)
 * / stride⌋ + 1, or with ⌈ ⌉, but then without a last window that would start in the padding behind the end.
 */
export function pooledSize(
  size: number,
  kernel: number,
  stride: number,
  padding: number,
  dilation: number,
  ceilMode: boolean,
): number {
  const steps = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride;
  const count = (ceilMode ? Math.ceil(steps) : Math.floor(steps)) + 1;
  return ceilMode && (count - 1) * stride >= size + padding ? count - 1 : count;
}
