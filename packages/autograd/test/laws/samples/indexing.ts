import { tensor } from "../../../src/index.ts";
import { slice } from "../../../src/ops/at.ts";
import type * as ops from "../../../src/ops/indexing.ts";
import { build, type Elements, map, picked, read, shaped, vector } from "../elements.ts";
import type { InputSample, Samples } from "../sample.ts";
import { scatter } from "./scatter.ts";

const ROWS: InputSample = { shape: [3], dtype: "int32", range: [-3, 2] };

/** A number from the end counted from the start, of `size`. */
const wrap = (i: number, size: number): number => (i + size) % size;

/** Of a matrix [2, 3]. */
const MASK = [
  [true, false, true],
  [false, true, true],
];
const PLACES = MASK.flat().flatMap((on, i) => (on ? [i] : []));

/** A copy of `x` with other values at places. */
function replaced(x: Elements, at: readonly number[], value: (nth: number, there: number) => number): Elements {
  const values = [...x.values];
  at.forEach((place, nth) => {
    if (place < values.length) values[place] = value(nth, values[place]!);
  });
  return { ...x, values };
}

/** Indexing, embeddings and masks. */
export const indexing: Samples<typeof ops> = {
  ...scatter,
  at: [
    {
      title: "numbers, slices, new dimensions",
      inputs: [{ shape: [2, 3, 4] }],
      call: (at, x) => at(x, -1, null, slice(0, 2), slice(3, null, -2)),
      define: (x) => build([1, 2, 2], (_, i, j) => read(x, x.shape[0]! - 1, i, 3 - 2 * j)),
      empty: null,
    },
    {
      title: "the rest",
      inputs: [{ shape: [2, 3, 2] }],
      call: (at, x) => at(x, "...", 1),
      define: (x) => build(x.shape.slice(0, 2), (i, j) => read(x, i, j, 1)),
    },
    {
      title: "integers",
      inputs: [{ shape: [3, 2] }, ROWS],
      call: (at, x, rows) => at(x, rows),
      define: (x, rows) =>
        picked(
          x,
          0,
          rows.values.map((i) => wrap(i, 3)),
        ),
      empty: [[3, 0], [3]],
    },
    {
      title: "integers apart from each other",
      inputs: [{ shape: [3, 2, 2] }, ROWS, { shape: [2, 1], dtype: "int32", range: [0, 1] }],
      call: (at, x, rows, columns) => at(x, rows, slice(), columns),
      define: (x, rows, columns) =>
        build([2, 3, x.shape[1]!], (a, b, j) => read(x, wrap(read(rows, b), 3), j, read(columns, a, 0))),
      empty: [[3, 0, 2], [3], [2, 1]],
    },
    {
      title: "a mask",
      inputs: [{ shape: [2, 3] }],
      call: (at, x) => at(x, MASK),
      define: (x) => vector(PLACES.map((i) => x.values[i]!)),
      empty: null,
    },
  ],
  embedding: [
    {
      inputs: [{ shape: [2, 2], dtype: "int32", range: [0, 2] }, { shape: [3, 2] }],
      define: (index, weight) =>
        build([...index.shape, weight.shape[1]!], (i, j, c) => read(weight, read(index, i, j), c)),
      empty: [
        [0, 2],
        [3, 2],
      ],
    },
  ],
  oneHot: [
    {
      inputs: [{ shape: [2, 2], dtype: "int32", range: [0, 2] }],
      call: (oneHot, x) => oneHot(x, 3),
      define: (x) => build([...x.shape, 3], (i, j, c) => Number(read(x, i, j) === c)),
      dtype: "int32",
      differentiable: false,
    },
  ],
  indexPut: [
    {
      inputs: [{ shape: [3, 2] }, { shape: [2, 2] }],
      call: (indexPut, x, values) => indexPut(x, [[2, 0]], values),
      define: (x, values) => replaced(x, [4, 5, 0, 1], (nth) => values.values[nth]!),
      empty: [
        [3, 0],
        [2, 0],
      ],
    },
    {
      title: "adding, twice to one place",
      inputs: [{ shape: [3, 2] }, { shape: [2] }],
      call: (indexPut, x, values) => indexPut(x, [[1, 1, 2]], values, { accumulate: true }),
      define: (x, values) => replaced(x, [2, 3, 2, 3, 4, 5], (nth, there) => there + values.values[nth % 2]!),
      empty: [[3, 0], [0]],
    },
    {
      title: "a view",
      inputs: [{ shape: [3, 2] }, { shape: [1, 2] }],
      call: (indexPut, x, values) => indexPut(x, [slice(0, null, 2), 1], values),
      define: (x, values) => replaced(x, [1, 5], (nth) => values.values[nth]!),
      empty: null,
    },
    {
      title: "a view and integers",
      inputs: [{ shape: [3, 2] }, { shape: [2] }],
      call: (indexPut, x, values) => indexPut(x, [slice(1, null), [1, 0]], values),
      define: (x, values) => replaced(x, [3, 2, 5, 4], (nth) => values.values[nth % 2]!),
      empty: [[1, 2], [2]],
    },
    {
      title: "a mask",
      inputs: [{ shape: [2, 3] }, { shape: [4] }],
      call: (indexPut, x, values) => indexPut(x, [MASK], values),
      define: (x, values) => replaced(x, PLACES, (nth) => values.values[nth]!),
      empty: null,
    },
  ],
  indexPut_: [
    {
      inputs: [{ shape: [3, 2] }, { shape: [2, 2] }],
      call: (indexPut_, x, values) => indexPut_(x.clone(), [[2, 0]], values),
      define: (x, values) => replaced(x, [4, 5, 0, 1], (nth) => values.values[nth]!),
      empty: [
        [3, 0],
        [2, 0],
      ],
    },
  ],
  setAt_: [
    {
      inputs: [{ shape: [3, 2] }, { shape: [2] }],
      call: (setAt_, x, value) => setAt_(x.clone(), [slice(1, null)], value),
      define: (x, value) => replaced(x, [2, 3, 4, 5], (nth) => value.values[nth % 2]!),
      empty: [[3, 0], [0]],
    },
    {
      title: "a mask",
      inputs: [{ shape: [2, 3] }, { shape: [] }],
      call: (setAt_, x, value) => setAt_(x.clone(), [tensor(MASK)], value),
      define: (x, value) => replaced(x, PLACES, () => value.values[0]!),
      empty: null,
    },
  ],
  indexTensor: [
    {
      inputs: [{ shape: [2, 2], dtype: "int32" }],
      call: (indexTensor, x) => indexTensor("test", x),
      define: (x) => x,
      dtype: "int32",
      differentiable: false,
    },
  ],
  maskedSelect: [
    {
      inputs: [{ shape: [2, 3] }],
      call: (maskedSelect, x) => maskedSelect(x, tensor(MASK)),
      define: (x) => vector(PLACES.map((i) => x.values[i]!)),
      empty: null,
    },
    {
      title: "broadcast",
      inputs: [{ shape: [2, 1] }],
      call: (maskedSelect, x) => maskedSelect(x, tensor([true, false, true])),
      define: (x) => vector(x.values.flatMap((value) => [value, value])),
    },
  ],
  maskedScatter: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2, 3], dtype: "bool" }, { shape: [7] }],
      define: (x, mask, source) => {
        let taken = 0;
        return map(x, (value, i) => (mask.values[i] ? source.values[taken++]! : value));
      },
      empty: [[0, 3], [0, 3], [7]],
    },
  ],
  nonzero: [
    {
      inputs: [{ shape: [2, 3] }],
      call: (nonzero, x) => nonzero(x.clamp(1, 2).mul(tensor(MASK))),
      define: () => shaped(vector(PLACES.flatMap((i) => [Math.floor(i / 3), i % 3])), PLACES.length, 2),
      dtype: "int32",
      differentiable: false,
      empty: null,
    },
  ],
};
