import type * as ops from "../../../src/ops/norm.ts";
import { along, build, type Elements, mean, read, shaped, sum, variance } from "../elements.ts";
import type { InputSample, Samples } from "../sample.ts";

const EPS = 1e-5;

const standard = (line: readonly number[], eps = EPS): number[] =>
  line.map((x) => (x - mean(line)) / Math.sqrt(variance(line) + eps));

/** Groups of elements that lie one after the other, each to mean 0 and variance 1. */
const grouped = (x: Elements, size: number, eps = EPS): Elements =>
  shaped(
    along(shaped(x, x.values.length / size, size), 1, (line) => standard(line, eps)),
    ...x.shape,
  );

/** Element by element weight · x + bias, one of each for a channel, dimension 1. */
const affine = (x: Elements, weight?: Elements, bias?: Elements): Elements =>
  build(x.shape, (...index) => {
    const channel = index[1]!;
    return read(x, ...index) * (weight ? read(weight, channel) : 1) + (bias ? read(bias, channel) : 0);
  });

/** Each channel by its own statistics over the batch. */
function batched(x: Elements, eps = EPS): Elements {
  const [n, c, ...rest] = x.shape as [number, number, ...number[]];
  const inner = rest.reduce((a, b) => a * b, 1);
  const channels = Array.from({ length: c }, (_, channel) =>
    standard(
      Array.from(
        { length: n * inner },
        (_, i) => x.values[(Math.floor(i / inner) * c + channel) * inner + (i % inner)]!,
      ),
      eps,
    ),
  );
  const values = x.values.map((_, at) => {
    const [image, channel] = [Math.floor(at / (c * inner)), Math.floor(at / inner) % c];
    return channels[channel]![image * inner + (at % inner)]!;
  });
  return { values, shape: x.shape };
}

/** By statistics that are given. */
const given = (x: Elements, centre: Elements, spread: Elements, eps = EPS): Elements =>
  build(
    x.shape,
    (...index) => (read(x, ...index) - read(centre, index[1]!)) / Math.sqrt(read(spread, index[1]!) + eps),
  );

/** Well apart, or the variance may be so small that the slopes exceed what differences can tell. */
const APART: Omit<InputSample, "shape"> = { distinct: true };

const CENTRE: InputSample = { shape: [2], constant: true };
const SPREAD: InputSample = { shape: [2], constant: true, range: [0.5, 2] };

const empty = (...shapes: readonly (readonly number[])[]): { readonly empty: typeof shapes } => ({ empty: shapes });

