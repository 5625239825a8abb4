import { describe, expect, it } from "vitest";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { gather, indexAdd, indexCopy, indexSelect, scatter, scatterAdd, scatterValue } from "./gather.ts";
import { countTrue, maskedScatter, maskedSelect, nonzero } from "./gatherMask.ts";

const ints = (values: number[], shape: number[] = [values.length]): NDArray => NDArray.of(values, shape, "int32");
const ramp = (...shape: number[]): NDArray => {
  const a = NDArray.zeros(shape);
  for (let i = 0; i < a.size; i++) a.data[i] = i;
  return a;
};

describe("gather", () => {
  it("picks along a dimension, from arrays that may be larger elsewhere", () => {
    const out = NDArray.zeros([2, 3]);
    gather(out, ramp(4, 3), ints([3, 0, 2, 1, 1, 0], [2, 3]), 0, "gather");
    expect([...out.data]).toEqual([9, 1, 8, 3, 4, 2]);
    gather(out, ramp(3, 5), ints([4, 4, 0, 1, 2, 3], [2, 3]), 1, "gather");
    expect([...out.data]).toEqual([4, 4, 0, 6, 7, 8]);
  });

  it("takes single numbers as vectors of one", () => {
    const out = NDArray.zeros([]);
    gather(out, NDArray.of([7], []), ints([0], []), 0, "gather");
    expect(out.data[0]).toBe(7);
  });
});

describe("scatter", () => {
  it("writes, and the last of several stays", () => {
    const out = NDArray.zeros([2, 4]);
    scatter(out, ints([1, 1, 3, 0], [2, 2]), ramp(2, 3), 1, "scatter");
    expect([...out.data]).toEqual([0, 1, 0, 0, 4, 0, 0, 3]);
  });

  it("adds, and all of several count", () => {
    const out = NDArray.of([10, 20, 30]);
    scatterAdd(out, ints([2, 0, 2, 2]), NDArray.of([1, 2, 3, 4]), 0, "scatterAdd");
    expect([...out.data]).toEqual([12, 20, 38]);
  });

  it("writes one value everywhere", () => {
    const out = ramp(2, 3);
    scatterValue(out, ints([2, 0], [2, 1]), -1, 1, "scatter");
    expect([...out.data]).toEqual([0, 1, -1, -1, 4, 5]);
  });

  it("does nothing for no indices, whatever the size of what they would name", () => {
    const out = NDArray.zeros([0]);
    scatterAdd(out, ints([]), NDArray.zeros([0]), 0, "scatterAdd");
    expect(out.size).toBe(0);
  });
});

describe.each([
  {
    dim: 0,
    chosen: [2, 0, 2],
    taken: [6, 7, 8, 0, 1, 2, 6, 7, 8],
    added: [3, 4, 5, 0, 0, 0, 6, 8, 10],
    copied: [3, 4, 5, 0, 0, 0, 6, 7, 8],
  },
  {
    dim: 1,
    chosen: [1, 1],
    taken: [1, 1, 4, 4, 7, 7],
    added: [0, 1, 0, 0, 5, 0, 0, 9, 0],
    copied: [0, 1, 0, 0, 3, 0, 0, 5, 0],
  },
])("indexSelect, indexAdd and indexCopy along dimension $dim", ({ dim, chosen, taken, added, copied }) => {
  const shape = [3, 3].map((n, d) => (d === dim ? chosen.length : n));

  it("take slices", () => {
    const out = NDArray.zeros(shape);
    indexSelect(out, ramp(3, 3), ints(chosen), dim, "indexSelect");
    expect([...out.data]).toEqual(taken);
  });

  it.each([
    ["add", indexAdd, added],
    ["write", indexCopy, copied],
  ] as const)("%s slices, to rows of neighbours as well as to views", (_, kernel, expected) => {
    const rows = NDArray.zeros([3, 3]);
    const columns = NDArray.zeros([3, 3]).transpose(1, 0);
    kernel(rows, ints(chosen), ramp(...shape), dim, "kernel");
    kernel(columns, ints(chosen), ramp(...shape), dim, "kernel");
    expect([...rows.data]).toEqual(expected);
    expect([...columns.toArray()]).toEqual(expected);
  });
});

