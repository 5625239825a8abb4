import type { NDArray } from "../ndarray.ts";
import { atLeastVector, ignoring, walk } from "./gatherWalk.ts";
import { type KernelPair, kernelPair } from "./pair.ts";
import { LineSorter } from "./sortOrder.ts";

/**
 * The indices that would sort `a` along `dim`. Equal elements keep their order; NaN is greater than every number, so it
 * is last, or first when descending.
 *
 * @param out int32, of the shape of `a`
 * @see torch.argsort with stable=True, whose order it is
 */
export const argsort: KernelPair<[out: NDArray, a: NDArray, dim: number, descending: boolean]> = kernelPair(() => ({
  name: "argsort",
  js: firstAlong,
}));

/**
 * The indices of the `k = out.shape[dim]` largest or smallest elements of `a` along `dim`, in order. Among equal
 * elements the earlier come first, where torch leaves the choice open; NaN is greater than every number.
 *
 * @param out int32, of the shape of `a` but for `dim`
 * @see torch.topk, whose `sorted=False` promises no order and may therefore have this one
 */
export const topk: KernelPair<[out: NDArray, a: NDArray, dim: number, largest: boolean]> = kernelPair(() => ({
  name: "topk",
  js: firstAlong,
}));

function firstAlong(out: NDArray, a: NDArray, dim: number, descending: boolean): void {
  const [target, source] = [atLeastVector(out), atLeastVector(a)];
  const length = source.shape[dim]!;
  const count = target.shape[dim]!;
  const sorter = new LineSorter(length);
  const { keys } = sorter;
  const [to, from] = [target.data, source.data];
  const [toStep, fromStep] = [target.stride[dim]!, source.stride[dim]!];
  const starts = target.shape.map((n, d) => (d === dim ? Math.min(n, 1) : n));
  walk(starts, target, source, source, (i, j) => {
    for (let x = 0; x < length; x++) keys[x] = descending ? -from[j + x * fromStep]! : from[j + x * fromStep]!;
    const order = sorter.first(count, descending);
    for (let x = 0; x < count; x++) to[i + x * toStep] = order[x]!;
  });
}

/**
 * Where each of `values` would go into rows that are sorted ascending: before its equals, or after them when `right`.
 * NaN goes to the end.
 *
 * @param out    int32, of the shape of `values`
 * @param sorted [n], or the shape of `values` but for the last size
 * @see torch.searchsorted
 */
export const searchsorted: KernelPair<[out: NDArray, sorted: NDArray, values: NDArray, right: boolean]> = kernelPair(
  () => ({
    name: "searchsorted",
    js: (out, sorted, values, right) => {
      const [to, from, rows] = [out.data, values.data, sorted.data];
      const last = sorted.dimension - 1;
      const length = sorted.shape[last]!;
      const step = sorted.stride[last]!;
      const rowStarts =
        sorted.dimension === 1 ? { stride: values.stride.map(() => 0), offset: sorted.offset } : ignoring(sorted, last);
      walk(values.shape, out, values, rowStarts, (i, j, row) => {
        const value = from[j]!;
        let low = 0;
        let high = length;
        while (low < high) {
          const middle = (low + high) >>> 1;
          const held = rows[row + middle * step]!;
          if (right ? held > value : held >= value) high = middle;
          else low = middle + 1;
        }
        to[i] = low;
      });
    },
  }),
);
