import type { NDArray } from "../ndarray.ts";
import { type Call, inParts } from "../threads/parts.ts";
import { type Frame, launch } from "../wasm/launch.ts";
import { channelOf } from "./convField.ts";
import type { ConvGeometry } from "./convGeometry.ts";
import { CHANNELS, convCode } from "./convModule.ts";
import { AT_ONCE, clear, fieldSpace, fillField, LANES, table, WORD } from "./convSpace.ts";
import { gradWeightTables } from "./convTables.ts";

/** {@link conv2dGradWeight} by the loops of the convolution module: the gradient against every shift of the image. */
export function convFastGradWeight(out: NDArray, grad: NDArray, x: NDArray, geometry: ConvGeometry): void {
  launch((frame) => correlate(frame, out, grad, x, geometry));
}

/** Vectors that one stretch of sums covers: enough to be worth setting it up, few enough to lose little to rounding. */
const STRETCH = 64;

function correlate(frame: Frame, out: NDArray, grad: NDArray, x: NDArray, geometry: ConvGeometry): void {
  const code = convCode();
  const { groups } = geometry;
  const [images, , rows, columns] = grad.shape as [number, number, number, number];
  const [, , height, width] = x.shape as [number, number, number, number];
  const [, depth, kernelRows, kernelColumns] = out.shape as [number, number, number, number];
  const outputs = out.shape[0]! / groups;
  const kernel = [kernelRows, kernelColumns] as const;
  const { stride, padding, dilation } = geometry;
  const tables = gradWeightTables(stride, padding, dilation, [height, width], [rows, columns], kernel, depth);
  const { field, inPlace, blocks, count } = tables;
  const vectors = tables.places.length / 2;
  const stretch = Math.min(images, Math.max(1, Math.ceil(STRETCH / vectors)));
  const turns = Math.ceil(outputs / CHANNELS);
  const panel = WORD * LANES * CHANNELS * vectors;

  const [gradient, source, to] = [frame.read(grad), frame.read(x), frame.write(out)];
  const image = inPlace ? depth * groups * height * width : depth * channelOf(field);
  const sums = WORD * LANES * CHANNELS * tables.taps.length; // of a turn
  const totals = frame.workspace(turns * sums);
  const taps = table(frame, tables.taps);
  const places = table(frame, tables.places);
  const whole = places.start + WORD * tables.whole;
  const mask = table(frame, tables.mask).start;

  const plane = rows * columns;
  // images whose fields are filled at a time, whole stretches of them
  const filled = stretch * (groups > 1 ? 1 : Math.ceil(AT_ONCE / (WORD * image * stretch)));
  /** Fills the fields of neighbouring images; their planes follow each other only where there is one group. */
  const fillImages = (call: Call, to: number, from: number, count: number): void => {
    const each = groups > 1 ? 1 : count;
    for (let i = 0; i < count; i += each) {
      fillField(
        call,
        field,
        blocks,
        to + WORD * image * i,
        from + WORD * height * width * depth * groups * i,
        depth * each,
      );
    }
  };

  for (let group = 0; group < groups; group++) {
    clear(totals, turns * sums);
    // the sums run over all images, in order: what is shared are the channels of the gradient
    inParts(
      turns,
      2 * grad.size * count,
      () => (call, firstTurn, endTurn) => {
        const own = endTurn - firstTurn;
        const channels = Math.min(outputs, endTurn * CHANNELS) - firstTurn * CHANNELS;
        const space = inPlace ? 0 : fieldSpace(frame, WORD * image * Math.min(filled, images));
        const panels = frame.workspace(own * stretch * panel);
        for (let n = 0; n < images; n += stretch) {
          const some = Math.min(stretch, images - n);
          const planes = n * groups + group;
          const first = source + WORD * height * width * depth * planes;
          if (!inPlace && n % filled === 0) fillImages(call, space, first, Math.min(filled, images - n));
          const from = gradient + WORD * plane * (outputs * planes + firstTurn * CHANNELS);
          const gradients = [from, WORD * plane * outputs * groups, WORD * plane, channels] as const;
          call(code.panels, some, panels, panel, some * panel, ...gradients, places.start, whole, places.end, mask);
          const lie = [inPlace ? first : space + WORD * image * (n % filled), WORD * image] as const;
          const lists = [taps.start, taps.end, places.start, whole, places.end, mask] as const;
          call(code.correlate, own, panels, some, ...lie, ...lists, totals + firstTurn * sums);
        }
      },
      1,
    );
    code.total(to + WORD * outputs * count * group, totals, outputs, count);
  }
}
