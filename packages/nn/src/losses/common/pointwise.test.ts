import { grad, gradcheck, gradgradcheck, replay, type Tensor, tensor, toDot, traceGraph } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import * as F from "../../functional.ts";
import { type Pointwise, pointwise } from "./pointwise.ts";
import { raise } from "./raise.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());

describe("pointwise", () => {
  const cube: Pointwise<{ readonly factor: number }> = pointwise<{ readonly factor: number }>({
    name: "cube",
    value: (x, { factor }) => factor * x ** 3,
    slope: (x, { factor }) => x.square().mul(3 * factor),
  });

  it("does not see the strides of its input", () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(cube(x.t(), { factor: 2 }).tolist()).toEqual([
      [2, 128],
      [16, 250],
      [54, 432],
    ]);
    expect(values(cube(x.select(0, 1), { factor: 1 }))).toEqual([64, 125, 216]);
  });

  it("has its slope, to second order, and rounds once", () => {
    const x = tensor([0.3, -1, 2], { dtype: "float64", requiresGrad: true });
    expect(gradcheck((a) => cube(a, { factor: 2 }), [x])).toBe(true);
    expect(gradgradcheck((a) => cube(a, { factor: 2 }), [x])).toBe(true);
    expect(values(cube(tensor([0.1]), { factor: 1 }))).toEqual([Math.fround(Math.fround(0.1) ** 3)]);
    expect(cube.spec.name).toBe("cube");
  });
});

describe("raise", () => {
  it("raises, NaN apart, and passes the gradient to all", () => {
    const x = tensor([0.1, 2, Number.NaN, -1], { requiresGrad: true });
    const raised = raise(x, 0.5);
    expect(values(raised)).toEqual([0.5, 2, Number.NaN, 0.5]);
    expect(values(grad([raised.sum()], [x])[0]!)).toEqual([1, 1, 1, 1]);
  });
});

const pair = (a: number[], b: number[]): Tensor[] => [tensor(a), tensor(b)];

it.each([
  ["huberLoss", (x: Tensor, y: Tensor) => F.huberLoss(x, y, { delta: 0.7 })],
  ["smoothL1Loss", (x: Tensor, y: Tensor) => F.smoothL1Loss(x, y, { beta: 0.7 })],
  ["poissonNllLoss", (x: Tensor, y: Tensor) => F.poissonNllLoss(x, y, { full: true })],
  ["gaussianNllLoss", (x: Tensor, y: Tensor) => F.gaussianNllLoss(x, y, 0.3)],
  ["klDiv", (x: Tensor, y: Tensor) => F.klDiv(x, y, { reduction: "batchmean" })],
  ["softMarginLoss", (x: Tensor, y: Tensor) => F.softMarginLoss(x, y)],
  ["hingeEmbeddingLoss", (x: Tensor, y: Tensor) => F.hingeEmbeddingLoss(x, y)],
  ["marginRankingLoss", (x: Tensor, y: Tensor) => F.marginRankingLoss(x, y, y)],
  ["cosineEmbeddingLoss", (x: Tensor, y: Tensor) => F.cosineEmbeddingLoss(x, y, tensor(1))],
  ["tripletMarginLoss", (x: Tensor, y: Tensor) => F.tripletMarginLoss(x, y, y.mul(2), { swap: true })],
  ["cosineSimilarity", (x: Tensor, y: Tensor) => F.cosineSimilarity(x, y, { dim: 0 })],
])("%s replays bit for bit on data that the trace has not seen", (_, loss) => {
  const traced = traceGraph(loss, ...pair([0.5, -1, 2], [1, 0.3, 0.2]));
  const fresh = pair([-0.1, 3, 0.7], [2, 1, 0.9]) as [Tensor, Tensor];
  expect((replay(traced, ...fresh) as Tensor).item()).toBe(loss(...fresh).item());
});

it("every op stands in the graph under its name", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const nameOf = (loss: Tensor): string => /grad_fn=<(\w+)>/.exec(String(loss))?.[1] ?? "none";
  expect(nameOf(F.huberLoss(x, x.detach(), { reduction: "none" }))).toBe("HuberLossBackward0");
  expect(nameOf(F.smoothL1Loss(x, x.detach(), { reduction: "none" }))).toBe("SmoothL1LossBackward0");
  expect(nameOf(F.softMarginLoss(x, x.detach(), { reduction: "none" }))).toBe("SoftMarginLossBackward0");
  const [slope] = grad([F.softMarginLoss(x, x.detach(), { reduction: "sum" })], [x], undefined, { createGraph: true });
  expect(nameOf(slope!)).not.toBe("none");
  expect(nameOf(raise(x, 1))).toBe("RaiseBackward0");
});

it("every op stands in the drawing of a graph under its name, and so do those of gradients", () => {
  const namesOf = (of: Tensor): string[] =>
    Array.from(toDot(of).matchAll(/label="(\w+)", style=filled/g), ([, name]) => name!);
  const x = tensor([[0.5, -1, 2]], { requiresGrad: true });
  const weight = tensor([[1, 2, 3]], { requiresGrad: true });
  const steps = x.unsqueeze(0); // [T, N, C]
  const options = { batchChunkSize: 1 };
  const losses = {
    multiMarginLoss: F.multiMarginLoss(x, [1]),
    multilabelMarginLoss: F.multilabelMarginLoss(x, [[1, -1, -1]]),
    linearCrossEntropy: F.linearCrossEntropy(x, weight, [0], { options }),
    ctcLoss: F.ctcLoss(steps, [[1]], [1], [1]),
    softMarginLoss: F.softMarginLoss(x, x.detach()),
  };
  for (const [name, loss] of Object.entries(losses)) expect(namesOf(loss)).toContain(name);
  for (const name of ["ctcLoss", "softMarginLoss"] as const) {
    const [slope] = grad([losses[name]], [x], undefined, { createGraph: true });
    expect(namesOf(slope!)).toContain(`${name}Backward`);
  }
});
