import { grad, gradcheck, gradgradcheck, replay, type Tensor, tensor, traceGraph } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { MultiLabelMarginLoss, multilabelMarginLoss } from "./multiLabelMarginLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (data: readonly (readonly number[])[], requiresGrad = false): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad });

const rows = [
  [0.1, 0.2, 0.4, 0.8],
  [1, -1, 0.5, 0.3],
  [0, 2, 1, -3],
];

describe("multilabelMarginLoss", () => {
  // torch 2.13: the loss of each row, and the gradient of their sum; among the targets repetitions, none, all
  it.each([
    [
      [
        [3, 0, -1, 1],
        [1, 1, -1, 0],
        [-1, 2, 0, 1],
      ],
      [0.85, 3.9, 0],
      [-0.5, 0.5, 0.5, -0.5, 0.5, -1.5, 0.5, 0.5, 0, 0, 0, 0],
    ],
    [
      [
        [0, 1, 2, 3],
        [2, -1, -1, -1],
        [0, 2, -1, 3],
      ],
      [0, 0.575, 1.25],
      [0, 0, 0, 0, 0.25, 0, -0.5, 0.25, -0.25, 0.5, -0.25, 0],
    ],
  ])("gives torch's numbers and gradients (%#)", (labels, each, slopes) => {
    const x = double(rows, true);
    const losses = multilabelMarginLoss(x, labels, { reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad!)).toEqual(near(slopes));
    const sum = each.reduce((a, b) => a + b, 0);
    expect(multilabelMarginLoss(x, labels).item()).toBeCloseTo(sum / 3, 6);
    expect(new MultiLabelMarginLoss()(x, labels).item()).toBeCloseTo(sum / 3, 6);
    expect(new MultiLabelMarginLoss({ reduction: "sum" })(x, labels).item()).toBeCloseTo(sum, 6);
    const loss = (a: Tensor): Tensor => multilabelMarginLoss(a, labels, { reduction: "none" });
    expect(gradcheck(loss, [x])).toBe(true);
    expect(gradgradcheck((a) => loss(a.square()), [x])).toBe(true); // the square, since it is flat itself
  });

  it("has no curvature of its own", () => {
    const x = double(rows, true);
    const loss = multilabelMarginLoss(
      x,
      [rows[0]!, rows[0]!, rows[0]!].map(() => [2, -1, -1, -1]),
    );
    const [slope] = grad(loss, [x], undefined, { createGraph: true });
    expect(slope!.requiresGrad).toBe(false);
  });

  it("takes one sample, and one score, in the shapes that torch takes", () => {
    const x = tensor(rows[0]!);
    expect(multilabelMarginLoss(x, [3, 0, -1, 1], { reduction: "none" }).shape).toEqual([]);
    expect(multilabelMarginLoss(x, [3, 0, -1, 1]).item()).toBeCloseTo(0.85, 6);
    expect(multilabelMarginLoss(tensor(1), [0]).item()).toBe(0);
    expect(multilabelMarginLoss(tensor([1]), 0, { reduction: "none" }).tolist()).toBe(0);
    const none = multilabelMarginLoss(x.reshape(1, 4).narrow(0, 0, 0), tensor([], { dtype: "int32" }).reshape(0, 4), {
      reduction: "none",
    });
    expect(none.shape).toEqual([0]);
  });

  it("is finite where its value is, and finds nothing lacking on the edge or in a NaN, as torch", () => {
    const x = tensor([[3e38, -2e38, Number.NaN, 1, 0]], { requiresGrad: true });
    const loss = multilabelMarginLoss(x, [[1, -1, -1, -1, -1]]);
    loss.backward();
    expect([loss.dtype, loss.item()]).toEqual(["float32", Math.fround((5e38 + 2e38 + 2e38) / 5)]);
    expect(values(x.grad!)).toEqual([0.2, -0.6, 0, 0.2, 0.2].map(Math.fround));
    const edge = tensor([1, 0], { requiresGrad: true });
    multilabelMarginLoss(edge, [0, -1]).backward();
    expect(values(edge.grad!)).toEqual([0, 0]);
  });

  it("does not see strides, and replays on targets that the trace has not seen", () => {
    const target = tensor([2, -1, -1, -1, 0, 1, -1, -1, -1, -1, -1, -1], { dtype: "int32" }).reshape(3, 4);
    const x = double(rows);
    const turned = double(rows[0]!.map((_, c) => rows.map((row) => row[c]!))).t();
    const columns = tensor(target.t().contiguous()).t();
    expect(multilabelMarginLoss(turned, columns).item()).toBe(multilabelMarginLoss(x, target).item());
    const recorded = traceGraph((a: Tensor, y: Tensor) => multilabelMarginLoss(a, y), x, target);
    const other = target.flip([0]);
    expect((replay(recorded, x.neg(), other) as Tensor).item()).toBe(multilabelMarginLoss(x.neg(), other).item());
  });

  it("says what is wrong", () => {
    const x = tensor(rows[0]!);
    expect(() => multilabelMarginLoss(x, [0, -1, -1, 4])).toThrow(/no class\n +target +4\n +position +3\n +classes +4/);
    expect(() => multilabelMarginLoss(x, [0, -2, -1, -1])).toThrow(/from 0 to 3, and -1 ends the labels/);
    expect(() => multilabelMarginLoss(x, [0, -1])).toThrow(/target does not match input/);
    expect(() => multilabelMarginLoss(x, [[0, 1, 2, 3]])).toThrow(/target does not match input/);
    expect(() => multilabelMarginLoss(x.unsqueeze(0), [0, 1, 2, 3])).toThrow(/target does not match input/);
    expect(() => multilabelMarginLoss(x, tensor([0, 1, 2, 3]))).toThrow(/must be int32/);
    expect(() => multilabelMarginLoss(x.int(), [0, 1, 2, 3])).toThrow(/input must be floating-point/);
    expect(() => multilabelMarginLoss(tensor([]), [])).toThrow(/vector or a matrix with classes/);
    expect(() => multilabelMarginLoss(x.reshape(1, 1, 4), [[[0, 1, 2, 3]]])).toThrow(/vector or a matrix/);
    expect(() => multilabelMarginLoss(x, [0, 1, 2, 3], { reduction: "mena" as "mean" })).toThrow(/did you mean "mean"/);
  });
});
