import type { Entry } from "../wasm/launch.ts";
import { Program } from "./program.ts";
import { runTogether, threadsAwake, threadsReady } from "./team.ts";

/** Calls an entry of a kernel, now or when it is this piece's turn. */
export type Call = (entry: Entry, ...args: readonly number[]) => void;

/** Makes the calls for the items from `first` up to but not including `end`. */
export type Part = (call: Call, first: number, end: number) => void;

/** Operations that take about as long as waking a worker. */
const WORTH_WAKING = 2_000_000;
/** Operations that are worth handing over to one that is awake. */
const WORTH_HANDING_OVER = 250_000;

/** Pieces for each thread: who is through with his own takes what others have not begun. */
const TURNS = 4;

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
 * Carries out items of work that do not depend on each other, shared among the threads piece by piece.
 *
 * @param count how many items there are
 * @param work  how many operations they are, all in all: what is done in a moment is not shared
 * @param begin is called once for each thread, the first of which is 0, and reserves what workspace that thread needs for itself; what it
 *   returns makes the calls
 * @param turns into how many pieces the share of a thread is cut, at least 1 and at most 4: few where each piece repeats some work. @defaultValue 4
 */
export function inParts(count: number, work: number, begin: (thread: number) => Part, turns: number = TURNS): void {
  const threads = isShared(work) ? Math.min(threadsReady(), count) : 1;
  if (threads <= 1) {
    begin(0)(now, 0, count);
    return;
  }
  const pieces = Math.min(count, threads * Math.max(1, Math.min(turns, TURNS)));
  const start = (piece: number): number => Math.floor((piece * count) / pieces);
  const own = begin(0);
  while (programs.length < threads - 1) programs.push(new Program());
  for (let thread = 1; thread < threads; thread++) {
    const part = begin(thread);
    const program = programs[thread - 1]!;
    program.clear();
    for (let piece = 0; piece < pieces; piece++) {
      program.beginPiece();
      part(program.call, start(piece), start(piece + 1));
    }
  }
  runTogether(pieces, (piece) => own(now, start(piece), start(piece + 1)), programs.slice(0, threads - 1));
}

/** One for each worker, written anew each time. */
const programs: Program[] = [];
