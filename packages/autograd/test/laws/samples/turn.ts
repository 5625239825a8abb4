import type * as diagonalOps from "../../../src/ops/diagonals.ts";
import type * as patchOps from "../../../src/ops/patch.ts";
import type * as turnOps from "../../../src/ops/turn.ts";
import { along, build, type Elements, permuted, read, shaped } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

const MATRIX = [{ shape: [2, 3] }] as const;
const CUBE = [{ shape: [2, 3, 2] }] as const;

const height = (x: Elements): number => x.shape[0]!;

/** The same elements but for those that `source` names. */
const replaced = (x: Elements, source: (...index: number[]) => number | undefined): Elements =>
  build(x.shape, (...index) => source(...index) ?? read(x, ...index));

/** A vector, or the elements in order, on a diagonal. */
const onDiagonal = (x: Elements, offset: number): Elements => {
  const size = x.values.length + Math.abs(offset);
  return build([size, size], (i, j) => (j - i === offset ? x.values[Math.min(i, j)]! : 0));
};

/** An array without a first dimension of its own, as a sample that stays as it is. */
const unchanged = <F>(shape: readonly number[]): Sample<F> => ({
  title: `of shape [${shape}]`,
  inputs: [{ shape }],
  define: (x) => x,
});

/** Turns, other names, ranks; diagonals; and parts replaced. */
export const turn: Samples<typeof turnOps & typeof diagonalOps & typeof patchOps> = {
  fliplr: [{ inputs: MATRIX, define: (x) => along(x, 1, (line) => line.reverse()) }],
  flipud: [{ inputs: MATRIX, define: (x) => along(x, 0, (line) => line.reverse()) }],
  rot90: [
    { inputs: MATRIX, define: (x) => build([3, height(x)], (i, j) => read(x, j, 2 - i)) },
    {
      title: "backwards in another plane",
      inputs: CUBE,
      call: (rot90, x) => rot90(x, -1, [1, 2]),
      define: (x) => build([height(x), 2, 3], (n, i, j) => read(x, n, 2 - j, i)),
    },
    {
      title: "twice",
      inputs: MATRIX,
      call: (rot90, x) => rot90(x, 2),
      define: (x) => ({ ...x, values: [...x.values].reverse() }),
    },
    { title: "all around", inputs: MATRIX, call: (rot90, x) => rot90(x, 4), define: (x) => x },
  ],
  swapaxes: [{ inputs: CUBE, call: (swapaxes, x) => swapaxes(x, 0, 2), define: (x) => permuted(x, 2, 1, 0) }],
  moveaxis: [{ inputs: CUBE, call: (moveaxis, x) => moveaxis(x, 0, -1), define: (x) => permuted(x, 1, 2, 0) }],
  atleast1d: [unchanged([2, 3]), { inputs: [{ shape: [] }], define: (x) => shaped(x, 1), empty: [[]] }],
  atleast2d: [unchanged([2, 3]), { inputs: [{ shape: [3] }], define: (x) => shaped(x, 1, x.values.length) }],
  atleast3d: [
    unchanged([2, 3, 1]),
    { inputs: [{ shape: [3] }], define: (x) => shaped(x, 1, x.values.length, 1) },
    { title: "of a matrix", inputs: MATRIX, define: (x) => shaped(x, ...x.shape, 1) },
  ],
  dstack: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
      call: (dstack, ...parts) => dstack(parts),
      define: (a, b) => build([...a.shape, 2], (i, j, n) => read(n === 0 ? a : b, i, j)),
    },
  ],
  columnStack: [
    {
      inputs: [{ shape: [3] }, { shape: [3, 2] }],
      call: (columnStack, ...parts) => columnStack(parts),
      define: (a, b) => build([b.shape[0]!, 3], (i, j) => (j === 0 ? read(a, i) : read(b, i, j - 1))),
      empty: [[0], [0, 2]],
    },
  ],
  diagEmbed: [
    {
      inputs: MATRIX,
      define: (x) => build([height(x), 3, 3], (n, i, j) => (i === j ? read(x, n, i) : 0)),
    },
    {
      title: "below the main one, in other dimensions",
      inputs: [{ shape: [2, 2] }],
      call: (diagEmbed, x) => diagEmbed(x, -1, 0, 2),
      define: (x) => build([3, height(x), 3], (i, n, j) => (i - j === 1 ? read(x, n, j) : 0)),
    },
  ],
  diag: [
    { inputs: [{ shape: [3] }], define: (x) => onDiagonal(x, 0) },
    {
      title: "above the main one",
      inputs: [{ shape: [2] }],
      call: (diag, x) => diag(x, 1),
      define: (x) => onDiagonal(x, 1),
    },
    {
      title: "of a matrix",
      inputs: MATRIX,
      call: (diag, x) => diag(x, 1),
      define: (x) => build([Math.min(height(x), 2)], (i) => read(x, i, i + 1)),
    },
  ],
  diagflat: [{ inputs: [{ shape: [2, 2] }], call: (diagflat, x) => diagflat(x, -1), define: (x) => onDiagonal(x, -1) }],
  blockDiag: [
    {
      inputs: [{ shape: [2, 2] }, { shape: [3] }, { shape: [] }],
      define: (a, b, c) =>
        build([a.shape[0]! + 2, 6], (i, j) => {
          const [below, right] = [i - a.shape[0]!, j - 2];
          if (below < 0) return right < 0 ? read(a, i, j) : 0;
          if (below === 0) return right >= 0 && right < 3 ? read(b, right) : 0;
          return right === 3 ? read(c) : 0;
        }),
      empty: [[0, 2], [3], []],
    },
  ],
  selectScatter: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2] }],
      call: (selectScatter, x, source) => selectScatter(x, source, 1, -1),
      define: (x, source) => replaced(x, (i, j) => (j === 2 ? read(source, i!) : undefined)),
      empty: [[0, 3], [0]],
    },
  ],
  sliceScatter: [
    {
      inputs: [{ shape: [2, 4] }, { shape: [2, 2] }],
      call: (sliceScatter, x, source) => sliceScatter(x, source, { dim: 1, start: 1, end: 4, step: 2 }),
      define: (x, source) => replaced(x, (i, j) => (j! % 2 === 1 ? read(source, i!, (j! - 1) / 2) : undefined)),
    },
  ],
  diagonalScatter: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [2] }],
      call: (diagonalScatter, x, source) => diagonalScatter(x, source, 1),
      define: (x, source) => replaced(x, (i, j) => (j! - i! === 1 ? read(source, i!) : undefined)),
      empty: [[0, 3], [0]],
    },
  ],
};
