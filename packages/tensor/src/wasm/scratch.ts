/**
 * The memory that kernels work in: the only WebAssembly.Memory, and who may touch it.
 *
 * At its bottom is the arena of the heap, for arrays that live here (see heap.ts). Above it space is handed out as a stack:
 * `reserve` moves the top up, `release(mark)` back down. Pointers are byte offsets and stay true when the memory grows; views do not, so
 * nobody outside keeps one across a `reserve`.
 */
import { fail } from "../errors.ts";

/** Bytes behind every reservation that belong to nobody, so that loops over whole vectors may read and write past the end. */
export const SLACK = 32;

const PAGE = 65536;
/** Pages of the stack at first. Those that nobody touches take no memory, and each growth takes milliseconds. */
const FIRST_PAGES = 256;
/** Pages of the arena: as many as the host grants. */
const ARENA_PAGES = [4096, 2048, 512, 0];
const MOST_PAGES = 65536; // 4 GiB, all that a 32-bit pointer reaches

let memory: WebAssembly.Memory | null = null;
let shared = false;
/** Where the arena begins: what a null pointer and its neighbours would hit stays unused. */
export const ARENA_START = 1024;
let arenaEnd = ARENA_START;
let top = 0;

/** The memory as elements of each type; made anew whenever it grows. */
export interface Views {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

let current: Views = viewsOf(new ArrayBuffer(0));

/** Changes whenever the memory has grown or another has come in its place: views made before are of no use any more. */
export let memoryVersion: number = 0;

function renewViews(buffer: ArrayBufferLike): void {
  current = viewsOf(buffer);
  memoryVersion++;
}

function viewsOf(buffer: ArrayBufferLike): Views {
  return {
    float32: new Float32Array(buffer),
    float64: new Float64Array(buffer),
    int32: new Int32Array(buffer),
    bool: new Uint8Array(buffer),
  };
}

/** The memory itself, for the imports of a module; made at the first call. */
export function kernelMemory(): WebAssembly.Memory {
  return memory ?? firstMemory();
}

function firstMemory(): WebAssembly.Memory {
  let made: WebAssembly.Memory | null = null;
  for (const pages of ARENA_PAGES) {
    made = tryMake(pages + FIRST_PAGES, false);
    if (made === null) continue;
    arenaEnd = ARENA_START + pages * PAGE;
    break;
  }
  memory = made ?? fail("unsupported", "kernels", "there is no WebAssembly memory", { pages: FIRST_PAGES });
  top = arenaEnd;
  renewViews(memory.buffer);
  return memory;
}

function tryMake(initial: number, shared: boolean): WebAssembly.Memory | null {
  try {
    return new WebAssembly.Memory({ initial, maximum: MOST_PAGES, shared });
  } catch {
    return null;
  }
}

/** Where the arena of the heap ends; its start if the host has no room for one. */
export function endOfArena(): number {
  kernelMemory();
  return arenaEnd;
}

/** Whether the memory is shared with other threads. Modules over it are built for one kind or the other. */
export function isShared(): boolean {
  return shared;
}

/**
 * Puts a memory in its place that threads can share, from now on; false where there is none. Not while anything is reserved. What lives
 * in the arena, up to `used`, is there again at the same addresses.
 *
 * Whatever was compiled for the former memory must be compiled again.
 */
export function shareMemory(used: number): boolean {
  if (shared) return true;
  const former = kernelMemory();
  const made = tryMake(Math.floor(arenaEnd / PAGE) + FIRST_PAGES, true);
  if (made === null) return false;
  new Uint8Array(made.buffer).set(new Uint8Array(former.buffer, 0, used));
  memory = made;
  shared = true;
  renewViews(memory.buffer);
  return true;
}

/** The memory as typed arrays. Valid until the next `reserve`. */
export function views(): Views {
  return current;
}

/** Where the next reservation starts: give it to `release` to drop everything reserved since. */
export function mark(): number {
  kernelMemory();
  return top;
}

/**
 * Takes `bytes` bytes, aligned to 64 (a cache line), with {@link SLACK} behind them. Their contents are whatever was there
 * before.
 */
export function reserve(bytes: number): number {
  const start = top;
  const end = start + Math.ceil((bytes + SLACK) / 64) * 64;
  if (end > current.bool.length) grow(end);
  top = end;
  return start;
}

/** Drops everything that was reserved since `to` was marked. The memory keeps its size: the next launch will want it again. */
export function release(to: number): void {
  top = to;
}

function grow(bytes: number): void {
  const owner = kernelMemory();
  const have = owner.buffer.byteLength / PAGE;
  const need = Math.ceil(bytes / PAGE);
  if (need <= have) return;
  const stack = have - Math.floor(arenaEnd / PAGE);
  const generous = Math.min(MOST_PAGES, Math.max(need, have + stack)); // doubling keeps the number of growths small
  if (!(tryGrow(owner, generous - have) || tryGrow(owner, need - have))) {
    fail("unsupported", "kernels", "WebAssembly memory cannot grow", { bytes }, "smaller batches need less at once");
  }
  renewViews(owner.buffer);
}

function tryGrow(owner: WebAssembly.Memory, pages: number): boolean {
  try {
    owner.grow(pages);
    return true;
  } catch {
    return false;
  }
}
