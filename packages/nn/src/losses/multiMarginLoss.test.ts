import { gradcheck, gradgradcheck, replay, type Tensor, tensor, traceGraph } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { MultiMarginLoss, type MultiMarginLossOptions, multiMarginLoss } from "./multiMarginLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (data: readonly (readonly number[])[] | readonly number[], requiresGrad = false): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad });

const rows = [
  [1, -2, 0.5],
  [0.25, 3, -1],
  [2, 2, -4],
];
const classes = [2, 0, 1];
const weight = double([0.5, 2, 1]);
const third = 1 / 3;

// torch 2.13: the loss of each row, and the gradient of their sum
const golden: readonly [options: MultiMarginLossOptions, each: number[], slopes: number[]][] = [
  [{}, [0.5, 1.25, third], [third, 0, -third, -third, third, 0, third, -third, 0]],
  [{ p: 2 }, [0.75, 4.6875, third], [1, 0, -1, -2.5, 2.5, 0, 2 / 3, -2 / 3, 0]],
  [{ margin: 0.3 }, [0.2666667, 1.0166667, 0.1], [third, 0, -third, -third, third, 0, third, -third, 0]],
  [{ margin: -0.5 }, [0, 0.75, 0], [0, 0, 0, -third, third, 0, 0, 0, 0]],
  [{ weight }, [0.5, 0.625, 2 / 3], [third, 0, -third, -1 / 6, 1 / 6, 0, 2 / 3, -2 / 3, 0]],
  [
    { p: 2, margin: 0.3, weight },
    [0.2133333, 1.5504167, 0.06],
    [0.5333333, 0, -0.5333333, -1.0166667, 1.0166667, 0, 0.4, -0.4, 0],
  ],
];

describe("multiMarginLoss", () => {
  it.each(golden)("gives torch's numbers and gradients (%#)", (options, each, slopes) => {
    const x = double(rows, true);
    const losses = multiMarginLoss(x, classes, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad!)).toEqual(near(slopes));
    const sum = each.reduce((a, b) => a + b, 0);
    expect(multiMarginLoss(x, classes, options).item()).toBeCloseTo(sum / 3, 6);
    expect(new MultiMarginLoss(options)(x, classes).item()).toBeCloseTo(sum / 3, 6);
    expect(new MultiMarginLoss({ ...options, sizeAverage: false })(x, classes).item()).toBeCloseTo(sum, 6);
  });

  it.each(golden)("has the gradients that finite differences give, to second order (%#)", (options) => {
    const x = double(rows, true).mul(0.9).detach().requiresGrad_(); // away from the edges
    const w = double([0.5, 2, 1], true);
    expect(gradcheck((a) => multiMarginLoss(a, classes, options), [x])).toBe(true);
    expect(gradgradcheck((a) => multiMarginLoss(a, classes, options), [x])).toBe(true);
    const { p = 1 } = options;
    expect(gradgradcheck((a, b) => multiMarginLoss(a, classes, { p, weight: b }), [x, w])).toBe(true);
  });

  it("takes one sample, or one score, in the shapes that torch takes", () => {
    const shapes = (input: Tensor, target: number | number[]): readonly number[] =>
      multiMarginLoss(input, target, { reduction: "none" }).shape;
    expect(shapes(double(rows[0]!), 2)).toEqual([]);
    expect(shapes(double(rows[0]!), [2])).toEqual([1]);
    expect(shapes(double([rows[0]!]), 2)).toEqual([]);
    expect(shapes(tensor(3), 0)).toEqual([]);
    expect(multiMarginLoss(double(rows[0]!), 2).item()).toBeCloseTo(0.5, 6);
    expect(multiMarginLoss(tensor(3), [0]).item()).toBe(0);
    expect(shapes(double(rows).narrow(0, 0, 0), [])).toEqual([0]);
  });

  it("finds nothing lacking on the edge, or in a NaN, as torch", () => {
    const x = tensor([[1, 0, Number.NaN, 2]], { requiresGrad: true });
    const loss = multiMarginLoss(x, [3], { p: 2 });
    loss.backward();
    expect([loss.item(), ...values(x.grad!)]).toEqual([0, 0, 0, 0, 0]);
    const infinities = tensor([[Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 2]]);
    expect(multiMarginLoss(infinities, [1]).item()).toBe(0);
  });

  it("is finite where its value is, with finite gradients", () => {
    const x = tensor([[3e38, -2e38, 1e-40]], { requiresGrad: true });
    const loss = multiMarginLoss(x, [2]);
    loss.backward();
    expect([loss.dtype, loss.item()]).toEqual(["float32", Math.fround(1e38)]);
    expect(values(x.grad!)).toEqual([third, 0, -third].map(Math.fround));
    expect(multiMarginLoss(x, [0]).item()).toBe(0);
  });

  it("does not see strides, and replays on targets that the trace has not seen", () => {
    const x = double(rows);
    const turned = double(rows[0]!.map((_, c) => rows.map((row) => row[c]!))).t();
    expect(multiMarginLoss(turned, classes).item()).toBe(multiMarginLoss(x, classes).item());
    const loss = (a: Tensor, y: Tensor): Tensor => multiMarginLoss(a, y, { p: 2, weight });
    const other = tensor([1, 1, 0], { dtype: "int32" });
    const recorded = traceGraph(loss, x, tensor(classes, { dtype: "int32" }));
    expect((replay(recorded, x.neg(), other) as Tensor).item()).toBe(loss(x.neg(), other).item());
  });

  it("says what is wrong", () => {
    const x = tensor(rows);
    expect(() => multiMarginLoss(x, [0, 3, 1])).toThrow(/no class\n +target +3\n +position +1\n +classes +3/);
    expect(() => multiMarginLoss(x, [0, -1, 1])).toThrow(/classes run from 0 to 2/);
    expect(() => multiMarginLoss(x, [0, 1])).toThrow(/target does not match input[\s\S]*\[3\]$/);
    expect(() => multiMarginLoss(x, [[0], [1], [2]])).toThrow(/target does not match input/);
    expect(() => multiMarginLoss(x.int(), classes)).toThrow(/input must be floating-point/);
    expect(() => multiMarginLoss(x.narrow(1, 0, 0), classes)).toThrow(/vector or a matrix with classes/);
    expect(() => multiMarginLoss(x.unsqueeze(0), classes)).toThrow(/vector or a matrix with classes/);
    expect(() => multiMarginLoss(x, tensor([0, 1, 2]))).toThrow(/must be int32/);
    expect(() => multiMarginLoss(x, classes, { weight })).toThrow(/same dtype/);
    expect(() => multiMarginLoss(x, classes, { weight: tensor([1, 2]) })).toThrow(/one element for each class/);
    expect(() => multiMarginLoss(x, classes, { p: 3 as 2 })).toThrow(/p must be 1 or 2/);
    expect(() => new MultiMarginLoss({ p: 0 as 1 })).toThrow(/p must be 1 or 2/);
    expect(() => new MultiMarginLoss({ weight: tensor([[1, 2, 3]]) })).toThrow(/one element for each class/);
    expect(() => multiMarginLoss(x, classes, { reduction: "Mean" as "mean" })).toThrow(/did you mean "mean"/);
  });
});
