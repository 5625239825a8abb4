import type * as extremaOps from "../../../src/ops/extrema.ts";
import type * as sortOps from "../../../src/ops/sort.ts";
import { along, fold } from "../elements.ts";
import type { InputSample, Sample, Samples } from "../sample.ts";

const DISTINCT: InputSample = { shape: [2, 3], distinct: true };

const largest = (values: readonly number[]): number => Math.max(...values);
const smallest = (values: readonly number[]): number => Math.min(...values);

/** The element at a place of those in order. */
export const ranked =
  (place: (size: number) => number) =>
  (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[place(values.length)] ?? Number.NaN;

/** The indices that sort. */
export const order = (values: readonly number[]): number[] =>
  values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b);

function extremum(f: (values: readonly number[]) => number): readonly Sample<typeof extremaOps.amax>[] {
  return [
    { title: "of all", inputs: [DISTINCT], define: (x) => fold(x, f), empty: null },
    {
      title: "along a dimension",
      inputs: [DISTINCT],
      call: (op, x) => op(x, 1),
      define: (x) => fold(x, f, [1]),
    },
    {
      title: "over two of three dimensions",
      inputs: [{ shape: [2, 2, 2], distinct: true }],
      call: (op, x) => op(x, [0, 2], { keepdim: true }),
      define: (x) => fold(x, f, [0, 2], true),
      empty: [[2, 0, 2]],
    },
  ];
}

function position(f: (values: readonly number[]) => number): readonly Sample<typeof extremaOps.argmax>[] {
  const find = (values: readonly number[]): number => values.indexOf(f(values));
  const shared = { dtype: "int32", differentiable: false } as const;
  return [
    { title: "of all", inputs: [DISTINCT], define: (x) => fold(x, find), empty: null, ...shared },
    {
      title: "with equals",
      inputs: [{ shape: [3, 4], lattice: [1, 0], range: [-1, 1] }],
      call: (op, x) => op(x, 0, { keepdim: true }),
      define: (x) => fold(x, find, [0], true),
      empty: [[3, 0]],
      ...shared,
    },
  ];
}

/** Extrema, where they are, and what sorting gives. */
export const extrema: Samples<typeof extremaOps & typeof sortOps> = {
  amax: extremum(largest),
  amin: extremum(smallest),
  max: [{ inputs: [DISTINCT], define: (x) => fold(x, largest), empty: null }],
  min: [{ inputs: [DISTINCT], define: (x) => fold(x, smallest), empty: null }],
  argmax: position(largest),
  argmin: position(smallest),
  argsort: [
    {
      inputs: [{ shape: [2, 4], lattice: [1, 0] }],
      define: (x) => along(x, 1, order),
      dtype: "int32",
      differentiable: false,
    },
    {
      title: "descending along the first dimension",
      inputs: [{ shape: [4, 2], lattice: [1, 0] }],
      call: (argsort, x) => argsort(x, 0, { descending: true }),
      define: (x) => along(x, 0, (line) => order(line.map((value) => -value))),
      dtype: "int32",
      differentiable: false,
    },
  ],
  msort: [
    {
      inputs: [{ shape: [3, 2], distinct: true }],
      define: (x) => along(x, 0, (line) => [...line].sort((a, b) => a - b)),
    },
  ],
  median: [
    {
      title: "of an odd number",
      inputs: [{ shape: [5], distinct: true }],
      define: (x) =>
        fold(
          x,
          ranked(() => 2),
        ),
      empty: [[0]],
    },
    {
      title: "of an even number",
      inputs: [DISTINCT],
      define: (x) =>
        fold(
          x,
          ranked(() => 2),
        ),
      empty: [[0, 3]],
    },
  ],
};
