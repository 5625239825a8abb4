import type { NDArray } from "../../ndarray.ts";

/** The labels of one sample: a blank stands before, between and behind them. */
export interface Labels {
  /** How many there are. */
  readonly count: number;
  /** The different labels of the sample, each once, the blank first. */
  readonly distinct: Int32Array;
  /** How many of {@link distinct} there are; what stands behind is of no meaning. */
  readonly width: number;
  /** For each label which one of these it is. */
  readonly slots: Int32Array;
}

/** Gives the labels of one sample after the other; each is valid until the next. */
export class LabelReader {
  readonly #targets: ArrayLike<number>;
  readonly #counts: ArrayLike<number>;
  readonly #row: number | null;
  /** For each class its place among those that are different, and 1. */
  readonly #places: Int32Array;
  readonly #labels: { count: number; distinct: Int32Array; width: number; slots: Int32Array };
  #start = 0;
  #n = 0;

  constructor(targets: NDArray, counts: NDArray, blank: number, classes: number) {
    this.#targets = targets.toArray();
    this.#counts = counts.toArray();
    this.#row = targets.dimension === 2 ? targets.shape[1]! : null;
    this.#places = new Int32Array(classes);
    let longest = 0;
    for (let n = 0; n < this.#counts.length; n++) longest = Math.max(longest, this.#counts[n]!);
    const distinct = new Int32Array(Math.min(classes, longest + 1));
    distinct[0] = blank;
    this.#places[blank] = 1;
    this.#labels = { count: 0, distinct, width: 1, slots: new Int32Array(longest) };
  }

  /** The most labels that a sample has. */
  get longest(): number {
    return this.#labels.slots.length;
  }

  /** The most different ones that it can have. */
  get widest(): number {
    return this.#labels.distinct.length;
  }

  /** The labels of the next sample. */
  next(): Labels {
    const labels = this.#labels;
    const places = this.#places;
    const { distinct, slots } = labels;
    for (let i = 1; i < labels.width; i++) places[distinct[i]!] = 0;
    const start = this.#row === null ? this.#start : this.#n * this.#row;
    const count = this.#counts[this.#n++]!;
    let width = 1;
    for (let j = 0; j < count; j++) {
      const target = this.#targets[start + j]!;
      if (places[target] === 0) {
        distinct[width++] = target;
        places[target] = width;
      }
      slots[j] = places[target]! - 1;
    }
    this.#start += count;
    labels.count = count;
    labels.width = width;
    return labels;
  }
}
