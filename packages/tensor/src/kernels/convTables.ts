/** What the loops of the convolution module are told about shapes. A training asks for the same in every step: it is made once. */
import { remember } from "../remember.ts";
import { type Block, blocksOf, type Field, inputField, inputTaps, isInPlace } from "./convField.ts";
import type { Pair } from "./convGeometry.ts";
import { gradInputPlan, type Sweep } from "./convPlan.ts";
import { inBytes, LANES, roundUp, vectorsOf } from "./convSpace.ts";

/** A sweep, with distances in bytes. */
export interface SweepTables {
  readonly sweep: Sweep;
  /** Where each tap lies, and its weight. */
  readonly taps: Int32Array;
  readonly weights: Int32Array;
  /** Where vectors lie, see {@link vectorsOf}. */
  readonly vectors: Int32Array;
  /** Elements of a channel where they are computed aside, because rows are too short for a vector or have gaps; else null. */
  readonly aside: number | null;
}

/** How the input of a convolution, or of its gradient, is laid out and read. */
export interface ConvTables {
  readonly field: Field;
  readonly inPlace: boolean;
  readonly blocks: readonly Block[];
  /** All that have something to do. */
  readonly sweeps: readonly SweepTables[];
}

type Shapes = readonly [stride: Pair, padding: Pair, dilation: Pair, image: Pair, result: Pair, kernel: Pair];

/** Of a convolution. */
export const forwardTables: (...args: readonly [...Shapes, depth: number]) => ConvTables = remember(
  (stride, padding, dilation, image, result, kernel, depth) => {
    const windows = { stride, padding, dilation };
    const field = inputField(windows, image, result, kernel);
    const taps = inputTaps(windows, field, depth, kernel);
    const [rows, columns] = result;
    const weights = taps.map((_, k) => k);
    return tablesOf(field, [{ taps, weights, rows, columns, first: 0, rowStep: columns, step: 1 }]);
  },
);

/** Of the gradient of its input, which is a convolution of the result's gradient. */
export const gradInputTables: (...args: readonly [...Shapes, outputs: number, depth: number]) => ConvTables = remember(
  (stride, padding, dilation, image, result, kernel, outputs, depth) => {
    const geometry = { stride, padding, dilation, groups: 1 };
    const { field, sweeps } = gradInputPlan(geometry, image, result, kernel, outputs, depth);
    return tablesOf(field, sweeps);
  },
);

function tablesOf(field: Field, sweeps: readonly Sweep[]): ConvTables {
  const busy = sweeps.filter(({ rows, columns }) => rows * columns > 0);
  return { field, inPlace: isInPlace(field), blocks: blocksOf(field), sweeps: busy.map((s) => sweepTables(field, s)) };
}

function sweepTables({ pitch }: Field, sweep: Sweep): SweepTables {
  const direct = sweep.step === 1 && sweep.columns >= LANES;
  const vectors = vectorsOf(sweep, pitch, direct);
  if (vectors.length % 4 !== 0) vectors.push(...vectors.slice(-2)); // two vectors a turn: the last may be done twice
  return {
    sweep,
    taps: Int32Array.from(inBytes(sweep.taps)),
    weights: Int32Array.from(inBytes(sweep.weights)),
    vectors: Int32Array.from(inBytes(vectors)),
    aside: direct ? null : sweep.rows * roundUp(sweep.columns),
  };
}

/** How the gradient of the weights reads the input. */
export interface GradWeightTables {
  readonly field: Field;
  readonly inPlace: boolean;
  readonly blocks: readonly Block[];
  /** Taps of a window, all channels, and one more where their number is odd. In bytes. */
  readonly taps: Int32Array;
  /** How many there are without it. */
  readonly count: number;
  /** Where vectors lie in the field and in the gradient, whole ones before those that end a row. In bytes. */
  readonly places: Int32Array;
  /** How many numbers are about whole ones. */
  readonly whole: number;
  /** Which lanes of those that end a row are the row's. */
  readonly mask: Int32Array;
}

/** Of the gradient of the weights. */
export const gradWeightTables: (...args: readonly [...Shapes, depth: number]) => GradWeightTables = remember(
  (stride, padding, dilation, image, result, kernel, depth) => {
    const windows = { stride, padding, dilation };
    const field = inputField(windows, image, result, kernel);
    const taps = inputTaps(windows, field, depth, kernel);
    const count = taps.length;
    if (count % 2 === 1) taps.push(taps[count - 1]!);
    const [rows, columns] = result;
    const wholes: number[] = [];
    const tails: number[] = [];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j += LANES) {
        (j + LANES <= columns ? wholes : tails).push(i * field.pitch + j, i * columns + j);
      }
    }
    return {
      field,
      inPlace: isInPlace(field),
      blocks: blocksOf(field),
      taps: Int32Array.from(inBytes(taps)),
      count,
      places: Int32Array.from(inBytes([...wholes, ...tails])),
      whole: wholes.length,
      mask: Int32Array.from({ length: LANES }, (_, lane) => (lane < columns % LANES ? -1 : 0)),
    };
  },
);
