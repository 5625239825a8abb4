import type * as ops from "../../../src/ops/reduce.ts";
import { fold, map, sum, sumTo } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

type Reduce = typeof ops.logsumexp;

/** A reduction over all, one, and two dimensions. */
function reductions(f: (group: number[]) => number, options: Partial<Sample<Reduce>> = {}): readonly Sample<Reduce>[] {
  const [input = {}] = options.inputs ?? [];
  const of = (title: string, shape: readonly number[], rest: Omit<Sample<Reduce>, "inputs">): Sample<Reduce> => {
    return { seesLayout: "rounding", ...rest, ...options, title, inputs: [{ ...input, shape }] };
  };
  return [
    of("of all", [2, 3], { define: (x) => fold(x, f) }),
    of("over the last dimension", [2, 3], { call: (op, x) => op(x, -1), define: (x) => fold(x, f, [1]) }),
    of("over two of three dimensions", [2, 3, 2], {
      call: (op, x) => op(x, [0, 2], { keepdim: true }),
      define: (x) => fold(x, f, [0, 2], true),
    }),
    of("of a number", [], { call: (op, x) => op(x, 0), define: (x) => fold(x, f), empty: [[]] }),
  ];
}

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

const logsumexp = (values: readonly number[]): number => Math.log(sum(values.map((x) => Math.exp(x))));

const TRUTH: Partial<Sample<Reduce>> = {
  inputs: [{ shape: [], lattice: [1, 0], range: [-1, 1] }],
  dtype: "bool",
  differentiable: false,
};

const COUNT: Partial<Sample> = { differentiable: false, dtype: "int32" };

/** Sums, products and their like. */
export const reduce: Samples<typeof ops> = {
  sum: [
    ...reductions(sum),
    {
      title: "of truth values",
      inputs: [{ shape: [2, 3], dtype: "bool" }],
      define: (x) => fold(x, sum),
      ...COUNT,
    },
    {
      title: "in another dtype",
      inputs: [{ shape: [2, 3] }],
      call: (op, x) => op(x, 0, { dtype: "float64" }),
      define: (x) => fold(x, sum, [0]),
      dtype: "float64",
    },
  ],
  mean: [...reductions((values) => sum(values) / values.length)],
  prod: [
    ...reductions(product, { inputs: [{ shape: [], avoid: [0] }] }),
    {
      title: "with zeros",
      inputs: [{ shape: [2, 3], lattice: [1, 0] }],
      call: (op, x) => op(x, 1),
      define: (x) => fold(x, product, [1]),
    },
  ],
  all: [...reductions((values) => Number(values.every((x) => x !== 0)), TRUTH)],
  any: [...reductions((values) => Number(values.some((x) => x !== 0)), TRUTH)],
  logsumexp: [...reductions(logsumexp)],
  countNonzero: [
    {
      inputs: [{ shape: [2, 3], lattice: [1, 0] }],
      define: (x) =>
        fold(
          map(x, (value) => Number(value !== 0)),
          sum,
        ),
      ...COUNT,
    },
    {
      title: "along a dimension",
      inputs: [{ shape: [2, 3], lattice: [1, 0] }],
      call: (op, x) => op(x, 0),
      define: (x) =>
        fold(
          map(x, (value) => Number(value !== 0)),
          sum,
          [0],
        ),
      ...COUNT,
    },
  ],
  sumToShape: [
    {
      title: "fewer dimensions",
      inputs: [{ shape: [2, 2, 3] }],
      call: (op, x) => op(x, [3]),
      define: (x) => sumTo(x, [3]),
      seesLayout: "rounding",
    },
    {
      title: "sizes of 1",
      inputs: [{ shape: [2, 2, 3] }],
      call: (op, x) => op(x, [2, 1]),
      define: (x) => sumTo(x, [2, 1]),
      seesLayout: "rounding",
    },
  ],
};
