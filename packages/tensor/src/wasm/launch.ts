/**
 * The one door through which WebAssembly kernels are reached.
 *
 * ```ts
 * const code = lazyModule<"axpy">("axpy", (m) => { m.export("axpy", ...) });   // built and compiled at its first use
 *
 * wasm: (y, x, s) =>
 *   launch((frame) => {
 *     code().axpy(x.size, s, frame.read(x), frame.modify(y));
 *   }),
 * accepts: (y, x) => launchable(y, x) && x.isContiguous,
 * ```
 *
 * A kernel declares each operand once, as read, written or modified, and gets a pointer. Whether bytes are copied for it is the
 * frame's business: ordinary arrays are copied in or out, those that live in the kernels' memory are not. So: ask for all operands before
 * the call, write only what was asked for by `write` or `modify`, and never keep a pointer after the launch. No operand that is written
 * shares memory with another. Loops over whole vectors may read and write up to 32 bytes past the end of any operand.
 */

import { copyRun } from "../copyRun.ts";
import { bytesOf } from "../dtype.ts";
import { fail } from "../errors.ts";
import { nestOf, rowStrides, walkRows } from "../kernels/nest.ts";
import type { NDArray } from "../ndarray.ts";
import { stridesOf } from "../shape.ts";
import type { Storage } from "../storage.ts";
import { registerModule } from "../threads/program.ts";
import { buildModule, type ModuleBuilder } from "./encoder.ts";
import { buildVersion, relaxedAvailable, wasmAvailable } from "./host.ts";
import { isShared, kernelMemory, mark, release, reserve, views } from "./scratch.ts";

/** An exported function: pointers and sizes are integers, scalars numbers. */
export type Entry = (...args: number[]) => number;

/**
 * A module that is built and compiled when it is first asked for, synchronously. Engines refuse that on a browser's main
 * thread above a size (Chrome: 8 MB; before version 115, 4 KB): one module a family keeps them small.
 */
export function lazyModule<Name extends string>(
  name: string,
  build: (m: ModuleBuilder) => void,
): () => Readonly<Record<Name, Entry>> {
  let entries: Readonly<Record<Name, Entry>> | null = null;
  let version = -1;
  return () => {
    if (entries === null || version !== buildVersion) {
      entries = compile(name, build) as Readonly<Record<Name, Entry>>;
      version = buildVersion;
    }
    return entries;
  };
}

function compile(name: string, build: (m: ModuleBuilder) => void): unknown {
  const bytes = buildModule(name, build, { relaxed: relaxedAvailable(), shared: isShared() });
  try {
    const module = new WebAssembly.Module(bytes);
    const { exports } = new WebAssembly.Instance(module, { env: { memory: kernelMemory() } });
    if (isShared()) registerModule(bytes, Object.values(exports) as Entry[]);
    return exports;
  } catch (cause) {
    return fail(
      "unsupported",
      name,
      "the kernel's WebAssembly is not valid",
      { cause: String(cause) },
      undefined,
      cause,
    );
  }
}

const MOST_ELEMENTS = 2 ** 27; // half a GiB: larger operands take the js side rather than fill the memory

/** Whether operands can go through the door at all: WebAssembly is there, they are float32, and not enormous. */
export function launchable(...operands: readonly NDArray[]): boolean {
  let elements = 0;
  for (const { dtype, size } of operands) {
    if (dtype !== "float32") return false;
    elements += size;
  }
  return elements <= MOST_ELEMENTS && wasmAvailable();
}

/** Number of elements from the first to the last that a view touches, gaps included. */
export function spanOf(a: NDArray): number {
  if (a.size === 0) return 0;
  let span = 1;
  for (let i = 0; i < a.shape.length; i++) span += (a.shape[i]! - 1) * Math.abs(a.stride[i]!);
  return span;
}

/** The operands of one launch. */
export interface Frame {
  /** Pointer to the elements, row-major and without gaps, to be read. */
  read(a: NDArray): number;
  /** Pointer to element (0, ..., 0) of a view that is taken as it lies, to be read by its own strides: no element is copied twice or rearranged. */
  span(a: NDArray): number;
  /** Pointer to a copy of the elements, row-major, which the kernel may overwrite. */
  copy(a: NDArray): number;
  /** Pointer to where the elements are to be written, row-major. All of them must be. */
  write(a: NDArray): number;
  /**
   * Pointer to the elements, row-major, to be read and written.
   *
   * @param step so many elements are written at a time, one after the other: where that divides their number nothing is written past the
   *   end. @defaultValue 0, not known
   */
  modify(a: NDArray, step?: number): number;
  /** Pointer to `bytes` bytes of scratch space with undefined contents. */
  workspace(bytes: number): number;
}

const pendingArrays: NDArray[] = [];
const pendingPointers: number[] = [];

/** Storages of the operands that are used where they live: those that are read, and those that are written. */
const readInPlace: Storage[] = [];
const writtenInPlace: Storage[] = [];

