import { grad, gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BCELoss, binaryCrossEntropy } from "./bceLoss.ts";
import { BCEWithLogitsLoss, binaryCrossEntropyWithLogits } from "./bceWithLogitsLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const double = (list: readonly number[], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const target = double([0, 1, 1, 0, 0.6, 0.2]);
const weight = double([1, 2, 0.5, 1, 3, 1]);
const posWeight = double([2, 1, 3, 1, 0.5, 4]);

describe("binaryCrossEntropy", () => {
  const probabilities = [0, 1, 0, 1, 0.3, 0.9];

  // torch 2.13
  it.each([
    [{}, [0, 0, 100, 100, 0.8650537, 1.86314], [0, 0, -1e12, 1e12, -1.4285714, 7.7777778]],
    [{ weight }, [0, 0, 50, 100, 2.595161, 1.86314], [0, 0, -5e11, 1e12, -4.2857143, 7.7777778]],
  ])("gives torch's numbers and gradients, where a probability is 0 or 1 too (%#)", (options, each, slopes) => {
    const p = double(probabilities, true);
    const losses = binaryCrossEntropy(p, target, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    // torch divides by 1e-12 as float32 holds it
    expect(values(p.grad).map((x) => x / Math.max(1, Math.abs(x) / 10))).toEqual(
      near(slopes.map((x) => x / Math.max(1, Math.abs(x) / 10))),
    );
    const mean = each.reduce((a, b) => a + b, 0) / 6;
    expect(binaryCrossEntropy(p, target, options).item()).toBeCloseTo(mean, 5);
    expect(new BCELoss(options)(p, target).item()).toBeCloseTo(mean, 5);
    expect(new BCELoss({ ...options, reduction: "sum" })(p, target).item()).toBeCloseTo(6 * mean, 4);
  });

  it("has torch's second derivatives where a probability is 0 or 1", () => {
    const [p, t] = [double([0, 1, 0.5], true), double([0.25, 0.5, 0.75], true)];
    const [slope] = grad([binaryCrossEntropy(p, t, { reduction: "sum" })], [p], [], { createGraph: true });
    expect(values(grad([slope!.sum()], [t])[0]!)).toEqual([-1e12, -1e12, -4]); // exact, unlike the first derivative
  });

  it("has the gradients that finite differences give, to second order", () => {
    const [p, t] = [double([0.1, 0.5, 0.8], true), double([0.3, 0.9, 0.4], true)];
    const loss = (a: Tensor, b: Tensor): Tensor => binaryCrossEntropy(a, b, { weight: double([1, 2, 3]) });
    expect(gradcheck(loss, [p, t])).toBe(true);
    expect(gradgradcheck(loss, [p, t])).toBe(true);
  });

  it("stands in the graph as one op, and so do its gradients", () => {
    const [p, t] = [double([0.5, 0.25], true), double([0.3, 0.9])];
    const losses = binaryCrossEntropy(p, t, { reduction: "none" });
    expect(String(losses)).toContain("grad_fn=<BinaryCrossEntropyBackward0>");
    const [slope] = grad([losses.sum()], [p], undefined, { createGraph: true });
    expect(String(slope)).toContain("grad_fn=<BinaryCrossEntropyBackwardBackward0>");
    for (const reduction of ["none", "mean", "sum"] as const) {
      const logits = String(binaryCrossEntropyWithLogits(p, t, { reduction }));
      expect(logits).toContain("grad_fn=<BinaryCrossEntropyWithLogitsBackward0>");
    }
  });

  it("says what is wrong", () => {
    const p = tensor([0.5, 1.5]);
    expect(() => binaryCrossEntropy(p, tensor([0, 1]))).toThrow(/every element of input must lie in \[0, 1\]/);
    expect(() => binaryCrossEntropy(tensor([0.5, Number.NaN]), tensor([0, 1]))).toThrow(/index +1/);
    expect(() => binaryCrossEntropy(tensor([0.5]), tensor([2]))).toThrow(/every element of target/);
    expect(() => binaryCrossEntropy(tensor([0.5]), tensor([1]).int())).toThrow(/target must be floating-point/);
    expect(() => binaryCrossEntropy(tensor([0.5]), tensor([1]).double())).toThrow(/same dtype/);
    expect(() => binaryCrossEntropy(tensor([0.5]), tensor([[1]]))).toThrow(/same shape/);
    expect(() => binaryCrossEntropy(tensor([0.5]), tensor([1]), { weight: tensor([1, 2]) })).toThrow(
      /does not broadcast/,
    );
  });
});

describe("binaryCrossEntropyWithLogits", () => {
  const logits = double([0, 1, -3, 100, -100, 0.9]);

  // torch 2.13
  it.each([
    [{}, [Math.LN2, 0.3132617, 3.0485874, 100, 60, 1.0611539]],
    [{ posWeight }, [Math.LN2, 0.3132617, 9.1457621, 100, 30, 1.2658462]],
    [{ weight }, [Math.LN2, 0.6265234, 1.5242937, 100, 180, 1.0611539]],
    [{ weight, posWeight }, [Math.LN2, 0.6265234, 4.572881, 100, 90, 1.2658462]],
  ])("gives torch's numbers, and the gradients of finite differences to second order (%#)", (options, each) => {
    const mean = each.reduce((a, b) => a + b, 0) / 6;
    expect(values(binaryCrossEntropyWithLogits(logits, target, { ...options, reduction: "none" }))).toEqual(near(each));
    expect(binaryCrossEntropyWithLogits(logits, target, options).item()).toBeCloseTo(mean, 5);
    expect(new BCEWithLogitsLoss(options)(logits, target).item()).toBeCloseTo(mean, 5);
    const [x, t] = [tensor(logits, { requiresGrad: true }), tensor(target, { requiresGrad: true })];
    const loss = (a: Tensor, b: Tensor): Tensor => binaryCrossEntropyWithLogits(a, b, options);
    expect(gradcheck(loss, [x, t])).toBe(true);
    expect(gradgradcheck(loss, [x, t])).toBe(true);
  });

  it("is binaryCrossEntropy of the sigmoid", () => {
    const pairs = fc.array(
      fc.tuple(fc.double({ min: -20, max: 20, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
      },
    );
    fc.assert(
      fc.property(pairs, (list) => {
        const [x, t] = [double(list.map(([a]) => a)), double(list.map(([, b]) => b))];
        expect(binaryCrossEntropyWithLogits(x, t).item()).toBeCloseTo(binaryCrossEntropy(x.sigmoid(), t).item(), 6);
      }),
    );
  });

  it("is finite, with finite gradients, for every finite logit", () => {
    const corners = [0, -0, 1e-40, 88.8, -88.8, 100, -100, 1e4, -1e4, 3.4e38, -3.4e38];
    for (const t of [0, 0.3, 1]) {
      const x = tensor(corners, { requiresGrad: true });
      const losses = binaryCrossEntropyWithLogits(x, x.detach().mul(0).add(t), { reduction: "none" });
      losses.sum().backward();
      expect(values(losses).every((loss) => Number.isFinite(loss) && loss >= 0)).toBe(true);
      expect(values(x.grad).every((slope) => Math.abs(slope) <= 1)).toBe(true);
    }
  });

  it("keeps its weights in the state, under torch's names", () => {
    const loss = new BCEWithLogitsLoss({ weight: tensor([1]), posWeight: tensor([2]) });
    expect(Object.keys(loss.stateDict())).toEqual(["weight", "pos_weight"]);
    expect(loss.posWeight?.item()).toBe(2);
    expect(Object.keys(new BCEWithLogitsLoss().stateDict())).toEqual([]);
  });

  it("says what is wrong", () => {
    const x = tensor([0.5, 0.1]);
    expect(() => binaryCrossEntropyWithLogits(x, tensor([1]))).toThrow(/input and target must have the same shape/);
    expect(() => binaryCrossEntropyWithLogits(x, tensor([1, 0]).bool())).toThrow(/floating-point/);
    expect(() => binaryCrossEntropyWithLogits(x, x, { posWeight: tensor([1, 2, 3]) })).toThrow(/does not broadcast/);
    expect(() => binaryCrossEntropyWithLogits(x, x, { strict: true })).toThrow(/looks like probabilities/);
    expect(() => binaryCrossEntropyWithLogits(x, x, { pos_weight: x } as object)).toThrow(/did you mean posWeight/);
  });
});
