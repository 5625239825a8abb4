import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import type { ValuesAndIndices } from "./extrema.ts";
import { reshape } from "./shape.ts";
import { argsort, kthvalue, median, msort, sort, topk } from "./sort.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), { requiresGrad: true });
const both = ({ values, indices }: ValuesAndIndices): unknown => {
  expect(indices.dtype).toBe("int32");
  return [values.tolist(), indices.tolist()];
};

const mixed = [2, nan, -inf, 1, inf, 2];

it("sorts NaN as the largest, and keeps equals in order", () => {
  expect(both(sort(tensor(mixed)))).toEqual([
    [-inf, 1, 2, 2, inf, nan],
    [2, 3, 0, 5, 4, 1],
  ]);
  expect(both(sort(tensor(mixed), 0, { descending: true }))).toEqual([
    [nan, inf, 2, 2, 1, -inf],
    [1, 4, 0, 5, 3, 2],
  ]);
  expect(argsort(tensor(mixed), 0, { stable: true }).tolist()).toEqual([2, 3, 0, 5, 4, 1]);
});

it("sorts along any dimension, of any dtype", () => {
  const x = [
    [3, 1, 2],
    [0, 5, 4],
  ];
  expect(both(sort(tensor(x, { dtype: "int32" }), 0))).toEqual([
    [
      [0, 1, 2],
      [3, 5, 4],
    ],
    [
      [1, 0, 0],
      [0, 1, 1],
    ],
  ]);
  expect(msort(tensor(x)).tolist()).toEqual(sort(tensor(x), 0).values.tolist());
  expect(both(sort(tensor([true, false, true])))).toEqual([
    [false, true, true],
    [1, 0, 2],
  ]);
  expect(both(sort(tensor(5)))).toEqual([5, 0]);
  expect(sort(zeros(2, 0)).values.shape).toEqual([2, 0]);
  expect(() => sort(zeros(2), 1)).toThrow(/out of range/);
});

it("sorts what the definition sorts", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), fc.boolean(), (values, descending) => {
      const found = sort(tensor(Float64Array.from(values)), 0, { descending });
      const order = [...values.keys()].sort((a, b) => (descending ? -1 : 1) * compare(values[a]!, values[b]!) || a - b);
      expect(found.indices.tolist()).toEqual(order);
    }),
  );
  function compare(a: number, b: number): number {
    return a < b ? -1 : a > b ? 1 : 0;
  }
});

describe("topk", () => {
  it("gives the first of the sorted", () => {
    expect(both(topk(tensor(mixed), 3))).toEqual([
      [nan, inf, 2],
      [1, 4, 0],
    ]);
    expect(both(topk(tensor(mixed), 2, 0, { largest: false }))).toEqual([
      [-inf, 1],
      [2, 3],
    ]);
    expect(topk(zeros(2, 3), 0).values.shape).toEqual([2, 0]);
    expect(both(topk(tensor(5), 1))).toEqual([5, 0]);
  });

  it("refuses more than there are", () => {
    expect(() => topk(zeros(3), 4)).toThrow(/k is out of range/);
    expect(() => topk(zeros(3), 1.5)).toThrow(/k is out of range/);
  });
});

describe("kthvalue", () => {
  it("counts from 1", () => {
    const x = tensor([
      [3, 1, 2],
      [0, 5, nan],
    ]);
    expect(both(kthvalue(x, 2))).toEqual([
      [2, 5],
      [2, 1],
    ]);
    expect(both(kthvalue(x, 3, 1, { keepdim: true }))).toEqual([
      [[3], [nan]],
      [[0], [2]],
    ]);
    expect(both(kthvalue(tensor(5), 1, 0))).toEqual([5, 0]);
    expect(() => kthvalue(x, 0)).toThrow(/k is out of range/);
  });
});

describe("median", () => {
  it("is the lower of two middles, and NaN where there is one", () => {
    expect(median(tensor([3, 1, 2, 4])).item()).toBe(2);
    expect(median(tensor([3, 1, 2, 4], { dtype: "int32" })).item()).toBe(2);
    expect(median(tensor([3, nan, 2])).item()).toBeNaN();
    expect(median(zeros(0)).item()).toBeNaN();
    const x = tensor([
      [3, 1, 2, 4],
      [nan, 0, nan, 1],
    ]);
    expect(both(median(x, 1))).toEqual([
      [2, nan],
      [2, 0],
    ]);
    expect(median(x, 0, { keepdim: true }).values.tolist()).toEqual([[nan, 0, nan, 1]]);
    expect(both(median(tensor(5), 0))).toEqual([5, 0]);
    expect(() => median(zeros(2, 0), 1)).toThrow(/no median/);
  });

  it("shares the gradient of the median of all among its equals, and gives that along a dimension to one", () => {
    const x = leaf([3, 1, 2, 3, 2, 1]);
    expect(grad([median(x)], [x])[0]!.tolist()).toEqual([0, 0, 0.5, 0, 0.5, 0]);
    expect(grad([median(x, 0).values], [x])[0]!.tolist()).toEqual([0, 0, 1, 0, 0, 0]);
    const y = leaf([3, nan, 2, nan]);
    expect(grad([median(y)], [y])[0]!.tolist()).toEqual([0, 0.5, 0, 0.5]);
  });
});

it.each<[string, (x: Tensor) => Tensor]>([
  ["sort", (x) => sort(x, 0).values],
  ["sort descending", (x) => sort(x, 1, { descending: true }).values],
  ["topk", (x) => topk(x, 2, 0).values],
  ["kthvalue", (x) => kthvalue(x, 2, 0).values],
  ["median", (x) => median(x)],
  ["median along a dimension", (x) => median(x, 0).values],
])("%s has the gradients that finite differences give", (_, fn) => {
  const x = leaf(Array.from({ length: 12 }, (_, i) => Math.sin(7 * i)));
  const of = (input: Tensor): Tensor => fn(reshape(input, [4, 3]));
  expect(gradcheck(of, [x])).toBe(true);
  expect(gradgradcheck(of, [x])).toBe(true);
});
