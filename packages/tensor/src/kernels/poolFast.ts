import type { NDArray } from "../ndarray.ts";
import { inParts, now } from "../threads/parts.ts";
import { type Frame, launch } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { blocksOf, channelOf, type Field, inputField, inputTaps, isInPlace, type Windows } from "./convField.ts";
import type { Pair } from "./convGeometry.ts";
import { convCode } from "./convModule.ts";
import { gradInputPlan } from "./convPlan.ts";
import { fieldSpace, fillField, inBytes, LANES, roundUp, table, vectorsOf, WORD } from "./convSpace.ts";
import type { AvgPoolGeometry, MaxPoolGeometry } from "./poolGeometry.ts";
import { isHalving, largestOfHalves, meanOfHalves, spreadOverHalves } from "./poolHalves.ts";
import { poolCode } from "./poolModule.ts";
import { firstInside, type Span, windowSpans } from "./poolPlane.ts";

/** Where the loops find what they need; pointers and sizes in bytes. */
interface Sweep {
  /** The fields of one image, and the distance between planes. */
  readonly x: number;
  readonly xPlane: number;
  /** Outputs of one image: where the vectors lie, how a plane is laid out, and the distance between planes. */
  readonly vectors: { readonly start: number; readonly end: number };
  readonly pitch: number;
  readonly outPlane: number;
}

/** Runs `body` on every image with its fields filled, and copies aside results to where they belong. */
function eachImage(
  frame: Frame,
  results: readonly NDArray[],
  x: NDArray,
  field: Field,
  padding: number,
  prepare: (sweep: Omit<Sweep, "x">) => (x: number, results: readonly number[]) => void,
): void {
  const [images, channels, rows, columns] = results[0]!.shape as [number, number, number, number];
  const direct = columns >= LANES;
  const pitch = direct ? columns : roundUp(columns);
  const [from, to] = [frame.read(x), results.map((result) => frame.write(result))];
  const inPlace = isInPlace(field);
  const blocks = blocksOf(field);
  const plane = field.height * field.width;
  const xPlane = WORD * (inPlace ? plane : channelOf(field));
  const outPlane = WORD * rows * pitch;
  const space = inPlace ? 0 : fieldSpace(frame, xPlane * channels, padding);
  const asides = direct ? [] : results.map(() => frame.workspace(outPlane * channels));
  const places = vectorsOf({ rows, columns, first: 0, rowStep: columns }, field.pitch, direct);
  const run = prepare({ xPlane, vectors: table(frame, inBytes(places)), pitch, outPlane });
  for (let n = 0; n < images; n++) {
    const source = from + WORD * plane * channels * n;
    if (!inPlace) fillField(now, field, blocks, space, source, channels);
    const goals = to.map((start) => start + WORD * rows * columns * channels * n);
    run(inPlace ? source : space, direct ? goals : asides);
    asides.forEach((aside, i) => {
      // two copies of rows: all planes of an image are one tall plane
      const [toRow, fromRow] = [WORD * columns, WORD * pitch];
      convCode().place(1, channels * rows, columns, goals[i]!, 0, toRow, WORD, aside, 0, fromRow, WORD);
    });
  }
}

/** A value for every output of a plane, laid out as the results are, with a whole vector behind the end. */
function eachOutput(rows: number, columns: number, pitch: number, value: (i: number, j: number) => number): number[] {
  const list = new Array<number>(rows * pitch + LANES).fill(1);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) list[i * pitch + j] = value(i, j);
  return list;
}

const sizesOf = (x: NDArray): Pair => [x.shape[2]!, x.shape[3]!];

/** {@link maxPool2d} by the loops of the pooling module. */
export function maxPoolFast(out: NDArray, indices: NDArray, x: NDArray, geometry: MaxPoolGeometry): void {
  if (isHalving(geometry, out, x)) {
    largestOfHalves(out, indices, x);
    return;
  }
  const [rows, columns] = sizesOf(out);
  const { kernel, stride, padding, dilation } = geometry;
  const channels = x.shape[1]!;
  const width = x.shape[3]!;
  const field = inputField(geometry, sizesOf(x), [rows, columns], kernel);
  const shifts = inputTaps(geometry, field, 1, kernel).flatMap((tap, k) => {
    const [u, v] = [Math.floor(k / kernel[1]), k % kernel[1]];
    return [WORD * tap, u * dilation[0] * width + v * dilation[1]];
  });
  const corner = (i: number, direction: 0 | 1): number => i * stride[direction] - padding[direction];
  const first = (i: number, direction: 0 | 1): number =>
    Math.min(firstInside(corner(i, direction), dilation[direction]), sizesOf(x)[direction] - 1);
  launch((frame) => {
    eachImage(frame, [out, indices], x, field, Number.NEGATIVE_INFINITY, ({ xPlane, vectors, pitch, outPlane }) => {
      const taps = table(frame, shifts);
      const place = (at: typeof corner) => (i: number, j: number) => at(i, 0) * width + at(j, 1);
      const corners = table(frame, eachOutput(rows, columns, pitch, place(corner))).start;
      const firsts = table(frame, eachOutput(rows, columns, pitch, place(first))).start;
      return (from, [to, at]) => {
        poolCode().largest(
          channels,
          from,
          xPlane,
          to!,
          at!,
          outPlane,
          taps.start,
          taps.end,
          vectors.start,
          vectors.end,
          corners,
          firsts,
        );
      };
    });
  });
}

