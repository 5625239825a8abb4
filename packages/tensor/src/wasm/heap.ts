/**
 * Arrays that live in the kernels' memory, so that nothing is copied when a kernel works on them.
 *
 * They lie in the arena, at addresses that stay. A block that was given back waits for the next array of its length: what a training step
 * needs, it finds again in the next. When the arena is full there is no block, and the caller takes an ordinary array.
 */
import type { DType, TypedArray } from "../dtype.ts";
import { Allowance } from "./allowance.ts";
import { wasmAvailable } from "./host.ts";
import { type Range, Ranges } from "./ranges.ts";
import { ARENA_START, endOfArena, memoryVersion, SLACK, views } from "./scratch.ts";

/** Elements below which an ordinary array is as good: it is copied in a moment. */
const FEW = 128;
/** Bytes that wait to be used again at most, and so many that arrays of other lengths had better take their place. */
const MOST_WAITING = 64 * 2 ** 20;
const MANY_WAITING = 4 * 2 ** 20;

/** An index that is nowhere; as a float32 it is NaN. */
const POISON = 0x7fc00000;

/** What a block holds. */
export interface Content {
  readonly dtype: "float32" | "int32";
  readonly length: number;
}

/** What there is to know of a block when it is lost. */
interface Lease {
  readonly range: Range;
  /** Whether somebody beyond the engine may hold the array, so that the collector gives it back. */
  shown: boolean;
}

/** A place in the kernels' memory that holds one array, with slack behind it. */
export class Block {
  /** Where the elements are. */
  readonly pointer: number;
  readonly content: Content;
  readonly lease: Lease;
  /** Whether it is somebody's. */
  taken = true;
  #view: TypedArray | null = null;
  #version = -1;

  constructor(lease: Lease, content: Content) {
    this.pointer = lease.range.start;
    this.lease = lease;
    this.content = content;
  }

  /** Whether it holds a result that somebody beyond the engine may hold, see {@link takeShown}. */
  get shown(): boolean {
    return this.lease.shown;
  }

  /** The elements. Valid until the memory grows, so to be asked for anew after every `reserve`. */
  get elements(): TypedArray {
    if (this.#version !== memoryVersion || this.#view === null) {
      const { dtype, length } = this.content;
      this.#view = views()[dtype].subarray(this.pointer / 4, this.pointer / 4 + length);
      this.#version = memoryVersion;
    }
    return this.#view;
  }
}

/** Blocks of one dtype and length that wait. */
interface Bin {
  readonly content: Content;
  readonly blocks: Block[];
}

const bins: Readonly<Record<Content["dtype"], Map<number, Bin>>> = { float32: new Map(), int32: new Map() };
let ranges: Ranges | null = null;
let waiting = 0;
let least = FEW;
let poisoning = false;

const allowance: Allowance = new Allowance();

// Blocks of the engine are handed from array to array and die only with the last: registering them costs nothing in a steady loop.
const lost: FinalizationRegistry<Lease> | null =
  typeof FinalizationRegistry === "function" ? new FinalizationRegistry(found) : null;

function found({ range, shown }: Lease): void {
  if (shown) allowance.found(range.bytes);
  ranges!.give(range);
}

/** Lets arrays live in the kernels' memory or not, for comparisons, or also small ones, for tests. What lives there stays. */
export function useResidence(on: boolean | "small too"): void {
  least = on === true ? FEW : on ? 1 : Number.POSITIVE_INFINITY;
}

/** Whether blocks that are given back are filled with NaN, and arrays that lived there with them: for tests that look for later uses. */
export function poisonFreed(on: boolean): void {
  poisoning = on;
}

/** Whether {@link poisonFreed} is on. */
export function isPoisoning(): boolean {
  return poisoning;
}

/** A block for `length` elements with undefined contents; null where an ordinary array serves better, or there is no room. */
export function takeBlock(dtype: DType, length: number): Block | null {
  if (length < least || (dtype !== "float32" && dtype !== "int32") || lost === null) return null;
  const bin = binOf(dtype, length);
  const block = bin.blocks.pop();
  if (block !== undefined) {
    waiting -= block.lease.range.bytes;
    block.taken = true;
    return block;
  }
  return makeBlock(bin.content, lost);
}

/** The same for a result that somebody beyond the engine may hold. It comes back when the collector has found it, and there are not many. */
export function takeShown(dtype: DType, length: number): Block | null {
  if (length < least || !allowance.covers(4 * length)) return null;
  const block = takeBlock(dtype, length);
  if (block === null) return null;
  block.lease.shown = true;
  allowance.take(block.lease.range.bytes);
  return block;
}

function binOf(dtype: Content["dtype"], length: number): Bin {
  let bin = bins[dtype].get(length);
  if (bin === undefined) {
    bin = { content: { dtype, length }, blocks: [] };
    bins[dtype].set(length, bin);
  }
  return bin;
}

function makeBlock(content: Content, registry: FinalizationRegistry<Lease>): Block | null {
  if (ranges === null) {
    if (!wasmAvailable()) return null;
    ranges = new Ranges(endOfArena());
  }
  const bytes = Math.ceil((4 * content.length + SLACK) / 64) * 64;
  let range = ranges.takeBetween(bytes);
  const idle = waiting > MANY_WAITING && 2 * waiting > ranges.end - ARENA_START;
  if (range === null && idle) range = cleared().takeBetween(bytes);
  range ??= ranges.takeBehind(bytes) ?? cleared().takeBetween(bytes) ?? ranges.takeBehind(bytes);
  if (range === null) return null;
  const block = new Block({ range, shown: false }, content);
  registry.register(block, block.lease, block);
  return block;
}

/** Gives a block back: nobody may read or write its elements any more. */
export function giveBlock(block: Block): void {
  if (!block.taken) return;
  block.taken = false;
  const { content, lease } = block;
  const { dtype, length } = content;
  if (lease.shown) {
    lease.shown = false;
    allowance.give(lease.range.bytes);
  }
  if (poisoning) block.elements.fill(dtype === "float32" ? Number.NaN : POISON);
  waiting += lease.range.bytes;
  binOf(dtype, length).blocks.push(block);
  if (waiting > MOST_WAITING) cleared();
}

/** The free ranges, after everything that waits was joined to them. */
function cleared(): Ranges {
  for (const own of Object.values(bins)) {
    for (const { blocks } of own.values()) {
      for (const block of blocks) {
        lost!.unregister(block);
        ranges!.give(block.lease.range);
      }
    }
    own.clear();
  }
  waiting = 0;
  return ranges!;
}

/** How many bytes of the arena are somebody's, waiting blocks not among them; lost ones are until the garbage collector finds them. */
export function residentBytes(): number {
  return ranges === null ? 0 : ranges.taken - waiting;
}

/** Where the part of the arena ends that was ever used. */
export function endOfHeap(): number {
  return ranges?.end ?? ARENA_START;
}
