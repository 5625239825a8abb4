import { expJet, logJet } from "./jet.ts";

/**
 * All ways to align labels with steps: at each step one state, the next one being the same, its neighbour, or, where it may be skipped
 * to, the one after that. They begin in one of the first two states and end in one of the last two.
 */
export interface Lattice {
  readonly steps: number;
  readonly states: number;
  /** For each state whether it can follow the one before its neighbour. */
  readonly skips: Uint8Array;
  /** The log-probability of each state at each step, [steps, states]. */
  readonly emissions: Float64Array;
  /** Directions in which these move, along which to differentiate. */
  readonly moves: readonly Float64Array[];
}

/** The log-probability to arrive, at each step in each state and at the end, with the derivatives of it. */
interface Arrival {
  readonly values: Float64Array;
  readonly jets: Float64Array;
}

/** The log-probability of all alignments together: −∞ if there is none. */
export function totalOf(lattice: Lattice): number {
  return arrivalIn(lattice).values.at(-1)!;
}

/** The posterior probability of each state at each step, and {@link totalOf}. */
export interface Occupancy {
  readonly total: number;
  /** [steps, states]; with moves its mixed derivative along them; null where there is no alignment. */
  readonly shares: Float64Array | null;
}

/** How likely each state is at each step, given the labels: the forward-backward algorithm. */
export function occupancyOf(lattice: Lattice): Occupancy {
  const { emissions, moves } = lattice;
  const size = 1 << moves.length;
  const there = arrivalIn(lattice);
  const total = there.values.at(-1)!;
  if (total === Number.NEGATIVE_INFINITY) return { total, shares: null };
  const back = arrivalIn(reversed(lattice));
  const [exponent, power] = [new Float64Array(size), new Float64Array(size)];
  const shares = emissions.map((emission, at) => {
    if (emission === Number.NEGATIVE_INFINITY) return 0;
    const opposite = emissions.length - 1 - at;
    const value = Math.exp(there.values[at]! + back.values[opposite]! - emission - total);
    if (size === 1 || value === 0) return value;
    for (let set = 1; set < size; set++) {
      const ending = there.jets[emissions.length * size + set]!;
      exponent[set] = there.jets[at * size + set]! + back.jets[opposite * size + set]! - ending;
    }
    for (let i = 0; i < moves.length; i++) exponent[1 << i]! -= moves[i]![at]!;
    expJet(power, exponent, 0);
    return value * power[size - 1]!;
  });
  return { total, shares };
}

/** The same lattice from its end to its beginning. */
function reversed({ steps, states, skips, emissions, moves }: Lattice): Lattice {
  return {
    steps,
    states,
    skips: skips.map((_, state) => skips[states + 1 - state] ?? 0),
    emissions: emissions.slice().reverse(),
    moves: moves.map((move) => move.slice().reverse()),
  };
}

function arrivalIn({ steps, states, skips, emissions, moves }: Lattice): Arrival {
  const size = 1 << moves.length;
  const values = new Float64Array(steps * states + 1).fill(Number.NEGATIVE_INFINITY);
  const jets = new Float64Array(size > 1 ? values.length * size : 0);
  const join = joining({ values, jets }, size);
  if (steps === 0 && states === 1) values[0] = 0;
  for (let t = 0, at = 0; t < steps; t++) {
    for (let state = 0; state < states; state++, at++) {
      if (t > 0) join(at, at - states, state > 0 ? at - states - 1 : -1, skips[state] ? at - states - 2 : -1);
      else if (state < 2) values[at] = 0;
      values[at]! += emissions[at]!;
      for (let i = 0; i < moves.length; i++) jets[at * size + (1 << i)]! += moves[i]![at]!;
    }
  }
  const end = steps * states;
  if (steps > 0) join(end, end - 1, states > 1 ? end - 2 : -1, -1);
  return { values, jets };
}

/** From here on a term does not show in a sum with 1. */
const UNSEEN = -40;

/** ln of the sum of e to the power of up to three arrivals; −1 for none. */
function joining({ values, jets }: Arrival, size: number): (at: number, a: number, b: number, c: number) => void {
  const [sum, term] = [new Float64Array(size), new Float64Array(size)];
  return (at, a, b, c) => {
    let largest = values[a]!;
    let second = b < 0 ? Number.NEGATIVE_INFINITY : values[b]!;
    if (second > largest) [largest, second] = [second, largest];
    let third = c < 0 ? Number.NEGATIVE_INFINITY : values[c]!;
    if (third > largest) [largest, third] = [third, largest];
    if (largest === Number.NEGATIVE_INFINITY) return;
    let total = 1;
    if (!(second - largest < UNSEEN)) total += Math.exp(second - largest);
    if (!(third - largest < UNSEEN)) total += Math.exp(third - largest);
    values[at] = largest + Math.log(total);
    if (size === 1) return;
    sum.fill(0);
    for (const from of [a, b, c]) {
      const share = from < 0 ? 0 : Math.exp(values[from]! - largest) / total;
      if (share === 0) continue;
      expJet(term, jets, from * size);
      for (let set = 1; set < size; set++) sum[set]! += share * term[set]!;
    }
    sum[0] = 1;
    logJet(jets, at * size, sum);
  };
}
