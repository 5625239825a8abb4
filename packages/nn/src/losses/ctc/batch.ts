import { fail, type NDArray } from "@tapegrad/tensor";
import type { Lattice } from "./lattice.ts";

/** What a batch is read from. */
export interface BatchArrays {
  /** [T, N, C] */
  readonly logProbs: NDArray;
  /** int32, [N, S] or, one after the other, [S₁ + ... + S_N] */
  readonly targets: NDArray;
  /** int32, [N] */
  readonly inputLengths: NDArray;
  /** int32, [N] */
  readonly targetLengths: NDArray;
}

/** One sample of a batch, for the algorithms on logarithms. */
export interface Sample {
  /** Its number. */
  readonly n: number;
  /** The labels with a blank before, between and after them: what the states of the lattice stand for. */
  readonly labels: Int32Array;
  readonly lattice: Lattice;
}

/**
 * Checks lengths and targets.
 *
 * @throws TensorError `invalid_argument` for lengths that do not fit; `invalid_index` for targets that are no label; `shape_mismatch` for targets that
 *   are not as many as their lengths say
 */
export function checkBatch(where: string, { logProbs, targets, inputLengths, targetLengths }: BatchArrays): void {
  const [most, , classes] = logProbs.shape as [number, number, number];
  const counts = targetLengths.toArray();
  checkCounts(where, targets, counts);
  const lengths = inputLengths.toArray();
  const flat = targets.toArray();
  const row = targets.dimension === 2 ? targets.shape[1]! : null;
  for (let n = 0, start = 0; n < lengths.length; n++) {
    const steps = lengths[n]!;
    if (steps < 0 || steps > most) {
      const facts = { inputLength: steps, position: n, steps: most };
      fail("invalid_argument", where, "an input length does not fit", facts, `it lies between 0 and ${most}`);
    }
    const end = start + counts[n]!;
    for (let i = start; i < end; i++) {
      const target = flat[i]!;
      if (target >= 0 && target < classes) continue;
      fail("invalid_index", where, "a target is no label", { target, classes }, `labels run from 0 to ${classes - 1}`);
    }
    start = row === null ? end : start + row;
  }
}

function checkCounts(where: string, targets: NDArray, counts: ArrayLike<number>): void {
  let [sum, longest] = [0, 0];
  for (let n = 0; n < counts.length; n++) {
    const count = counts[n]!;
    if (count < 0) {
      fail("invalid_argument", where, "a target length is below 0", { targetLength: count, position: n });
    }
    sum += count;
    longest = Math.max(longest, count);
  }
  if (targets.dimension === 2 && longest > targets.shape[1]!) {
    const facts = { targets: targets.shape, longest };
    fail("shape_mismatch", where, "the targets are shorter than their lengths say", facts);
  }
  if (targets.dimension === 1 && sum !== targets.size) {
    const facts = { targets: targets.shape, "sum of lengths": sum };
    fail("shape_mismatch", where, "there are not as many targets as their lengths say", facts);
  }
}

/**
 * A sample of a batch that has been checked.
 *
 * @param blank      the label that stands for none
 * @param directions arrays like the log-probabilities, along which to differentiate
 */
export function sampleOf(arrays: BatchArrays, n: number, blank: number, directions: readonly NDArray[]): Sample {
  const { logProbs, targets, inputLengths, targetLengths } = arrays;
  const counts = targetLengths.toArray();
  let before = n * (targets.shape[1] ?? 0);
  if (targets.dimension === 1) for (let i = 0; i < n; i++) before += counts[i]!;
  const flat = targets.toArray();
  const labels = new Int32Array(2 * counts[n]! + 1).fill(blank);
  for (let i = 0; i < counts[n]!; i++) labels[2 * i + 1] = flat[before + i]!;
  const skips = new Uint8Array(labels.length);
  for (let s = 2; s < labels.length; s++) skips[s] = labels[s] === labels[s - 2] ? 0 : 1;
  const steps = inputLengths.get(n);
  const lattice = {
    steps,
    states: labels.length,
    skips,
    emissions: read(logProbs, n, steps, labels),
    moves: directions.map((direction) => read(direction, n, steps, labels)),
  };
  return { n, labels, lattice };
}

/** What an array [T, N, C] has for the labels of a sample, step by step. */
function read({ data, offset, stride }: NDArray, n: number, steps: number, labels: Int32Array): Float64Array {
  const [perStep, perSample, perClass] = stride as [number, number, number];
  const out = new Float64Array(steps * labels.length);
  for (let t = 0, at = 0; t < steps; t++) {
    const row = offset + t * perStep + n * perSample;
    for (const label of labels) out[at++] = data[row + label * perClass]!;
  }
  return out;
}
