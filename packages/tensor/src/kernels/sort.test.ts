import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { arrays } from "../testing.ts";
import { argsort, searchsorted, topk } from "./sort.ts";
import { unique, uniqueConsecutive } from "./sortUnique.ts";

const { NaN: nan, POSITIVE_INFINITY: high } = Number;
const awkward = NDArray.of([1, nan, -0, 0, high, nan, -5]);

const order = (a: NDArray, descending = false, dim = 0): number[] => {
  const out = NDArray.zeros(a.shape, "int32");
  argsort(out, a, dim, descending);
  return [...out.data];
};

describe("argsort", () => {
  it("is stable with NaN greatest, as torch.sort(stable=True)", () => {
    expect(order(awkward)).toEqual([6, 2, 3, 0, 4, 1, 5]);
    expect(order(awkward, true)).toEqual([1, 5, 4, 0, 2, 3, 6]);
  });

  it("sorts every line of a dimension", () => {
    const a = NDArray.of([3, 1, 2, 0, 5, 4], [2, 3]);
    expect(order(a, false, 1)).toEqual([1, 2, 0, 0, 2, 1]);
    expect(order(a, true, 0)).toEqual([0, 1, 1, 1, 0, 0]);
  });

  it.each(["float32", "float64", "int32"] as const)("orders long lines of %s as a stable sort does", (dtype) => {
    const length = 5000;
    const a = NDArray.zeros([length], dtype);
    for (let i = 0; i < length; i++) a.data[i] = Math.sin(i * 12.9898) * (i % 3 === 0 ? 1e-3 : 4e4);
    for (let i = 0; i < length; i += 7) a.data[i] = i % 2 === 0 ? 0 : -0;
    if (dtype !== "int32") a.data.set([nan, high, -high, nan], 100);
    const compare = (x: number, y: number): number => {
      if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y));
      return x < y ? -1 : x > y ? 1 : 0;
    };
    const numbers = Array.from({ length }, (_, i) => i);
    expect(order(a)).toEqual(numbers.toSorted((i, j) => compare(a.data[i]!, a.data[j]!)));
    expect(order(a, true)).toEqual(numbers.toSorted((i, j) => compare(a.data[j]!, a.data[i]!)));
  });

  it("takes single numbers and empty lines", () => {
    expect(order(NDArray.of([4], []))).toEqual([0]);
    expect(order(NDArray.zeros([0]))).toEqual([]);
    expect(order(NDArray.zeros([3, 0]), false, 1)).toEqual([]);
  });
});

describe("topk", () => {
  it("gives the beginning of the stable order, however it gets there", () => {
    const lines = arrays({ minRank: 1, maxRank: 1, maxSize: 300, elements: fc.constantFrom(nan, high, 0, 1, 2, 3, 4) });
    fc.assert(
      fc.property(lines, fc.nat({ max: 40 }), fc.boolean(), (a, few, largest) => {
        const k = Math.min(few, a.size);
        const out = NDArray.zeros([k], "int32");
        topk(out, a, 0, largest);
        expect([...out.data]).toEqual(order(a, largest).slice(0, k));
      }),
    );
  });

  it("ranks NaN above infinity, as torch", () => {
    const out = NDArray.zeros([3], "int32");
    topk(out, awkward, 0, true);
    expect([...out.data]).toEqual([1, 5, 4]);
    topk(out, awkward, 0, false);
    expect([...out.data]).toEqual([6, 2, 3]);
  });
});

describe("searchsorted", () => {
  const rows = NDArray.of([1, 2, 2, 3]);
  const values = NDArray.of([nan, 2, 0, 5, 3]);

  it.each([
    [false, [4, 1, 0, 4, 3]],
    [true, [4, 3, 0, 4, 4]],
  ])("finds the places of torch, right %s", (right, places) => {
    const out = NDArray.zeros([5], "int32");
    searchsorted(out, rows, values, right);
    expect([...out.data]).toEqual(places);
  });

  it("searches each row in its own", () => {
    const out = NDArray.zeros([2, 2], "int32");
    searchsorted(out, NDArray.of([0, 1, 2, 10, 20, 30], [2, 3]), NDArray.of([2, 5, 2, 25], [2, 2]), false);
    expect([...out.data]).toEqual([2, 3, 0, 2]);
  });
});

describe("unique", () => {
  it("gives values, places and counts as torch.unique", () => {
    const { values, inverse, counts } = unique(NDArray.of([nan, 1, nan, 1, -0, 0], [2, 3]));
    expect([...values.data]).toEqual([-0, 1, nan, nan]);
    expect([...inverse.data]).toEqual([2, 1, 3, 1, 0, 0]);
    expect(inverse.shape).toEqual([2, 3]);
    expect([...counts.data]).toEqual([2, 2, 1, 1]);
  });

  it("keeps the dtype", () => {
    const { values } = unique(NDArray.of([1, 0, 1], [3], "bool"));
    expect([values.dtype, ...values.data]).toEqual(["bool", 0, 1]);
  });

  it("collapses runs as torch.unique_consecutive", () => {
    const { values, inverse, counts } = uniqueConsecutive(NDArray.of([nan, nan, 1, 1, -0, 0, 1]));
    expect([...values.data]).toEqual([nan, nan, 1, -0, 1]);
    expect([...inverse.data]).toEqual([0, 1, 2, 2, 3, 3, 4]);
    expect([...counts.data]).toEqual([1, 1, 2, 2, 1]);
  });

  it("takes nothing", () => {
    expect(unique(NDArray.zeros([0])).values.shape).toEqual([0]);
  });
});
