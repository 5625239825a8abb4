import { describe, expect, it } from "vitest";
import type { DType } from "../../dtype.ts";
import { NDArray } from "../../ndarray.ts";
import { pretendWasm } from "../../wasm/host.ts";
import { copy } from "./select.ts";
import { stridedCopy, stridedCopyable } from "./stridedCopy.ts";

function counted(shape: number[], dtype: DType = "float32"): NDArray {
  const out = NDArray.zeros(shape, dtype);
  for (let i = 0; i < out.size; i++) out.data[i] = i - 7;
  return out;
}

const views: readonly (readonly [string, (dtype: DType) => NDArray])[] = [
  ["a transposed matrix", (t) => counted([37, 22], t).transpose(1, 0)],
  ["a transposed matrix of full tiles", (t) => counted([16, 32], t).transpose(1, 0)],
  ["a transposed matrix of few rows", (t) => counted([40, 3], t).transpose(1, 0)],
  ["matrices transposed under two dimensions", (t) => counted([3, 2, 9, 6], t).transpose(0, 1, 3, 2)],
  ["heads of a sequence", (t) => counted([4, 10, 3, 5], t).transpose(0, 2, 1, 3)],
  ["heads with the sequence last", (t) => counted([4, 10, 3, 5], t).transpose(0, 2, 3, 1)],
  ["columns out of wider rows", (t) => counted([30, 24], t).slice(1, 3, 17)],
  ["every second row and column", (t) => counted([30, 24], t).step(2, 2)],
  ["reversed rows and columns", (t) => counted([30, 24], t).step(-1, -1)],
  ["a reversed, transposed matrix", (t) => counted([30, 24], t).step(-1, -1).transpose(1, 0)],
  ["a row that repeats", (t) => counted([24], t).expand([8, 24])],
  ["a column that repeats", (t) => counted([8, 1], t).expand([8, 24])],
  ["all dimensions turned round", (t) => counted([3, 4, 5, 6], t).transpose(3, 2, 1, 0)],
];

describe.each(["float32", "int32"] as const)("stridedCopy of %s", (dtype) => {
  it.each(views)("takes %s", (_, make) => {
    const a = make(dtype);
    const storage = NDArray.zeros([a.size + 40], dtype);
    storage.data.fill(-99);
    const out = storage.slice(0, 20, a.size).reshaped(a.shape)!;
    expect(stridedCopyable(out, a)).toBe(true);
    stridedCopy(out, a);
    expect([...out.toArray()]).toEqual([...a.toArray()]);
    const around = [...storage.data.subarray(0, 20), ...storage.data.subarray(20 + a.size)];
    expect(around).toEqual(new Array(40).fill(-99));
  });
});

describe("stridedCopyable", () => {
  it("refuses what it cannot take, or had better not", () => {
    const a = counted([30, 24]);
    const turned = NDArray.zeros([24, 30]);
    expect(stridedCopyable(turned, a.transpose(1, 0))).toBe(true);
    expect(stridedCopyable(NDArray.zeros([24, 30], "int32"), a.transpose(1, 0))).toBe(false);
    expect(stridedCopyable(NDArray.zeros([24, 30], "float64"), counted([30, 24], "float64").transpose(1, 0))).toBe(
      false,
    );
    expect(stridedCopyable(NDArray.zeros([30, 24]).transpose(1, 0), a.transpose(1, 0))).toBe(false);
    expect(stridedCopyable(NDArray.zeros([30]), counted([30, 24]).select(1, 0))).toBe(false); // gaps
    expect(stridedCopyable(NDArray.zeros([2, 1500]), counted([2, 1600]).slice(1, 0, 1500))).toBe(false); // long rows
    expect(stridedCopyable(a.transpose(1, 0).reshaped([24, 30])!, a.transpose(1, 0))).toBe(false);
    pretendWasm(false);
    expect(stridedCopyable(turned, a.transpose(1, 0))).toBe(false);
    pretendWasm(undefined);
  });
});

describe("copy", () => {
  it("makes numbers of truth values", () => {
    const mask = NDArray.of(
      Array.from({ length: 300 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
      [300],
      "bool",
    );
    const out = NDArray.zeros([300]);
    expect(copy.accepts(out, mask) && copy.pays(out, mask)).toBe(true);
    copy(out, mask);
    expect([...out.data]).toEqual([...mask.data]);
  });
});
