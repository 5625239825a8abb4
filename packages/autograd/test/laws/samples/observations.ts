import { hstack, tensor } from "../../../src/index.ts";
import type * as covarianceOps from "../../../src/ops/covariance.ts";
import type * as differenceOps from "../../../src/ops/differences.ts";
import type * as nanOps from "../../../src/ops/nan.ts";
import type * as quantileOps from "../../../src/ops/quantile.ts";
import { along, build, type Elements, fold, mean, number, read, sum } from "../elements.ts";
import type { InputSample, Sample, Samples } from "../sample.ts";
import { ranked } from "./extrema.ts";

/** The weighted covariances of rows. */
function covariances(x: Elements, weights: readonly number[], divisor: number): Elements {
  const total = sum(weights);
  const centred = along(x, 1, (line) => {
    const centre = sum(line.map((value, i) => value * weights[i]!)) / total;
    return line.map((value) => value - centre);
  });
  return build([x.shape[0]!, x.shape[0]!], (i, j) => {
    return sum(weights.map((w, n) => w * read(centred, i, n) * read(centred, j, n))) / divisor;
  });
}

const ONES = [1, 1, 1, 1];
/** Two more observations of two variables. */
const FAR = [
  [6, 0],
  [0, 6],
];
/** Well apart, so that no variance is small. */
const OBSERVATIONS: InputSample = { shape: [2, 4], distinct: true };

const differences = (line: readonly number[]): number[] => line.slice(1).map((value, i) => value - line[i]!);

const areas = (heights: readonly number[], widths: readonly number[]): number[] =>
  widths.map((width, i) => ((heights[i]! + heights[i + 1]!) * width) / 2);

const running = (values: readonly number[]): number[] => values.map((_, i) => sum(values.slice(0, i + 1)));

/** Between the elements in order, at a part of the way. */
const quantile =
  (part: number) =>
  (values: readonly number[]): number => {
    const sorted = [...values].sort((a, b) => a - b);
    const place = part * (sorted.length - 1);
    const below = sorted[Math.floor(place)]!;
    return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
  };

function quantiles(): readonly Sample<typeof quantileOps.quantile>[] {
  const inputs = [{ shape: [2, 4], distinct: true }];
  return [
    { title: "of all", inputs, call: (op, x) => op(x, 0.3), define: (x) => fold(x, quantile(0.3)), empty: null },
    {
      title: "several, along a dimension",
      inputs,
      call: (op, x) => op(x, tensor([0, 0.625], { dtype: x.dtype }), 1, { keepdim: true }),
      define: (x) =>
        build([2, x.shape[0]!, 1], (n, i) => quantile([0, 0.625][n]!)([0, 1, 2, 3].map((j) => read(x, i, j)))),
      empty: null,
    },
    ...(["lower", "higher", "nearest", "midpoint"] as const).map(
      (interpolation): Sample<typeof quantileOps.quantile> => ({
        title: interpolation,
        inputs,
        call: (op, x) => op(x, 0.4, 1, { interpolation }),
        define: (x) => {
          const [low, high] = [ranked(() => 1), ranked(() => 2)]; // 0.4 · 3 = 1.2
          const between = (values: readonly number[]): number =>
            interpolation === "midpoint"
              ? mean([low(values), high(values)])
              : (interpolation === "higher" ? high : low)(values);
          return fold(x, between, [1]);
        },
        empty: null,
      }),
    ),
  ];
}

const LINES = [{ shape: [2, 4] }] as const;

