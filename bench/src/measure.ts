import { median } from "./statistics.ts";

/** What can be timed. */
export interface Runnable {
  readonly run: () => unknown;
  /** Whether `run` gives a promise, which is then waited for. */
  readonly asynchronous: boolean;
  /** How many units a run has; times are given for one. */
  readonly per: number;
}

/** Milliseconds that a batch of runs takes at least: the clock is read rarely, and the collection of garbage is paid by who causes it. */
const BATCH = 1;

/** Milliseconds that a page's clock can tell apart; a single run may take it no time at all. */
const TICK = 0.005;

/**
 * Runs work again and again for `budget` milliseconds and gives the median time of a unit in milliseconds.
 *
 * Short runs are timed in batches. A run that takes the whole budget by itself is timed once.
 */
export async function time(work: Runnable, budget: number): Promise<number> {
  const first = await timeBatch(work, 1);
  if (first >= budget) return first / work.per;
  const size = Math.max(1, Math.round(BATCH / Math.max(first, TICK)));
  const times: number[] = [];
  const end = performance.now() + budget;
  do times.push((await timeBatch(work, size)) / size);
  while (performance.now() < end);
  return median(times) / work.per;
}

async function timeBatch({ run, asynchronous }: Runnable, size: number): Promise<number> {
  const start = performance.now();
  if (asynchronous) for (let i = 0; i < size; i++) await run();
  else for (let i = 0; i < size; i++) run();
  return performance.now() - start;
}
