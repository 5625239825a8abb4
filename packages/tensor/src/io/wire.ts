import type { DType, TypedArray } from "../dtype.ts";
import type { Complain } from "./source.ts";

/** The element types that files hold: letter for the kind, number for the bits. */
export type WireType =
  | "bool8"
  | "u8"
  | "i8"
  | "u16"
  | "i16"
  | "f16"
  | "bf16"
  | "u32"
  | "i32"
  | "f32"
  | "u64"
  | "i64"
  | "f64";

/** Bytes of one element. */
export const wireBytes: Readonly<Record<WireType, number>> = {
  bool8: 1,
  u8: 1,
  i8: 1,
  u16: 2,
  i16: 2,
  f16: 2,
  bf16: 2,
  u32: 4,
  i32: 4,
  f32: 4,
  u64: 8,
  i64: 8,
  f64: 8,
};

/** The dtype that elements of a file are read as: the nearest that holds them. */
export function dtypeOfWire(type: WireType): DType {
  if (type === "bool8") return "bool";
  if (type === "f64") return "float64";
  return type.includes("f") ? "float32" : "int32";
}

const hostIsLittle: boolean = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Reverses the bytes of each element in place, where the order of the file is not that of this machine. */
function toHostOrder(bytes: Uint8Array, width: number, littleEndian: boolean): void {
  if (littleEndian === hostIsLittle) return;
  for (let i = 0; i < bytes.length; i += width) bytes.subarray(i, i + width).reverse();
}

/**
 * Elements from the bytes of a file, copied.
 *
 * f16 and bf16 become float32 exactly; any byte but 0 is true; integers must fit in int32, which is the only integer type.
 *
 * @param bytes whole elements, nothing else
 */
export function decodeElements(
  type: WireType,
  bytes: Uint8Array,
  littleEndian: boolean,
  complain: Complain,
): TypedArray {
  const copy = new Uint8Array(bytes); // aligned, and never a view of the caller's memory
  toHostOrder(copy, wireBytes[type], littleEndian);
  const { buffer } = copy;
  switch (type) {
    case "f32":
      return new Float32Array(buffer);
    case "f64":
      return new Float64Array(buffer);
    case "i32":
      return new Int32Array(buffer);
    case "bool8":
      return copy.map((byte) => (byte === 0 ? 0 : 1));
    case "u8":
      return Int32Array.from(copy);
    case "i8":
      return Int32Array.from(new Int8Array(buffer));
    case "u16":
      return Int32Array.from(new Uint16Array(buffer));
    case "i16":
      return Int32Array.from(new Int16Array(buffer));
    case "f16":
      return Float32Array.from(new Uint16Array(buffer), halfToNumber);
    case "bf16":
      return new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);
    case "u32":
      return narrow(new Uint32Array(buffer), complain);
    case "i64":
      return narrow(new BigInt64Array(buffer), complain);
    case "u64":
      return narrow(new BigUint64Array(buffer), complain);
  }
}

/** The value of a half-precision float (IEEE 754 binary16) from its bits. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Wider integers as int32, if each of them fits. */
function narrow(values: ArrayLike<number | bigint>, complain: Complain): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(values[i]); // bigints beyond 2^53 are rounded, but stay out of range
    out[i] = value;
    if (out[i] !== value) {
      const hint = "integers are read as int32, from -2147483648 to 2147483647: convert the array before it is saved";
      complain("an integer does not fit in int32", { element: i, value: values[i] }, hint);
    }
  }
  return out;
}

/** The bytes of elements in little-endian order: a view of them where this machine has the same order, else a copy. */
export function encodeElements(elements: TypedArray): Uint8Array {
  const bytes = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  if (hostIsLittle) return bytes;
  const copy = new Uint8Array(bytes);
  toHostOrder(copy, elements.BYTES_PER_ELEMENT, true);
  return copy;
}