/** Pointer to the first element of a view that a kernel may read where it lives; 0: it must be copied. */
function placeToRead({ storage, offset, dtype }: NDArray): number {
  const { block } = storage;
  if (block === null || writtenInPlace.includes(storage)) return 0;
  readInPlace.push(storage);
  return block.pointer + bytesOf[dtype] * offset;
}

/** The same for a kernel that writes; see {@link Frame.modify} for `step`. */
function placeToWrite(a: NDArray, step: number): number {
  const { storage, offset, dtype } = a;
  const block = storage.blockToWrite;
  if (block === null || !writable(a, step)) return 0;
  if (readInPlace.includes(storage) || writtenInPlace.includes(storage)) return 0;
  writtenInPlace.push(storage);
  return block.pointer + bytesOf[dtype] * offset;
}

/** Whether the elements of an array that lives in the kernels' memory can be written there without hitting others. */
export function writable({ storage, offset, size, isContiguous }: NDArray, step: number): boolean {
  return isContiguous && (offset + size === storage.length || size % step === 0);
}

const frame: Frame = {
  read(a) {
    return (a.isContiguous ? placeToRead(a) : 0) || frame.copy(a);
  },
  copy(a) {
    const p = reserve(bytesOf[a.dtype] * a.size);
    copyIn(a, p);
    return p;
  },
  span(a) {
    const place = placeToRead(a);
    if (place !== 0) return place;
    let before = 0;
    for (let i = 0; i < a.shape.length; i++) if (a.stride[i]! < 0) before -= (a.shape[i]! - 1) * a.stride[i]!;
    a.storage.settle(); // in this memory, which may grow
    const bytes = bytesOf[a.dtype];
    const length = spanOf(a);
    const p = reserve(bytes * length);
    copyRun(views()[a.dtype], p / bytes, a.storage.readable, a.offset - before, length);
    return p + before * bytes;
  },
  write(a) {
    return placeToWrite(a, 0) || later(a);
  },
  modify(a, step = 0) {
    const place = placeToWrite(a, step);
    if (place !== 0) return place;
    const p = later(a);
    copyIn(a, p);
    return p;
  },
  workspace: reserve,
};

/** Space for what is copied out when the kernel is through. */
function later(a: NDArray): number {
  const p = reserve(bytesOf[a.dtype] * a.size);
  pendingArrays.push(a);
  pendingPointers.push(p);
  return p;
}

/** Runs a kernel: `body` declares operands and calls; what was declared written is copied out afterwards, and all space returned. */
export function launch(body: (frame: Frame) => void): void {
  const start = mark();
  const pending = pendingArrays.length;
  const [reads, writes] = [readInPlace.length, writtenInPlace.length];
  try {
    body(frame);
    for (let i = pending; i < pendingArrays.length; i++) copyOut(pendingArrays[i]!, pendingPointers[i]!);
  } finally {
    // one by one: setting a length is a call into the engine
    while (pendingArrays.length > pending) {
      pendingArrays.pop();
      pendingPointers.pop();
    }
    while (readInPlace.length > reads) readInPlace.pop();
    while (writtenInPlace.length > writes) writtenInPlace.pop();
    release(start);
  }
}

/** Copies the elements to `p`, row-major. */
export function copyIn(a: NDArray, p: number): void {
  const data = a.storage.readable; // which may have to be computed, in this memory
  const target = views()[a.dtype];
  const start = p / target.BYTES_PER_ELEMENT;
  if (a.isContiguous) copyRun(target, start, data, a.offset, a.size);
  else {
    walkBeside(a, (from, step, at, along, n) => {
      for (let i = 0, q = from, o = start + at; i < n; i++, q += step, o += along) target[o] = data[q]!;
    });
  }
}

/** Copies row-major elements from `p` into an array. */
export function copyOut(a: NDArray, p: number): void {
  const source = views()[a.dtype];
  const start = p / source.BYTES_PER_ELEMENT;
  if (a.isContiguous && a.size === a.storage.length) {
    a.storage.overwrite(source, start);
    return;
  }
  const data = a.storage.array;
  if (a.isContiguous) copyRun(data, a.offset, source, start, a.size);
  else {
    walkBeside(a, (to, step, at, along, n) => {
      for (let i = 0, q = start + at, o = to; i < n; i++, q += along, o += step) data[o] = source[q]!;
    });
  }
}

/** Visits the rows of a view, and where their elements are among the view's in row-major order: first place and step of each, and how many. */
function walkBeside(
  a: NDArray,
  row: (place: number, step: number, at: number, along: number, n: number) => void,
): void {
  const nest = nestOf(a.shape, [a, a.view(a.shape, stridesOf(a.shape), 0)]);
  const [step, along] = rowStrides(nest) as [number, number];
  walkRows(nest, ([place = 0, at = 0], n) => row(place, step, at, along, n));
}
