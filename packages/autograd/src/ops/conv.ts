import { fail } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { add } from "./arithmetic.ts";
import { type ConvGeometry, convolve, convolveBack } from "./convOp.ts";
import { pad } from "./pad.ts";
import { reshape, unsqueeze } from "./shape.ts";
import { type Both, imagesOf, lineOf, type One, type Pair, pairOf, signalsOf } from "./windowOptions.ts";

/** How a convolution of images is laid. */
export interface Conv2dOptions {
  /** Input elements from one window to the next. @defaultValue 1 */
  readonly stride?: Both;
  /** Zeros added on each side; "same": so many that the result has the size of the input; "valid": none. @defaultValue 0 */
  readonly padding?: Both | "same" | "valid";
  /** Input elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Both;
  /** Into how many independent parts the channels fall. @defaultValue 1 */
  readonly groups?: number;
}

/** How a convolution of signals is laid: {@link Conv2dOptions} in one direction. */
export interface Conv1dOptions {
  readonly stride?: One;
  readonly padding?: One | "same" | "valid";
  readonly dilation?: One;
  readonly groups?: number;
}

/**
 * Two-dimensional convolution (cross-correlation):
 * out[n, o, i, j] = bias[o] + Σ input[n, c, i·stride + u·dilation − padding, ...] · weight[o, c, u, v].
 *
 * @param input  [N, C, H, W] or [C, H, W]
 * @param weight [O, C / groups, kernel height, kernel width]
 * @param bias   [O]; null: none
 * @returns [N, O, H', W'] or [O, H', W'], H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.conv2d
 */
export function conv2d(input: Tensor, weight: Tensor, bias: Tensor | null = null, options: Conv2dOptions = {}): Tensor {
  const where = "conv2d";
  const { images, restore } = imagesOf(where, input);
  const { padded, geometry } = laid(where, images, weight, options);
  return restore(convolve(padded, weight, bias, geometry));
}

/**
 * One-dimensional convolution: {@link conv2d} of images of height 1.
 *
 * @param input  [N, C, L] or [C, L]
 * @param weight [O, C / groups, kernel]
 * @param bias   [O]; null: none
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.conv1d
 */
export function conv1d(input: Tensor, weight: Tensor, bias: Tensor | null = null, options: Conv1dOptions = {}): Tensor {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const { images, restore } = signalsOf("conv1d", input);
  const line = {
    stride: lineOf(stride, 1),
    padding: typeof padding === "string" ? padding : lineOf(padding, 0),
    dilation: lineOf(dilation, 1),
    groups,
  };
  return restore(conv2d(images, kernelRow("conv1d", weight), bias, line));
}

function kernelRow(where: string, weight: Tensor): Tensor {
  if (weight.ndim !== 3)
    fail("invalid_shape", where, "the weight must have three dimensions", { weight: weight.shape });
  return unsqueeze(weight, 2);
}

/** Checks the options, and carries out what "same" adds on one side only. */
function laid(
  where: string,
  images: Tensor,
  weight: Tensor,
  { stride = 1, padding = 0, dilation = 1, groups = 1 }: Conv2dOptions,
): { padded: Tensor; geometry: ConvGeometry } {
  checkGroups(where, groups);
  const steps = {
    stride: pairOf(where, "stride", stride, 1),
    dilation: pairOf(where, "dilation", dilation, 1),
    groups,
  };
  if (padding !== "same") {
    if (typeof padding === "string" && padding !== "valid") {
      fail("invalid_option", where, "unknown padding", { padding }, 'whole numbers, "same" or "valid"');
    }
    const border = pairOf(where, "padding", padding === "valid" ? 0 : padding, 0);
    return { padded: images, geometry: { ...steps, padding: border } };
  }
  if (steps.stride.some((step) => step !== 1)) {
    fail("invalid_option", where, 'padding "same" needs a stride of 1', { stride, padding });
  }
  const total = [0, 1].map((d) => steps.dilation[d]! * ((weight.shape[2 + d] ?? 1) - 1));
  const odd = total.map((n) => n % 2);
  // what cannot be shared out evenly comes after the end
  const padded = odd.some((n) => n > 0) ? pad(images, [0, odd[1]!, 0, odd[0]!]) : images;
  const half: Pair = [Math.floor(total[0]! / 2), Math.floor(total[1]! / 2)];
  return { padded, geometry: { ...steps, padding: half } };
}

