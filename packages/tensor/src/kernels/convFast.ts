import type { NDArray } from "../ndarray.ts";
import { inParts } from "../threads/parts.ts";
import { type Frame, launch } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { channelOf } from "./convField.ts";
import type { ConvGeometry } from "./convGeometry.ts";
import { CHANNELS, convCode } from "./convModule.ts";
import { AT_ONCE, clear, fieldSpace, fillField, roundUp, table, WORD } from "./convSpace.ts";
import { type ConvTables, forwardTables, gradInputTables } from "./convTables.ts";

/** {@link conv2d} by the loops of the convolution module. */
export function convFast(
  out: NDArray,
  x: NDArray,
  weight: NDArray,
  bias: NDArray | null,
  geometry: ConvGeometry,
): void {
  const [, outputs, rows, columns] = out.shape as [number, number, number, number];
  const [, , height, width] = x.shape as [number, number, number, number];
  const [, depth, kernelRows, kernelColumns] = weight.shape as [number, number, number, number];
  const { stride, padding, dilation, groups } = geometry;
  const kernel = [kernelRows, kernelColumns] as const;
  const tables = forwardTables(stride, padding, dilation, [height, width], [rows, columns], kernel, depth);
  const window = depth * kernelRows * kernelColumns;
  const weights = { row: window, group: (window * outputs) / groups };
  launch((frame) => convolve(frame, out, x, weight, bias, weights, groups, tables));
}

/** {@link conv2dGradInput} by the loops of the convolution module: itself a convolution, of the gradient. */
export function convFastGradInput(out: NDArray, grad: NDArray, weight: NDArray, geometry: ConvGeometry): void {
  const [, , height, width] = out.shape as [number, number, number, number];
  const [, outputs, rows, columns] = grad.shape as [number, number, number, number];
  const [, depth, kernelRows, kernelColumns] = weight.shape as [number, number, number, number];
  const { stride, padding, dilation, groups } = geometry;
  const [image, result] = [
    [height, width],
    [rows, columns],
  ] as const;
  const kernel = [kernelRows, kernelColumns] as const;
  const perGroup = outputs / groups;
  const tables = gradInputTables(stride, padding, dilation, image, result, kernel, perGroup, depth);
  const window = kernelRows * kernelColumns;
  const weights = { row: window, group: perGroup * depth * window };
  launch((frame) => convolve(frame, out, grad, weight, null, weights, groups, tables));
}

/** Every sweep over every group of every image. */
function convolve(
  frame: Frame,
  out: NDArray,
  input: NDArray,
  weight: NDArray,
  bias: NDArray | null,
  weights: { readonly row: number; readonly group: number },
  groups: number,
  { field, inPlace, blocks, sweeps }: ConvTables,
): void {
  const code = convCode();
  const [images, outputs] = [out.shape[0]!, out.shape[1]! / groups];
  const depth = input.shape[1]! / groups;
  const plane = out.shape[2]! * out.shape[3]!;
  const inputPlane = field.height * field.width;
  const [from, kernel, to] = [frame.read(input), frame.read(weight), frame.write(out)];
  const biases = bias === null ? 0 : frame.read(bias);

  const starts = frame.workspace(WORD * (outputs + CHANNELS));
  clear(starts, WORD * (outputs + CHANNELS));
  const prepared = sweeps.map(({ sweep, taps, weights, vectors, aside }) => ({
    sweep,
    taps: table(frame, taps),
    order: table(frame, weights),
    vectors: table(frame, vectors),
    panel: frame.workspace(taps.byteLength * Math.ceil(outputs / CHANNELS) * (CHANNELS + 1)),
    block: aside,
  }));

  const fieldBytes = WORD * depth * channelOf(field);
  const asideBytes = prepared.reduce((sum, { block }) => sum + WORD * outputs * (block ?? 0), 0);
  // the planes of a group's next image do not come at once after those of the one before
  const some = groups > 1 ? 1 : Math.min(images, Math.ceil(AT_ONCE / ((inPlace ? 0 : fieldBytes) + asideBytes + 1)));

  for (let group = 0; group < groups; group++) {
    const groupKernel = kernel + WORD * weights.group * group;
    for (const { taps, order, panel } of prepared) {
      code.pack(panel, groupKernel, WORD * weights.row, outputs, order.start, taps.start, taps.end);
    }
    if (bias !== null) {
      const first = biases / WORD + outputs * group;
      views().float32.copyWithin(starts / WORD, first, first + outputs);
    }
    const work =
      2 * images * outputs * sweeps.reduce((sum, { taps, sweep }) => sum + taps.length * sweep.rows * sweep.columns, 0);
    inParts(images, work, () => {
      const space = inPlace ? 0 : fieldSpace(frame, some * fieldBytes);
      const asides = prepared.map(({ block }) => (block === null ? 0 : frame.workspace(some * WORD * outputs * block)));
      return (call, firstImage, end) => {
        for (let n = firstImage; n < end; n += some) {
          const count = Math.min(some, end - n);
          const source = from + WORD * inputPlane * depth * (n * groups + group);
          const goal = to + WORD * plane * outputs * (n * groups + group);
          if (!inPlace) fillField(call, field, blocks, space, source, depth * count);
          const x = inPlace ? ([source, WORD * inputPlane * depth * groups] as const) : ([space, fieldBytes] as const);
          for (const [i, { sweep, vectors, panel, block }] of prepared.entries()) {
            const [target, targetImage, targetPlane] =
              block === null
                ? [goal, WORD * plane * outputs * groups, WORD * plane]
                : [asides[i]!, WORD * outputs * block, WORD * block];
            const read = [panel, sweep.taps.length, starts, vectors.start, vectors.end] as const;
            call(code.convolve, count, ...x, ...read, target, targetImage, targetPlane, outputs);
            if (block === null) continue;
            const { rows, columns, first, rowStep } = sweep;
            const result = [goal + WORD * first, WORD * plane, WORD * rowStep, WORD * sweep.step] as const;
            const computed = [target, targetPlane, WORD * roundUp(columns), WORD] as const;
            call(code.place, outputs * count, rows, columns, ...result, ...computed);
          }
        }
      };
    });
  }
}
