import { tensor } from "../../../src/index.ts";
import type * as ops from "../../../src/ops/search.ts";
import { build, map, read } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

const BOUNDARIES = [-1, 0.5, 0.5, 1];

const smaller = (value: number): number => BOUNDARIES.filter((bound) => bound < value).length;
const notLarger = (value: number): number => BOUNDARIES.filter((bound) => bound <= value).length;

/** Values that meet the boundaries. */
const VALUES = { shape: [2, 3], lattice: [0.5, 0] } as const;

const counts = { dtype: "int32", differentiable: false } as const satisfies Partial<Sample>;

/** Searching in order, membership, and counting. */
export const search: Samples<typeof ops> = {
  searchsorted: [
    {
      inputs: [VALUES],
      call: (searchsorted, x) => searchsorted(tensor(BOUNDARIES, { dtype: x.dtype }), x),
      define: (x) => map(x, smaller),
      ...counts,
    },
    {
      title: "from the right, of an order",
      inputs: [VALUES],
      call: (searchsorted, x) =>
        searchsorted(tensor([1, 0.5, 0.5, -1], { dtype: x.dtype }), x, { side: "right", sorter: [3, 1, 2, 0] }),
      define: (x) => map(x, notLarger),
      ...counts,
    },
  ],
  bucketize: [
    {
      inputs: [VALUES],
      call: (bucketize, x) => bucketize(x, tensor(BOUNDARIES, { dtype: x.dtype }), { right: true }),
      define: (x) => map(x, notLarger),
      ...counts,
    },
  ],
  isin: [
    {
      inputs: [VALUES, { shape: [3], lattice: [0.5, 0] }],
      define: (x, list) => map(x, (value) => Number(list.values.includes(value))),
      dtype: "bool",
      differentiable: false,
      empty: [[0, 3], [3]],
    },
    {
      title: "not",
      inputs: [VALUES],
      call: (isin, x) => isin(x, 0.5, { invert: true }),
      define: (x) => map(x, (value) => Number(value !== 0.5)),
      dtype: "bool",
      differentiable: false,
    },
  ],
  bincount: [
    {
      // as many counts whatever the elements are: a trace is bound to their number
      inputs: [{ shape: [4], dtype: "int32", range: [0, 3] }],
      call: (bincount, x) => bincount(x, null, 5),
      define: (x) => build([5], (n) => x.values.filter((value) => value === n).length),
      ...counts,
    },
    {
      title: "of weights",
      inputs: [{ shape: [4], dtype: "int32", range: [0, 2] }, { shape: [4] }],
      call: (bincount, x, weights) => bincount(x, weights, 3),
      define: (x, weights) =>
        build([3], (n) => x.values.reduce((sum, value, i) => sum + (value === n ? read(weights, i) : 0), 0)),
      differentiable: false,
    },
  ],
  histc: [
    {
      inputs: [{ shape: [2, 3], lattice: [0.5, 0.25] }],
      call: (histc, x) => histc(x, 3, -1.5, 1.5),
      define: (x) => build([3], (n) => x.values.filter((value) => Math.floor(value + 1.5) === n).length),
      differentiable: false,
    },
  ],
};
