import type { Tensor } from "../../../src/index.ts";
import type * as ops from "../../../src/ops/index.ts";
import { along, build, type Elements, fold, mean, read, variance } from "../elements.ts";
import type { InputSample, Sample, SeveralSamples } from "../sample.ts";
import { order, ranked } from "./extrema.ts";

type ValuesAndIndices = ops.ValuesAndIndices;

const DISTINCT: InputSample = { shape: [3, 3], distinct: true };
/** With equals. */
const EQUALS: InputSample = { shape: [3, 3], lattice: [1, 0] };

type Call<F> = (op: F, ...inputs: Tensor[]) => ValuesAndIndices;

/** Where values are, and the values, of an op that finds them along a dimension. */
function found<F>(
  call: Call<F>,
  dim: number,
  find: (line: number[]) => number[],
  options: Pick<Sample<F>, "title" | "empty"> = {},
): readonly Sample<F>[] {
  const title = options.title === undefined ? "" : `, ${options.title}`;
  return [
    {
      ...options,
      title: `values${title}`,
      inputs: [DISTINCT],
      call: (op, ...inputs) => call(op, ...inputs).values,
      define: (x) => along(x, dim, (line) => find(line).map((i) => line[i]!)),
    },
    {
      ...options,
      title: `indices${title}`,
      inputs: [EQUALS],
      call: (op, ...inputs) => call(op, ...inputs).indices,
      define: (x) => along(x, dim, find),
      dtype: "int32",
      differentiable: false,
    },
  ];
}

const first = (best: (values: readonly number[]) => number) => (line: readonly number[]) => [line.indexOf(best(line))];
const largest = (values: readonly number[]): number => Math.max(...values);
const smallest = (values: readonly number[]): number => Math.min(...values);

/** The place of the last of the elements so far that nothing before it beats. */
const lastSoFar =
  (beats: (x: number, best: number) => boolean) =>
  (line: readonly number[]): number[] =>
    line.map((_, end) => {
      let best = 0;
      for (let i = 1; i <= end; i++) if (beats(line[i]!, line[best]!)) best = i;
      return best;
    });

/** Where the lower of the middle elements stands; of equals the first. */
const middle = (line: readonly number[]): number[] => [order(line)[(line.length - 1) >> 1]!];

/** The last of those that occur most often; of several values the smallest. */
const mostFrequent = (line: readonly number[]): number[] => {
  const count = (value: number): number => line.filter((other) => other === value).length;
  const most = Math.max(...line.map(count));
  return [line.lastIndexOf(smallest(line.filter((value) => count(value) === most)))];
};

const EMPTY_ROWS = { empty: [[0, 3]] };
const EMPTY_COLUMNS = { empty: [[3, 0]] };

/** A piece of a matrix: rows, or columns, from one number to another. */
const rows = (x: Elements, from: number, to: number): Elements =>
  build([Math.max(Math.min(to, x.shape[0]!) - from, 0), x.shape[1]!], (i, j) => read(x, from + i, j));
const columns = (x: Elements, from: number, to: number): Elements =>
  build([x.shape[0]!, to - from], (i, j) => read(x, i, from + j));

/** The largest of each pair of neighbours of a line, and where it is in its image. */
const pairs = (x: Elements, indices: boolean): Elements => {
  const length = x.shape.at(-1)!;
  const count = Math.floor(length / 2);
  const shape = x.shape.map((n, d) => (d === x.shape.length - 1 ? count : n));
  const heights = x.shape.length > 3 ? x.shape[2]! : 1;
  return build(shape, (...index) => {
    const at = 2 * index.at(-1)!;
    const [a, b] = [read(x, ...index.slice(0, -1), at), read(x, ...index.slice(0, -1), at + 1)];
    const row = heights > 1 ? index[2]! : 0;
    return indices ? row * length + at + Number(b > a) : Math.max(a, b);
  });
};

/** A pooling of pairs of columns: values and indices. */
function pooling<F>(shape: readonly number[], call: Call<F>): readonly Sample<F>[] {
  const inputs = [{ shape, distinct: true }];
  return [
    { title: "values", inputs, call: (op, ...x) => call(op, ...x).values, define: (x) => pairs(x, false) },
    {
      title: "indices",
      inputs,
      call: (op, ...x) => call(op, ...x).indices,
      define: (x) => pairs(x, true),
      dtype: "int32",
      differentiable: false,
    },
  ];
}

