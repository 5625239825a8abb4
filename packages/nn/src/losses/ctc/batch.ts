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

/** One sample of a batch. */
export interface Sample {
  /** Its number. */
  readonly n: number;
  /** How many steps of it count. */
  readonly steps: number;
  /** The labels with a blank before, between and after them: what the states of the lattice stand for. */
  readonly labels: Int32Array;
  /** For each state whether it can follow the one before its neighbour. */
  readonly skips: Uint8Array;
  /** All that the algorithms on logarithms need. */
  readonly lattice: () => Lattice;
}

/**
 * The samples of a batch.
 *
 * @param blank      the label that stands for none
 * @param directions arrays like the log-probabilities, along which to differentiate
 * @throws TensorError `invalid_argument` for lengths that do not fit; `invalid_index` for targets that are no label
 */
export function samplesOf(where: string, arrays: BatchArrays, blank: number, directions: readonly NDArray[]): Sample[] {
  const { logProbs, targets, inputLengths, targetLengths } = arrays;
  const [most, , classes] = logProbs.shape as [number, number, number];
  const lengths = targetLengths.toArray();
  const starts = startsOf(where, targets, lengths);
  const flat = targets.toArray();
  return Array.from(inputLengths.toArray(), (steps, n) => {
    if (steps < 0 || steps > most) {
      const facts = { inputLength: steps, position: n, steps: most };
      fail("invalid_argument", where, "an input length does not fit", facts, `it lies between 0 and ${most}`);
    }
    const labels = labelsOf(where, flat.subarray(starts[n]!, starts[n]! + lengths[n]!), blank, classes);
    const skips = new Uint8Array(labels.length);
    for (let s = 2; s < labels.length; s++) skips[s] = labels[s] === labels[s - 2] ? 0 : 1;
    const lattice = (): Lattice => ({
      steps,
      states: labels.length,
      skips,
      emissions: read(logProbs, n, steps, labels),
      moves: directions.map((direction) => read(direction, n, steps, labels)),
    });
    return { n, steps, labels, skips, lattice };
  });
}

/** Where the labels of each sample begin. */
function startsOf(where: string, targets: NDArray, lengths: ArrayLike<number>): number[] {
  const all = Array.from(lengths);
  const negative = all.findIndex((length) => length < 0);
  if (negative >= 0) {
    const facts = { targetLength: all[negative], position: negative };
    fail("invalid_argument", where, "a target length is below 0", facts);
  }
  if (targets.dimension === 2) {
    const width = targets.shape[1]!;
    const longest = all.reduce((most, length) => Math.max(most, length), 0);
    if (longest > width) {
      const facts = { targets: targets.shape, longest };
      fail("shape_mismatch", where, "the targets are shorter than their lengths say", facts);
    }
    return all.map((_, n) => n * width);
  }
  const starts = [0];
  for (const length of all) starts.push(starts.at(-1)! + length);
  if (starts.at(-1) !== targets.size) {
    const facts = { targets: targets.shape, "sum of lengths": starts.at(-1) };
    fail("shape_mismatch", where, "there are not as many targets as their lengths say", facts);
  }
  return starts;
}

function labelsOf(where: string, targets: ArrayLike<number>, blank: number, classes: number): Int32Array {
  const labels = new Int32Array(2 * targets.length + 1).fill(blank);
  for (let i = 0; i < targets.length; i++) {
    const target = targets[i]!;
    if (target < 0 || target >= classes) {
      fail("invalid_index", where, "a target is no label", { target, classes }, `labels run from 0 to ${classes - 1}`);
    }
    labels[2 * i + 1] = target;
  }
  return labels;
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
