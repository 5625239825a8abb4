import { copyElements } from "#platform";
import type { TypedArray } from "./dtype.ts";
import { isShared } from "./wasm/scratch.ts";

/** So many elements are copied sooner one by one than by the engine, which wants a view of them first. */
const FEW = 24;
/** From so many elements on, a way around the engine pays where memory is shared between threads. */
const MANY = 2048;

/** Copies neighbours from array to array, which do not overlap. */
export function copyRun(to: TypedArray, toAt: number, from: TypedArray, fromAt: number, count: number): void {
  if (count <= FEW) for (let i = 0; i < count; i++) to[toAt + i] = from[fromAt + i]!;
  // the engine copies to and from shared memory word by word, in case others look on
  else if (count >= MANY && isShared()) copyElements(to, toAt, from, fromAt, count);
  else if (count === from.length) to.set(from, toAt);
  else to.set(from.subarray(fromAt, fromAt + count), toAt);
}
