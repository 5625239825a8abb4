import type { NDArray } from "../../ndarray.ts";
import * as functions from "../elementwise/functions.ts";
import { LabelReader, type Labels } from "./labels.ts";
import { LEAST_OVERLAP, LEAST_SUM, logOfProduct, MOST } from "./limits.ts";

/** How likely it is to arrive at each state. */
interface Arrival {
  /** The log-probability of all alignments together. */
  readonly total: number;
  /** [steps, states], each row over the sum of the one before. */
  readonly there: Float64Array;
}

/** The probabilities of a sample's labels. */
interface Chances {
  /** The probability of each of the different labels, over the largest of the step: [steps, labels]. */
  readonly chances: Float64Array;
  /** The logarithms of these largest probabilities, [steps]. */
  readonly tops: Float64Array;
}

/** The definition of {@link ctc}. */
export function ctcPlain(
  losses: NDArray,
  gradient: NDArray | null,
  logProbs: NDArray,
  targets: NDArray,
  inputLengths: NDArray,
  targetLengths: NDArray,
  blank: number,
): void {
  const [most, count, classes] = logProbs.shape as [number, number, number];
  const reader = new LabelReader(targets, targetLengths, blank, classes);
  const lengths = inputLengths.toArray();
  if (gradient !== null) functions.exp.js(gradient, logProbs);
  for (let n = 0; n < count; n++) {
    const steps = lengths[n]!;
    const of = logProbs.select(1, n);
    const to = gradient?.select(1, n) ?? null;
    losses.data[losses.offset + n * losses.stride[0]!] = 0 - oneSample(to, of, reader.next(), steps);
    if (to !== null) fillZeros(to, steps, most, classes);
  }
}

function fillZeros({ data, offset, stride }: NDArray, first: number, end: number, classes: number): void {
  const [perStep, perClass] = stride as [number, number];
  for (let t = first; t < end; t++) {
    for (let c = 0; c < classes; c++) data[offset + t * perStep + c * perClass] = 0;
  }
}

/** The log-likelihood of one sample, and its gradient, [T, C] both; NaN where that might not be exact. */
function oneSample(gradient: NDArray | null, logProbs: NDArray, labels: Labels, steps: number): number {
  if (steps === 0 || labels.count > steps) return Number.NaN;
  const read = readChances(logProbs, labels, steps);
  const arrival = read && arrive(read, labels, steps);
  if (read === null || arrival === null) return Number.NaN;
  if (gradient === null) return arrival.total;
  const met = meet(read, arrival, labels, steps);
  if (met === null) return Number.NaN;
  const { distinct, width } = labels;
  const [perStep, perClass] = gradient.stride as [number, number];
  for (let t = 0, at = 0; t < steps; t++) {
    const scale = Math.exp(read.tops[t]!);
    // the two nearly cancel: both in double precision
    for (let i = 0; i < width; i++, at++) {
      const place = gradient.offset + t * perStep + distinct[i]! * perClass;
      gradient.data[place] = read.chances[at]! * scale - met.shares[at]! * met.factors[t]!;
    }
  }
  return arrival.total;
}

/** Null where something is no log-probability. */
function readChances(logProbs: NDArray, { distinct, width }: Labels, steps: number): Chances | null {
  const { data, offset, stride } = logProbs;
  const [perStep, perClass] = stride as [number, number];
  const chances = new Float64Array(steps * width);
  const tops = new Float64Array(steps);
  for (let t = 0, now = 0; t < steps; t++, now += width) {
    const row = offset + t * perStep;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < width; i++) largest = Math.max(largest, data[row + distinct[i]! * perClass]!);
    if (!(largest <= MOST)) return null;
    const top = largest === Number.NEGATIVE_INFINITY ? 0 : largest;
    for (let i = 0; i < width; i++) chances[now + i] = Math.exp(data[row + distinct[i]! * perClass]! - top);
    tops[t] = top;
  }
  return { chances, tops };
}

