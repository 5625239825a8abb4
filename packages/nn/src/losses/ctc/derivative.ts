import { k, type NDArray } from "@tapegrad/tensor";
import type { Sample } from "./batch.ts";
import { occupancyOf } from "./lattice.ts";
import { type Arrival, arrive, meet } from "./scaled.ts";

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
  const [steps] = out.shape as [number];
  return samples.map((sample) => {
    fill(out, sample, 0, sample.steps, steps);
    const arrival = directions.length === 0 ? arrive(sample, logProbs) : null;
    const factors = arrival && meet(arrival, sample.skips);
    if (arrival === null || factors === null) {
      const total = subtractOccupancy(out, sample, zeroInfinity);
      return arrival?.total ?? total;
    }
    subtractShares(out, sample, arrival, factors);
    return arrival.total;
  });
}

/** Writes one value at all labels of a sample, from step `first` up to but not including `end`. */
function fill({ data, shape }: NDArray, { n }: Sample, value: number, first: number, end: number): void {
  const [, count, classes] = shape as [number, number, number];
  for (let t = first; t < end; t++) data.fill(value, (t * count + n) * classes, (t * count + n + 1) * classes);
}

/** Writes probabilities less how likely the labels are. The two nearly cancel: both in double precision. */
function subtractShares({ data, shape }: NDArray, { n, steps }: Sample, arrival: Arrival, factors: Float64Array): void {
  const { there, distinct, slots, chances, scales } = arrival;
  const [, count, classes] = shape as [number, number, number];
  const width = distinct.length;
  const sums = new Float64Array(width);
  for (let t = 0, at = 0; t < steps; t++) {
    for (let s = 0; s < slots.length; s++, at++) sums[slots[s]!]! += there[at]!;
    const row = (t * count + n) * classes;
    const [scale, factor] = [scales[t]!, factors[t]!];
    for (let i = 0; i < width; i++) {
      data[row + distinct[i]!] = chances[t * width + i]! * scale - sums[i]! * factor;
      sums[i] = 0;
    }
  }
}

/** The same on logarithms, differentiated along directions; returns the log-likelihood of the sample. */
function subtractOccupancy(out: NDArray, sample: Sample, zeroInfinity: boolean): number {
  const { labels, n } = sample;
  const lattice = sample.lattice();
  const { steps, states, emissions, moves } = lattice;
  const { total, shares } = occupancyOf(lattice);
  if (shares === null) {
    fill(out, sample, zeroInfinity ? 0 : Number.NaN, 0, steps);
    return total;
  }
  const [, count, classes] = out.shape as [number, number, number];
  const sums = new Float64Array(classes);
  for (let t = 0, start = 0; t < steps; t++, start += states) {
    for (let s = 0; s < states; s++) sums[labels[s]!]! += shares[start + s]!;
    for (let s = 0; s < states; s++) {
      const label = labels[s]!;
      let part = Math.exp(emissions[start + s]!);
      for (const move of moves) part *= move[start + s]!;
      out.data[(t * count + n) * classes + label] = part - sums[label]!;
    }
    for (let s = 0; s < states; s++) sums[labels[s]!] = 0;
  }
  return total;
}
