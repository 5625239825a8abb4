import { fail, k, type Shape } from "@tapegrad/tensor";
import type { Meta } from "../op.ts";
import { type Both, type Pair, pairOf } from "./windowOptions.ts";

/** How the windows of a pooling lie on its input. */
export interface Windows {
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
  readonly ceilMode: boolean;
}

/** The options that say so. */
export interface WindowOptions {
  readonly stride?: Both;
  readonly padding?: Both;
  readonly dilation?: Both;
  readonly ceilMode?: boolean;
}

/** Reads the options of a pooling. @throws TensorError `invalid_option` */
export function readWindows(
  where: string,
  kernelSize: Both,
  { stride = kernelSize, padding = 0, dilation = 1, ceilMode = false }: WindowOptions,
): Windows {
  const windows: Windows = {
    kernel: pairOf(where, "kernelSize", kernelSize, 1),
    stride: pairOf(where, "stride", stride, 1),
    padding: pairOf(where, "padding", padding, 0),
    dilation: pairOf(where, "dilation", dilation, 1),
    ceilMode,
  };
  const half = windows.kernel.map((size, d) => Math.floor((windows.dilation[d]! * (size - 1) + 1) / 2));
  if (windows.padding.some((n, d) => n > half[d]!)) {
    const facts = { padding: windows.padding, kernelSize: windows.kernel, dilation: windows.dilation };
    fail("invalid_option", where, "the padding is more than half of the window", facts);
  }
  return windows;
}

/** The shape that a pooling gives. @throws TensorError `invalid_shape` */
export function pooledShape(where: string, { shape, dtype }: Meta, windows: Windows): Shape {
  if (dtype === "bool") fail("invalid_dtype", where, "truth values cannot be pooled", { dtype });
  if (shape.slice(1).includes(0)) {
    fail("invalid_shape", where, "only the number of images may be 0", { input: shape });
  }
  const { kernel, stride, padding, dilation, ceilMode } = windows;
  const size = [0, 1].map((d) =>
    k.pooledSize(shape[2 + d]!, kernel[d]!, stride[d]!, padding[d]!, dilation[d]!, ceilMode),
  );
  if (size.some((n) => n < 1)) {
    const facts = { input: shape, kernelSize: kernel, stride, padding, dilation };
    fail("invalid_shape", where, "the window is larger than the padded input", facts);
  }
  return [...shape.slice(0, 2), ...size];
}

/** Rows and columns of the result of an adaptive pooling; null: as many as the input has. */
export type AdaptiveSize = readonly [rows: number | null, columns: number | null];

/** Reads the size of the result of an adaptive pooling. @throws TensorError `invalid_option` */
export function readSize(where: string, size: AdaptiveSize | number | null): AdaptiveSize {
  const both: AdaptiveSize = typeof size === "object" && size !== null ? [size[0], size[1]] : [size, size];
  if (both.some((n) => n !== null && !(Number.isInteger(n) && n >= 0))) {
    fail("invalid_option", where, "sizes must be whole numbers of at least 0, or null", { outputSize: size });
  }
  return both;
}

/** The shape that an adaptive pooling gives. @throws TensorError `invalid_shape` */
export function adaptiveShape(where: string, { shape }: Meta, size: AdaptiveSize): Shape {
  if (shape.slice(1).includes(0)) {
    fail("invalid_shape", where, "only the number of images may be 0", { input: shape });
  }
  return [...shape.slice(0, 2), size[0] ?? shape[2]!, size[1] ?? shape[3]!];
}
