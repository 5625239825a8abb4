import { grad, gradcheck, gradgradcheck, profile, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import type { ElementLoss } from "./elementLoss.ts";
import { absoluteErrors, divergences, logDivergences, logitErrors, squaredErrors } from "./elementLosses.ts";
import { expected } from "./expected.ts";

const double = (list: readonly number[]): Tensor => tensor(list, { dtype: "float64", requiresGrad: true });
const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 9));
const input = double([0.5, -1, 2]);
const target = double([0.25, 0.125, 1.5]);

// torch 2.13: the losses, and the gradients of their sum for input and target
describe.each([
  ["mseLoss", "MseLoss", squaredErrors, [0.0625, 1.265625, 0.25], [0.5, -2.25, 1.0], [-0.5, 2.25, -1.0]],
  ["l1Loss", "L1Loss", absoluteErrors, [0.25, 1.125, 0.5], [1.0, -1.0, 1.0], [-1.0, 1.0, -1.0]],
  [
    "binaryCrossEntropyWithLogits",
    "BinaryCrossEntropyWithLogits",
    logitErrors,
    [0.8490769842, 0.4382616875, -0.873071989],
    [0.3724593312, 0.1439414214, -0.619202922],
    [-0.5, 1.0, -2.0],
  ],
  [
    "klDiv",
    "KlDiv",
    divergences,
    [-0.4715735903, -0.1349301927, -2.3918023378],
    [-0.25, -0.125, -1.5],
    [-0.8862943611, -0.0794415417, -0.5945348919],
  ],
  [
    "klDiv of logarithms",
    "KlDivOfLogarithms",
    logDivergences,
    [-0.3210063542, 1.2747920097, -2.2408445352],
    [-1.2840254167, -1.1331484531, -4.4816890703],
    [0.9630190625, 2.4079404628, 2.2408445352],
  ],
] as [string, string, ElementLoss, number[], number[], number[]][])("%s", (_, node, loss, each, ofInput, ofTarget) => {
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

  it.each([["one pass", loss] as const, ["ops", loss.composed] as const])(
    "has torch's numbers, in %s",
    (_, compute) => {
      const losses = compute(input, target, "none");
      expect(values(losses)).toEqual(near(each));
      expect(compute(input, target, "sum").item()).toBeCloseTo(sum(each), 9);
      expect(compute(input, target, "mean").item()).toBeCloseTo(sum(each) / 3, 9);
      const slopes = grad([compute(input, target, "sum")], [input, target]);
      expect(values(slopes[0]!)).toEqual(near(ofInput));
      expect(values(slopes[1]!)).toEqual(near(ofTarget));
      // recorded, a gradient is composed of ops
      for (const createGraph of [false, true]) {
        const means = grad([compute(input, target, "mean").mul(6)], [input, target], undefined, { createGraph });
        expect(values(means[0]!)).toEqual(near(ofInput.map((slope) => 2 * slope)));
        expect(values(means[1]!)).toEqual(near(ofTarget.map((slope) => 2 * slope)));
      }
    },
  );

  it("takes gradients of any layout, and gives those alone that are wanted", () => {
    const grads = double([9, 2, -1, 0.5]).detach().narrow(0, 1, 3);
    const losses = (): Tensor => loss(input, target, "none");
    expect(values(grad([losses()], [input], [grads])[0]!)).toEqual(
      near(ofInput.map((slope, i) => slope * [2, -1, 0.5][i]!)),
    );
    expect(values(grad([losses()], [target], [grads])[0]!)).toEqual(
      near(ofTarget.map((slope, i) => slope * [2, -1, 0.5][i]!)),
    );
    const two = double([9, 2]).detach().select(0, 1);
    expect(values(grad([loss(input, target, "sum")], [input], [two])[0]!)).toEqual(
      near(ofInput.map((slope) => 2 * slope)),
    );
    const bytesOf = (wanted: Tensor): number => {
      const found = loss(input, wanted, "sum");
      return profile(() => found.backward())
        .events.filter(({ phase }) => phase === "backward")
        .reduce((sum, { bytes }) => sum + bytes, 0);
    };
    expect(bytesOf(target)).toBe(2 * bytesOf(target.detach()));
  });

  it("broadcasts, and has its gradients in the shapes of what it was given", () => {
    const column = input.detach().abs().add(0.3).unsqueeze(1).requiresGrad_();
    const row = double([0.25, 0.4]);
    for (const reduction of ["none", "sum", "mean"] as const) {
      const found = loss(column, row, reduction);
      expect(found.shape).toEqual(reduction === "none" ? [3, 2] : []);
      expect(gradcheck((a, b) => loss(a, b, reduction), [column, row])).toBe(true);
      expect(gradgradcheck((a, b) => loss(a, b, reduction), [column, row])).toBe(true);
    }
  });

  it("stands in the graph as one op, unless the dtypes differ or are whole numbers", () => {
    expect(String(loss(input, target, "none"))).toContain(`grad_fn=<${node}Backward0>`);
    expect(String(loss(input, tensor([0.25, 0.125, 1.5]), "none"))).not.toContain(`grad_fn=<${node}Backward0>`);
    expect(loss(input, tensor([0.25, 0.125, 1.5]), "none").dtype).toBe("float64");
    loss(input, tensor([0.25, 0.125, 1.5]), "none")
      .toArray()
      .forEach((found, i) => {
        expect(found).toBeCloseTo(each[i]!, 6);
      });
  });

  it("rounds the gradient of a mean as torch does", () => {
    const [x, y] = [tensor([0.5, -1, 2], { requiresGrad: true }), tensor([0.25, 0.125, 1.5])];
    const [found] = grad([loss(x, y, "mean")], [x]);
    const [whole] = grad([loss(x, y, "sum")], [x], [tensor(Math.fround(1 / 3))]);
    expect(values(found!)).toEqual(values(whole!));
  });
});

