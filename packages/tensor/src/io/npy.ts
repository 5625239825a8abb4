import type { DType } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import { NPY_MAGIC, readNpyHeader } from "./npyHeader.ts";
import { type ByteSource, complaintsOf, quote } from "./source.ts";
import { decodeElements, dtypeOfWire, encodeElements, type WireType, wireBytes } from "./wire.ts";

/** The header is padded so that the elements begin at a multiple of this. */
const ALIGNMENT = 64;

const descriptions: Readonly<Record<DType, string>> = { float32: "<f4", float64: "<f8", int32: "<i4", bool: "|b1" };

const wireTypes: Readonly<Record<string, WireType>> = {
  b1: "bool8",
  u1: "u8",
  i1: "i8",
  u2: "u16",
  i2: "i16",
  f2: "f16",
  u4: "u32",
  i4: "i32",
  f4: "f32",
  u8: "u64",
  i8: "i64",
  f8: "f64",
};

/**
 * The bytes of a .npy file, version 1.0, as `numpy.save` writes it: row-major, little-endian.
 *
 * @param array a view is written in its logical order
 * @see numpy.lib.format
 */
export function encodeNpy(array: NDArray): Uint8Array {
  const { shape } = array;
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dictionary = `{'descr': '${descriptions[array.dtype]}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const before = NPY_MAGIC.length + 4; // two bytes of version, two of length
  const start = Math.ceil((before + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const text = `${dictionary.padEnd(start - before - 1)}\n`;
  const elements = encodeElements(array.toArray());
  const bytes = new Uint8Array(start + elements.length);
  const head = `${NPY_MAGIC}\x01\x00${String.fromCharCode(text.length & 0xff, text.length >> 8)}${text}`;
  for (let i = 0; i < head.length; i++) bytes[i] = head.charCodeAt(i);
  bytes.set(elements, start);
  return bytes;
}

/**
 * The array of a .npy file: versions 1.0 to 3.0, either byte order, row- or column-major.
 *
 * float16 becomes float32 exactly; integers of other widths become int32 and must fit. A column-major file gives a view with
 * column-major strides.
 *
 * @param bytes  the whole file; it is copied
 * @param source how errors name it
 * @throws TensorError `file_format` that says where in the file it is wrong
 */
export function decodeNpy(bytes: Uint8Array, source: ByteSource = {}): NDArray {
  const complain = complaintsOf(source, "decodeNpy");
  const { descr, fortranOrder, shape, start } = readNpyHeader(bytes, complain);
  const code = descr.replace(/^[<>|=]/, "");
  const type = Object.hasOwn(wireTypes, code) ? wireTypes[code] : undefined;
  if (type === undefined) {
    const hint = `one of ${Object.keys(wireTypes).join(", ")}`;
    return complain("header: an element type that cannot be read", { descr: quote(descr) }, hint);
  }
  const needed = sizeOf(shape) * wireBytes[type];
  const found = bytes.length - start;
  if (needed !== found) {
    const problem = found < needed ? "the file ends before its elements do" : "bytes after the last element";
    complain(problem, { shape, descr: quote(descr), needed, found, offset: start + Math.min(needed, found) });
  }
  const elements = decodeElements(type, bytes.subarray(start), !descr.startsWith(">"), (problem, facts, hint) =>
    complain(problem, { ...facts, offset: start }, hint),
  );
  const dtype = dtypeOfWire(type);
  if (!fortranOrder) return NDArray.wrap(elements, shape, dtype);
  const reversed = shape.map((_, i) => shape.length - 1 - i);
  return NDArray.wrap(elements, [...shape].reverse(), dtype).transpose(...reversed);
}
