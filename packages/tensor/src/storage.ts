import { FRESH_IS_DEAR } from "#platform";
import { giveBack, takeArray } from "./arrayPool.ts";
import { copyRun } from "./copyRun.ts";
import { arrayOf, type DType, dtypeOf, LARGE, type TypedArray, unfilledOf } from "./dtype.ts";
import type { Loan, Pending } from "./pending.ts";
import { takeBlockFor, type Use } from "./place.ts";
import { Block, giveBlock, isPoisoning, takeBlock } from "./wasm/heap.ts";
import { isShared } from "./wasm/scratch.ts";

/** Elements from which on results that users may hold live in the kernels' memory: to keep books of smaller ones costs more than it brings. */
const SHOWN_FROM = FRESH_IS_DEAR ? 2 ** 12 : 2 ** 17;

let lazyLength: number = LARGE;
let shownLength: number = SHOWN_FROM;

/** Makes and computes arrays of so many elements only when they are asked for, or none (Infinity), for comparisons. @defaultValue as usual */
export function lazyFrom(elements: number = LARGE): void {
  lazyLength = elements;
  shownLength = Number.isFinite(elements) ? Math.min(elements, SHOWN_FROM) : elements;
}

/** Whether a result of so many elements may be left to be computed later. */
export function isLazy(length: number): boolean {
  return length >= lazyLength;
}

/** Elements that take no memory yet. */
interface Absent {
  readonly dtype: DType;
  readonly length: number;
  /** Whether they are zeros; else anything, since all are about to be written. @defaultValue false */
  readonly zero?: boolean;
  /** For whom they may live in the kernels' memory. @defaultValue nobody */
  readonly use?: Use;
}

/**
 * The elements behind one or more views, and how often they were changed in place.
 *
 * A large array is made when it is first asked for: most are about to be overwritten by a kernel, and clearing memory takes as long
 * as a light kernel. An elementwise kernel may leave a {@link Pending} result in its place, to be computed together with what is
 * made of it.
 */
export class Storage {
  /** The elements; null while there are none yet, and while they live in the kernels' memory. */
  elements: TypedArray | null;
  /** How many elements there are. */
  readonly length: number;
  /** What to make when somebody asks and nothing is pending. */
  #absent: Absent | null;
  /** Where in the kernels' memory the elements live; null: nowhere. */
  block: Block | null = null;
  /** What the elements will be; null where they are there, or where there is nothing to compute. */
  pending: Pending | null = null;
  /** Who will read the elements later; null: nobody. */
  loan: Loan | null = null;
  /** Whether somebody has the typed array itself, and may write into it unnoticed: it is not lent. */
  exposed = false;
  /** Counts changes in place; views of one storage share it. -1: an inference array, which is not counted. */
  version = 0;
  /** Whether somebody beyond the computation that made it may hold on to it, so that it must not be reused. */
  claimed = false;
  /** Whether a backward pass holds it, in one place only. Unless it is claimed too, it is free at its last use. */
  spare = false;
  /** In how many places a backward pass holds it, where those are several; else 0. The last of them has it to itself. */
  places = 0;

  constructor(elements: TypedArray | null, absent: Absent | null = null) {
    this.elements = elements;
    this.#absent = absent;
    this.length = elements === null ? absent!.length : elements.length;
  }

  /** `length` zeros. */
  static of(dtype: DType, length: number): Storage {
    return length < lazyLength ? new Storage(arrayOf(dtype, length)) : new Storage(null, { dtype, length, zero: true });
  }

  /** `length` undefined elements, every one of which is about to be written. */
  static unfilled(dtype: DType, length: number): Storage {
    if (length >= shownLength) return new Storage(null, { dtype, length, use: "shown" });
    return length < lazyLength ? new Storage(takeArray(dtype, length)) : new Storage(null, { dtype, length });
  }

  /** The same for the engine's own use: in the kernels' memory where that serves, else in an ordinary array. */
  static own(dtype: DType, length: number): Storage {
    if (length >= lazyLength) return new Storage(null, { dtype, length, use: "own" });
    const block = takeBlock(dtype, length);
    return block === null ? new Storage(takeArray(dtype, length)) : Storage.in(block);
  }

  /** Elements that live in the kernels' memory. */
  static in(block: Block): Storage {
    const storage = new Storage(null, block.content);
    storage.block = block;
    return storage;
  }

  /** The elements, to be read and not kept: what lives in the kernels' memory is gone from here when that grows. */
  get readable(): TypedArray {
    return this.elements ?? this.block?.elements ?? this.#settle();
  }

  /** The elements, to be read and written, and not kept. */
  get array(): TypedArray {
    const { readable } = this;
    return this.#isLent() ? this.#replace(readable.slice()) : readable;
  }