/** What a window's sum is divided by. */
function divisorOf(
  [rows, columns]: Pair,
  [height, width]: Pair,
  geometry: AvgPoolGeometry,
): (i: number, j: number) => number {
  const down = windowSpans(rows, height, 0, geometry);
  const across = windowSpans(columns, width, 1, geometry);
  const empty = (span: Span): boolean => span.start >= span.end;
  return (i, j) => {
    // a window with nothing inside has the mean 0
    if (empty(down[i]!) || empty(across[j]!)) return 1;
    return geometry.divisorOverride ?? down[i]!.counted * across[j]!.counted;
  };
}

/** A table of numbers in scratch space. */
function numbers(frame: Frame, values: readonly number[]): number {
  const start = frame.workspace(WORD * values.length);
  views().float32.set(values, start / WORD);
  return start;
}

/** {@link avgPool2d} by the loops of the pooling module. */
export function avgPoolFast(out: NDArray, x: NDArray, geometry: AvgPoolGeometry): void {
  if (isHalving(geometry, out, x)) {
    meanOfHalves(out, x, geometry.divisorOverride ?? 4);
    return;
  }
  const [rows, columns] = sizesOf(out);
  const windows: Windows = { ...geometry, dilation: [1, 1] };
  const field = inputField(windows, sizesOf(x), [rows, columns], geometry.kernel);
  const divisor = divisorOf([rows, columns], sizesOf(x), geometry);
  launch((frame) => {
    eachImage(frame, [out], x, field, 0, ({ xPlane, vectors, pitch, outPlane }) => {
      const taps = table(frame, inBytes(inputTaps(windows, field, 1, geometry.kernel)));
      const counts = numbers(frame, eachOutput(rows, columns, pitch, divisor));
      return (from, [to]) => {
        poolCode().average(
          x.shape[1]!,
          from,
          xPlane,
          to!,
          outPlane,
          taps.start,
          taps.end,
          vectors.start,
          vectors.end,
          counts,
        );
      };
    });
  });
}

/**
 * The gradient of {@link avgPool2d} by the loops of the pooling module: every window's share of the gradient, and then for every
 * element the sum over the windows that see it, which is a pooling itself.
 */
export function avgPoolFastBackward(out: NDArray, grad: NDArray, geometry: AvgPoolGeometry): void {
  if (isHalving(geometry, grad, out)) {
    spreadOverHalves(out, grad, geometry.divisorOverride ?? 4);
    return;
  }
  const [images, channels, rows, columns] = grad.shape as [number, number, number, number];
  const [height, width] = sizesOf(out);
  const whole = { stride: geometry.stride, padding: geometry.padding, dilation: [1, 1], groups: 1 } as const;
  const { field, sweeps } = gradInputPlan(whole, [height, width], [rows, columns], geometry.kernel, 1, 1);
  const blocks = blocksOf(field);
  const inPlace = isInPlace(field);
  const [plane, outPlane] = [WORD * rows * columns, WORD * height * width];
  const xPlane = inPlace ? plane : WORD * channelOf(field);
  launch((frame) => {
    const code = poolCode();
    const [from, to] = [frame.read(grad), frame.write(out)];
    const counts = numbers(
      frame,
      eachOutput(rows, columns, columns, divisorOf([rows, columns], [height, width], geometry)),
    );
    const shares = fieldSpace(frame, plane * channels);
    const space = inPlace ? shares : fieldSpace(frame, xPlane * channels);
    const own = table(frame, [0]);
    // one long row a plane: what is written behind its end is overwritten by the next plane
    const flat = table(frame, inBytes(vectorsOf({ rows: 1, columns: rows * columns, first: 0, rowStep: 0 }, 0, false)));
    const ones = numbers(frame, new Array<number>(height * roundUp(width) + LANES).fill(1));
    const prepared = sweeps.map((sweep) => ({
      ...sweep,
      taps: table(frame, inBytes(sweep.taps)),
      vectors: table(frame, inBytes(vectorsOf(sweep, field.pitch, false))),
    }));
    const aside = frame.workspace(WORD * height * roundUp(width) * channels);
    for (let n = 0; n < images; n++) {
      const grads = from + plane * channels * n;
      code.average(channels, grads, plane, shares, plane, own.start, own.end, flat.start, flat.end, counts);
      if (!inPlace) fillField(now, field, blocks, space, shares, channels);
      for (const { taps, vectors, first, rowStep, step, ...block } of prepared) {
        const pitch = roundUp(block.columns);
        const size = WORD * block.rows * pitch;
        code.average(channels, space, xPlane, aside, size, taps.start, taps.end, vectors.start, vectors.end, ones);
        const goal = to + outPlane * channels * n + WORD * first;
        const [row, gap] = [WORD * rowStep, WORD * step];
        convCode().place(
          channels,
          block.rows,
          block.columns,
          goal,
          outPlane,
          row,
          gap,
          aside,
          size,
          WORD * pitch,
          WORD,
        );
      }
    }
  });
}

/** Operations that an element of the input takes, memory included. */
const SCATTER_WORK = 8;

/** {@link maxPool2dBackward} by the loops of the pooling module. */
export function maxPoolFastBackward(out: NDArray, grad: NDArray, indices: NDArray): void {
  const [images, channels, rows, columns] = grad.shape as [number, number, number, number];
  launch((frame) => {
    const [from, places, to] = [frame.read(grad), frame.read(indices), frame.write(out)];
    const [plane, outPlane] = [rows * columns, out.shape[2]! * out.shape[3]!];
    const { scatter } = poolCode();
    inParts(images * channels, SCATTER_WORK * out.size, () => (call, first, end) => {
      const at = WORD * plane * first;
      call(scatter, end - first, plane, from + at, places + at, to + WORD * outPlane * first, outPlane);
    });
  });
}
