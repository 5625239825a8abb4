import type * as ops from "../../../src/ops/reduceAt.ts";
import { build, type Elements, read, sum } from "../elements.ts";
import type { InputSample, Sample, Samples } from "../sample.ts";

type ReduceName = Parameters<typeof ops.scatterReduce>[4];

const reductions: Readonly<Record<ReduceName, (values: readonly number[]) => number>> = {
  sum,
  prod: (values) => values.reduce((a, b) => a * b, 1),
  mean: (values) => sum(values) / values.length,
  amax: (values) => Math.max(...values),
  amin: (values) => Math.min(...values),
};

/** What comes to the place (i, j), where a source element goes to `place(row, column)`. */
function combined(
  x: Elements,
  source: Elements,
  [reduce, includeSelf]: readonly [ReduceName, boolean],
  comes: (i: number, j: number, row: number, column: number) => boolean,
): Elements {
  return build(x.shape, (i, j) => {
    const sent: number[] = [];
    build(source.shape, (row, column) => {
      if (comes(i!, j!, row!, column!)) sent.push(read(source, row!, column!));
      return 0;
    });
    if (sent.length === 0) return read(x, i!, j!);
    return reductions[reduce](includeSelf ? [read(x, i!, j!), ...sent] : sent);
  });
}

/** Elements that are never equal to those of the source, nor 0. */
const input = (shape: readonly number[]): InputSample => ({ shape, distinct: true, range: [-2.05, 1.95], avoid: [0] });
const source = (shape: readonly number[]): InputSample => ({ shape, distinct: true, avoid: [0] });

const scatters = (reduce: ReduceName, includeSelf: boolean): Sample<typeof ops.scatterReduce> => ({
  title: `${reduce}, ${includeSelf ? "with" : "without"} its own`,
  inputs: [input([2, 3]), { shape: [2, 3], dtype: "int32", range: [0, 2] }, source([2, 3])],
  call: (scatterReduce, x, index, src) => scatterReduce(x, 1, index, src, reduce, { includeSelf }),
  define: (x, index, src) =>
    combined(x, src, [reduce, includeSelf], (i, j, row, column) => row === i && read(index, row, column) === j),
});

const slices = (reduce: Exclude<ReduceName, "sum">, includeSelf: boolean): Sample<typeof ops.indexReduce> => ({
  title: `${reduce}, ${includeSelf ? "with" : "without"} its own`,
  inputs: [input([3, 2]), { shape: [3], dtype: "int32", range: [0, 2] }, source([3, 2])],
  call: (indexReduce, x, index, src) => indexReduce(x, 0, index, src, reduce, { includeSelf }),
  define: (x, index, src) =>
    combined(x, src, [reduce, includeSelf], (i, j, row, column) => column === j && read(index, row) === i),
  empty: [[3, 0], [3], [3, 0]],
});

/** What puts several elements into one place. */
export const reduceAt: Samples<typeof ops> = {
  scatterReduce: (["sum", "prod", "mean", "amax", "amin"] as const).flatMap((reduce) => [
    scatters(reduce, true),
    scatters(reduce, false),
  ]),
  indexReduce: (["prod", "mean", "amax", "amin"] as const).flatMap((reduce) => [
    slices(reduce, true),
    slices(reduce, false),
  ]),
};
