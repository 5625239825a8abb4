import { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { noGrad, type Tensor, tensor, zeros } from "./index.ts";

const leaf = (...values: number[]): Tensor => tensor(values, { requiresGrad: true });

describe("changes in place", () => {
  it("show in every view, and count once for all of them", () => {
    const x = zeros(2, 3);
    const row = x.select(0, 1);
    row.add_(5);
    x.t().select(0, 0).mul_(2);
    expect(x.tolist()).toEqual([
      [0, 0, 0],
      [10, 5, 5],
    ]);
    expect([x.version, row.version]).toEqual([2, 2]);
  });

  it("carry gradients like their out-of-place forms", () => {
    const x = leaf(1, 2, 3);
    const y = x.mul(1);
    y.mul_(3).add_(x).sub_(1);
    y.sum().backward();
    expect(y.tolist()).toEqual([3, 7, 11]);
    expect(x.grad!.tolist()).toEqual([4, 4, 4]);
  });

  it("carry gradients through a view to its base", () => {
    const x = leaf(1, 2, 3);
    const y = x.mul(2);
    y.narrow(0, 1, 2).mul_(10);
    y.sum().backward();
    expect(y.tolist()).toEqual([2, 40, 60]);
    expect(x.grad!.tolist()).toEqual([2, 20, 20]);
  });

  it("carry gradients from a changed base to views made before", () => {
    const x = leaf(1, 2, 3);
    const y = x.mul(2);
    const tail = y.narrow(0, 1, 2);
    y.mul_(10);
    expect(tail.tolist()).toEqual([40, 60]);
    tail.sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 20, 20]);
  });

  it("let a constant take the place of a history", () => {
    const x = leaf(1, 2, 3);
    const y = x.mul(2);
    y.select(0, 0).zero_();
    y.narrow(0, 1, 1).copy_(tensor([7]));
    y.sum().backward();
    expect(y.tolist()).toEqual([0, 7, 6]);
    expect(x.grad!.tolist()).toEqual([0, 0, 2]);
  });

  it("write a tracked value into a plain tensor", () => {
    const x = leaf(3);
    const buffer = zeros(2);
    buffer.select(0, 1).copy_(x.mul(2).select(0, 0));
    buffer.sum().backward();
    expect(buffer.tolist()).toEqual([0, 6]);
    expect(x.grad!.tolist()).toEqual([2]);
  });

  it.each<[string, () => unknown, string, RegExp]>([
    ["a leaf", () => leaf(1).add_(1), "in_place", /leaf/],
    ["a view of a leaf", () => leaf(1, 2).select(0, 0).add_(1), "in_place", /view of a leaf/],
    ["shared elements", () => zeros(1).expand(3).add_(1), "in_place", /share one place/],
    ["a shape that grows", () => zeros(3).add_(zeros(2, 3)), "shape_mismatch", /shape/],
    [
      "integers that would become fractions",
      () => zeros([2], { dtype: "int32" }).add_(0.5),
      "invalid_dtype",
      /cannot be stored/,
    ],
  ])("refuse %s", (_, body, code, words) => {
    expect(body).toThrow(TensorError);
    expect(body).toThrow(words);
    expect(body).toThrow(expect.objectContaining({ code }));
  });

  it("change leaves where nothing is recorded", () => {
    const x = leaf(1, 2);
    noGrad(() => x.sub_(tensor([1, 1])));
    expect(x.tolist()).toEqual([0, 1]);
    expect(x.isLeaf && x.requiresGrad).toBe(true);
  });
});