describe("embedding rows", () => {
  it("are copied and summed whole, long ones too", () => {
    const table = ramp(5, 200);
    const out = NDArray.zeros([3, 200]);
    indexSelect(out, table, ints([4, 1, 4]), 0, "embedding");
    expect([out.get(0, 199), out.get(1, 0), out.get(2, 7)]).toEqual([999, 200, 807]);
    const grad = NDArray.zeros([5, 200]);
    indexAdd(grad, ints([4, 1, 4]), out, 0, "embedding");
    expect([grad.get(4, 199), grad.get(1, 5), grad.get(0, 0)]).toEqual([1998, 205, 0]);
  });
});

describe("an index out of range", () => {
  const cases: [string, () => void, number[]][] = [
    ["gather", () => gather(NDArray.zeros([2, 2]), ramp(2, 3), ints([0, 1, 3, 0], [2, 2]), 1, "where"), [1, 0]],
    ["scatter", () => scatter(ramp(2, 3), ints([0, 1, 3, 0], [2, 2]), ramp(2, 2), 1, "where"), [1, 0]],
    ["scatterAdd", () => scatterAdd(ramp(2, 3), ints([0, -1, 3, 0], [2, 2]), ramp(2, 2), 1, "where"), [0, 1]],
    ["scatterValue", () => scatterValue(ramp(2, 3), ints([3], [1, 1]), 1, 1, "where"), [0, 0]],
    ["indexSelect", () => indexSelect(NDArray.zeros([2, 3]), ramp(2, 3), ints([1, 2]), 0, "where"), [1]],
    ["indexAdd", () => indexAdd(ramp(2, 3), ints([1, -1]), ramp(2, 3), 0, "where"), [1]],
    ["indexCopy", () => indexCopy(ramp(2, 3), ints([5]), ramp(1, 3), 0, "where"), [0]],
  ];

  it.each(cases)("is named by %s, with its place", (_, run, position) => {
    expect(run).toThrow(TensorError);
    expect(run).toThrow(/^where: index -?\d is out of bounds for dimension \d with size \d/);
    try {
      run();
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid_index", facts: { position } });
    }
  });

  it("is noticed in views, too", () => {
    const turned = ramp(3, 2).transpose(1, 0);
    expect(() => indexSelect(NDArray.zeros([2, 1]), turned, ints([3]), 1, "where")).toThrow(/index 3 is out of bounds/);
  });
});

describe("masks", () => {
  const mask = NDArray.of([1, 0, 0, 1, 1, 0], [2, 3], "bool");

  it("are counted, selected by and written through", () => {
    expect(countTrue(mask)).toBe(3);
    const out = NDArray.zeros([3]);
    maskedSelect(out, ramp(2, 3), mask);
    expect([...out.data]).toEqual([0, 3, 4]);
    const target = ramp(2, 3);
    maskedScatter(target, mask, NDArray.of([7, 8, 9, 10]), "maskedScatter");
    expect([...target.data]).toEqual([7, 1, 2, 8, 9, 5]);
  });

  it("ask for enough elements to write", () => {
    expect(() => maskedScatter(ramp(2, 3), mask, NDArray.of([7, 8]), "maskedScatter")).toThrow(
      /^maskedScatter: the source has fewer elements/,
    );
  });

  it("become rows of indices, NaN among what is not zero", () => {
    const a = NDArray.of([0, Number.NaN, -0, 2], [2, 2]);
    const out = NDArray.zeros([countTrue(a), 2], "int32");
    nonzero(out, a);
    expect([...out.data]).toEqual([0, 1, 1, 1]);
    expect(countTrue(NDArray.of([3], []))).toBe(1);
  });
});
