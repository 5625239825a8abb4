import { platformName, unfilled } from "#platform";
import { fail } from "./errors.ts";

/** The element types: 32-bit float (the default), 64-bit float, 32-bit integer, truth value. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** What holds the elements; truth values are bytes 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Every dtype, from the narrowest category to the widest: the order of promotion. */
export const dtypes: readonly DType[] = ["bool", "int32", "float32", "float64"];

/** Bytes of one element. */
export const bytesOf: Readonly<Record<DType, number>> = { bool: 1, int32: 4, float32: 4, float64: 8 };

/** Elements from which on memory is dear: it comes in pages, each of which the system clears. */
export const LARGE: number = 2 ** 14;

/** Elements of a page of memory: so many and more of them at once make the allocator return memory to the system and ask for it again. */
const PAGE = 2 ** 10;

/** Just below the largest block for which glibc adjusts its thresholds. */
const LARGEST_ADJUSTED = 2 ** 25 - 2 ** 16;

let adjusted = false;

/**
 * Keeps memory in the process that would go back to the system and come again, page by page, with large arrays or many of a page and more.
 *
 * When glibc's allocator frees a block that the system gave it directly, it takes blocks of this size from its own store from then on,
 * and returns memory only when twice as much lies idle. So one large block is made, which nobody touches, and left to the
 * garbage collector. A fresh array of 4 MB took 2.5 ms to fill before and takes 0.7 ms after, one of 16 KB 60 to
 * 80 us and 5; other allocators do not mind.
 */
function keepPages(): void {
  adjusted = true;
  if (platformName === "browser") return;
  try {
    new ArrayBuffer(LARGEST_ADJUSTED);
  } catch {
    // a host that has not even room for this will manage without
  }
}

/** A zeroed typed array of `length` elements. */
export function arrayOf(dtype: DType, length: number): TypedArray {
  if (length >= PAGE && !adjusted) keepPages();
  switch (dtype) {
    case "float32":
      return new Float32Array(length);
    case "float64":
      return new Float64Array(length);
    case "int32":
      return new Int32Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}

/** A typed array of `length` elements that are about to be written: zeros, or where the host permits whatever was there before. */
export function unfilledOf(dtype: DType, length: number): TypedArray {
  if (length < LARGE) return arrayOf(dtype, length);
  if (!adjusted) keepPages();
  const buffer = unfilled(length * bytesOf[dtype]);
  switch (dtype) {
    case "float32":
      return new Float32Array(buffer);
    case "float64":
      return new Float64Array(buffer);
    case "int32":
      return new Int32Array(buffer);
    case "bool":
      return new Uint8Array(buffer);
  }
}

/** A typed array that holds `values`, converted as torch converts: toward zero to integers, `!= 0` to bool. */
export function arrayFrom(dtype: DType, values: ArrayLike<number>): TypedArray {
  const array = arrayOf(dtype, values.length);
  if (dtype === "bool") for (let i = 0; i < values.length; i++) array[i] = values[i] ? 1 : 0;
  else array.set(values);
  // NaN is not 0: torch counts it as true, while JavaScript's truthiness does not
  if (dtype === "bool") for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) array[i] = 1;
  return array;
}

/** The dtype whose elements a typed array holds; bytes are truth values. */
export function dtypeOf(array: TypedArray): DType {
  if (array instanceof Float32Array) return "float32";
  if (array instanceof Float64Array) return "float64";
  if (array instanceof Int32Array) return "int32";
  return "bool";
}

/** Whether the dtype is one of the floating-point ones, which alone can carry gradients. */
export function isFloating(dtype: DType): boolean {
  return dtype === "float32" || dtype === "float64";
}

/** The smallest dtype that both fit in: bool < int32 < float32 < float64 (torch.promote_types). */
export function promote(a: DType, b: DType): DType {
  return dtypes.indexOf(a) >= dtypes.indexOf(b) ? a : b;
}

/** Checks a dtype that came from outside the type system. */
export function checkDType(where: string, dtype: string): DType {
  const found = dtypes.find((known) => known === dtype);
  return found ?? fail("invalid_dtype", where, "unknown dtype", { dtype }, `one of ${dtypes.join(", ")}`);
}
