/**
 * How much of the arena results may take that somebody beyond the engine may hold.
 *
 * Only the garbage collector knows when such a result is dead, and it says so when the program returns to the event loop. A program that
 * does is granted more, up to a limit; one that never does keeps to the little that it began with, and has ordinary arrays for the rest.
 *
 * The collector does not see the arena, and starts only because of those ordinary arrays. Where they are dear it is made to start as soon as
 * something is refused, by an array that looks large to it and that nobody touches.
 */
import { FRESH_IS_DEAR, unfilled } from "#platform";

const FIRST = 16 * 2 ** 20;
/** Where ordinary arrays are cheap, more would only be more memory. */
const MOST = (FRESH_IS_DEAR ? 96 : 48) * 2 ** 20;
/** More bytes than V8 lets pass between its collections. */
const ALARMING = 66 * 2 ** 20;

/** Bytes that are granted and come back. */
export class Allowance {
  #granted: number = FIRST;
  #taken = 0;
  #refused = false;
  /** Bytes taken since the collector was started. */
  #since = 0;
  readonly #collect: () => void;

  /** @param collect starts the collector, when something is refused and half of what is granted was taken since the last time @defaultValue where that pays */
  constructor(collect: () => void = FRESH_IS_DEAR ? alarm : nothing) {
    this.#collect = collect;
  }

  /** Whether so many bytes more may be taken. */
  covers(bytes: number): boolean {
    if (this.#taken + bytes <= this.#granted) return true;
    this.#refused = true;
    if (2 * this.#since >= this.#granted) {
      this.#since = 0;
      this.#collect();
    }
    return false;
  }

  /** Writes down that bytes were taken. */
  take(bytes: number): void {
    this.#taken += bytes;
    this.#since += bytes;
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

const nothing = (): void => {};

function alarm(): void {
  try {
    unfilled(ALARMING);
  } catch {
    // a host that has not even room for this collects by itself
  }
}
