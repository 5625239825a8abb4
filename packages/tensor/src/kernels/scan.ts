/** Kernels that run along one dimension and keep every intermediate result. */
import type { NDArray } from "../ndarray.ts";
import { forEachLine, lineLength, lineStep } from "./lines.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** A running result along `dim`; `out` has the shape of `a`. */
export type Scan = KernelPair<[out: NDArray, a: NDArray, dim: number]>;

function scan(name: string, first: number, step: (value: number, x: number) => number, stepInt = step): Scan {
  return kernelPair(() => ({
    name,
    js: (out: NDArray, a: NDArray, dim: number) => {
      const n = lineLength(a, dim);
      const [s, t] = [lineStep(out, dim), lineStep(a, dim)];
      const next = out.dtype === "int32" ? stepInt : step;
      forEachLine([out, a], dim, (at) => {
        let [p = 0, q = 0] = at;
        let value = first;
        for (let i = 0; i < n; i++, p += s, q += t) {
          value = next(value, a.data[q]!);
          out.data[p] = value;
        }
      });
    },
  }));
}

/** Running sum. */
export const cumsum: Scan = scan("cumsum", 0, (value, x) => value + x);

/** Running product. */
export const cumprod: Scan = scan("cumprod", 1, (value, x) => value * x, Math.imul);

/** Running log Σ exp, without overflow. */
export const logcumsumexp: Scan = scan("logcumsumexp", Number.NEGATIVE_INFINITY, (value, x) => {
  if (Number.isNaN(value) || Number.isNaN(x)) return Number.NaN;
  const [low, high] = value < x ? [value, x] : [x, value];
  return Number.isFinite(high) ? high + Math.log1p(Math.exp(low - high)) : high;
});