/** The second of a list, a number, in the shape that it gets. */
const deepened = <F extends (tensors: readonly Tensor[]) => Tensor[]>(
  shape: readonly number[],
): readonly Sample<F>[] => [
  {
    title: "of a list",
    inputs: [{ shape: [2], constant: true }, { shape: [] }],
    call: (op, ...tensors) => op(tensors)[1]!,
    define: (_, x) => ({ values: x.values, shape }),
    empty: [[0], []],
  },
];

const BOTH = { returnIndices: true } as const;

/** Functions that give several tensors; each sample looks at one of them. */
export const several: SeveralSamples = {
  max: found((max, x) => max(x, 1, { keepdim: true }), 1, first(largest), EMPTY_ROWS),
  min: found((min, x) => min(x, 0, { keepdim: true }), 0, first(smallest), EMPTY_COLUMNS),
  median: found((median, x) => median(x, 1, { keepdim: true }), 1, middle, EMPTY_ROWS),
  kthvalue: found(
    (kthvalue, x) => kthvalue(x, 3, 1, { keepdim: true }),
    1,
    (line) => [order(line)[2]!],
    EMPTY_ROWS,
  ),
  sort: [
    ...found<typeof ops.sort>((sort, x) => sort(x), 1, order),
    ...found<typeof ops.sort>(
      (sort, x) => sort(x, 0, { descending: true }),
      0,
      (line) => order(line.map((x) => -x)),
      {
        title: "descending",
      },
    ),
  ],
  topk: [
    {
      title: "values, largest",
      inputs: [DISTINCT],
      call: (topk, x) => topk(x, 2).values,
      define: (x) => along(x, 1, (line) => [ranked((n) => n - 1)(line), ranked((n) => n - 2)(line)]),
    },
    {
      title: "indices, smallest",
      inputs: [DISTINCT],
      call: (topk, x) => topk(x, 2, 0, { largest: false }).indices,
      define: (x) => along(x, 0, (line) => order(line).slice(0, 2)),
      dtype: "int32",
      differentiable: false,
      ...EMPTY_COLUMNS,
    },
  ],
  cummax: found(
    (cummax, x) => cummax(x, 1),
    1,
    lastSoFar((x, best) => x >= best),
  ),
  cummin: found(
    (cummin, x) => cummin(x, 0),
    0,
    lastSoFar((x, best) => x <= best),
  ),
  stdMean: [
    {
      title: "deviation",
      inputs: [{ shape: [2, 3], distinct: true }],
      call: (stdMean, x) => stdMean(x, 1).std,
      define: (x) => fold(x, (values) => Math.sqrt(variance(values, 1)), [1]),
    },
    {
      title: "mean",
      inputs: [{ shape: [2, 3] }],
      call: (stdMean, x) => stdMean(x, 0, { keepdim: true }).mean,
      define: (x) => fold(x, mean, [0], true),
    },
  ],
  aminmax: [
    {
      title: "smallest",
      inputs: [DISTINCT],
      call: (aminmax, x) => aminmax(x).min,
      define: (x) => fold(x, smallest),
      empty: null,
    },
    {
      title: "largest",
      inputs: [DISTINCT],
      call: (aminmax, x) => aminmax(x, { dim: 1, keepdim: true }).max,
      define: (x) => fold(x, largest, [1], true),
      ...EMPTY_ROWS,
    },
  ],
  mode: found((mode, x) => mode(x, 1, { keepdim: true }), 1, mostFrequent, EMPTY_ROWS),
  varMean: [
    {
      title: "variance",
      inputs: [{ shape: [2, 3] }],
      call: (varMean, x) => varMean(x, 1, { correction: 0 }).variance,
      define: (x) => fold(x, (values) => variance(values), [1]),
    },
    {
      title: "mean",
      inputs: [{ shape: [2, 3] }],
      call: (varMean, x) => varMean(x, 1, { keepdim: true }).mean,
      define: (x) => fold(x, mean, [1], true),
    },
  ],
  maxPool2d: pooling([1, 2, 2, 4], (maxPool2d, x) => maxPool2d(x, [1, 2], BOTH)),
  maxPool1d: pooling([1, 2, 4], (maxPool1d, x) => maxPool1d(x, 2, BOTH)),
  adaptiveMaxPool2d: pooling([1, 1, 2, 4], (adaptiveMaxPool2d, x) => adaptiveMaxPool2d(x, [null, 2], BOTH)),
  adaptiveMaxPool1d: pooling([1, 2, 4], (adaptiveMaxPool1d, x) => adaptiveMaxPool1d(x, 2, BOTH)),
  split: [
    {
      title: "last of equal pieces",
      inputs: [{ shape: [3, 2] }],
      call: (split, x) => split(x, 2).at(-1)!,
      define: (x) => rows(x, x.shape[0]! > 2 ? 2 : 0, 3),
    },
    {
      title: "middle one of given sizes",
      inputs: [{ shape: [2, 4] }],
      call: (split, x) => split(x, [1, 2, 1], -1)[1]!,
      define: (x) => columns(x, 1, 3),
    },
  ],
  chunk: [
    {
      title: "first",
      inputs: [{ shape: [2, 5] }],
      call: (chunk, x) => chunk(x, 2, 1)[0]!,
      define: (x) => columns(x, 0, 3),
    },
  ],
  tensorSplit: [
    {
      title: "second of three",
      inputs: [{ shape: [2, 5] }],
      call: (tensorSplit, x) => tensorSplit(x, 3, 1)[1]!,
      define: (x) => columns(x, 2, 4),
    },
    {
      title: "before indices",
      inputs: [{ shape: [2, 5] }],
      call: (tensorSplit, x) => tensorSplit(x, [1, -1], 1)[1]!,
      define: (x) => columns(x, 1, 4),
    },
  ],
  hsplit: [
    {
      title: "last of two",
      inputs: [{ shape: [2, 4] }],
      call: (hsplit, x) => hsplit(x, 2)[1]!,
      define: (x) => columns(x, 2, 4),
    },
  ],
  vsplit: [
    {
      title: "before an index",
      inputs: [{ shape: [3, 2] }],
      call: (vsplit, x) => vsplit(x, [1])[0]!,
      define: (x) => rows(x, 0, 1),
      empty: [[3, 0]],
    },
  ],
  dsplit: [
    {
      title: "first of two",
      inputs: [{ shape: [2, 1, 4] }],
      call: (dsplit, x) => dsplit(x, 2)[0]!,
      define: (x) => build([x.shape[0]!, 1, 2], (...index) => read(x, ...index)),
    },
  ],
  atleast1d: deepened([1]),
  atleast2d: deepened([1, 1]),
  atleast3d: deepened([1, 1, 1]),
  nanmedian: found((nanmedian, x) => nanmedian(x, 1, { keepdim: true }), 1, middle, EMPTY_ROWS),
  unbind: [
    {
      inputs: [{ shape: [2, 3] }],
      call: (unbind, x) => unbind(x, 1)[2]!,
      define: (x) => build([x.shape[0]!], (i) => read(x, i, 2)),
    },
  ],
  meshgrid: [
    {
      title: "ij",
      inputs: [{ shape: [2] }, { shape: [3] }],
      call: (meshgrid, ...vectors) => meshgrid(vectors)[0]!,
      define: (a, b) => build([a.shape[0]!, b.shape[0]!], (i) => read(a, i)),
      empty: [[0], [3]],
    },
    {
      title: "xy",
      inputs: [{ shape: [2] }, { shape: [3] }],
      call: (meshgrid, ...vectors) => meshgrid(vectors, { indexing: "xy" })[0]!,
      define: (a, b) => build([b.shape[0]!, a.shape[0]!], (_, j) => read(a, j)),
      empty: [[2], [0]],
    },
  ],
  broadcastTensors: [
    {
      inputs: [{ shape: [2, 1] }, { shape: [3], constant: true }],
      call: (broadcastTensors, ...tensors) => broadcastTensors(...tensors)[0]!,
      define: (a, b) => build([a.shape[0]!, b.shape[0]!], (i) => read(a, i, 0)),
      empty: [[0, 1], [3]],
    },
  ],
};
