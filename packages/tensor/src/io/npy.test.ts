import { describe, expect, it } from "vitest";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** A .npy file: its header padded as numpy pads it. */
function file(version: 1 | 2 | 3, dictionary: string, hex: string): Uint8Array {
  const before = version === 1 ? 10 : 12;
  const text = `${dictionary.padEnd(128 - before - 1)}\n`;
  const length = version === 1 ? [text.length, 0] : [text.length, 0, 0, 0];
  const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, ...length);
  return Uint8Array.of(...magic, ...new TextEncoder().encode(text), ...fromHex(hex));
}

function header(descr: string, shape: string, order = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;
}

describe("encodeNpy", () => {
  it.each([
    [
      NDArray.of([1, 2.5, -3, 4, 5, 6], [2, 3]),
      header("<f4", "(2, 3)"),
      "0000803f00002040000040c0000080400000a0400000c040",
    ],
    [NDArray.of([-3, 2147483647], [2], "int32"), header("<i4", "(2,)"), "fdffffffffffff7f"],
    [NDArray.of([1], [], "bool"), header("|b1", "()"), "01"],
    [NDArray.zeros([0, 2], "float64"), header("<f8", "(0, 2)"), ""],
  ])("writes the bytes that numpy writes", (array, dictionary, hex) => {
    expect(encodeNpy(array)).toEqual(file(1, dictionary, hex));
  });

  it("writes views in their logical order", () => {
    const matrix = NDArray.of([1, 2, 3, 4, 5, 6], [2, 3], "int32");
    expect(encodeNpy(matrix.transpose(1, 0))).toEqual(encodeNpy(NDArray.of([1, 4, 2, 5, 3, 6], [3, 2], "int32")));
    expect(encodeNpy(matrix.pick(1, null))).toEqual(encodeNpy(NDArray.of([4, 5, 6], [3], "int32")));
  });

  it("begins the elements at a multiple of 64, however long the header", () => {
    const array = NDArray.zeros(new Array(40).fill(1));
    expect((encodeNpy(array).length - 4) % 64).toBe(0);
    expect(decodeNpy(encodeNpy(array)).shape).toEqual(array.shape);
  });
});

