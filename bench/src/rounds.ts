import { differences, type Fingerprints } from "./fingerprint.ts";
import type { Prepared } from "./sides/protocol.ts";
import type { Side } from "./sides/side.ts";
import { isPeer } from "./sides/sides.ts";
import { median, pairwiseRatio, summarise, type Timing } from "./statistics.ts";

/** What another side did on a line: its times and how ours relate to them, or why there are none. */
export type Outcome = Measured | { readonly cannot: string };

/** A side that did the line. */
export interface Measured {
  readonly timing: Timing;
  /** Our time over its time: the median of the ratios of the rounds. */
  readonly ratio: number;
  readonly note: string | null;
}

/** One measured line. */
export interface Row {
  readonly name: string;
  /** Our times; a reason where we fail. */
  readonly ours: Timing | { readonly cannot: string };
  readonly others: Readonly<Record<string, Outcome>>;
  /** Flops a second that we reach, and those that 128-bit multiply-adds reach, on one thread; null where flops are not counted. */
  readonly rate: { readonly reached: number; readonly limit: number } | null;
  /** What others give that differs from what we give, in words. */
  readonly differences: readonly string[];
}

/** How long a line is measured. */
export interface Effort {
  /** How often the sides take turns. */
  readonly rounds: number;
  /** How long a turn lasts, in milliseconds. */
  readonly budget: number;
}

/** Who measures what, and where inputs are handed over. */
export interface Sides {
  readonly ours: Side;
  readonly others: readonly Side[];
  /** A folder into which our side writes the inputs of the line. */
  readonly folder: string;
}

/** Sets a line up on all sides, compares what they compute, and then times them in turn, round by round. */
export async function measureLine(line: string, { ours, others, folder }: Sides, effort: Effort): Promise<Row> {
  const prepared = await attempt(() => ours.prepare(line, folder));
  if (prepared instanceof Error) return failed(line, prepared);
  return measureAgainst(line, ours, prepared, await prepareAll(line, folder, others), effort);
}

function failed(name: string, { message }: Error): Row {
  return { name, ours: { cannot: message }, others: {}, rate: null, differences: [] };
}

interface Turn {
  readonly side: Side;
  readonly times: number[];
  readonly note: string | null;
  readonly results: Fingerprints;
  cannot: string | null;
}

async function prepareAll(line: string, folder: string, sides: readonly Side[]): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (const side of sides) {
    const prepared = side.absent === null ? await attempt(() => side.prepare(line, folder)) : new Error(side.absent);
    turns.push(
      prepared instanceof Error
        ? { side, times: [], note: null, results: {}, cannot: prepared.message }
        : { side, times: [], note: prepared.note, results: prepared.results, cannot: null },
    );
  }
  return turns;
}

/** Turns that it takes to warm up: engines compile code again and again while it runs, on cores that threads would have. */
const WARM_UP = 5;

async function measureAgainst(
  line: string,
  ours: Side,
  { results, flops }: Prepared,
  turns: readonly Turn[],
  { rounds, budget }: Effort,
): Promise<Row> {
  const [mine, peaks]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const length = round < 0 ? WARM_UP * budget : budget; // the round before the first warms up
    const timed = await attempt(() => ours.time(length));
    if (timed instanceof Error) return failed(line, timed);
    if (round >= 0) mine.push(timed.time);
    if (round >= 0 && timed.peak !== null) peaks.push(timed.peak);
    for (const turn of turns.filter(({ cannot }) => cannot === null)) {
      const theirs = await attempt(() => turn.side.time(length));
      if (theirs instanceof Error) turn.cannot = theirs.message;
      else if (round >= 0) turn.times.push(theirs.time);
    }
  }
  const did = turns.filter(({ cannot }) => cannot === null);
  const time = summarise(mine);
  return {
    name: line,
    ours: time,
    others: Object.fromEntries(turns.map((turn) => [turn.side.name, outcome(turn, mine)])),
    rate: flops === null ? null : { reached: flops / time.median / 1e-3, limit: median(peaks) },
    differences: did.flatMap(({ side, results: theirs }) =>
      differences(results, theirs).map((text) => `${side.name}: ${text}`),
    ),
  };
}

function outcome({ times, note, cannot }: Turn, mine: readonly number[]): Outcome {
  return cannot === null ? { timing: summarise(times), ratio: pairwiseRatio(mine, times), note } : { cannot };
}

async function attempt<T>(f: () => Promise<T>): Promise<T | Error> {
  try {
    return await f();
  } catch (error) {
    return error as Error;
  }
}

/** The fastest of the other JavaScript libraries on a line; null if none does it. */
export function bestPeer({ others }: Row): Measured | null {
  const able = Object.entries(others).flatMap(([name, one]) => (isPeer(name) && "timing" in one ? [one] : []));
  return able.length === 0 ? null : able.reduce((best, one) => (one.timing.median < best.timing.median ? one : best));
}