function checkGroups(where: string, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1) {
    fail("invalid_option", where, "groups must be a whole number above 0", { groups });
  }
}

/** How a transposed convolution of images is laid: as the convolution whose input gradient it is. */
export interface ConvTranspose2dOptions {
  /** @defaultValue 1 */
  readonly stride?: Both;
  /** What is cut from each side of the result. @defaultValue 0 */
  readonly padding?: Both;
  /** Rows and columns added at the end of the result, fewer than the stride or the dilation. @defaultValue 0 */
  readonly outputPadding?: Both;
  /** @defaultValue 1 */
  readonly groups?: number;
  /** @defaultValue 1 */
  readonly dilation?: Both;
}

/** How a transposed convolution of signals is laid: {@link ConvTranspose2dOptions} in one direction. */
export interface ConvTranspose1dOptions {
  readonly stride?: One;
  readonly padding?: One;
  readonly outputPadding?: One;
  readonly groups?: number;
  readonly dilation?: One;
}

/**
 * Transposed two-dimensional convolution: the gradient of {@link conv2d} with respect to its input.
 *
 * @param input  [N, C, H, W] or [C, H, W]
 * @param weight [C, O / groups, kernel height, kernel width]
 * @param bias   [O]; null: none
 * @returns [N, O, H', W'] or [O, H', W'], H' = (H − 1)·stride − 2·padding + dilation·(kernel − 1) + outputPadding + 1
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.conv_transpose2d
 */
export function convTranspose2d(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  { stride = 1, padding = 0, outputPadding = 0, groups = 1, dilation = 1 }: ConvTranspose2dOptions = {},
): Tensor {
  const where = "convTranspose2d";
  checkGroups(where, groups);
  const geometry: ConvGeometry = {
    stride: pairOf(where, "stride", stride, 1),
    padding: pairOf(where, "padding", padding, 0),
    dilation: pairOf(where, "dilation", dilation, 1),
    groups,
  };
  const extra = pairOf(where, "outputPadding", outputPadding, 0);
  if ([0, 1].some((d) => extra[d]! >= Math.max(geometry.stride[d]!, geometry.dilation[d]!))) {
    const facts = { outputPadding, stride, dilation };
    fail("invalid_option", where, "outputPadding must be smaller than the stride or the dilation", facts);
  }
  if (weight.ndim !== 4) fail("invalid_shape", where, "the weight must have four dimensions", { weight: weight.shape });
  const { images, restore } = imagesOf(where, input);
  const size = [0, 1].map((d) => {
    const window = geometry.dilation[d]! * (weight.shape[2 + d]! - 1) + 1;
    return (images.shape[2 + d]! - 1) * geometry.stride[d]! - 2 * geometry.padding[d]! + window + extra[d]!;
  });
  if (size.some((n) => n < 1)) {
    fail("invalid_shape", where, "the result would be empty", { input: input.shape, result: size });
  }
  const outputs = weight.shape[1]! * groups;
  if (bias !== null && (bias.ndim !== 1 || bias.numel() !== outputs)) {
    const facts = { weight: weight.shape, bias: bias.shape, groups };
    fail("shape_mismatch", where, "the bias does not have one element for each output channel", facts);
  }
  const result = convolveBack(images, weight, { ...geometry, size: [size[0]!, size[1]!] }, where);
  return restore(bias === null ? result : add(result, reshape(bias, [outputs, 1, 1])));
}

/**
 * Transposed one-dimensional convolution: {@link convTranspose2d} of images of height 1.
 *
 * @param input  [N, C, L] or [C, L]
 * @param weight [C, O / groups, kernel]
 * @param bias   [O]; null: none
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.conv_transpose1d
 */
export function convTranspose1d(
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  { stride = 1, padding = 0, outputPadding = 0, groups = 1, dilation = 1 }: ConvTranspose1dOptions = {},
): Tensor {
  const { images, restore } = signalsOf("convTranspose1d", input);
  const line = {
    stride: lineOf(stride, 1),
    padding: lineOf(padding, 0),
    outputPadding: lineOf(outputPadding, 0),
    groups,
    dilation: lineOf(dilation, 1),
  };
  return restore(convTranspose2d(images, kernelRow("convTranspose1d", weight), bias, line));
}