/** Covariances, differences, integrals, quantiles, and what passes over NaN. */
export const observations: Samples<typeof covarianceOps & typeof differenceOps & typeof nanOps & typeof quantileOps> = {
  cov: [
    { inputs: [OBSERVATIONS], define: (x) => covariances(x, ONES, 3) },
    {
      title: "of one variable",
      inputs: [{ shape: [4], distinct: true }],
      call: (cov, x) => cov(x, { correction: 0 }),
      define: (x) =>
        number(
          covariances({ ...x, shape: [1, x.values.length] }, ONES.slice(0, x.values.length), x.values.length)
            .values[0]!,
        ),
    },
    {
      title: "weighted",
      inputs: [OBSERVATIONS],
      call: (cov, x) =>
        cov(x, {
          fweights: tensor([1, 2, 1, 1], { dtype: "int32" }),
          aweights: tensor([0.5, 1, 0.25, 2], { dtype: x.dtype }),
        }),
      define: (x) => {
        const weights = [0.5, 2, 0.25, 2];
        const lost = sum([0.5 * 0.5, 2 * 1, 0.25 * 0.25, 2 * 2]) / sum(weights);
        return covariances(x, weights, sum(weights) - lost);
      },
    },
  ],
  corrcoef: [
    {
      inputs: [OBSERVATIONS],
      // two more observations, off every line through the others: torch cuts correlations at 1, where they have a kink
      call: (corrcoef, x) => corrcoef(hstack([x, tensor(FAR, { dtype: x.dtype })])),
      empty: [[2, 0]],
      define: (seen) => {
        const x = build([2, seen.shape[1]! + 2], (i, j) => FAR[i!]![j! - seen.shape[1]!] ?? read(seen, i!, j!));
        const all = covariances(x, new Array<number>(x.shape[1]!).fill(1), 1);
        return build(all.shape, (i, j) => read(all, i, j) / Math.sqrt(read(all, i, i) * read(all, j, j)));
      },
    },
  ],
  diff: [
    { inputs: LINES, define: (x) => along(x, 1, differences) },
    {
      title: "twice, along the first dimension",
      inputs: [{ shape: [4, 2] }],
      call: (diff, x) => diff(x, 2, 0),
      define: (x) => along(x, 0, (line) => differences(differences(line))),
      empty: [[4, 0]],
    },
    {
      title: "with more at the ends",
      inputs: [{ shape: [2, 2] }, { shape: [2, 1] }, { shape: [2, 1] }],
      call: (diff, x, prepend, append) => diff(x, 1, -1, { prepend, append }),
      define: (x, before, after) =>
        build([x.shape[0]!, 3], (i, j) => {
          const line = [read(before, i, 0), read(x, i, 0), read(x, i, 1), read(after, i, 0)];
          return line[j + 1]! - line[j]!;
        }),
    },
  ],
  trapezoid: [
    {
      inputs: LINES,
      call: (trapezoid, y) => trapezoid(y, undefined, { dx: 0.5 }),
      define: (y) => fold(y, (line) => sum(areas(line, [0.5, 0.5, 0.5])), [1]),
    },
    {
      title: "at given places",
      inputs: [{ shape: [3, 2] }, { shape: [3] }],
      call: (trapezoid, y, x) => trapezoid(y, x, { dim: 0 }),
      define: (y, x) => fold(y, (line) => sum(areas(line, differences(x.values))), [0]),
      empty: [[3, 0], [3]],
    },
  ],
  cumulativeTrapezoid: [
    {
      inputs: LINES,
      call: (cumulativeTrapezoid, y) => cumulativeTrapezoid(y),
      define: (y) => along(y, 1, (line) => running(areas(line, [1, 1, 1]))),
    },
    {
      title: "at given places",
      inputs: [{ shape: [2, 3] }, { shape: [2, 3] }],
      define: (y, x) =>
        build([y.shape[0]!, 2], (i, j) => {
          const line = (a: Elements): number[] => [0, 1, 2].map((n) => read(a, i, n));
          return running(areas(line(y), differences(line(x))))[j]!;
        }),
    },
  ],
  nansum: [
    {
      inputs: LINES,
      call: (nansum, x) => nansum(x, 1),
      define: (x) => fold(x, sum, [1]),
    },
  ],
  nanmean: [
    {
      inputs: LINES,
      call: (nanmean, x) => nanmean(x, 0, { keepdim: true }),
      define: (x) => fold(x, mean, [0], true),
    },
  ],
  nanmedian: [
    {
      inputs: [{ shape: [5], distinct: true }],
      define: (x) =>
        fold(
          x,
          ranked(() => 2),
        ),
      empty: [[0]],
    },
  ],
  quantile: quantiles(),
  nanquantile: quantiles(),
};
