import { k, type NDArray } from "@tapegrad/tensor";
import type { Sample } from "./batch.ts";
import { occupancyOf } from "./lattice.ts";
import { scaledOccupancy } from "./scaled.ts";

/**
 * Writes the gradients of the losses to `out`, differentiated along directions: e^logProbs times these, minus the derivative of the
 * occupancy; 0 beyond the input lengths.
 *
 * @param out          [T, N, C], row-major
 * @param logProbs     [T, N, C]
 * @param directions   [T, N, C] each
 * @param zeroInfinity whether samples without any alignment have 0 in place of NaN
 * @returns the log-likelihood of each sample
 */
export function differentiate(
  out: NDArray,
  logProbs: NDArray,
  directions: readonly NDArray[],
  samples: readonly Sample[],
  zeroInfinity: boolean,
): number[] {
  k.exp(out, logProbs);
  for (const direction of directions) k.mul(out, out, direction);
  const [all, count, classes] = out.shape as [number, number, number];
  const sums = new Float64Array(classes);
  /** The last step at which a label was written, counted from 1. */
  const seen = new Int32Array(classes);
  const { data } = out;
  return samples.map(({ n, labels, lattice }) => {
    const { steps, states, emissions, moves } = lattice;
    const { total, shares } = moves.length === 0 ? scaledOccupancy(lattice, labels) : occupancyOf(lattice);
    const rowOf = (t: number): number => (t * count + n) * classes;
    for (let t = 0; t < all; t++) {
      if (t < steps && shares !== null) continue;
      data.fill(t < steps && !zeroInfinity ? Number.NaN : 0, rowOf(t), rowOf(t) + classes);
    }
    for (let t = 0, start = 0; shares !== null && t < steps; t++, start += states) {
      // of a label the two parts nearly cancel: both in double precision
      for (let s = 0; s < states; s++) sums[labels[s]!]! += shares[start + s]!;
      for (let s = 0; s < states; s++) {
        const label = labels[s]!;
        if (seen[label] === t + 1) continue;
        seen[label] = t + 1;
        let part = Math.exp(emissions[start + s]!);
        for (const move of moves) part *= move[start + s]!;
        data[rowOf(t) + label] = part - sums[label]!;
        sums[label] = 0;
      }
    }
    seen.fill(0);
    return total;
  });
}
