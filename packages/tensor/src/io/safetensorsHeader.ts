import type { Facts } from "../errors.ts";
import type { Shape } from "../shape.ts";
import { type JsonNode, parseJson } from "./json.ts";
import { type Complain, quote } from "./source.ts";
import { type WireType, wireBytes } from "./wire.ts";

/** Bytes before the header: its length. */
const LENGTH_BYTES = 8;

/** Longest header that the reference implementation reads. */
export const MAX_HEADER_BYTES = 100_000_000;

/** The element types that can be read, by their names in the file. */
export const wireTypes: Readonly<Record<string, WireType>> = {
  BOOL: "bool8",
  U8: "u8",
  I8: "i8",
  U16: "u16",
  I16: "i16",
  F16: "f16",
  BF16: "bf16",
  U32: "u32",
  I32: "i32",
  F32: "f32",
  U64: "u64",
  I64: "i64",
  F64: "f64",
};

/** Where one tensor lies in the file. */
export interface TensorEntry {
  readonly name: string;
  readonly type: WireType;
  readonly shape: Shape;
  /** First byte, counted from the beginning of the file. */
  readonly begin: number;
  /** One past the last byte. */
  readonly end: number;
}

/** What the header says. */
export interface SafetensorsHeader {
  /** In the order of the file. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Reports a problem at a place in the header. */
type ComplainAt = (problem: string, at: number, facts?: Facts, hint?: string) => never;

/** Reads and checks the header, by the rules of the reference implementation: the tensors must cover the rest of the file exactly. */
export function readHeader(bytes: Uint8Array, complain: Complain): SafetensorsHeader {
  const length = headerLength(bytes, complain);
  const start = LENGTH_BYTES + length;
  const text = decodeText(bytes.subarray(LENGTH_BYTES, start), complain);
  const complainAt: ComplainAt = (problem, at, facts = {}, hint) => {
    const offset = LENGTH_BYTES + new TextEncoder().encode(text.slice(0, at)).length;
    return complain(`header: ${problem}`, { ...facts, offset }, hint);
  };

  const root = parseJson(text, complainAt);
  if (root.kind !== "object") return complainAt(`expected an object, found ${articled(root)}`, root.at);
  const entries: TensorEntry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, node] of root.entries) {
    if (name === "__metadata__") metadata = readMetadata(node, complainAt);
    else entries.push(readEntry(name, node, start, complainAt));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, start, bytes.length, complain);
  return { entries, metadata };
}

function headerLength(bytes: Uint8Array, complain: Complain): number {
  if (bytes.length < LENGTH_BYTES) {
    return complain(
      "too short for a safetensors file",
      { bytes: bytes.length },
      "it begins with 8 bytes: the length of its header",
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  const length = view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
  if (length > MAX_HEADER_BYTES) {
    const facts = { offset: 0, header: length, limit: MAX_HEADER_BYTES };
    complain("the header would be too long", facts, "is this a safetensors file?");
  }
  if (LENGTH_BYTES + length > bytes.length) {
    const facts = { offset: 0, header: length, left: bytes.length - LENGTH_BYTES };
    complain("the header is longer than the file", facts, "the file was cut off, or is not a safetensors file");
  }
  return length;
}

function decodeText(bytes: Uint8Array, complain: Complain): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // read again with replacements: what was replaced shows where
    const replaced = new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
    const at = bytes.findIndex((byte, i) => byte !== replaced[i]);
    return complain("header: not valid UTF-8", { offset: LENGTH_BYTES + at });
  }
}

function articled({ kind }: JsonNode): string {
  return `${/^[aeiou]/.test(kind) ? "an" : "a"} ${kind}`;
}

function readMetadata(node: JsonNode, complainAt: ComplainAt): Record<string, string> {
  if (node.kind === "literal" && node.value === null) return {};
  if (node.kind !== "object") return complainAt(`__metadata__ must be an object, not ${articled(node)}`, node.at);
  const pairs = [...node.entries].map(([key, value]): [string, string] =>
    value.kind === "string"
      ? [key, value.value]
      : complainAt(`__metadata__ holds strings only, not ${articled(value)}`, value.at, { key: quote(key) }),
  );
  return Object.fromEntries(pairs);
}

function readEntry(name: string, node: JsonNode, start: number, complainAt: ComplainAt): TensorEntry {
  const tensor = quote(name);
  const wrong = (problem: string, at: number, facts: Facts = {}, hint?: string): never =>
    complainAt(problem, at, { tensor, ...facts }, hint);
  if (node.kind !== "object") return wrong(`a tensor must be an object, not ${articled(node)}`, node.at);
  const field = (key: string): JsonNode => node.entries.get(key) ?? wrong(`${key} is missing`, node.at);

  const dtype = field("dtype");
  if (dtype.kind !== "string") return wrong(`dtype must be a string, not ${articled(dtype)}`, dtype.at);
  const type = Object.hasOwn(wireTypes, dtype.value) ? wireTypes[dtype.value] : undefined;
  if (type === undefined) {
    const hint = `one of ${Object.keys(wireTypes).join(", ")}`;
    return wrong("a dtype that cannot be read", dtype.at, { dtype: quote(dtype.value) }, hint);
  }

  const numbers = (key: string): number[] => {
    const list = field(key);
    if (list.kind !== "array") return wrong(`${key} must be an array, not ${articled(list)}`, list.at);
    return list.items.map((item) => {
      const number = item.kind === "number" && /^[0-9]+$/.test(item.text) ? Number(item.text) : -1;
      return Number.isSafeInteger(number) && number >= 0
        ? number
        : wrong(`${key} must hold whole numbers of at least 0, below 2^53`, item.at);
    });
  };

  const shape = numbers("shape");
  let size = wireBytes[type];
  for (const n of shape) {
    size *= n;
    if (!Number.isSafeInteger(size)) wrong("the shape is too large", node.at, { shape });
  }
  const offsets = numbers("data_offsets");
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2) {
    return wrong("data_offsets must be [begin, end]", field("data_offsets").at);
  }
  if (end - begin !== size) {
    const facts = { dtype: dtype.value, shape, needed: size, data_offsets: offsets };
    wrong("data_offsets do not fit the shape and the dtype", node.at, facts);
  }
  return { name, type, shape, begin: start + begin, end: start + end };
}

/** Each tensor begins where the one before it ends, and the last ends the file. */
function checkCover(entries: readonly TensorEntry[], start: number, end: number, complain: Complain): void {
  let expected = start;
  for (const { name, begin, end } of entries) {
    if (begin !== expected) {
      const problem = begin > expected ? "bytes between tensors belong to none" : "tensors overlap";
      complain(problem, { tensor: quote(name), begins: begin, expected });
    }
    expected = end;
  }
  if (expected !== end) {
    const problem = expected > end ? "the file ends before its tensors do" : "bytes after the last tensor";
    complain(problem, { bytes: end, expected }, expected > end ? "the file was cut off" : undefined);
  }
}