describe("decodeNpy", () => {
  it.each([
    ["<f4", "0000803f000020c0", Float32Array.of(1, -2.5)],
    [">f4", "3f800000c0200000", Float32Array.of(1, -2.5)],
    ["<f8", "9a9999999999b93f0000000000000080", Float64Array.of(0.1, -0)],
    [">f8", "3fb999999999999a8000000000000000", Float64Array.of(0.1, -0)],
    ["<f2", "003c00fe", Float32Array.of(1, Number.NaN)],
    [">f2", "3c00fc00", Float32Array.of(1, Number.NEGATIVE_INFINITY)],
    [">i8", "0000000000000005ffffffff80000000", Int32Array.of(5, -2147483648)],
    ["<i4", "fdffffffffffff7f", Int32Array.of(-3, 2147483647)],
    ["=i2", "00800100", Int32Array.of(-32768, 1)],
    [">u2", "ffff0001", Int32Array.of(65535, 1)],
    ["|u1", "00ff", Int32Array.of(0, 255)],
    ["i1", "80ff", Int32Array.of(-128, -1)],
    ["|b1", "0001", Uint8Array.of(0, 1)],
  ])("reads %s", (descr, hex, expected) => {
    for (const version of [1, 2, 3] as const) {
      const array = decodeNpy(file(version, header(descr, "(2,)"), hex));
      expect(array.toArray()).toEqual(expected);
      expect(array.shape).toEqual([2]);
    }
  });

  it("reads column-major files", () => {
    const array = decodeNpy(file(2, header("|u1", "(2, 3)", "True"), "010402050306"));
    expect([...array.toArray()]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(array.stride).toEqual([1, 2]);
  });

  it.each([
    ["{'shape':(2L,),'fortran_order':False,'descr':'|u1'}"],
    [`{"descr": "|u1", "fortran_order": False, "shape": (2,)}`],
    ["{ 'descr' : '|u1' ,\n 'shape' : ( 1, 2 ) , 'fortran_order' : True }"],
  ])("reads the header %s", (dictionary) => {
    expect([...decodeNpy(file(1, dictionary, "0708")).toArray()]).toEqual([7, 8]);
  });

  const good = file(1, header("|u1", "(2,)"), "0708");
  const bad = (dictionary: string, hex = "0708"): Uint8Array => file(1, dictionary, hex);
  it.each<[problem: string, facts: Readonly<Record<string, unknown>>, bytes: Uint8Array]>([
    ["not a .npy file", { offset: 0 }, new Uint8Array(0)],
    ["not a .npy file", { offset: 3 }, Uint8Array.of(0x93, 0x4e, 0x55, 0)],
    ["a version that cannot be read", { version: "0.0" }, good.subarray(0, 6)],
    ["a version that cannot be read", { version: "4.0" }, Uint8Array.from(good, (byte, i) => (i === 6 ? 4 : byte))],
    ["a version that cannot be read", { version: "1.1" }, Uint8Array.from(good, (byte, i) => (i === 7 ? 1 : byte))],
    ["the file ends in its header", { bytes: 9 }, good.subarray(0, 9)],
    ["the file ends in its header", { bytes: 100, needed: 128 }, good.subarray(0, 100)],
    ["the header is too long", { offset: 8 }, Uint8Array.from(good, (byte, i) => (i === 9 ? 255 : byte))],
    ["the file ends before its elements do", { needed: 2, found: 1, offset: 129 }, good.subarray(0, 129)],
    ["bytes after the last element", { needed: 2, found: 3, offset: 130 }, Uint8Array.of(...good, 0)],
    ["expected {", { offset: 10 }, bad("['descr']")],
    ["expected a key", { offset: 11 }, bad("{descr: 1}")],
    ["expected :", { offset: 18 }, bad("{'descr' '|u1'}")],
    ["descr must be one element type", { offset: 19 }, bad("{'descr': [('a', '<f4')]}")],
    ["fortran_order must be True or False", {}, bad("{'fortran_order': 0}")],
    ["an entry that is unknown or appears twice", { key: '"size"' }, bad("{'size': (2,)}")],
    ["an entry that is unknown or appears twice", { key: '"descr"' }, bad("{'descr': '|u1', 'descr': '|u1'}")],
    ["expected (", {}, bad("{'shape': 2}")],
    ["expected a comma", {}, bad("{'shape': (2)}")],
    ["expected a size", {}, bad("{'shape': (-2,)}")],
    ["expected )", {}, bad("{'shape': (1, 2 'descr'")],
    ["the shape is too large", {}, bad("{'shape': (9999999999, 9999999999)}")],
    ["the shape is too large", {}, bad("{'shape': (0, 99999999999999999999)}")],
    ["expected }", {}, bad("{'descr': '|u1'")],
    ["descr, fortran_order and shape are needed", {}, bad("{'descr': '|u1', 'shape': (2,)}")],
    ["text after the dictionary", {}, bad(`${header("|u1", "(2,)")} x`)],
    ["an element type that cannot be read", { descr: '"<c8"' }, bad(header("<c8", "(2,)"))],
    ["an element type that cannot be read", { descr: '"|O"' }, bad(header("|O", "(2,)"))],
    ["does not fit in int32", { element: 0, value: -(2n ** 31n) - 1n }, bad(header("<i8", "(1,)"), "ffffff7fffffffff")],
  ])("says: %s", (problem, facts, bytes) => {
    expect(() => decodeNpy(bytes)).toThrow(TensorError);
    expect(() => decodeNpy(bytes)).toThrow(problem);
    expect(() => decodeNpy(bytes)).toThrow(
      expect.objectContaining({ code: "file_format", where: "decodeNpy", facts: expect.objectContaining(facts) }),
    );
  });
});
