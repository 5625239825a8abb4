import type * as gatherOps from "../../../src/ops/gather.ts";
import type * as selectOps from "../../../src/ops/indexSelect.ts";
import type * as scatterOps from "../../../src/ops/scatter.ts";
import { build, type Elements, picked, read } from "../elements.ts";
import type { InputSample, Samples } from "../sample.ts";

const indices = (shape: readonly number[], size: number, options: Partial<InputSample> = {}): InputSample => ({
  shape,
  dtype: "int32",
  range: [0, size - 1],
  ...options,
});

/** Along dimension 1 of a matrix: every element of the source sent to its place, one after the other. */
function sent(x: Elements, index: Elements, source: Elements, meet: (there: number, sent: number) => number): Elements {
  const values = [...x.values];
  build(index.shape, (i, j) => {
    const at = i! * x.shape[1]! + read(index, i!, j!);
    values[at] = meet(values[at]!, read(source, i!, j!));
    return 0;
  });
  return { values, shape: x.shape };
}

/** Whole slices along dimension 0. */
const slices = (x: Elements, index: Elements, source: Elements, meet: (there: number, sent: number) => number) => {
  const columns = x.shape[1]!;
  const values = [...x.values];
  index.values.forEach((place, i) => {
    const at = ((place % x.shape[0]!) + x.shape[0]!) % x.shape[0]!;
    for (let j = 0; j < columns; j++) values[at * columns + j] = meet(values[at * columns + j]!, read(source, i, j));
  });
  return { values, shape: x.shape };
};

const ROW_PLACES = [
  [2, 0],
  [1, 3],
];

const places: Elements = { values: ROW_PLACES.flat(), shape: [2, 2] };
const EMPTY_ROWS = [
  [0, 4],
  [0, 2],
  [0, 2],
];
const COLUMNS = [[3, 0], [2], [2, 0]];

