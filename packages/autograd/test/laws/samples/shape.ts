import type * as ops from "../../../src/ops/shape.ts";
import { build, type Elements, permuted, read, shaped } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

const MATRIX = [{ shape: [2, 3] }] as const;
const CUBE = [{ shape: [2, 3, 2] }] as const;

type Reorder<F> = Pick<Sample<F>, "call" | "define" | "title" | "empty">;

/** Of a matrix [2, 3]. */
const matrix = <F>(options: Reorder<F>): Sample<F> => ({ inputs: MATRIX, ...options });

/** Of an array [2, 3, 2]. */
const cube = <F>(options: Reorder<F>): Sample<F> => ({ inputs: CUBE, ...options });

const rows = (x: Elements): number => x.shape[0]!;

/** Views and reshapes. */
export const shape: Samples<typeof ops> = {
  view: [
    matrix({ call: (view, x) => view(x.contiguous(), 3, -1), define: (x) => shaped(x, 3, x.values.length / 3) }),
    matrix({
      title: "sizes as an array",
      call: (view, x) => view(x.contiguous(), [x.shape[0]!, 1, 3]),
      define: (x) => shaped(x, rows(x), 1, 3),
    }),
  ],
  reshape: [
    matrix({ call: (reshape, x) => reshape(x, 3, -1), define: (x) => shaped(x, 3, x.values.length / 3) }),
    cube({
      title: "of a transposed array",
      call: (reshape, x) => reshape(x.transpose(0, 1), [3, 2 * x.shape[0]!]),
      define: (x) => shaped(permuted(x, 1, 0, 2), 3, 2 * rows(x)),
    }),
  ],
  reshapeAs: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [6], constant: true }],
      define: (x, other) => shaped(x, ...other.shape),
      empty: [[0, 3], [0]],
    },
  ],
  viewAs: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [6], constant: true }],
      call: (viewAs, x, other) => viewAs(x.contiguous(), other),
      define: (x, other) => shaped(x, ...other.shape),
      empty: [[0, 3], [0]],
    },
  ],
  flatten: [
    cube({ define: (x) => shaped(x, x.values.length) }),
    cube({ title: "some dimensions", call: (flatten, x) => flatten(x, 1), define: (x) => shaped(x, rows(x), 6) }),
    { title: "a number", inputs: [{ shape: [] }], define: (x) => shaped(x, 1), empty: [[]] },
  ],
  ravel: [cube({ define: (x) => shaped(x, x.values.length) })],
  unflatten: [
    matrix({
      call: (unflatten, x) => unflatten(x.t(), 0, [1, -1]),
      define: (x) => shaped(permuted(x, 1, 0), 1, 3, rows(x)),
    }),
  ],
  permute: [
    cube({ call: (permute, x) => permute(x, 1, 2, 0), define: (x) => permuted(x, 1, 2, 0) }),
    cube({ title: "as an array", call: (permute, x) => permute(x, [-1, 0, 1]), define: (x) => permuted(x, 2, 0, 1) }),
  ],
  transpose: [cube({ call: (transpose, x) => transpose(x, 0, -1), define: (x) => permuted(x, 2, 1, 0) })],
  t: [
    matrix({ define: (x) => permuted(x, 1, 0) }),
    { title: "of a vector", inputs: [{ shape: [3] }], define: (x) => x },
  ],
  mT: [cube({ define: (x) => permuted(x, 0, 2, 1) })],
  movedim: [
    cube({ call: (movedim, x) => movedim(x, 0, 2), define: (x) => permuted(x, 1, 2, 0) }),
    cube({
      title: "two",
      call: (movedim, x) => movedim(x, [0, 1], [-1, 0]),
      define: (x) => permuted(x, 1, 2, 0),
    }),
  ],
  squeeze: [
    { inputs: [{ shape: [1, 3, 1] }], define: (x) => shaped(x, x.values.length), empty: [[1, 0, 1]] },
    {
      title: "some dimensions",
      inputs: [{ shape: [1, 3, 1] }],
      call: (squeeze, x) => squeeze(x, [1, -1]),
      define: (x) => shaped(x, x.shape[0]!, 3),
    },
  ],
  unsqueeze: [matrix({ call: (unsqueeze, x) => unsqueeze(x, -2), define: (x) => shaped(x, rows(x), 1, 3) })],
  expand: [
    {
      inputs: [{ shape: [2, 1] }],
      call: (expand, x) => expand(x, 3, -1, 2),
      define: (x) => build([3, rows(x), 2], (...index) => read(x, ...index)),
    },
  ],
  expandAs: [
    {
      inputs: [{ shape: [3] }, { shape: [2, 3], constant: true }],
      define: (x, other) => build(other.shape, (...index) => read(x, ...index)),
      empty: [[0], [2, 0]],
    },
  ],
  broadcastTo: [
    {
      inputs: [{ shape: [3] }],
      call: (broadcastTo, x) => broadcastTo(x, [2, x.shape[0]!]),
      define: (x) => build([2, rows(x)], (...index) => read(x, ...index)),
    },
  ],
  strideOver: [
    {
      inputs: [{ shape: [5, 2] }],
      call: (strideOver, x) => strideOver(x, 0, 4, 3, -2),
      define: (x) => build([3, x.shape[1]!], (i, j) => read(x, 4 - 2 * i, j)),
      empty: [[5, 0]],
    },
  ],
  narrow: [
    {
      inputs: [{ shape: [2, 4] }],
      call: (narrow, x) => narrow(x, -1, 1, 2),
      define: (x) => build([rows(x), 2], (i, j) => read(x, i, j + 1)),
    },
    {
      title: "from the end",
      inputs: [{ shape: [4, 2] }],
      call: (narrow, x) => narrow(x, 0, -3, 2),
      define: (x) => build([2, x.shape[1]!], (i, j) => read(x, i + 1, j)),
      empty: [[4, 0]],
    },
  ],
  select: [matrix({ call: (select, x) => select(x, 1, -1), define: (x) => build([rows(x)], (i) => read(x, i, 2)) })],
  diagonal: [
    matrix({
      call: (diagonal, x) => diagonal(x),
      define: (x) => build([Math.min(rows(x), 3)], (i) => read(x, i, i)),
    }),
    cube({
      title: "beside the main one, of other dimensions",
      call: (diagonal, x) => diagonal(x, -1, 1, 2),
      define: (x) => build([rows(x), 2], (n, i) => read(x, n, i + 1, i)),
    }),
  ],
  unfold: [
    {
      inputs: [{ shape: [5, 2] }],
      call: (unfold, x) => unfold(x, 0, 3, 1),
      define: (x) => build([3, x.shape[1]!, 3], (window, j, i) => read(x, window + i, j)),
      empty: [[5, 0]],
    },
    {
      title: "with gaps",
      inputs: [{ shape: [7] }],
      call: (unfold, x) => unfold(x, -1, 2, 4),
      define: (x) => build([2, 2], (window, i) => read(x, 4 * window + i)),
      empty: null,
    },
  ],
};
