/** A number for the vertical direction and one for the horizontal. */
export type Pair = readonly [vertical: number, horizontal: number];

/** How a convolution's windows lie on its input. */
export interface ConvGeometry {
  /** Input elements from one window to the next. */
  readonly stride: Pair;
  /** Zeros added on each side. */
  readonly padding: Pair;
  /** Input elements from one element of a window to the next. */
  readonly dilation: Pair;
  /** Into how many independent parts the channels fall. */
  readonly groups: number;
}

/** How many windows fit into `size` elements: ⌊(size + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1. */
export function convolvedSize(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  return Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1;
}
