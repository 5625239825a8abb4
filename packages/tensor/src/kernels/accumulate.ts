import type { NDArray } from "../ndarray.ts";
import { forEachRow } from "../visit.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** Adds `source` to `target`, which has the same shape and may show one place several times: each of its additions counts. */
export const accumulate: KernelPair<[target: NDArray, source: NDArray]> = kernelPair(() => ({
  name: "accumulate",
  js: (target, source) => {
    const to = target.data;
    const from = source.isContiguous ? source.data : source.toArray();
    let at = source.isContiguous ? source.offset : 0;
    forEachRow(target, (first, step, length) => {
      const start = at; // a variable of the loop alone is kept in a register
      for (let j = 0, i = first; j < length; j++, i += step) to[i]! += from[start + j]!;
      at += length;
    });
  },
}));
