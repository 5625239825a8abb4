import { expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import "../methods.ts";
import { grad } from "../engine.ts";
import { gradcheck } from "../gradcheck.ts";
import { diagonalScatter, selectScatter, sliceScatter } from "./patch.ts";
import { indexReduce, type ReduceName, scatterReduce } from "./reduceAt.ts";

const leaf = (data: number[] | number[][]) => tensor(data, { dtype: "float64", requiresGrad: true });

// torch 2.13
it("scatterReduce shares the gradient among the extrema of a place", () => {
  const [input, src] = [leaf([1, 2, 3]), leaf([3, 2, 3, 0])];
  const best = scatterReduce(input, 0, [0, 1, 0, 2], src, "amax");
  expect(best.tolist()).toEqual([3, 2, 3]);
  expect(grad([best.sum()], [input, src]).map((g) => g!.tolist())).toEqual([
    [0, 0.5, 1],
    [0.5, 0.5, 0.5, 0],
  ]);
  expect(scatterReduce(input, 0, [0, 1, 0, 2], src, "mean", { includeSelf: false }).tolist()).toEqual([3, 2, 0]);
  const whole = tensor([7, 1], { dtype: "int32" });
  expect(scatterReduce(whole, 0, [0], tensor([-2], { dtype: "int32" }), "mean").tolist()).toEqual([2, 1]);
});

it.each(["sum", "prod", "mean", "amax", "amin"] as const)("%s has the gradients of finite differences", (reduce) => {
  const [input, src] = [leaf([1, 2.5, 3]), leaf([0.3, 2, 3.7, 0.6])];
  for (const includeSelf of [true, false]) {
    const call = (a: typeof input, b: typeof src) => scatterReduce(a, 0, [0, 1, 0, 2], b, reduce, { includeSelf });
    expect(gradcheck(call, [input, src])).toBe(true);
    if (reduce === "sum") continue;
    const slices = (a: typeof input, b: typeof src) => indexReduce(a, 0, [0, 1, 0, 2], b, reduce, { includeSelf });
    expect(slices(input, src).tolist()).toEqual(call(input, src).tolist());
  }
});

it("indexReduce combines whole slices", () => {
  const rows = [
    [1, 5],
    [2, 0],
  ];
  const found = indexReduce(zeros(2, 2), 0, [1, 1], tensor(rows), "amax", { includeSelf: false });
  expect(found.tolist()).toEqual([
    [0, 0],
    [2, 5],
  ]);
});

it("refuses reductions that it does not know", () => {
  expect(() => scatterReduce(zeros(2), 0, [0], zeros(1), "max" as ReduceName)).toThrow(/unknown reduction/);
  expect(() => scatterReduce(zeros(2), 0, [0], tensor([1], { dtype: "int32" }), "sum")).toThrow(/dtypes differ/);
});

it("copies with a slice, some slices, or a diagonal replaced", () => {
  const [base, row] = [
    leaf([
      [1, 2],
      [3, 4],
    ]),
    leaf([8, 9]),
  ];
  expect(selectScatter(base, row, 0, -1).tolist()).toEqual([
    [1, 2],
    [8, 9],
  ]);
  expect(sliceScatter(base, tensor([[8], [9]]), { dim: 1, start: 1 }).tolist()).toEqual([
    [1, 8],
    [3, 9],
  ]);
  expect(diagonalScatter(base, row).tolist()).toEqual([
    [8, 2],
    [3, 9],
  ]);
  expect(gradcheck((a, b) => selectScatter(a, b, 1, 0), [base, row])).toBe(true);
  expect(gradcheck((a, b) => diagonalScatter(a, b), [base, row])).toBe(true);
  expect(() => selectScatter(base, base, 0, 0)).toThrow(/does not have the shape of the part/);
});
