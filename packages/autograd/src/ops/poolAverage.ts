import { fail, isFloating, k } from "@tapegrad/tensor";
import { defineOp, type Meta, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { type AdaptiveSize, adaptiveShape, pooledShape, readSize, readWindows, type Windows } from "./poolWindows.ts";
import { type Both, imagesOf, lineOf, type One, type Pair, signalsOf } from "./windowOptions.ts";

interface Averaging extends Windows {
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;
}

function checkFloating(where: string, { dtype }: Meta): void {
  if (isFloating(dtype)) return;
  fail("invalid_dtype", where, "the mean of integers is not an integer", { dtype }, "convert the input with .float()");
}

const sizeOfImages = ({ shape }: Meta): Pair => [shape[2]!, shape[3]!];

type Average = (images: Tensor, averaging: Averaging) => Tensor;

const average: Op<Average> = defineOp<[Tensor], Averaging, Average>(
  () => ({
    name: "avgPool2d",
    infer: ([input], attrs) => {
      checkFloating("avgPool2d", input);
      return { shape: pooledShape("avgPool2d", input, attrs), dtype: input.dtype };
    },
    forward: (out, [input], attrs) => k.avgPool2d(out, input, attrs),
    backward: [(ctx) => averageBackward(ctx.grad, ctx.attrs, sizeOfImages(ctx.inputMeta(0)))],
  }),
  (apply) => (images, averaging) => apply([images], averaging),
);

type Share = (grad: Tensor, averaging: Averaging, size: Pair) => Tensor;

/** Each element's share of the means of the windows that saw it. */
const averageBackward: Op<Share> = defineOp<[Tensor], Averaging & { size: Pair }, Share>(
  () => ({
    name: "avgPool2dBackward",
    infer: ([{ shape, dtype }], { size }) => ({ shape: [...shape.slice(0, 2), ...size], dtype }),
    forward: (out, [grad], attrs) => k.avgPool2dBackward(out, grad, attrs),
    backward: [({ grad, attrs: { size: _, ...averaging } }) => average(grad, averaging)],
  }),
  (apply) => (grad, averaging, size) => apply([grad], { ...averaging, size }),
);

/** How the windows of an average pooling of images lie, and by what their sums are divided. */
export interface AvgPool2dOptions {
  /** Input elements from one window to the next. @defaultValue the size of the window */
  readonly stride?: Both;
  /** Zeros added on each side, at most half of the window. @defaultValue 0 */
  readonly padding?: Both;
  /** Whether a last window may reach over the end; what it reaches there does not count. @defaultValue false */
  readonly ceilMode?: boolean;
  /** Whether the padding counts as elements. @defaultValue true */
  readonly countIncludePad?: boolean;
  /** What to divide by instead of the number of elements; not 0. @defaultValue null */
  readonly divisorOverride?: number | null;
}

/** How the windows of an average pooling of signals lie: {@link AvgPool2dOptions} in one direction. */
export interface AvgPool1dOptions {
  readonly stride?: One;
  readonly padding?: One;
  readonly ceilMode?: boolean;
  readonly countIncludePad?: boolean;
}

/**
 * The mean of each window.
 *
 * @param input      floating-point, [N, C, H, W] or [C, H, W]
 * @param kernelSize rows and columns of a window
 * @returns [N, C, H', W'] or [C, H', W'], H' = ⌊(H + 2·padding − kernel) / stride⌋ + 1
 * @throws TensorError `invalid_shape` | `invalid_option` | `invalid_dtype`
 * @see torch.nn.functional.avg_pool2d
 */
export function avgPool2d(input: Tensor, kernelSize: Both, options: AvgPool2dOptions = {}): Tensor {
  const where = "avgPool2d";
  const { countIncludePad = true, divisorOverride = null } = options;
  if (divisorOverride === 0) fail("invalid_option", where, "the divisor must not be 0", { divisorOverride });
  const { images, restore } = imagesOf(where, input);
  const windows = readWindows(where, kernelSize, options);
  return restore(average(images, { ...windows, countIncludePad, divisorOverride }));
}

/** The mean of each window of signals [N, C, L] or [C, L]: {@link avgPool2d} in one direction (torch.avg_pool1d). */
export function avgPool1d(
  input: Tensor,
  kernelSize: One,
  { stride = kernelSize, padding = 0, ceilMode = false, countIncludePad = true }: AvgPool1dOptions = {},
): Tensor {
  const where = "avgPool1d";
  const { images, restore } = signalsOf(where, input);
  const line = { stride: lineOf(stride, 1), padding: lineOf(padding, 0), ceilMode };
  const windows = readWindows(where, lineOf(kernelSize, 1), line);
  return restore(average(images, { ...windows, countIncludePad, divisorOverride: null }));
}

type Adaptive = (images: Tensor, size: AdaptiveSize) => Tensor;

const adaptiveAverage: Op<Adaptive> = defineOp<[Tensor], { size: AdaptiveSize }, Adaptive>(
  () => ({
    name: "adaptiveAvgPool2d",
    infer: ([input], { size }) => {
      checkFloating("adaptiveAvgPool2d", input);
      return { shape: adaptiveShape("adaptiveAvgPool2d", input, size), dtype: input.dtype };
    },
    forward: (out, [input]) => k.adaptiveAvgPool2d(out, input),
    backward: [(ctx) => adaptiveBackward(ctx.grad, sizeOfImages(ctx.inputMeta(0)))],
  }),
  (apply) => (images, size) => apply([images], { size }),
);

const adaptiveBackward: Op<Adaptive> = defineOp<[Tensor], { size: AdaptiveSize }, Adaptive>(
  () => ({
    name: "adaptiveAvgPool2dBackward",
    infer: ([{ shape, dtype }], { size }) => ({ shape: [...shape.slice(0, 2), size[0]!, size[1]!], dtype }),
    forward: (out, [grad]) => k.adaptiveAvgPool2dBackward(out, grad),
    backward: [(ctx) => adaptiveAverage(ctx.grad, sizeOfImages(ctx.inputMeta(0)))],
  }),
  (apply) => (grad, size) => apply([grad], { size }),
);

/**
 * The means of as many windows as the result is to have: window i covers ⌊i·H/H'⌋ to ⌈(i + 1)·H/H'⌉.
 *
 * @param input      floating-point, [N, C, H, W] or [C, H, W]
 * @param outputSize H' and W'; null keeps a size
 * @throws TensorError `invalid_shape` | `invalid_option` | `invalid_dtype`
 * @see torch.nn.functional.adaptive_avg_pool2d
 */
export function adaptiveAvgPool2d(input: Tensor, outputSize: AdaptiveSize | number | null): Tensor {
  const where = "adaptiveAvgPool2d";
  const { images, restore } = imagesOf(where, input);
  return restore(adaptiveAverage(images, readSize(where, outputSize)));
}

/** {@link adaptiveAvgPool2d} for signals [N, C, L] or [C, L] (torch.adaptive_avg_pool1d). */
export function adaptiveAvgPool1d(input: Tensor, outputSize: One): Tensor {
  const where = "adaptiveAvgPool1d";
  const { images, restore } = signalsOf(where, input);
  return restore(adaptiveAverage(images, readSize(where, lineOf(outputSize, 1))));
}
