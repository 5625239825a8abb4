import { k, type NDArray } from "@tapegrad/tensor";
import type { Sample } from "./batch.ts";
import { occupancyOf } from "./lattice.ts";

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
  return samples.map(({ n, labels, lattice }) => {
    const { total, shares } = occupancyOf(lattice);
    const rows = Array.from({ length: all }, (_, t) => {
      return out.data.subarray((t * count + n) * classes, (t * count + n + 1) * classes);
    });
    for (const row of rows.slice(lattice.steps)) row.fill(0);
    for (const [t, row] of rows.slice(0, lattice.steps).entries()) {
      if (shares === null) {
        row.fill(zeroInfinity ? 0 : Number.NaN);
        continue;
      }
      // of a label the two parts nearly cancel: both in double precision
      const start = t * labels.length;
      for (let s = 0; s < labels.length; s++) sums[labels[s]!]! += shares[start + s]!;
      for (let s = 0; s < labels.length; s++) {
        const label = labels[s]!;
        let part = Math.exp(lattice.emissions[start + s]!);
        for (const move of lattice.moves) part *= move[start + s]!;
        row[label] = part - sums[label]!;
      }
      for (const label of labels) sums[label] = 0;
    }
    return total;
  });
}
