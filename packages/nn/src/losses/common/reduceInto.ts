import { k, type NDArray } from "@tapegrad/tensor";
import type { Reduction } from "./reduction.ts";

/** So many losses are added sooner here than by a kernel, which would add them in double precision too. */
const FEW = 256;

/**
 * Reduces losses inside an op: their sum, or their mean, as the one element of `out`.
 *
 * @param losses row-major; `out` itself with reduction "none", which leaves them as they are
 * @param count  what the mean divides by; NaN if that is 0
 */
export function reduceInto(out: NDArray, losses: NDArray, reduction: Reduction, count: number): void {
  if (reduction === "none") return;
  if (losses.size <= FEW) {
    const { data, offset, size } = losses;
    let sum = 0;
    for (let i = offset; i < offset + size; i++) sum += data[i]!;
    out.data[out.offset] = sum;
  } else k.sum(out.view([1], [1]), losses.view([losses.size], [1]), [0]);
  if (reduction === "mean") out.data[out.offset]! /= count;
}

/** A number as an array of the dtype of `like` would hold it. */
export function rounded(value: number, { dtype }: NDArray): number {
  return dtype === "float32" ? Math.fround(value) : value;
}
