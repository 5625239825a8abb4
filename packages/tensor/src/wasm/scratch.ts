/**
 * The memory that kernels work in: the only WebAssembly.Memory, and who may touch it.
 *
 * Space is handed out as a stack: `reserve` moves the top up, `release(mark)` back down. Pointers are byte offsets and stay true when
 * the memory grows; views do not, so nobody outside keeps one across a `reserve`.
 */
import { fail } from "../errors.ts";

/** Bytes behind every reservation that belong to nobody, so that loops over whole vectors may read and write past the end. */
export const SLACK = 32;

const PAGE = 65536;
const FIRST_PAGES = 16;
const MOST_PAGES = 65536; // 4 GiB, all that a 32-bit pointer reaches

let memory: WebAssembly.Memory | null = null;
let shared = false;
let top = 1024; // what a null pointer and its neighbours would hit stays unused

/** The memory as elements of each type; made anew whenever it grows. */
export interface Views {
  readonly float32: Float32Array;
  readonly float64: Float64Array;
  readonly int32: Int32Array;
  readonly bool: Uint8Array;
}

let current: Views = viewsOf(new ArrayBuffer(0));

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
  if (memory === null) {
    memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES });
    current = viewsOf(memory.buffer);
  }
  return memory;
}

/** Whether the memory is shared with other threads. Modules over it are built for one kind or the other. */
export function isShared(): boolean {
  return shared;
}

/**
 * Puts a memory in its place that threads can share, from now on; false where there is none. Not while anything is reserved.
 *
 * Whatever was compiled for the former memory must be compiled again.
 */
export function shareMemory(): boolean {
  if (shared) return true;
  try {
    memory = new WebAssembly.Memory({ initial: FIRST_PAGES, maximum: MOST_PAGES, shared: true });
  } catch {
    return false;
  }
  shared = true;
  current = viewsOf(memory.buffer);
  return true;
}

/** The memory as typed arrays. Valid until the next `reserve`. */
export function views(): Views {
  return current;
}

/** Where the next reservation starts: give it to `release` to drop everything reserved since. */
export function mark(): number {
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
  const generous = Math.min(MOST_PAGES, Math.max(need, have * 2)); // doubling keeps the number of growths small
  if (!(tryGrow(owner, generous - have) || tryGrow(owner, need - have))) {
    fail("unsupported", "kernels", "WebAssembly memory cannot grow", { bytes }, "smaller batches need less at once");
  }
  current = viewsOf(owner.buffer);
}

function tryGrow(owner: WebAssembly.Memory, pages: number): boolean {
  try {
    owner.grow(pages);
    return true;
  } catch {
    return false;
  }
}
