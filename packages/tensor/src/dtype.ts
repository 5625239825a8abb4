import { fail } from "./errors.ts";

/** The element types: 32-bit float (the default), 64-bit float, 32-bit integer, truth value. */
export type DType = "float32" | "float64" | "int32" | "bool";

/** What holds the elements; truth values are bytes 0 and 1. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Every dtype, from the narrowest category to the widest: the order of promotion. */
export const dtypes: readonly DType[] = ["bool", "int32", "float32", "float64"];

/** Bytes of one element. */
export const bytesOf: Readonly<Record<DType, number>> = { bool: 1, int32: 4, float32: 4, float64: 8 };

/** A zeroed typed array of `length` elements. */
export function arrayOf(dtype: DType, length: number): TypedArray {
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
