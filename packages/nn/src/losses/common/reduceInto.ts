import { k, type NDArray } from "@tapegrad/tensor";
import type { Reduction } from "./reduction.ts";

/**
 * Reduces losses inside an op: their sum, or their mean, as the one element of `out`.
 *
 * @param losses row-major; `out` itself with reduction "none", which leaves them as they are
 * @param count  what the mean divides by; NaN if that is 0
 */
export function reduceInto(out: NDArray, losses: NDArray, reduction: Reduction, count: number): void {
  if (reduction === "none") return;
  k.sum(out.view([1], [1]), losses.view([losses.size], [1]), [0]);
  if (reduction === "mean") out.data[out.offset]! /= count;
}

/** A number as an array of the dtype of `like` would hold it. */
export function rounded(value: number, { dtype }: NDArray): number {
  return dtype === "float32" ? Math.fround(value) : value;
}
