import type { Entry } from "../wasm/launch.ts";
import { Program } from "./program.ts";
import { runTogether, threadsAwake, threadsReady } from "./team.ts";

/** Calls an entry of a kernel, now or when it is this part's turn. */
export type Call = (entry: Entry, ...args: readonly number[]) => void;

/** Operations that take about as long as waking a worker. */
const WORTH_WAKING = 2_000_000;
/** Operations that are worth handing over to one that is awake. */
const WORTH_HANDING_OVER = 250_000;

let everything = false;

/** Shares any work, however small, for comparisons; or again what is worth it. */
export function shareEverything(on: boolean): void {
  everything = on;
}

/** Whether {@link inParts} would share so many operations. */
export function isShared(work: number): boolean {
  if (work < WORTH_HANDING_OVER && !everything) return false;
  return threadsReady() > 1 && (work >= WORTH_WAKING || everything || threadsAwake());
}

/** Makes the call at once. */
export const now: Call = (entry, ...args) => void entry(...args);

/**
 * Carries out pieces of work that do not depend on each other, shared among the threads.
 *
 * @param count how many pieces there are
 * @param work  how many operations they are, all in all: what is done in a moment is not shared
 * @param part  makes the calls for the pieces from `first` up to but not including `end`, with a workspace of its own
 */
export function inParts(count: number, work: number, part: (call: Call, first: number, end: number) => void): void {
  const threads = isShared(work) ? Math.min(threadsReady(), count) : 1;
  if (threads <= 1) {
    part(now, 0, count);
    return;
  }
  const programs: Program[] = [];
  for (let i = 0; i < threads; i++) {
    const program = new Program();
    part(program.call, Math.floor((i * count) / threads), Math.floor(((i + 1) * count) / threads));
    programs.push(program);
  }
  runTogether(programs);
}