/** Null where double precision might not hold it, and where there is no alignment. */
function arrive({ chances, tops }: Chances, { count, width, slots }: Labels, steps: number): Arrival | null {
  const states = 2 * count + 1;
  const there = new Float64Array(steps * states);
  const sums = new Float64Array(steps);
  let scale = 1;
  for (let t = 0, row = 0, now = 0; t < steps; t++, row += states, now += width) {
    const before = row - states;
    let sum = 0;
    const end = highest(t, count);
    for (let s = lowest(t, steps, count); s < end; s++) {
      let chance = t > 0 ? there[before + s]! : s === 0 ? 1 : 0;
      chance += t > 0 ? (s > 0 ? there[before + s - 1]! : 0) : s === 1 ? 1 : 0;
      if (t > 0 && skips(slots, s)) chance += there[before + s - 2]!;
      chance *= chances[now + slotOf(slots, s)]! * scale;
      there[row + s] = chance;
      sum += chance;
    }
    if (!(sum >= LEAST_SUM)) return null;
    sums[t] = sum;
    scale = 1 / sum;
  }
  const last = there.length - 1;
  const sum = there[last]! + (states > 1 ? there[last - 1]! : 0);
  if (!(sum >= LEAST_SUM)) return null;
  sums[steps - 1] = sum;
  let total = logOfProduct(sums, 0, steps);
  for (const top of tops) total += top;
  return { total, there };
}

/** What arrives times what is to come, summed for each label, [steps, labels], and what to multiply a step by; null where that might not be exact. */
function meet(
  { chances }: Chances,
  { there }: Arrival,
  { count, width, slots }: Labels,
  steps: number,
): { shares: Float64Array; factors: Float64Array } | null {
  const states = 2 * count + 1;
  const shares = new Float64Array(steps * width);
  const factors = new Float64Array(steps);
  // two more states behind the last one, where nobody is
  const ahead = new Float64Array(states + 2);
  ahead[states - 1] = 1;
  if (states > 1) ahead[states - 2] = 1;
  let scale = 1;
  for (let t = steps - 1; t >= 0; t--) {
    const [row, now] = [t * states, t * width];
    const [low, high] = [lowest(t - 1, steps, count), highest(t, count)];
    // what cannot be reached by now does not count
    ahead.fill(0, high, high + 2);
    let overlap = 0;
    for (let s = low; s < high; s++) {
      const share = there[row + s]! * ahead[s]!;
      shares[now + slotOf(slots, s)]! += share;
      overlap += share;
      ahead[s]! *= chances[now + slotOf(slots, s)]! * scale;
    }
    if (!(overlap >= LEAST_OVERLAP)) return null;
    factors[t] = 1 / overlap;
    let sum = 0;
    for (let s = low; s < high; s++) {
      ahead[s]! += ahead[s + 1]!;
      if (skips(slots, s + 2)) ahead[s]! += ahead[s + 2]!;
      sum += ahead[s]!;
    }
    if (t > 0 && !(sum >= LEAST_SUM)) return null;
    scale = 1 / sum;
  }
  return { shares, factors };
}

/** Which of the different labels a state stands for: blanks and labels take turns. */
const slotOf = (slots: Int32Array, state: number): number => ((state & 1) === 1 ? slots[state >> 1]! : 0);

/** Whether a state can follow the one before its neighbour. */
function skips(slots: Int32Array, state: number): boolean {
  return (state & 1) === 1 && state > 1 && slots[state >> 1] !== slots[(state >> 1) - 1];
}

/** A state such that from those before it the end cannot be reached after step `t`: the first one of a pair of labels with their blanks. */
function lowest(t: number, steps: number, labels: number): number {
  return 2 * (Math.max(0, labels - (steps - t)) & -2);
}

/** A state such that it and those behind it cannot be reached by step `t`: the first one of such a pair, or the end. */
function highest(t: number, labels: number): number {
  return Math.min(2 * labels + 1, 2 * ((Math.min(t, labels) + 2) & -2));
}