describe("slopes at the ends", () => {
  // torch 2.13
  it("divergences are 0 where the target is 0, whose own slope is NaN", () => {
    const [x, t] = [double([-1, -2]), double([0, 1])];
    expect(values(divergences(x, t, "none"))).toEqual([0, 2]);
    expect(values(divergences.composed(x, t, "none"))).toEqual([0, 2]);
    const [ofX, ofT] = grad([divergences(x, t, "sum")], [x, t]);
    expect(values(ofX!)).toEqual([-0, -1]);
    expect(values(ofT!)).toEqual([Number.NaN, 3]);
    const [again] = grad([divergences(x, t, "sum")], [t], undefined, { createGraph: true });
    expect(values(again!)).toEqual([Number.NaN, 3]);
  });
});

describe("expected", () => {
  it("is 0 where nothing is expected of what is too unlikely for the dtype, but NaN of an infinite logit", () => {
    const [infinite, none] = [Number.NEGATIVE_INFINITY, 0];
    const logits = double([0, -1e300, infinite, -5, Number.NaN]);
    const [logQ, p] = [double([-1, infinite, infinite, infinite, Number.NaN]), double([0.5, none, none, 0.5, none])];
    const parts = expected(logQ, p, logits);
    expect(values(parts)).toEqual([-0.5, 0, Number.NaN, infinite, Number.NaN]);
    expect(String(parts)).toContain("grad_fn=<ExpectedBackward0>");
    const [ofLogQ, ofP] = grad([parts.sum()], [logQ, p]);
    expect(values(ofLogQ!)).toEqual([0.5, 0, 0, 0.5, 0]);
    expect(values(ofP!)).toEqual([-1, infinite, infinite, infinite, Number.NaN]);
    expect(() => grad([expected(logQ, p, logits).sum()], [logits])).toThrow(/TensorError|not part|no gradient|unused/i);
  });

  it("has the gradients of a product, to second order", () => {
    const [a, b] = [double([-1, -2, -0.5]), double([0.2, 0.3, 0.5])];
    expect(gradcheck((x, y) => expected(x, y, x), [a, b])).toBe(true);
    expect(gradgradcheck((x, y) => expected(x, y, x), [a, b])).toBe(true);
    expect(expected(tensor([-1]), tensor([2]), tensor([0])).dtype).toBe("float32");
    expect(expected(a.reshape(1, 3), b.reshape(1, 3), a.reshape(1, 3)).shape).toEqual([1, 3]);
  });
});
