import type { NDArray } from "../ndarray.ts";
import { inParts } from "../threads/parts.ts";
import { type Frame, launch } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { blocksOf, channelOf, type Field, inputField, inputTaps, isInPlace } from "./convField.ts";
import type { ConvGeometry } from "./convGeometry.ts";
import { CHANNELS, convCode } from "./convModule.ts";
import { gradInputPlan, type Sweep } from "./convPlan.ts";
import { AT_ONCE, fieldSpace, fillField, inBytes, LANES, roundUp, table, vectorsOf, WORD } from "./convSpace.ts";

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
  const field = inputField(geometry, [height, width], [rows, columns], [kernelRows, kernelColumns]);
  const taps = inputTaps(geometry, field, depth, [kernelRows, kernelColumns]);
  const sweep: Sweep = { taps, weights: taps.map((_, k) => k), rows, columns, first: 0, rowStep: columns, step: 1 };
  const perGroup = outputs / geometry.groups;
  const weights = { row: taps.length, group: taps.length * perGroup };
  launch((frame) => convolve(frame, out, x, weight, bias, weights, geometry.groups, field, [sweep]));
}

/** {@link conv2dGradInput} by the loops of the convolution module: itself a convolution, of the gradient. */
export function convFastGradInput(out: NDArray, grad: NDArray, weight: NDArray, geometry: ConvGeometry): void {
  const [, , height, width] = out.shape as [number, number, number, number];
  const [, outputs, rows, columns] = grad.shape as [number, number, number, number];
  const [, depth, kernelRows, kernelColumns] = weight.shape as [number, number, number, number];
  const { groups } = geometry;
  const kernel = [kernelRows, kernelColumns] as const;
  const perGroup = outputs / groups;
  const plan = gradInputPlan(geometry, [height, width], [rows, columns], kernel, perGroup, depth);
  const window = kernelRows * kernelColumns;
  const weights = { row: window, group: perGroup * depth * window };
  launch((frame) => convolve(frame, out, grad, weight, null, weights, groups, plan.field, plan.sweeps));
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
  field: Field,
  sweeps: readonly Sweep[],
): void {
  const code = convCode();
  const [images, outputs] = [out.shape[0]!, out.shape[1]! / groups];
  const depth = input.shape[1]! / groups;
  const plane = out.shape[2]! * out.shape[3]!;
  const inputPlane = field.height * field.width;
  const [from, kernel, to] = [frame.read(input), frame.read(weight), frame.write(out)];
  const biases = bias === null ? 0 : frame.read(bias);

  const inPlace = isInPlace(field);
  const blocks = blocksOf(field);
  const starts = fieldSpace(frame, WORD * (outputs + CHANNELS));
  const prepared = sweeps
    .filter(({ rows, columns }) => rows * columns > 0)
    .map((sweep) => {
      const direct = sweep.step === 1 && sweep.columns >= LANES;
      const block = sweep.rows * roundUp(sweep.columns);
      const vectors = vectorsOf(sweep, field.pitch, direct);
      if (vectors.length % 4 !== 0) vectors.push(...vectors.slice(-2)); // two vectors a turn: the last may be done twice
      return {
        sweep,
        taps: table(frame, inBytes(sweep.taps)),
        order: table(frame, inBytes(sweep.weights)),
        vectors: table(frame, inBytes(vectors)),
        panel: frame.workspace(WORD * sweep.taps.length * Math.ceil(outputs / CHANNELS) * (CHANNELS + 1)),
        // rows too short for a vector, or with gaps, are computed aside
        block: direct ? null : block,
      };
    });

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
      2 * images * outputs * sweeps.reduce((sum, { taps, rows, columns }) => sum + taps.length * rows * columns, 0);
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
            const weights = [panel, sweep.taps.length, starts] as const;
            const places = [vectors.start, vectors.end] as const;
            if (block === null) {
              const result = [goal, WORD * plane * outputs * groups, WORD * plane] as const;
              call(code.convolve, count, ...x, ...weights, ...places, ...result, outputs);
              continue;
            }
            const aside = asides[i]!;
            call(
              code.convolve,
              count,
              ...x,
              ...weights,
              ...places,
              aside,
              WORD * outputs * block,
              WORD * block,
              outputs,
            );
            const { rows, columns, first, rowStep } = sweep;
            const result = [goal + WORD * first, WORD * plane, WORD * rowStep, WORD * sweep.step] as const;
            const computed = [aside, WORD * block, WORD * roundUp(columns), WORD] as const;
            call(code.place, outputs * count, rows, columns, ...result, ...computed);
          }
        }
      };
    });
  }
}
