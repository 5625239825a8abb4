import type * as scanOps from "../../../src/ops/scan.ts";
import type * as softmaxOps from "../../../src/ops/softmax.ts";
import type * as statisticsOps from "../../../src/ops/statistics.ts";
import { along, fold, variance as spread, sum } from "../elements.ts";
import type { InputSample, Sample, Samples } from "../sample.ts";

type Scan = typeof scanOps.cumsum;

const running =
  (f: (values: number[]) => number) =>
  (line: number[]): number[] =>
    line.map((_, i) => f(line.slice(0, i + 1)));

function scans(f: (values: number[]) => number, avoid: readonly number[] = []): readonly Sample<Scan>[] {
  return [
    { inputs: [{ shape: [2, 3], avoid }], call: (op, x) => op(x, 1), define: (x) => along(x, 1, running(f)) },
    {
      title: "along the first dimension",
      inputs: [{ shape: [3, 2], avoid }],
      call: (op, x) => op(x, 0),
      define: (x) => along(x, 0, running(f)),
    },
    { title: "of a number", inputs: [{ shape: [] }], call: (op, x) => op(x, 0), define: (x) => x, empty: [[]] },
  ];
}

const product = (values: readonly number[]): number => values.reduce((a, b) => a * b, 1);

const logsumexp = (values: readonly number[]): number => Math.log(sum(values.map((x) => Math.exp(x))));

const softmax = (line: readonly number[]): number[] => line.map((x) => Math.exp(x - logsumexp(line)));

function shares(f: (line: number[]) => number[]): readonly Sample<typeof softmaxOps.softmax>[] {
  return [
    { inputs: [{ shape: [2, 3] }], call: (op, x) => op(x, -1), define: (x) => along(x, 1, f) },
    {
      title: "along the middle one of three dimensions",
      inputs: [{ shape: [2, 3, 2], range: [-8, 8] }],
      call: (op, x) => op(x, 1),
      define: (x) => along(x, 1, f),
    },
    {
      title: "in float64",
      inputs: [{ shape: [3] }],
      call: (op, x) => op(x, 0, { dtype: "float64" }),
      define: (x) => along(x, 0, f),
      dtype: "float64",
    },
  ];
}

type Variance = typeof statisticsOps.variance;

function spreads(
  of: (values: readonly number[], correction: number) => number,
  input: Partial<InputSample> = {},
): readonly Sample<Variance>[] {
  return [
    {
      title: "of all",
      inputs: [{ ...input, shape: [2, 3] }],
      seesLayout: "rounding",
      define: (x) => fold(x, (values) => of(values, 1)),
    },
    {
      title: "along a dimension",
      inputs: [{ ...input, shape: [2, 3] }],
      call: (op, x) => op(x, 1, { correction: 0 }),
      define: (x) => fold(x, (values) => of(values, 0), [1]),
    },
    {
      title: "over two of three dimensions",
      inputs: [{ ...input, shape: [2, 2, 2] }],
      call: (op, x) => op(x, [0, 2], { keepdim: true, correction: 2 }),
      seesLayout: "rounding",
      define: (x) => fold(x, (values) => of(values, 2), [0, 2], true),
    },
  ];
}

const variances = spreads((values, correction) => spread(values, correction));

const powerNorm =
  (p: number) =>
  (values: readonly number[]): number =>
    sum(values.map((x) => Math.abs(x) ** p)) ** (1 / p);

type Norm = typeof statisticsOps.norm;

const norm = (
  p: number,
  f: (values: readonly number[]) => number,
  input: Partial<InputSample> = {},
  rest: Partial<Sample<Norm>> = {},
): Sample<Norm> => ({
  title: `p = ${p}`,
  inputs: [{ shape: [2, 3], ...input }],
  call: (op, x) => op(x, p, 1),
  define: (x) => fold(x, f, [1]),
  ...rest,
});

const magnitudes = (values: readonly number[]): number[] => values.map(Math.abs);

/** Scans, shares of a whole, variances and norms. */
export const statistics: Samples<typeof scanOps & typeof softmaxOps & typeof statisticsOps> = {
  cumsum: scans(sum),
  cumprod: [
    ...scans(product, [0]), // near 0 a quotient of denormals stands for a product
    {
      title: "with zeros",
      inputs: [{ shape: [2, 4], lattice: [1, 0] }],
      call: (op, x) => op(x, 1),
      define: (x) => along(x, 1, running(product)),
    },
  ],
  logcumsumexp: scans(logsumexp),
  softmax: shares(softmax),
  softmin: shares((line) => softmax(line.map((x) => -x))),
  logSoftmax: shares((line) => line.map((x) => x - logsumexp(line))),
  var: variances,
  variance: variances,
  // well apart, since the root's slope grows without bound toward 0
  std: spreads((values, correction) => Math.sqrt(spread(values, correction)), { distinct: true }),
  norm: [
    { title: "of all", inputs: [{ shape: [2, 3], distinct: true }], define: (x) => fold(x, powerNorm(2)) },
    {
      title: "Frobenius",
      inputs: [{ shape: [2, 3], distinct: true }],
      call: (op, x) => op(x, "fro", [0, 1], { keepdim: true }),
      define: (x) => fold(x, powerNorm(2), [0, 1], true),
    },
    norm(1, powerNorm(1), { avoid: [0] }),
    norm(3, powerNorm(3), { distinct: true, avoid: [0] }),
    norm(0.5, powerNorm(0.5), { avoid: [0] }, { ulps: 8 }),
    norm(1.5, powerNorm(1.5), { avoid: [0] }),
    norm(0, (values) => values.filter((x) => x !== 0).length, { lattice: [1, 0] }, { differentiable: false }),
    norm(
      Number.POSITIVE_INFINITY,
      (values) => Math.max(...magnitudes(values)),
      { range: [0.5, 2], distinct: true },
      { empty: [[0, 3]] },
    ),
    norm(
      Number.NEGATIVE_INFINITY,
      (values) => Math.min(...magnitudes(values)),
      { range: [-2, -0.5], distinct: true },
      { empty: [[0, 3]] },
    ),
  ],
};
