import { grad, gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import { NDArray } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { alongClasses, checkRange, checkSomeCount, classDim, classTargets, shapeOfTargets } from "./classes.ts";
import { countOf, pickNegative, placeNegative, sharesOf } from "./pick.ts";
import { composedSoftmaxPick, softmaxPick } from "./softmaxPick.ts";

const int = (list: readonly number[] | readonly (readonly number[])[]): Tensor =>
  tensor(list as number[], { dtype: "int32" });
/** Every other element of a larger tensor. */
const sparse = (list: readonly number[]): Tensor =>
  int([9, 9, ...list.flatMap((i) => [i, 9])])
    .narrow(0, 2, 2 * list.length)
    .reshape(-1, 2)
    .select(1, 0);
const rows = tensor(
  [
    [1, 2, 3],
    [4, 5, 6],
  ],
  { dtype: "float64", requiresGrad: true },
);

describe("pickNegative", () => {
  it("reads targets and inputs of any layout", () => {
    expect(pickNegative(rows, sparse([2, 0]), -100).tolist()).toEqual([-3, -4]);
    expect(pickNegative(rows, int([9, 2, 0]).narrow(0, 1, 2), -100).tolist()).toEqual([-3, -4]);
    expect(pickNegative(rows.narrow(0, 1, 1), int([1]), -100).tolist()).toEqual([-5]);
    expect(pickNegative(rows.t(), int([0, 1, 1]), -100).tolist()).toEqual([-1, -5, -6]);
    expect(pickNegative(rows.select(0, 1), int([2]).select(0, 0), -100).tolist()).toBe(-6);
    expect(pickNegative(rows.select(1, 1), int([1]).select(0, 0), -100).tolist()).toBe(-5);
    const images = tensor(Array.from({ length: 24 }, (_, i) => i + 1))
      .reshape(2, 2, 3, 2)
      .permute(0, 2, 3, 1);
    const picked = images.permute(0, 3, 1, 2).mul(1);
    const targets = int([0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1]).reshape(2, 3, 2);
    expect(pickNegative(images.permute(0, 3, 1, 2), targets, -100).tolist()).toEqual(
      pickNegative(picked, targets, -100).tolist(),
    );
    expect(pickNegative(picked, targets, -100).reshape(-1).tolist()).toEqual([
      -1, -8, -3, -10, -11, -6, -19, -14, -21, -16, -17, -24,
    ]);
    expect(pickNegative.spec.name).toBe("nllLoss");
  });

  it("reduces over those that count", () => {
    expect(pickNegative(rows, int([2, -1]), -1, "sum").tolist()).toBe(-3);
    expect(pickNegative(rows, int([2, -1]), -1, "mean").tolist()).toBe(-3);
    expect(pickNegative(rows, int([2, 0]), -1, "mean").tolist()).toBe(-3.5);
    expect(pickNegative(rows.select(0, 1), int([2]).select(0, 0), -1, "mean").tolist()).toBe(-6);
    for (const createGraph of [false, true]) {
      const gradientOf = (reduction: "sum" | "mean"): unknown =>
        grad([pickNegative(rows, int([2, 0]), -1, reduction)], [rows], undefined, { createGraph })[0]!.tolist();
      expect(gradientOf("sum")).toEqual([
        [0, 0, -1],
        [-1, 0, 0],
      ]);
      expect(gradientOf("mean")).toEqual([
        [0, 0, -0.5],
        [-0.5, 0, 0],
      ]);
    }
    for (const reduction of ["none", "sum", "mean"] as const) {
      expect(gradcheck((x) => pickNegative(x, sparse([2, 0]), 1, reduction), [rows])).toBe(true);
      expect(gradgradcheck((x) => pickNegative(x.square(), sparse([2, -1]), -1, reduction), [rows])).toBe(true);
    }
  });

  it("gives each target its part of a gradient of any layout", () => {
    const given = (list: readonly number[]): Tensor => tensor(list, { dtype: "float64" });
    const gradientOf = (grads: Tensor): unknown =>
      grad([pickNegative(rows, int([2, 0]), -100)], [rows], [grads])[0]!.tolist();
    const expected = [
      [0, 0, -5],
      [-7, 0, 0],
    ];
    expect(gradientOf(given([5, 7]))).toEqual(expected);
    expect(gradientOf(given([9, 5, 7]).narrow(0, 1, 2))).toEqual(expected);
    expect(gradientOf(given([5, 9, 7, 9]).reshape(2, 2).select(1, 0))).toEqual(expected);
    expect(placeNegative(given([9, 5, 7]).narrow(0, 1, 2), int([2, 0]), -100, [2, 3]).tolist()).toEqual(expected);
    expect(placeNegative(given([5, 9, 7, 9]).reshape(2, 2).select(1, 0), int([2, 0]), -100, [2, 3]).tolist()).toEqual(
      expected,
    );
    expect(placeNegative.spec.name).toBe("nllLossBackward");
  });

  it("takes each class from the first to the last, and what is ignored at any number", () => {
    expect(pickNegative(rows, int([0, 2]), -100).tolist()).toEqual([-1, -6]);
    expect(pickNegative(rows, int([7, 2]), 7).tolist()).toEqual([0, -6]);
    expect(() => pickNegative(rows, int([0, 3]), -100)).toThrow(/a target is no class\s+target +3\s+position +1/);
    expect(() => pickNegative(rows, int([-1, 0]), -100)).toThrow(/a target is no class\s+target +-1\s+position +0/);
  });
});

describe("shares of a gradient", () => {
  const targets = int([3, 1, 3]).array;

  it("are the gradient itself, the whole of it, or what the mean leaves", () => {
    const one = NDArray.of([9, 6], [2], "float64").slice(0, 1, 1).view([], []);
    expect(sharesOf(one, targets, { ignoreIndex: 1, reduction: "sum" })(2)).toBe(6);
    expect(sharesOf(one, targets, { ignoreIndex: 1, reduction: "mean" })(0)).toBe(3);
    expect(sharesOf(one, targets, { ignoreIndex: 0, reduction: "mean" })(0)).toBe(2);
    const single = NDArray.of([1], [], "float32");
    expect(sharesOf(single, targets, { ignoreIndex: 0, reduction: "mean" })(0)).toBe(Math.fround(1 / 3));
    expect(sharesOf(NDArray.of([1], [], "float64"), targets, { ignoreIndex: 0, reduction: "mean" })(0)).toBe(1 / 3);
  });

  it("are counted in targets of any layout", () => {
    expect(countOf(targets, 3)).toBe(1);
    expect(countOf(int([3, 3, 1]).narrow(0, 1, 2).array, 3)).toBe(1);
    expect(countOf(int([1, 3, 3]).narrow(0, 0, 2).array, 3)).toBe(1);
    expect(countOf(sparse([3, 1, 3, 2]).array, 3)).toBe(2);
  });
});

describe("softmaxPick", () => {
  it.each(["none", "sum", "mean"] as const)("is its definition, whatever the layout (%s)", (reduction) => {
    const wide = tensor([9, 0.3, -1, 2, 9, 0.1, 0.7, -0.2], { dtype: "float64", requiresGrad: true }).reshape(2, 4);
    const few = rows.mul(0.1);
    const inputs: [Tensor, Tensor][] = [
      [wide.narrow(1, 1, 3), int([2, 0])],
      [few.t(), int([1, 1, 0])],
      [few, sparse([1, 1])],
      [few, sparse([1, -7])],
      [few, int([9, 1, 2]).narrow(0, 1, 2)],
      [few.select(0, 1), int([1, 2]).select(0, 1)],
      [few.select(1, 1), int([1, 0]).select(0, 0)],
    ];
    for (const [input, target] of inputs) {
      const [found, expected] = [
        softmaxPick(input, target, -7, reduction),
        composedSoftmaxPick(input, target, -7, reduction),
      ];
      expect(found.shape).toEqual(expected.shape);
      const near = (of: Tensor): unknown[] => Array.from(of.toArray(), (value) => expect.closeTo(value, 12));
      expect(Array.from(found.toArray())).toEqual(near(expected));
      const starts = tensor([1.5, -2, 0.5].slice(0, found.numel()), { dtype: "float64" }).reshape(found.shape);
      for (const createGraph of [false, true]) {
        const [slopes] = grad([found], [input], [starts], { createGraph, retainGraph: true });
        const [golden] = grad([expected], [input], [starts], { retainGraph: true });
        expect(Array.from(slopes!.toArray())).toEqual(near(golden!));
      }
    }
    const x = tensor([[0.3, -1, 2]], { dtype: "float64", requiresGrad: true });
    expect(gradgradcheck((input) => softmaxPick(input, int([1]), -7, reduction), [x])).toBe(true);
    expect(gradgradcheck((input) => softmaxPick(input.select(0, 0), int([1]).select(0, 0), -7, reduction), [x])).toBe(
      true,
    );
  });

  it("names the target that is no class, and where it stands", () => {
    const column = tensor([[1], [2]]);
    expect(softmaxPick(column, int([0, 0]), -1, "sum").item()).toBe(0);
    expect(() => softmaxPick(column, sparse([0, 1]), -1, "sum")).toThrow(/target +1\s+position +1\s+classes +1/);
    expect(() => softmaxPick(column, int([7, -2, 0]).narrow(0, 1, 2), 7, "sum")).toThrow(/target +-2\s+position +0/);
    expect(softmaxPick(column, int([7, 0]), 7, "sum").item()).toBe(0);
  });

  it.each(["none", "sum", "mean"] as const)("gives a gradient of its own in every pass (%s)", (reduction) => {
    const input = tensor([0.3, -1, 2, 0.5, 0.25, -0.75], { requiresGrad: true }).reshape(2, 3);
    const target = int([2, 0]);
    const loss = softmaxPick(input, target, -7, reduction);
    const start = tensor([1, 0.5].slice(0, loss.numel())).reshape(loss.shape);
    const [golden] = grad([composedSoftmaxPick(input, target, -7, reduction)], [input], [start]);
    const near = Array.from(golden!.toArray(), (value) => expect.closeTo(value, 6));
    const [first] = grad([loss], [input], [start], { retainGraph: true });
    const [twice] = grad([loss], [input], [start.mul(2)], { retainGraph: true });
    const [last] = grad([loss], [input], [start]);
    for (const slopes of [first, twice!.div(2), last]) expect(Array.from(slopes!.toArray())).toEqual(near);
    expect(() => grad([loss], [input], [start])).toThrow(/second time/);
  });

  it.each([Number.POSITIVE_INFINITY, Number.NaN])("hands on %d as its definition does", (value) => {
    const input = tensor(
      [
        [0.3, -1, 2],
        [0, 800, 0],
      ],
      { requiresGrad: true },
    );
    const slopes = [softmaxPick, composedSoftmaxPick].map((pick) => {
      const [found] = grad([pick(input, int([2, -7]), -7, "sum")], [input], [tensor(value)]);
      return Array.from(found!.toArray());
    });
    expect(slopes[0]).toEqual(slopes[1]);
    expect(slopes[0]).toContain(0);
  });

  it("stands in the graph as crossEntropy", () => {
    expect(String(softmaxPick(rows, int([0, 1]), -1, "none"))).toMatch(/grad_fn=<CrossEntropyBackward0>/);
  });
});

describe("classes", () => {
  it("run over the second dimension, or the only one", () => {
    expect(classDim(rows)).toBe(1);
    expect(classDim(rows.select(0, 0))).toBe(0);
    expect(shapeOfTargets(tensor([[[1, 2]], [[3, 4]]]))).toEqual([2, 2]);
    expect(shapeOfTargets(rows.select(0, 0))).toEqual([]);
    expect(alongClasses(rows, tensor([1, 2, 3])).shape).toEqual([1, 3]);
    expect(alongClasses(rows.select(0, 0), tensor([1, 2, 3])).shape).toEqual([3]);
  });

  it("of one row may stand in a list", () => {
    expect(classTargets("f", rows.select(0, 0), [1]).shape).toEqual([]);
    expect(classTargets("f", rows.select(0, 0), 1).shape).toEqual([]);
    expect(classTargets("f", rows.narrow(0, 0, 1), [1]).shape).toEqual([1]);
    expect(() => classTargets("f", rows.narrow(0, 0, 1).unsqueeze(2), [1])).toThrow(/have the shape \[1, 1\]/);
    expect(() => classTargets("f", rows.select(0, 0), [1, 2])).toThrow(/have the shape \[\]/);
  });

  it("are checked, each of them", () => {
    checkRange("f", int([0, 2]), 3);
    expect(() => checkRange("f", int([0, 3]), 3)).toThrow(
      /target +3\s+position +1\s+classes +3\s+hint: classes run from 0 to 2/,
    );
    expect(() => checkRange("f", int([-1]), 3)).toThrow(/position +0/);
    checkSomeCount("f", int([1, 2]), 1);
    expect(() => checkSomeCount("f", int([1, 1]), 1)).toThrow(/every target is ignored/);
  });
});