/** What picks and puts elements by index. */
export const scatter: Samples<typeof scatterOps & typeof selectOps & typeof gatherOps> = {
  gather: [
    {
      inputs: [{ shape: [2, 3] }, indices([2, 4], 3)],
      call: (gather, x, index) => gather(x, 1, index),
      define: (x, index) => build(index.shape, (i, j) => read(x, i!, read(index, i!, j!))),
      empty: [
        [2, 3],
        [0, 4],
      ],
    },
    {
      title: "fewer rows",
      inputs: [{ shape: [3, 2] }, indices([2, 1], 3)],
      call: (gather, x, index) => gather(x, 0, index),
      define: (x, index) => build(index.shape, (i, j) => read(x, read(index, i!, j!), j!)),
      empty: [
        [3, 2],
        [0, 1],
      ],
    },
  ],
  takeAlongDim: [
    {
      inputs: [{ shape: [1, 3] }, indices([2, 2], 3, { range: [-3, 2] })],
      call: (takeAlongDim, x, index) => takeAlongDim(x, index, 1),
      define: (x, index) => build(index.shape, (i, j) => read(x, i!, (read(index, i!, j!) + 3) % 3)),
      empty: [
        [1, 3],
        [0, 2],
      ],
    },
    {
      title: "flattened",
      inputs: [{ shape: [2, 3] }, indices([4], 6)],
      define: (x, index) => build(index.shape, (i) => x.values[index.values[i!]!]!),
      empty: [[2, 3], [0]],
    },
  ],
  take: [
    {
      inputs: [{ shape: [2, 3] }, indices([2, 2], 6, { range: [-6, 5] })],
      define: (x, index) => ({ ...index, values: index.values.map((i) => x.values[(i + 6) % 6]!) }),
      empty: [
        [2, 3],
        [0, 2],
      ],
    },
  ],
  indexSelect: [
    {
      inputs: [{ shape: [3, 2] }, indices([4], 3)],
      call: (indexSelect, x, index) => indexSelect(x, 0, index),
      define: (x, index) => picked(x, 0, index.values),
      empty: [[3, 2], [0]],
    },
    {
      title: "along the last dimension",
      inputs: [{ shape: [2, 3] }, indices([2], 3)],
      call: (indexSelect, x, index) => indexSelect(x, -1, index),
      define: (x, index) => picked(x, 1, index.values),
      empty: [[0, 3], [2]],
    },
  ],
  indexAdd: [
    {
      inputs: [{ shape: [3, 2] }, indices([2], 3), { shape: [2, 2] }],
      call: (indexAdd, x, index, source) => indexAdd(x, 0, index, source),
      define: (x, index, source) => slices(x, index, source, (a, b) => a + b),
      empty: COLUMNS,
    },
    {
      title: "scaled",
      inputs: [{ shape: [3, 2] }, indices([2], 3), { shape: [2, 2] }],
      call: (indexAdd, x, index, source) => indexAdd(x, 0, index, source, { alpha: -0.5 }),
      define: (x, index, source) => slices(x, index, source, (a, b) => a - 0.5 * b),
      empty: COLUMNS,
    },
  ],
  indexCopy: [
    {
      inputs: [{ shape: [3, 2] }, indices([3], 3, { distinct: true }), { shape: [3, 2] }],
      call: (indexCopy, x, index, source) => indexCopy(x, 0, index, source),
      define: (x, index, source) => slices(x, index, source, (_, b) => b),
      empty: [[3, 0], [3], [3, 0]],
    },
  ],
  indexFill: [
    {
      inputs: [{ shape: [3, 2] }, indices([2], 3, { range: [-3, 2] })],
      call: (indexFill, x, index) => indexFill(x, 0, index, 1.5),
      define: (x, index) => slices(x, index, { values: [1.5], shape: [1, 1] }, (_, b) => b),
      empty: [[3, 0], [2]],
    },
    {
      title: "with a tensor",
      inputs: [{ shape: [3, 2] }, indices([2], 3), { shape: [] }],
      call: (indexFill, x, index, value) => indexFill(x, 0, index, value),
      define: (x, index, value) => slices(x, index, value, (_, b) => b),
      empty: [[3, 0], [2], []],
    },
  ],
  scatter: [
    {
      inputs: [{ shape: [2, 4] }, { shape: [2, 2] }],
      call: (scatter, x, source) => scatter(x, 1, ROW_PLACES, source),
      define: (x, source) => sent(x, places, source, (_, b) => b),
      empty: null,
    },
    {
      title: "a number",
      inputs: [{ shape: [2, 4] }, indices([2, 2], 4)],
      call: (scatter, x, index) => scatter(x, 1, index, 1.5),
      define: (x, index) => sent(x, index, { values: [1.5], shape: [1, 1] }, (_, b) => b),
      empty: EMPTY_ROWS.slice(0, 2),
    },
    {
      title: "adding",
      inputs: [{ shape: [2, 4] }, indices([2, 3], 4), { shape: [2, 3] }],
      call: (scatter, x, index, source) => scatter(x, 1, index, source, { reduce: "add" }),
      define: (x, index, source) => sent(x, index, source, (a, b) => a + b),
      empty: EMPTY_ROWS,
    },
    {
      title: "multiplying",
      inputs: [{ shape: [2, 4] }, indices([2, 3], 4), { shape: [2, 3], avoid: [0] }],
      call: (scatter, x, index, source) => scatter(x, 1, index, source, { reduce: "multiply" }),
      define: (x, index, source) => sent(x, index, source, (a, b) => a * b),
      empty: EMPTY_ROWS,
    },
    {
      title: "multiplying, with zeros",
      inputs: [{ shape: [2, 4] }, indices([2, 3], 2), { shape: [2, 3], lattice: [1, 0] }],
      call: (scatter, x, index, source) => scatter(x, 1, index, source, { reduce: "multiply" }),
      define: (x, index, source) => sent(x, index, source, (a, b) => a * b),
      empty: EMPTY_ROWS,
    },
  ],
  scatterAdd: [
    {
      inputs: [{ shape: [2, 4] }, indices([2, 3], 4), { shape: [2, 3] }],
      call: (scatterAdd, x, index, source) => scatterAdd(x, 1, index, source),
      define: (x, index, source) => sent(x, index, source, (a, b) => a + b),
      empty: EMPTY_ROWS,
    },
  ],
};
