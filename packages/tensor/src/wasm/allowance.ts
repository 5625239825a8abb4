/**
 * How much of the arena results may take that somebody beyond the engine may hold.
 *
 * Only the garbage collector knows when such a result is dead, and it says so when the program returns to the event loop. A program that
 * does is granted more, up to a limit; one that never does keeps to the little that it began with, and has ordinary arrays for the rest.
 * These are also what makes the collector work, which does not see the arena.
 */

const FIRST = 16 * 2 ** 20;
const MOST = 96 * 2 ** 20;

/** Bytes that are granted and come back. */
export class Allowance {
  #granted: number = FIRST;
  #taken = 0;
  #refused = false;

  /** Whether so many bytes more may be taken. */
  covers(bytes: number): boolean {
    if (this.#taken + bytes <= this.#granted) return true;
    this.#refused = true;
    return false;
  }

  /** Writes down that bytes were taken. */
  take(bytes: number): void {
    this.#taken += bytes;
  }

  /** Writes down that bytes have come back. */
  give(bytes: number): void {
    this.#taken -= bytes;
  }

  /** The same for bytes that the collector has found: if some were refused meanwhile, more are granted from now on. */
  found(bytes: number): void {
    this.give(bytes);
    if (this.#refused) this.#granted = Math.min(2 * this.#granted, MOST);
    this.#refused = false;
  }
}
