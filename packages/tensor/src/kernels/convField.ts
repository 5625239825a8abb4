import type { Pair } from "./convGeometry.ts";

/**
 * How the planes of an image are laid out anew for the loops of convolution: padded, and for strides above 1 split into
 * phases, so that what neighbouring outputs read are neighbours. All distances are in elements.
 */
export interface Field {
  /** Rows and columns of the source. */
  readonly height: number;
  readonly width: number;
  /** Phases: rows and columns of the source that are a stride apart lie in the same one. */
  readonly stride: Pair;
  /** Zeros before the first row and column of the source. */
  readonly before: Pair;
  /** Rows of a phase, and elements from one to the next. */
  readonly rows: number;
  readonly pitch: number;
}

/** Elements of one channel in a field. */
export function channelOf({ stride, rows, pitch }: Field): number {
  return stride[0] * stride[1] * rows * pitch;
}

/** Whether the source already lies as the field would have it. */
export function isInPlace({ height, width, stride, before, rows, pitch }: Field): boolean {
  const unpadded = before[0] === 0 && before[1] === 0 && rows === height && pitch === width;
  return unpadded && stride[0] === 1 && stride[1] === 1;
}

/** One block of a phase to be copied from a source plane: where from, where to, how many. */
export interface Block {
  readonly rows: number;
  readonly columns: number;
  readonly to: number;
  readonly from: number;
}

/** The blocks of a source plane that its field holds. */
export function blocksOf(field: Field): Block[] {
  const { height, width, stride, before, rows, pitch } = field;
  const blocks: Block[] = [];
  for (let a = 0; a < stride[0]; a++) {
    const top = Math.max(0, Math.ceil((before[0] - a) / stride[0]));
    const bottom = Math.min(rows, Math.ceil((height + before[0] - a) / stride[0]));
    for (let b = 0; b < stride[1]; b++) {
      const left = Math.max(0, Math.ceil((before[1] - b) / stride[1]));
      const right = Math.min(pitch, Math.ceil((width + before[1] - b) / stride[1]));
      if (bottom <= top || right <= left) continue;
      blocks.push({
        rows: bottom - top,
        columns: right - left,
        to: ((a * stride[1] + b) * rows + top) * pitch + left,
        from: (top * stride[0] + a - before[0]) * width + left * stride[1] + b - before[1],
      });
    }
  }
  return blocks;
}

/** How windows lie on a plane. */
export interface Windows {
  readonly stride: Pair;
  readonly padding: Pair;
  readonly dilation: Pair;
}

/** The field in which windows read a plane of `height` × `width`, for results of `rows` × `columns`. */
export function inputField(
  { stride, padding, dilation }: Windows,
  [height, width]: Pair,
  [rows, columns]: Pair,
  [kernelRows, kernelColumns]: Pair,
): Field {
  return {
    height,
    width,
    stride,
    before: padding,
    rows: rows + Math.floor(((kernelRows - 1) * dilation[0]) / stride[0]),
    pitch: columns + Math.floor(((kernelColumns - 1) * dilation[1]) / stride[1]),
  };
}

/** Where the elements of a window lie in the field of the input, channel after channel. */
export function inputTaps(
  { stride, dilation }: Windows,
  field: Field,
  depth: number,
  [kernelRows, kernelColumns]: Pair,
): number[] {
  const taps: number[] = [];
  for (let d = 0; d < depth; d++) {
    for (let u = 0; u < kernelRows; u++) {
      for (let v = 0; v < kernelColumns; v++) {
        const [y, z] = [u * dilation[0], v * dilation[1]];
        const phase = (d * stride[0] + (y % stride[0])) * stride[1] + (z % stride[1]);
        taps.push((phase * field.rows + Math.floor(y / stride[0])) * field.pitch + Math.floor(z / stride[1]));
      }
    }
  }
  return taps;
}
