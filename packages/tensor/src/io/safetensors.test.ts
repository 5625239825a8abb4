import { describe, expect, it } from "vitest";
import type { TypedArray } from "../dtype.ts";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** A file with this header, as it stands, and these elements. */
function file(header: string | Uint8Array, elements = ""): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const data = fromHex(elements);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setUint32(0, text.length, true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** The text between the length and the elements. */
function headerOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(8, 8 + new DataView(bytes.buffer).getUint32(0, true)));
}

function entry(dtype: string, shape: string, begin: number, end: number): string {
  return `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

/** As Python's safetensors 0.8.0 writes it. */
const saved = file(
  `{"__metadata__":{"epoch":"3"},"z":${entry("F64", "[1]", 0, 8)},"a.weight":${entry("F32", "[1,2]", 8, 16)},` +
    `"e":${entry("F32", "[0,3]", 16, 16)},"i":${entry("I32", "[2]", 16, 24)},"b":${entry("BOOL", "[]", 24, 25)}}       `,
  "9a9999999999b93f0000803f000020c0070000000000008001",
);

const arrays = {
  b: NDArray.of([1], [], "bool"),
  "a.weight": NDArray.of([1, -2.5], [1, 2]),
  z: NDArray.of([0.1], [1], "float64"),
  i: NDArray.of([7, -2147483648], [2], "int32"),
  e: NDArray.zeros([0, 3]),
};

describe("encodeSafetensors", () => {
  it("writes the bytes that the reference implementation writes", () => {
    expect(encodeSafetensors(arrays, { epoch: "3" })).toEqual(saved);
    expect(encodeSafetensors(new Map(Object.entries(arrays)), { epoch: "3" })).toEqual(saved);
    expect(encodeSafetensors({})).toEqual(file("{}      "));
  });

  it("writes names in the order of their bytes in UTF-8, integer-like ones too", () => {
    const one = NDArray.zeros([0]);
    const names = ["b", "10", "9", "a", "aa", "\u{1f600}", "\uff5e", ""];
    const header = headerOf(encodeSafetensors(Object.fromEntries(names.map((name) => [name, one]))));
    const order = [...header.matchAll(/"([^"]*)":\{/g)].map((match) => match[1]);
    expect(order).toEqual(["", "10", "9", "a", "aa", "b", "\uff5e", "\u{1f600}"]);
  });

  it("writes views in their logical order", () => {
    const matrix = NDArray.of([1, 2, 3, 4, 5, 6], [2, 3], "int32");
    const views = {
      t: matrix.transpose(1, 0),
      s: matrix.lo(1, 1),
      r: matrix.step(-1, -2),
      x: matrix.pick(0, null).expand([2, 3]),
    };
    const { tensors } = decodeSafetensors(encodeSafetensors(views));
    expect([...(tensors.get("t")?.toArray() ?? [])]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...(tensors.get("s")?.toArray() ?? [])]).toEqual([5, 6]);
    expect([...(tensors.get("r")?.toArray() ?? [])]).toEqual([6, 4, 3, 1]);
    expect([...(tensors.get("x")?.toArray() ?? [])]).toEqual([1, 2, 3, 1, 2, 3]);
  });

  it.each([
    ["a reserved name", { __metadata__: NDArray.zeros([1]) }, {}],
    ["half a surrogate pair in a name", { "\ud800": NDArray.zeros([1]) }, {}],
    ["half a surrogate pair in the metadata", {}, { key: "\udfff" }],
    ["metadata that is not text", {}, JSON.parse('{"epoch": 3}')],
  ])("refuses %s", (_, tensors, metadata) => {
    expect(() => encodeSafetensors(tensors, metadata)).toThrow(TensorError);
    expect(() => encodeSafetensors(tensors, metadata)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});

describe("decodeSafetensors", () => {
  it("reads what the reference implementation writes", () => {
    const { tensors, metadata } = decodeSafetensors(saved);
    expect(metadata).toEqual({ epoch: "3" });
    expect([...tensors.keys()]).toEqual(["z", "a.weight", "e", "i", "b"]);
    for (const [name, array] of Object.entries(arrays)) {
      const { shape, dtype } = array;
      expect(tensors.get(name)).toMatchObject({ shape, dtype });
      expect(tensors.get(name)?.toArray()).toEqual(array.toArray());
    }
  });

  it.each<[dtype: string, shape: string, hex: string, expected: TypedArray]>([
    ["F16", "[6]", "003c00c1ff7b0100007c0080", Float32Array.of(1, -2.5, 65504, 2 ** -24, Number.POSITIVE_INFINITY, -0)],
    ["F16", "[3]", "ff03007effff", Float32Array.of(1023 * 2 ** -24, Number.NaN, Number.NaN)],
    ["BF16", "[4]", "803f20c0627f80ff", Float32Array.of(1, -2.5, 226 * 2 ** 120, Number.NEGATIVE_INFINITY)],
    ["I64", "[2,1]", "050000000000000000000080ffffffff", Int32Array.of(5, -2147483648)],
    ["U64", "[1]", "ffffff7f00000000", Int32Array.of(2147483647)],
    ["U32", "[1]", "ffffff7f", Int32Array.of(2147483647)],
    ["I16", "[2]", "0080ff7f", Int32Array.of(-32768, 32767)],
    ["U16", "[2]", "0000ffff", Int32Array.of(0, 65535)],
    ["I8", "[2]", "807f", Int32Array.of(-128, 127)],
    ["U8", "[2]", "00ff", Int32Array.of(0, 255)],
    ["BOOL", "[3]", "000102", Uint8Array.of(0, 1, 1)],
  ])("reads %s", (dtype, shape, hex, expected) => {
    const { tensors } = decodeSafetensors(file(`{"x":${entry(dtype, shape, 0, hex.length / 2)}}`, hex));
    expect(tensors.get("x")?.shape).toEqual(JSON.parse(shape));
    expect(tensors.get("x")?.toArray()).toEqual(expected);
  });

  it("reads tensors in any order of the header, and fields that it does not know", () => {
    const first = entry("U8", "[1]", 0, 1);
    const second = '{"data_offsets":[1,2],"shape":[],"note":{"any":[1,null]},"dtype":"U8"}';
    const { tensors, metadata } = decodeSafetensors(
      file(` {"b" : ${second} , "a":${first}, "__metadata__":null}\n`, "0708"),
    );
    expect([...tensors].map(([name, array]) => [name, array.get()])).toEqual([
      ["a", 7],
      ["b", 8],
    ]);
    expect(metadata).toEqual({});
  });

  it("takes names such as __proto__ as names", () => {
    const bytes = encodeSafetensors(new Map([["__proto__", NDArray.of([3], [])]]), JSON.parse('{"__proto__":"x"}'));
    const { tensors, metadata } = decodeSafetensors(bytes);
    expect(tensors.get("__proto__")?.get()).toBe(3);
    expect(Object.entries(metadata)).toEqual([["__proto__", "x"]]);
    expect(Object.getPrototypeOf(metadata)).toBe(Object.prototype);
  });

  it("copies, from any place in a larger buffer", () => {
    const buffer = new Uint8Array(saved.length + 3);
    buffer.set(saved, 3);
    const { tensors } = decodeSafetensors(buffer.subarray(3));
    buffer.fill(0);
    expect(tensors.get("a.weight")?.toArray()).toEqual(Float32Array.of(1, -2.5));
  });

  const x = entry("F32", "[1]", 0, 4);
  const four = "00000000";
  it.each<[problem: string, facts: Readonly<Record<string, unknown>>, bytes: Uint8Array]>([
    ["too short", { bytes: 0 }, new Uint8Array(0)],
    ["too short", { bytes: 7 }, saved.subarray(0, 7)],
    ["the header is longer than the file", { header: 320, left: 92 }, saved.subarray(0, 100)],
    ["the header would be too long", { header: 100_000_001 }, fromHex("01e1f50500000000")],
    ["the header would be too long", { header: 2 ** 64 }, fromHex("ffffffffffffffff")],
    ["the file ends before its tensors do", { bytes: saved.length - 1 }, saved.subarray(0, -1)],
    ["bytes after the last tensor", { bytes: 11, expected: 10 }, file("{}", "00")],
    ["not valid UTF-8", { offset: 11 }, file(Uint8Array.of(0x7b, 0x22, 0x61, 0xff, 0x22, 0x7d))],
    ["invalid JSON", { offset: 8 }, file("")],
    ["invalid JSON", { offset: 8 }, file("\ufeff{}")],
    ["invalid JSON", { offset: 14 }, file('{"é" 1}')],
    ["expected an object, found an array", { offset: 8 }, file("[]")],
    ['the key "x" appears twice', { offset: 62 }, file(`{"x":${x},"x":${x}}`, four)],
    ['the key "a" appears twice', { offset: 33 }, file('{"__metadata__":{"a":"1","a":"2"}}')],
    ["__metadata__ must be an object, not a number", {}, file('{"__metadata__":1}')],
    ["__metadata__ holds strings only, not a number", { key: '"a"' }, file('{"__metadata__":{"a":1}}')],
    ["a tensor must be an object, not an array", { tensor: '"x"' }, file('{"x":["F32",[],[0,4]]}', four)],
    ["dtype is missing", { tensor: '"x"' }, file('{"x":{"shape":[],"data_offsets":[0,4]}}', four)],
    ["shape is missing", { tensor: '"x"' }, file('{"x":{"dtype":"F32","data_offsets":[0,4]}}', four)],
    ["data_offsets is missing", { tensor: '"x"' }, file('{"x":{"dtype":"F32","shape":[]}}', four)],
    ["dtype must be a string", { tensor: '"x"' }, file('{"x":{"dtype":1,"shape":[],"data_offsets":[0,4]}}', four)],
    ["a dtype that cannot be read", { dtype: '"F8_E4M3"' }, file(`{"x":${entry("F8_E4M3", "[4]", 0, 4)}}`, four)],
    ["a dtype that cannot be read", { dtype: '"toString"' }, file(`{"x":${entry("toString", "[4]", 0, 4)}}`, four)],
    ["shape must be an array", { tensor: '"x"' }, file(`{"x":${entry("F32", "1", 0, 4)}}`, four)],
    [
      "shape must hold whole numbers",
      { tensor: '"x"', offset: 37 },
      file(`{"x":${entry("F32", "[1.0]", 0, 4)}}`, four),
    ],
    ["shape must hold whole numbers", {}, file(`{"x":${entry("F32", "[1e0]", 0, 4)}}`, four)],
    ["shape must hold whole numbers", {}, file(`{"x":${entry("F32", "[-1]", 0, 4)}}`, four)],
    ["shape must hold whole numbers", {}, file(`{"x":${entry("F32", '["1"]', 0, 4)}}`, four)],
    ["shape must hold whole numbers", {}, file(`{"x":${entry("F32", "[99999999999999999999]", 0, 4)}}`, four)],
    ["the shape is too large", {}, file(`{"x":${entry("F32", "[4294967296,4294967296,0]", 0, 0)}}`)],
    ["data_offsets must be [begin, end]", {}, file('{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4,4]}}', four)],
    ["data_offsets must be [begin, end]", {}, file('{"x":{"dtype":"F32","shape":[],"data_offsets":[0]}}', four)],
    ["data_offsets do not fit", { needed: 8 }, file(`{"x":${entry("F32", "[2]", 0, 4)}}`, four)],
    ["data_offsets do not fit", { needed: 4 }, file(`{"x":${entry("F32", "[1]", 4, 0)}}`, four)],
    ["bytes between tensors", { tensor: '"x"' }, file(`{"x":${entry("F32", "[1]", 4, 8)}}`, four + four)],
    ["tensors overlap", { tensor: '"y"' }, file(`{"x":${x},"y":${entry("U8", "[2]", 3, 5)}}`, `${four}00`)],
    [
      "does not fit in int32",
      { tensor: '"x"', element: 1, value: 2n ** 31n },
      file(`{"x":${entry("I64", "[2]", 0, 16)}}`, "00000000000000000000008000000000"),
    ],
    [
      "does not fit in int32",
      { tensor: '"x"', value: 4294967295 },
      file(`{"x":${entry("U32", "[1]", 0, 4)}}`, "ffffffff"),
    ],
  ])("says: %s", (problem, facts, bytes) => {
    expect(() => decodeSafetensors(bytes)).toThrow(TensorError);
    expect(() => decodeSafetensors(bytes)).toThrow(problem);
    expect(() => decodeSafetensors(bytes)).toThrow(
      expect.objectContaining({
        code: "file_format",
        where: "decodeSafetensors",
        facts: expect.objectContaining(facts),
      }),
    );
  });

  it("names the source", () => {
    expect(() => decodeSafetensors(new Uint8Array(3), { where: "loadModel", path: "model.safetensors" })).toThrow(
      /^loadModel: too short for a safetensors file\n {2}path {3}model.safetensors\n/,
    );
  });
});
