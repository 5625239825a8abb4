import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { allclose } from "./compare.ts";
import { cummax, cummin, cumprod, cumsum, logcumsumexp } from "./scan.ts";
import { reshape } from "./shape.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), { requiresGrad: true });
const ones = (n: number): Tensor => leaf(new Array<number>(n).fill(1));

describe.each([
  ["cumsum", cumsum],
  ["cumprod", cumprod],
  ["logcumsumexp", logcumsumexp],
] as const)("%s", (_, op) => {
  it("has the gradients that finite differences give, to second order, along every dimension", () => {
    const x = leaf(Array.from({ length: 12 }, (_, i) => Math.sin(7 * i) + 0.1));
    for (const dim of [0, 1, -1]) {
      const fn = (input: Tensor): Tensor => op(reshape(input, [2, 3, 2]), dim);
      expect(gradcheck(fn, [x])).toBe(true);
      expect(gradgradcheck(fn, [x])).toBe(true);
    }
  });

  it("has the same first gradient when nobody may ask for a second", () => {
    const x = leaf([0.3, -2, 1.5, 4]);
    const start = leaf([1, -2, 0.5, 3]);
    const [cheap] = grad([op(x, 0)], [x], [start]);
    const [whole] = grad([op(x, 0)], [x], [start], { createGraph: true });
    expect(allclose(cheap!, whole!, { rtol: 1e-12, atol: 1e-12 })).toBe(true);
  });

  it("takes single numbers, nothing, and another dtype", () => {
    const x = tensor(3, { dtype: "float64", requiresGrad: true });
    const y = op(x, 0);
    expect([y.item(), grad([y], [x], [], { retainGraph: true })[0]!.item()]).toEqual([3, 1]);
    expect(grad([y], [x], [], { createGraph: true, retainGraph: true })[0]!.item()).toBe(1);
    expect(op(zeros(2, 0), 1).shape).toEqual([2, 0]);
    expect(op(zeros(0, 2), 1).shape).toEqual([0, 2]);
    expect(op(zeros(2), 0, { dtype: "float64" }).dtype).toBe("float64");
    expect(() => op(zeros(2), 1)).toThrow(/out of range/);
  });
});

it("cumsum and cumprod count integers and truth values in int32", () => {
  const truth = tensor([true, true, false]);
  expect([cumsum(truth, 0).dtype, cumsum(truth, 0).tolist()]).toEqual(["int32", [1, 2, 2]]);
  expect([cumprod(truth, 0).dtype, cumprod(truth, 0).tolist()]).toEqual(["int32", [1, 1, 0]]);
  expect(logcumsumexp(truth, 0).dtype).toBe("float32");
});

it.each([
  ["one zero", [2, 3, 0, 5, 7]],
  ["a zero at the start", [0, 3, 2, 5, 7]],
  ["a zero at the end", [2, 3, 5, 0]],
  ["two zeros", [1, 2, 0, 3, 0, 4]],
  ["zeros only", [0, 0, 0]],
])("cumprod is differentiable at zeros: %s", (_, values) => {
  const x = leaf(values);
  const fn = (input: Tensor): Tensor => cumprod(input, 0);
  expect(gradcheck(fn, [x])).toBe(true);
  expect(gradgradcheck(fn, [x])).toBe(true);
  const [whole] = grad([fn(x)], [x], [ones(values.length)], { createGraph: true });
  expect(grad([fn(x)], [x], [ones(values.length)])[0]!.tolist()).toEqual(whole!.tolist());
});

it("logcumsumexp does not overflow, nor do its gradients", () => {
  const x = leaf([-1000, 0, 1000, -inf, 2]);
  const y = logcumsumexp(x, 0);
  expect(y.tolist()).toEqual([-1000, 0, 1000, 1000, 1000]);
  const start = leaf([1, -2, 0.5, 0, 3]);
  const torchs = leaf([1, -2, 3.5, 0, 0]);
  expect(allclose(grad([y], [x], [start], { retainGraph: true })[0]!, torchs, { rtol: 1e-12 })).toBe(true);
  expect(allclose(grad([y], [x], [start], { createGraph: true })[0]!, torchs, { rtol: 1e-12 })).toBe(true);
});

describe("cummax and cummin", () => {
  it("find the last of equals, and NaN once there was one", () => {
    const ties = tensor([3, 1, 3, 1]);
    expect([cummax(ties, 0).values.tolist(), cummax(ties, 0).indices.tolist()]).toEqual([
      [3, 3, 3, 3],
      [0, 0, 2, 2],
    ]);
    expect(cummin(ties, 0).indices.tolist()).toEqual([0, 1, 1, 3]);
    const undefinedNow = tensor([3, nan, 3, nan, 9]);
    expect(cummax(undefinedNow, 0).indices.tolist()).toEqual([0, 1, 1, 3, 3]);
    expect(cummin(undefinedNow, 0).values.tolist()).toEqual([3, nan, nan, nan, nan]);
  });

  it("run along any dimension of any dtype", () => {
    const x = tensor(
      [
        [1, 5],
        [4, 2],
      ],
      { dtype: "int32" },
    );
    const { values, indices } = cummax(x, 0);
    expect([values.dtype, values.tolist()]).toEqual([
      "int32",
      [
        [1, 5],
        [4, 5],
      ],
    ]);
    expect(indices.tolist()).toEqual([
      [0, 0],
      [1, 0],
    ]);
    expect(cummin(tensor([[true, false]]), 1).values.tolist()).toEqual([[true, false]]);
    expect(cummax(tensor(2), 0).values.tolist()).toBe(2);
    expect(cummax(zeros(2, 0), 1).indices.shape).toEqual([2, 0]);
  });

  it("send the gradient where the value came from", () => {
    const x = leaf([1, 4, 2, 5, 5]);
    expect(grad([cummax(x, 0).values], [x], [leaf([1, 10, 100, 1000, 10000])])[0]!.tolist()).toEqual([
      1, 110, 0, 1000, 10000,
    ]);
  });
});
