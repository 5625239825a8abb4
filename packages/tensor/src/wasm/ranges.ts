import { ARENA_START } from "./scratch.ts";

/** A stretch of bytes. */
export interface Range {
  readonly start: number;
  readonly bytes: number;
}

/** The bytes of the arena that are nobody's: by address, neighbours joined, the lowest that fit given away first. */
export class Ranges {
  #free: Range[] = [];
  /** Where that begins which is free to the end. */
  #end = ARENA_START;
  readonly #limit: number;
  /** Bytes that are somebody's. */
  taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Everything from here on is free. */
  get end(): number {
    return this.#end;
  }

  /** Takes bytes among those that are somebody's; null where no gap is long enough. */
  takeBetween(bytes: number): Range | null {
    const at = this.#free.findIndex((range) => range.bytes >= bytes);
    if (at < 0) return null;
    const { start, bytes: found } = this.#free[at]!;
    if (found === bytes) this.#free.splice(at, 1);
    else this.#free[at] = { start: start + bytes, bytes: found - bytes };
    this.taken += bytes;
    return { start, bytes };
  }

  /** Takes bytes behind all others; null where there are not so many. */
  takeBehind(bytes: number): Range | null {
    const start = this.#end;
    if (start + bytes > this.#limit) return null;
    this.#end += bytes;
    this.taken += bytes;
    return { start, bytes };
  }

  /** Gives bytes back. */
  give({ start, bytes }: Range): void {
    this.taken -= bytes;
    let [low, high] = [0, this.#free.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#free[middle]!.start < start) low = middle + 1;
      else high = middle;
    }
    const [before, after] = [this.#free[low - 1], this.#free[low]];
    const first = before !== undefined && before.start + before.bytes === start ? low - 1 : low;
    const last = after !== undefined && start + bytes === after.start ? low + 1 : low;
    const from = first < low ? before!.start : start;
    const to = last > low ? after!.start + after!.bytes : start + bytes;
    if (to === this.#end) {
      this.#end = from;
      this.#free.splice(first, last - first);
    } else this.#free.splice(first, last - first, { start: from, bytes: to - from });
  }
}
