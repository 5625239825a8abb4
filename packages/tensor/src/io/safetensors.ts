import type { DType } from "../dtype.ts";
import { fail } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { MAX_HEADER_BYTES, readHeader } from "./safetensorsHeader.ts";
import { type ByteSource, complaintsOf, quote } from "./source.ts";
import { decodeElements, dtypeOfWire, encodeElements } from "./wire.ts";

export type { ByteSource } from "./source.ts";

/** Named arrays, as a plain object or a map. */
export type NamedArrays = Readonly<Record<string, NDArray>> | ReadonlyMap<string, NDArray>;

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** The arrays by name, in the order of the file. */
  readonly tensors: Map<string, NDArray>;
  /** Free text by key; empty where the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

const names: Readonly<Record<DType, string>> = { float32: "F32", float64: "F64", int32: "I32", bool: "BOOL" };

/** The reference implementation writes wider elements first, so that each array is aligned; then by name. */
const ranks: Readonly<Record<DType, number>> = { bool: 0, int32: 1, float32: 2, float64: 3 };

/**
 * The bytes of a safetensors file: the length of the header (8 bytes, little-endian), the header in JSON, padded with spaces
 * to a multiple of 8, and the elements of each array in row-major order.
 *
 * Arrays are written in the order of the reference implementation, so equal content gives equal bytes.
 *
 * @param tensors  views are written in their logical order
 * @param metadata text by key, written sorted by key
 * @throws TensorError `invalid_argument` for a name or a metadata value that the format cannot hold
 * @see https://github.com/huggingface/safetensors
 */
export function encodeSafetensors(tensors: NamedArrays, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const arrays: Iterable<readonly [string, NDArray]> = tensors instanceof Map ? tensors : Object.entries(tensors);
  const sorted = [...arrays]
    .map(([name, array]) => ({ name, array, key: encodeName(name) }))
    .sort((a, b) => ranks[b.array.dtype] - ranks[a.array.dtype] || compareBytes(a.key, b.key));

  const fields = encodeMetadata(metadata);
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const { name, array } of sorted) {
    const part = encodeElements(rowMajor(array));
    const entry = { dtype: names[array.dtype], shape: array.shape, data_offsets: [offset, offset + part.length] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    parts.push(part);
    offset += part.length;
  }

  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const length = Math.ceil(json.length / 8) * 8;
  if (length > MAX_HEADER_BYTES) {
    fail("invalid_argument", "encodeSafetensors", "the header is too long", { bytes: length, limit: MAX_HEADER_BYTES });
  }
  const bytes = new Uint8Array(8 + length + offset);
  new DataView(bytes.buffer).setUint32(0, length, true);
  bytes.fill(0x20, 8, 8 + length).set(json, 8);
  let at = 8 + length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * The arrays and the metadata of a safetensors file.
 *
 * F16 and BF16 become float32 exactly; integers of other widths become int32 and must fit.
 *
 * @param bytes  the whole file; it is copied
 * @param source how errors name it
 * @throws TensorError `file_format` that says where in the file it is wrong
 */
export function decodeSafetensors(bytes: Uint8Array, source: ByteSource = {}): SafetensorsContent {
  const complain = complaintsOf(source, "decodeSafetensors");
  const { entries, metadata } = readHeader(bytes, complain);
  const tensors = new Map<string, NDArray>();
  for (const { name, type, shape, begin, end } of entries) {
    const elements = decodeElements(type, bytes.subarray(begin, end), true, (problem, facts, hint) =>
      complain(problem, { tensor: quote(name), ...facts, offset: begin }, hint),
    );
    tensors.set(name, NDArray.wrap(elements, shape, dtypeOfWire(type)));
  }
  return { tensors, metadata };
}

/** The elements in row-major order, without a copy where they lie so. */
function rowMajor(array: NDArray): ReturnType<NDArray["toArray"]> {
  return array.isContiguous ? array.data.subarray(array.offset, array.offset + array.size) : array.toArray();
}

/** A name in UTF-8, by which names are ordered. */
function encodeName(name: string): Uint8Array {
  if (name === "__metadata__")
    fail("invalid_argument", "encodeSafetensors", "a tensor cannot have this name", { name });
  checkText("a name", name);
  return new TextEncoder().encode(name);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** The metadata as fields of the header; none if there is none. */
function encodeMetadata(metadata: Readonly<Record<string, string>>): string[] {
  const pairs = Object.keys(metadata)
    .sort()
    .map((key) => {
      const value = metadata[key];
      checkText("a metadata key", key);
      checkText(`metadata ${quote(key)}`, value);
      return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    });
  return pairs.length === 0 ? [] : [`"__metadata__":{${pairs.join(",")}}`];
}

function checkText(what: string, text: unknown): void {
  if (typeof text !== "string" || /\p{Surrogate}/u.test(text)) {
    const hint = "other values can be stored as JSON text: JSON.stringify(value)";
    fail(
      "invalid_argument",
      "encodeSafetensors",
      `${what} must be text, without halves of surrogate pairs`,
      { found: text },
      hint,
    );
  }
}