/** Normalisations. */
export const norm: Samples<typeof ops> = {
  batchNorm: [
    {
      title: "training",
      inputs: [{ shape: [3, 2], ...APART }, { shape: [2] }, { shape: [2] }],
      call: (batchNorm, x, weight, bias) => batchNorm(x, null, null, weight, bias, true),
      define: (x, weight, bias) => affine(batched(x), weight, bias),
      ...empty([0, 2], [2], [2]),
    },
    {
      title: "training, moving the running statistics",
      inputs: [{ shape: [2, 2, 2], ...APART }, CENTRE, SPREAD],
      call: (batchNorm, x, centre, spread) => batchNorm(x, centre.clone(), spread.clone(), null, null, true, 0.3, 0.1),
      define: (x) => batched(x, 0.1),
      ...empty([0, 2, 2], [2], [2]),
    },
    {
      title: "training, a bias alone",
      inputs: [{ shape: [3, 2], ...APART }, { shape: [2] }],
      call: (batchNorm, x, bias) => batchNorm(x, null, null, null, bias, true),
      define: (x, bias) => affine(batched(x), undefined, bias),
      ...empty([0, 2], [2]),
    },
    {
      title: "evaluation",
      inputs: [{ shape: [2, 2, 2] }, CENTRE, SPREAD, { shape: [2] }, { shape: [2] }],
      define: (x, centre, spread, weight, bias) => affine(given(x, centre, spread), weight, bias),
      ...empty([0, 2, 2], [2], [2], [2], [2]),
    },
    {
      title: "evaluation, a weight alone",
      inputs: [{ shape: [2, 2] }, CENTRE, SPREAD, { shape: [2] }],
      define: (x, centre, spread, weight) => affine(given(x, centre, spread), weight),
      ...empty([0, 2], [2], [2], [2]),
    },
  ],
  instanceNorm: [
    {
      inputs: [{ shape: [2, 2, 3], ...APART }],
      define: (x) => grouped(x, 3),
    },
    {
      title: "weight, bias, running statistics",
      inputs: [{ shape: [1, 2, 3], ...APART }, CENTRE, SPREAD, { shape: [2] }, { shape: [2] }],
      call: (instanceNorm, x, centre, spread, weight, bias) =>
        instanceNorm(x, centre.clone(), spread.clone(), weight, bias, true, 0.3, 0.1),
      define: (x, _centre, _spread, weight, bias) => affine(grouped(x, 3, 0.1), weight, bias),
      ...empty([0, 2, 3], [2], [2], [2], [2]),
    },
    {
      title: "by the running statistics",
      inputs: [{ shape: [2, 2, 2] }, CENTRE, SPREAD],
      call: (instanceNorm, x, centre, spread) => instanceNorm(x, centre, spread, null, null, false),
      define: (x, centre, spread) => given(x, centre, spread),
      ...empty([0, 2, 2], [2], [2]),
    },
  ],
  layerNorm: [
    {
      inputs: [{ shape: [2, 3], ...APART }, { shape: [3] }, { shape: [3] }],
      call: (layerNorm, x, weight, bias) => layerNorm(x, 3, weight, bias),
      define: (x, weight, bias) =>
        build(x.shape, (i, j) => read(grouped(x, 3), i, j) * read(weight, j) + read(bias, j)),
      ...empty([0, 3], [3], [3]),
    },
    {
      title: "two dimensions, a weight alone",
      inputs: [{ shape: [1, 2, 2], ...APART }, { shape: [2, 2] }],
      call: (layerNorm, x, weight) => layerNorm(x, [2, 2], weight, null, 0.1),
      define: (x, weight) => build(x.shape, (...index) => read(grouped(x, 4, 0.1), ...index) * read(weight, ...index)),
      ...empty([0, 2, 2], [2, 2]),
    },
    {
      title: "plain",
      inputs: [{ shape: [2, 3], ...APART }],
      call: (layerNorm, x) => layerNorm(x, [3]),
      define: (x) => grouped(x, 3),
    },
    {
      title: "a bias alone",
      inputs: [{ shape: [2, 3], ...APART }, { shape: [3] }],
      call: (layerNorm, x, bias) => layerNorm(x, [3], null, bias),
      define: (x, bias) => build(x.shape, (i, j) => read(grouped(x, 3), i, j) + read(bias, j)),
      ...empty([0, 3], [3]),
    },
  ],
  groupNorm: [
    {
      inputs: [{ shape: [1, 4, 2], ...APART }, { shape: [4] }, { shape: [4] }],
      call: (groupNorm, x, weight, bias) => groupNorm(x, 2, weight, bias),
      define: (x, weight, bias) => affine(grouped(x, 4), weight, bias),
      ...empty([0, 4, 2], [4], [4]),
    },
    {
      title: "plain",
      inputs: [{ shape: [2, 4], ...APART }],
      call: (groupNorm, x) => groupNorm(x, 1, null, null, 0.1),
      define: (x) => grouped(x, 4, 0.1),
    },
  ],
  rmsNorm: [
    {
      inputs: [{ shape: [2, 3], ...APART }, { shape: [3] }],
      call: (rmsNorm, x, weight) => rmsNorm(x, 3, weight, 0.1),
      define: (x, weight) =>
        build(x.shape, (i, j) => {
          const square = mean([0, 1, 2].map((n) => read(x, i, n) ** 2));
          return (read(x, i, j) / Math.sqrt(square + 0.1)) * read(weight, j);
        }),
      ...empty([0, 3], [3]),
    },
    {
      title: "plain, two dimensions",
      inputs: [{ shape: [1, 2, 2], ...APART }],
      call: (rmsNorm, x) => rmsNorm(x, [2, 2]),
      define: (x) =>
        build(x.shape, (...index) => read(x, ...index) / Math.sqrt(mean(x.values.map((value) => value ** 2)))),
    },
  ],
  normalize: [
    {
      inputs: [{ shape: [2, 3], ...APART }],
      define: (x) => along(x, 1, (line) => line.map((value) => value / Math.hypot(...line))),
    },
    {
      title: "p = 1, along the first dimension",
      inputs: [{ shape: [2, 3], avoid: [0] }],
      call: (normalize, x) => normalize(x, { p: 1, dim: 0 }),
      define: (x) => along(x, 0, (line) => line.map((value) => value / sum(line.map(Math.abs)))),
    },
  ],
};
