import { expect, it } from "vitest";
import { tensor, zeros } from "./creation.ts";
import "./methods.ts";
import { unique, uniqueConsecutive } from "./unique.ts";

const both = { returnInverse: true, returnCounts: true } as const;
const lists = (found: object): unknown[] => Object.values(found).map((part) => part.tolist());
const ints = (data: number[] | number[][]) => tensor(data, { dtype: "int32" });

it("unique gives the different elements in order, where each is, and how often", () => {
  expect(unique(ints([2, 1, 2, 3, 1])).tolist()).toEqual([1, 2, 3]);
  expect(lists(unique(ints([2, 1, 2, 3, 1]), both))).toEqual([
    [1, 2, 3],
    [1, 0, 1, 2, 0],
    [2, 2, 1],
  ]);
  expect(
    unique(
      tensor([
        [1, Number.NaN],
        [-0, 0],
      ]),
    ).tolist(),
  ).toEqual([-0, 1, Number.NaN]);
  expect(unique(zeros(0)).shape).toEqual([0]);
  expect(Object.keys(unique(zeros(2), { returnCounts: true }))).toEqual(["values", "counts"]);
});

it("unique compares whole slices along a dimension", () => {
  const rows = [
    [1, 2],
    [0, 5],
    [1, 2],
  ];
  expect(lists(unique(ints(rows), { ...both, dim: 0 }))).toEqual([
    [
      [0, 5],
      [1, 2],
    ],
    [1, 0, 1],
    [1, 2],
  ]);
  expect(unique(ints(rows), { dim: -1 }).tolist()).toEqual([
    [1, 2],
    [0, 5],
    [1, 2],
  ]);
  expect(() => unique(zeros(2, 0), { dim: 0 })).toThrow(/cannot be told apart/);
});

it("uniqueConsecutive looks at neighbours only", () => {
  expect(lists(uniqueConsecutive(ints([[1, 1, 2, 1]]), { ...both, dim: 1 }))).toEqual([
    [[1, 2, 1]],
    [0, 0, 1, 2],
    [2, 1, 1],
  ]);
  expect(uniqueConsecutive(ints([1, 1, 2, 1])).tolist()).toEqual([1, 2, 1]);
});

it("unique has no gradient", () => {
  expect(unique(tensor([[1, 2]], { requiresGrad: true }), { dim: 1 }).requiresGrad).toBe(false);
});
