import { copyElements } from "#platform";
import type { TypedArray } from "./dtype.ts";
import { isShared } from "./wasm/scratch.ts";

/** So many elements are copied sooner one by one than by the engine, which wants a view of them first. */
const FEW = 24;
/** From so many elements on, a way around the engine pays where memory is shared between threads. */
const MANY = 2048;
/** So many are filled one by one before they are copied. */
const FIRST = 1024;

/** Copies neighbours from array to array, which do not overlap. */
export function copyRun(to: TypedArray, toAt: number, from: TypedArray, fromAt: number, count: number): void {
  if (count <= FEW) for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
  // the engine copies to and from shared memory word by word, in case others look on
  else if (count >= MANY && isShared()) copyElements(to, toAt, from, fromAt, count);
  else if (count === from.length) to.set(from, toAt);
  else to.set(from.subarray(fromAt, fromAt + count), toAt);
}

/** Writes one number to neighbours. */
export function fillRun(to: TypedArray, value: number, at: number, count: number): void {
  if (count < MANY || !isShared()) {
    to.fill(value, at, at + count);
    return;
  }
  // word by word again, so only the first, of which the others are copies
  to.fill(value, at, at + FIRST);
  for (let done = FIRST; done < count; done *= 2) {
    copyElements(to, at + done, to, at, Math.min(done, count - done));
  }
}
