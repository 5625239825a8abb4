import { type Lattice, type Occupancy, occupancyOf, totalOf } from "./lattice.ts";

/**
 * The least sum of a step, whose terms are then made to sum to 1. A term that is too small for double precision, below 10⁻³⁰⁸, is less than
 * 10⁻²⁰⁰ of it.
 */
const LEAST_SUM = 1e-100;
/** The least overlap of what arrives and what is to come: what was lost of either, at most 10⁻²⁰⁰, then does not count. */
const LEAST_OVERLAP = 1e-150;

/** How likely it is to arrive at each state, over a sum of 1 at each step. */
interface Arrival {
  /** The log-probability of all alignments together. */
  readonly total: number;
  readonly there: Float64Array;
  /** The probability of each state at each step, over the largest of the step. */
  readonly chances: Float64Array;
}

/**
 * The log-probability of all alignments together: −∞ if there is none.
 *
 * @param labels what each state stands for: states of one label have one emission
 */
export function scaledTotal(lattice: Lattice, labels: Int32Array): number {
  return arrive(lattice, labels)?.total ?? totalOf(lattice);
}

/**
 * How likely each state is at each step, given the labels: the forward-backward algorithm on probabilities, each step scaled to a sum of
 * 1. As exact as on logarithms and several times faster; on these where it might not be exact.
 *
 * @param labels what each state stands for: states of one label have one emission
 * @see Rabiner (1989), A Tutorial on Hidden Markov Models, section V.A
 */
export function scaledOccupancy(lattice: Lattice, labels: Int32Array): Occupancy {
  const arrival = arrive(lattice, labels);
  if (arrival === null) return occupancyOf(lattice);
  const { total, there, chances } = arrival;
  const met = meet(there, chances, lattice.skips, lattice.states);
  return { total, shares: met ? there : occupancyOf(lattice).shares };
}

/** Null where double precision might not hold it, where there is no alignment, and where an emission is no log-probability. */
function arrive({ steps, states, skips, emissions }: Lattice, labels: Int32Array): Arrival | null {
  if (steps === 0) return null;
  const chances = new Float64Array(steps * states);
  const there = new Float64Array(steps * states);
  const first = firstOfEach(labels);
  let total = 0;
  for (let t = 0, row = 0; t < steps; t++, row += states) {
    const largest = chancesOf(chances, emissions, first, row);
    if (largest === Number.POSITIVE_INFINITY) return null;
    let sum = 0;
    for (let s = 0, at = row; s < states; s++, at++) {
      let before = 0;
      if (t === 0) before = s < 2 ? 1 : 0;
      else {
        before = there[at - states]!;
        if (s > 0) before += there[at - states - 1]!;
        if (skips[s] === 1) before += there[at - states - 2]!;
      }
      there[at] = before * chances[at]!;
      sum += there[at]!;
    }
    if (!(sum >= LEAST_SUM)) return null;
    total += Math.log(sum) + largest;
    for (let at = row; at < row + states; at++) there[at]! /= sum;
  }
  const last = there.length - 1;
  const end = there[last]! + (states > 1 ? there[last - 1]! : 0);
  return end >= LEAST_SUM ? { total: total + Math.log(end), there, chances } : null;
}

/** For each state the first of the same label. */
function firstOfEach(labels: Int32Array): Int32Array {
  const places = new Map<number, number>();
  return labels.map((label, s) => {
    const place = places.get(label) ?? s;
    places.set(label, place);
    return place;
  });
}

/** Writes the probabilities of a step, over their largest; returns the logarithm of that. */
function chancesOf(chances: Float64Array, emissions: Float64Array, first: Int32Array, row: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (let s = 0; s < first.length; s++) largest = Math.max(largest, emissions[row + s]!);
  const top = largest === Number.NEGATIVE_INFINITY ? 0 : largest;
  for (let s = 0; s < first.length; s++) {
    const before = first[s]!;
    chances[row + s] = before === s ? Math.exp(emissions[row + s]! - top) : chances[row + before]!;
  }
  return top;
}

/** Turns what arrives into how likely each state is: times what is to come, scaled to a sum of 1; false where that might not be exact. */
function meet(there: Float64Array, chances: Float64Array, skips: Uint8Array, states: number): boolean {
  let ahead = new Float64Array(states);
  let next = new Float64Array(states);
  ahead[states - 1] = 1;
  if (states > 1) ahead[states - 2] = 1;
  for (let row = there.length - states; row >= 0; row -= states) {
    let overlap = 0;
    for (let s = 0; s < states; s++) {
      there[row + s]! *= ahead[s]!;
      overlap += there[row + s]!;
    }
    if (overlap < LEAST_OVERLAP) return false;
    for (let at = row; at < row + states; at++) there[at]! /= overlap;
    let sum = 0;
    for (let s = 0; s < states; s++) {
      let after = ahead[s]! * chances[row + s]!;
      if (s + 1 < states) after += ahead[s + 1]! * chances[row + s + 1]!;
      if (s + 2 < states && skips[s + 2] === 1) after += ahead[s + 2]! * chances[row + s + 2]!;
      next[s] = after;
      sum += after;
    }
    if (sum < LEAST_SUM && row > 0) return false;
    for (let s = 0; s < states; s++) next[s]! /= sum;
    [ahead, next] = [next, ahead];
  }
  return true;
}
