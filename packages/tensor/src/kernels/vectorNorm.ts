import type { NDArray } from "../ndarray.ts";
import { forEachIndex } from "../visit.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/**
 * (Σ|x|ᵖ)^(1/p) over `dims`, kept with size 1 in `out`; p is positive and finite. Scaled by the largest magnitude, so that it neither
 * overflows nor vanishes on the way.
 */
export const norm: KernelPair<[out: NDArray, input: NDArray, dims: readonly number[], p: number]> = kernelPair(() => ({
  name: "norm",
  js: (out, input, dims, p) => {
    const others = input.shape.map((_, i) => i).filter((i) => !dims.includes(i));
    // outer dimensions in the order of `out`, reduced ones inside
    const groups = input.view(
      others.map((i) => input.shape[i]!),
      others.map((i) => input.stride[i]!),
    );
    const group = input.view(
      dims.map((i) => input.shape[i]!),
      dims.map((i) => input.stride[i]!),
      0,
    );
    const results: number[] = [];
    forEachIndex(groups, (offset) => results.push(normOf(group.view(group.shape, group.stride, offset), p)));
    let at = 0;
    forEachIndex(out, (i) => {
      out.data[i] = results[at++]!;
    });
  },
}));

function normOf(values: NDArray, p: number): number {
  const { data } = values;
  let scale = 0;
  forEachIndex(values, (i) => {
    scale = Math.max(scale, Math.abs(data[i]!)); // NaN stays
  });
  if (scale === 0 || !Number.isFinite(scale)) return scale;
  let total = 0;
  forEachIndex(values, (i) => {
    const ratio = Math.abs(data[i]!) / scale;
    total += p === 2 ? ratio * ratio : ratio ** p;
  });
  return scale * (p === 2 ? Math.sqrt(total) : total ** (1 / p));
}
