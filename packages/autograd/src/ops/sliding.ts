import { fail, k, type Shape } from "@tapegrad/tensor";
import { scalar } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { indexAdd, indexSelect } from "./indexSelect.ts";
import { pad } from "./pad.ts";
import { expand, reshape, squeeze, unsqueeze } from "./shape.ts";
import { type Both, imagesOf, type Pair, pairOf } from "./windowOptions.ts";

/** How windows lie on images. */
export interface SlidingOptions {
  /** Input elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Both;
  /** Zeros added on each side. @defaultValue 0 */
  readonly padding?: Both;
  /** Input elements from one window to the next. @defaultValue 1 */
  readonly stride?: Both;
}

interface Laid {
  readonly padding: Pair;
  /** Rows and columns with the padding. */
  readonly size: Pair;
  /** Elements of a window, and windows. */
  readonly area: number;
  readonly count: number;
  /** The place in the padded plane of every element of every window. */
  readonly places: Int32Array;
}

/** Works out where the windows lie on images of the given size. */
function lay(where: string, [height, width]: Pair, kernelSize: Both, options: SlidingOptions): Laid {
  const kernel = pairOf(where, "kernelSize", kernelSize, 1);
  const dilation = pairOf(where, "dilation", options.dilation ?? 1, 1);
  const padding = pairOf(where, "padding", options.padding ?? 0, 0);
  const stride = pairOf(where, "stride", options.stride ?? 1, 1);
  const counts = [height, width].map((n, d) => k.convolvedSize(n, kernel[d]!, stride[d]!, padding[d]!, dilation[d]!));
  const [down, across] = counts as [number, number];
  if (down < 1 || across < 1) {
    const facts = { image: [height, width], kernelSize, dilation, padding, stride };
    fail("invalid_shape", where, "the window is larger than the padded image", facts);
  }
  const columns = width + 2 * padding[1];
  const places: number[] = [];
  for (let u = 0; u < kernel[0]; u++) {
    for (let v = 0; v < kernel[1]; v++) {
      for (let i = 0; i < down; i++) {
        for (let j = 0; j < across; j++) {
          places.push((i * stride[0] + u * dilation[0]) * columns + j * stride[1] + v * dilation[1]);
        }
      }
    }
  }
  return {
    padding,
    size: [height + 2 * padding[0], columns],
    area: kernel[0] * kernel[1],
    count: down * across,
    places: Int32Array.from(places),
  };
}

/**
 * The windows of images as columns: column l holds the elements of window l, channel by channel.
 *
 * @param input      [N, C, H, W] or [C, H, W]
 * @param kernelSize rows and columns of a window
 * @returns [N, C · elements of a window, windows], or without N
 * @throws TensorError `invalid_shape` | `invalid_option`
 * @see torch.nn.functional.unfold
 */
export function im2col(input: Tensor, kernelSize: Both, options: SlidingOptions = {}): Tensor {
  const where = "im2col";
  const { images, restore } = imagesOf(where, input);
  const [n, channels, height, width] = images.shape as [number, number, number, number];
  const { padding, area, count, places } = lay(where, [height, width], kernelSize, options);
  const padded = pad(images, [padding[1], padding[1], padding[0], padding[0]]);
  const picked = indexSelect(reshape(padded, [n, channels, padded.shape[2]! * padded.shape[3]!]), 2, places);
  return restore(reshape(picked, [n, channels * area, count]));
}

/**
 * The sum of windows given as columns, each laid where it belongs: the adjoint of {@link im2col}.
 *
 * @param input      [N, C · elements of a window, windows], or without N
 * @param outputSize rows and columns of the images
 * @param kernelSize rows and columns of a window
 * @returns [N, C, H, W] or [C, H, W]
 * @throws TensorError `invalid_shape` | `invalid_option` | `shape_mismatch`
 * @see torch.nn.functional.fold
 */
export function col2im(input: Tensor, outputSize: Both, kernelSize: Both, options: SlidingOptions = {}): Tensor {
  const where = "col2im";
  if (input.ndim === 2) return squeeze(col2im(unsqueeze(input, 0), outputSize, kernelSize, options), 0);
  const { padding, size, area, count, places } = lay(
    where,
    pairOf(where, "outputSize", outputSize, 1),
    kernelSize,
    options,
  );
  const [n, rows, columns] = input.shape as [number, number, number];
  if (input.ndim !== 3 || rows % area !== 0 || columns !== count) {
    const facts = { input: input.shape, outputSize, kernelSize, windows: count };
    const hint = "[N, C · elements of a window, windows]";
    fail("shape_mismatch", where, "the columns do not fit the windows", facts, hint);
  }
  const channels = rows / area;
  const plane: Shape = [n, channels, size[0] * size[1]];
  const empty = expand(scalar(0, input.dtype), plane);
  const added = indexAdd(empty, 2, places, reshape(input, [n, channels, area * count]));
  return pad(reshape(added, [n, channels, ...size]), [-padding[1], -padding[1], -padding[0], -padding[0]]);
}
