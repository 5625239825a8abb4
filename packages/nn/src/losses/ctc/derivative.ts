import { k, NDArray } from "@tapegrad/tensor";
import { type BatchArrays, checkBatch, type Sample, sampleOf } from "./batch.ts";
import { occupancyOf, totalOf } from "./lattice.ts";

/** How the losses of a batch are computed. */
export interface CTCAttrs {
  /** The label that stands for none. */
  readonly blank: number;
  /** Whether a sample without any alignment has loss and gradient 0, in place of infinity and NaN. */
  readonly zeroInfinity: boolean;
}

/**
 * Writes the loss of each sample and their gradients: on scaled probabilities where these are exact, else on logarithms.
 *
 * @param losses   [N]
 * @param gradient [T, N, C], row-major, or null where nobody wants it
 */
export function lossesOf(
  where: string,
  losses: NDArray,
  gradient: NDArray | null,
  batch: BatchArrays,
  { blank, zeroInfinity }: CTCAttrs,
): void {
  checkBatch(where, batch);
  const { logProbs, targets, inputLengths, targetLengths } = batch;
  k.ctc(losses, gradient, logProbs, targets, inputLengths, targetLengths, blank);
  const { data } = losses;
  for (let n = 0; n < data.length; n++) {
    if (!Number.isNaN(data[n]!)) continue;
    const sample = sampleOf(batch, n, blank, []);
    const total = gradient === null ? totalOf(sample.lattice) : subtractOccupancy(gradient, sample, zeroInfinity);
    data[n] = total === Number.NEGATIVE_INFINITY && zeroInfinity ? 0 : 0 - total;
  }
}

/**
 * Writes the gradients of the losses to `out`, differentiated along directions: e^logProbs times these, minus the derivative of the
 * occupancy; 0 beyond the input lengths.
 *
 * @param out        [T, N, C], zeros
 * @param directions [T, N, C] each
 */
export function differentiate(
  where: string,
  out: NDArray,
  batch: BatchArrays,
  directions: readonly NDArray[],
  attrs: CTCAttrs,
): void {
  const { logProbs, inputLengths } = batch;
  if (directions.length === 0) {
    lossesOf(where, NDArray.zeros([logProbs.shape[1]!], logProbs.dtype), out, batch, attrs);
    return;
  }
  checkBatch(where, batch);
  k.exp(out, logProbs);
  for (const direction of directions) k.mul(out, out, direction);
  const [steps, count] = out.shape as [number, number];
  for (let n = 0; n < count; n++) {
    fill(out, n, 0, inputLengths.get(n), steps);
    subtractOccupancy(out, sampleOf(batch, n, attrs.blank, directions), attrs.zeroInfinity);
  }
}

/** Writes one value at all labels of a sample, from step `first` up to but not including `end`. */
function fill({ data, shape }: NDArray, n: number, value: number, first: number, end: number): void {
  const [, count, classes] = shape as [number, number, number];
  for (let t = first; t < end; t++) data.fill(value, (t * count + n) * classes, (t * count + n + 1) * classes);
}

/**
 * Subtracts from what e^logProbs is, differentiated along the moves of a sample, how likely the labels are. The two nearly cancel: both in double
 * precision. Returns the log-likelihood of the sample.
 */
function subtractOccupancy(out: NDArray, { n, labels, lattice }: Sample, zeroInfinity: boolean): number {
  const { steps, states, emissions, moves } = lattice;
  const { total, shares } = occupancyOf(lattice);
  if (shares === null) {
    fill(out, n, zeroInfinity ? 0 : Number.NaN, 0, steps);
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
