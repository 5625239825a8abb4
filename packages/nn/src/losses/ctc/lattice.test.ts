import { full, grad, gradgradcheck, logSoftmax, type Tensor, tensor } from "@tapegrad/autograd";
import { expect, it } from "vitest";
import { ctcLoss } from "../ctcLoss.ts";

/** Log-probabilities that are all one number, [4, 1, 3]. */
const even = (value: number): Tensor => full([4, 1, 3], value, { dtype: "float64" });

// torch 2.13: so many alignments have four steps
it.each([
  [[1], 10],
  [[1, 2], 15],
  [[1, 1], 5],
  [[1, 2, 1], 7],
  [[], 1],
])("the alignments of %j are counted, at any height", (labels, count) => {
  for (const height of [0, -5, -30, -1e4, 30]) {
    const targets = tensor([labels], { dtype: "int32" }).reshape(1, labels.length);
    const loss = ctcLoss(even(height), targets, [4], [labels.length], { reduction: "none" });
    expect(loss.item()).toBeCloseTo(-4 * height - Math.log(count), 9);
  }
});

it("has the gradients that finite differences give, to fourth order", () => {
  const scores = tensor([[[0.3, -0.5]], [[1.1, 0.4]]], { dtype: "float64", requiresGrad: true });
  const slope = (of: Tensor, by: Tensor): Tensor =>
    grad([of.square().sum()], [by], undefined, { createGraph: true })[0]!;
  const second = (a: Tensor): Tensor => {
    const loss = ctcLoss(logSoftmax(a, 2), [[1]], [2], [1], { reduction: "none" });
    return slope(slope(loss, a), a);
  };
  expect(gradgradcheck(second, [scores])).toBe(true);
});
