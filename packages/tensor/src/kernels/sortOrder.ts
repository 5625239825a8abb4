/** Up to this many, the first few are picked by insertion instead of by sorting everything. */
const FEW = 32;

/** From here on, counting digits beats merging. */
const MANY = 4096;

/** Bits of one digit of the radix sort. */
const DIGIT = 11;
const DIGITS: number = 1 << DIGIT;

/**
 * Orders the lines of an array, one at a time, in memory that it keeps from line to line.
 *
 * The order is stable, and it is torch's: NaN is greater than every number, -0 equals 0.
 */
export class LineSorter {
  /** The keys of the current line, to be filled before {@link first}; ascending keys come first. It is overwritten. */
  readonly keys: Float64Array<ArrayBuffer>;
  readonly #words: Uint32Array;
  readonly #nans: Int32Array;
  #order: Int32Array;
  #spare: Int32Array;

  /** @param length elements in a line */
  constructor(length: number) {
    this.keys = new Float64Array(length);
    this.#words = new Uint32Array(this.keys.buffer);
    this.#nans = new Int32Array(length);
    this.#order = new Int32Array(length);
    this.#spare = new Int32Array(length);
  }

  /** The numbers of the `count` elements that come first; NaN keys come last, or before everything else. */
  first(count: number, nanFirst: boolean): Int32Array {
    const { keys } = this;
    let numbers = 0;
    let nans = 0;
    for (let i = 0; i < keys.length; i++) {
      if (Number.isNaN(keys[i]!)) this.#nans[nans++] = i;
      else this.#order[numbers++] = i;
    }
    const wanted = Math.min(numbers, nanFirst ? Math.max(0, count - nans) : count);
    if (wanted <= FEW && wanted < numbers / 4) this.#pick(numbers, wanted);
    else if (numbers >= MANY) this.#countDigits(numbers);
    else this.#merge(numbers);
    if (nans > 0) {
      if (nanFirst) {
        this.#order.copyWithin(nans, 0, wanted);
        this.#order.set(this.#nans.subarray(0, nans));
      } else this.#order.set(this.#nans.subarray(0, nans), numbers);
    }
    return this.#order.subarray(0, count);
  }

  /** The smallest few by insertion, in place: what has been passed over is never needed again. */
  #pick(numbers: number, wanted: number): void {
    const { keys } = this;
    const order = this.#order;
    let found = 0;
    for (let n = 0; n < numbers && wanted > 0; n++) {
      const candidate = order[n]!;
      const key = keys[candidate]!;
      if (found === wanted && key >= keys[order[found - 1]!]!) continue;
      let at = found < wanted ? found++ : found - 1;
      for (; at > 0 && keys[order[at - 1]!]! > key; at--) order[at] = order[at - 1]!;
      order[at] = candidate;
    }
  }

  /** Bottom-up merge sort. */
  #merge(numbers: number): void {
    const { keys } = this;
    for (let width = 1; width < numbers; width *= 2) {
      const from = this.#order;
      const to = this.#spare;
      for (let start = 0; start < numbers; start += 2 * width) {
        const middle = Math.min(start + width, numbers);
        const end = Math.min(start + 2 * width, numbers);
        let left = start;
        let right = middle;
        for (let n = start; n < end; n++) {
          const takeLeft = left < middle && (right >= end || keys[from[left]!]! <= keys[from[right]!]!);
          to[n] = takeLeft ? from[left++]! : from[right++]!;
        }
      }
      this.#order = to;
      this.#spare = from;
    }
  }

  /** Radix sort from the lowest digit up, on bits that are ordered as the numbers are; digits that never differ are skipped. */
  #countDigits(numbers: number): void {
    const { keys } = this;
    const words = this.#words;
    for (let i = 0; i < keys.length; i++) {
      keys[i] = keys[i]! + 0; // -0 + 0 is 0
      const negative = words[2 * i + 1]! >>> 31 === 1;
      words[2 * i] = negative ? ~words[2 * i]! : words[2 * i]!;
      words[2 * i + 1] = negative ? ~words[2 * i + 1]! : words[2 * i + 1]! | 0x80000000;
    }
    const places = new Int32Array(DIGITS);
    for (const half of [0, 1]) {
      for (let shift = 0; shift < 32; shift += DIGIT) {
        const from = this.#order;
        const to = this.#spare;
        places.fill(0);
        for (let n = 0; n < numbers; n++) places[(words[2 * from[n]! + half]! >>> shift) & (DIGITS - 1)]!++;
        if (places.includes(numbers)) continue;
        let sum = 0;
        for (let d = 0; d < DIGITS; d++) {
          const count = places[d]!;
          places[d] = sum;
          sum += count;
        }
        for (let n = 0; n < numbers; n++) {
          const i = from[n]!;
          to[places[(words[2 * i + half]! >>> shift) & (DIGITS - 1)]!++] = i;
        }
        this.#order = to;
        this.#spare = from;
      }
    }
  }
}
