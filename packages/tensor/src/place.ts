/** Places for elements: ordinary arrays, and blocks in the kernels' memory. */
import { takeArray } from "./arrayPool.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { type Block, takeBlock, takeShown } from "./wasm/heap.ts";

/** Where elements are: in an ordinary array, or in the kernels' memory. */
export type Place = TypedArray | Block;

/** Who may hold an array that may live in the kernels' memory: the engine alone, which gives it back, or users too. */
export type Use = "own" | "shown";

/** A block for elements that are about to be written; null where none serves, or without a use for it. */
export function takeBlockFor(use: Use | undefined, dtype: DType, length: number): Block | null {
  return use === "shown" ? takeShown(dtype, length) : use === "own" ? takeBlock(dtype, length) : null;
}

/** A place for elements that are about to be written: in the kernels' memory where that serves, else in an ordinary array. */
export function takePlace(dtype: DType, length: number, use: Use | undefined): Place {
  return takeBlockFor(use, dtype, length) ?? takeArray(dtype, length);
}