  /** The elements, for somebody who may keep them and write into them at any time: in an ordinary array, where they stay from now on. */
  get exposedArray(): TypedArray {
    this.exposed = true;
    if (this.elements === null) {
      this.settle();
      this.moveOut();
    }
    return this.array;
  }

  /** Where in the kernels' memory elements are about to be written; null: nowhere, it is done in {@link array}. */
  get blockToWrite(): Block | null {
    if (this.elements !== null || this.#isLent()) return null;
    if (this.block === null && this.pending === null) {
      const { use, dtype } = this.#absent!;
      if (use === "shown" || !this.claimed) this.block = takeBlockFor(use, dtype, this.length);
    }
    return this.block;
  }

  /** For whom the elements may live in the kernels' memory once they are there. */
  get use(): Use | undefined {
    return this.#absent?.use;
  }

  /** The elements, for somebody who is about to write all of them: what is not there yet is neither computed nor cleared. */
  get overwritten(): TypedArray {
    this.pending = null;
    const { elements } = this;
    if (elements === null) {
      return this.blockToWrite?.elements ?? this.#replace(takeArray(this.#absent!.dtype, this.length));
    }
    return this.#isLent() ? this.#replace(takeArray(dtypeOf(elements), this.length)) : elements;
  }

  /** Writes all elements: those of `source` from number `at` on, which are of their dtype. */
  overwrite(source: TypedArray, at = 0): void {
    const late = this.elements === null && this.#absent!.zero === true && !isShared();
    if (late) {
      this.pending = null;
      this.#replace(source.slice(at, at + this.length));
    } else copyRun(this.overwritten, 0, source, at, this.length);
  }

  /**
   * Moves the elements into the kernels' memory, for arrays that kernels read and write again and again. They stay where they are if
   * somebody has the typed array itself, or another computation may hold it, or there is no room.
   */
  moveIn(): void {
    if (this.block !== null || this.exposed || this.claimed) return;
    const { readable } = this;
    const block = takeBlock(dtypeOf(readable), this.length);
    if (block === null) return;
    copyRun(block.elements, 0, readable, 0, this.length);
    this.elements = null; // those who have borrowed it hold it themselves
    this.loan = null;
    this.#absent = block.content;
    this.block = block;
  }

  /** Moves the elements out of the kernels' memory, if they live there. */
  moveOut(): void {
    const { block } = this;
    if (block === null) return;
    const { dtype, length } = block.content;
    this.elements = takeArray(dtype, length);
    copyRun(this.elements, 0, block.elements, 0, length);
    this.block = null;
    if (!this.#isLent()) giveBlock(block); // those who have borrowed it hold it themselves
    this.loan = null;
  }

  /** From now on others may hold it, who do not give it back: it moves out of the kernels' memory, unless it is there for them. */
  show(): void {
    if (this.block !== null && !this.block.shown) this.moveOut();
  }

  /** From now on somebody beyond the computation that made it may hold on to it. */
  claim(): void {
    this.claimed = true;
    this.show();
  }

  /** Puts a result in the place of the elements that is computed when somebody asks for it. For storages that could be made late. */
  defer(pending: Pending): void {
    this.elements = null; // it may read them itself, and then holds them
    this.loan = null;
    this.pending = pending;
  }

  /** Computes what is pending now. */
  settle(): void {
    if (this.pending !== null) this.#settle();
  }

  /** Another storage of the same elements, with a version of its own. */
  twin(): Storage {
    const other = new Storage(this.exposedArray);
    other.exposed = true;
    return other;
  }

  /** Gives the elements back, to be used again: nobody may ask for them any more, and it is done only once. Those that will be read later stay. */
  giveBack(): void {
    const { block, elements } = this;
    if (block === null) {
      if (elements !== null && !this.#isLent()) giveBack(elements);
      return;
    }
    this.block = null;
    if (this.#isLent()) return;
    giveBlock(block);
    if (isPoisoning()) this.elements = unfilledOf(block.content.dtype, block.content.length).fill(Number.NaN);
  }

  #isLent(): boolean {
    return this.loan !== null && this.loan.readers > 0;
  }

  #replace(elements: TypedArray): TypedArray {
    this.elements = elements;
    this.block = null;
    this.loan = null;
    return elements;
  }

  #settle(): TypedArray {
    const { pending } = this;
    if (pending === null) {
      const { dtype, length, zero } = this.#absent!;
      return this.#replace(zero === true ? arrayOf(dtype, length) : takeArray(dtype, length));
    }
    const place = pending.settle();
    this.loan = pending.loan;
    this.pending = null;
    if (!(place instanceof Block)) {
      this.elements = place;
      return place;
    }
    this.block = place;
    return place.elements;
  }
}
