import { grad, ones, type Tensor, tensor, toDot } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { crossEntropy } from "../crossEntropyLoss.ts";
import { LinearCrossEntropyLoss, linearCrossEntropy } from "../linearCrossEntropyLoss.ts";
import { rowsAtOnce } from "./chunks.ts";

const chunks = { options: { batchChunkSize: 1 } } as const;
const input = tensor([
  [0.5, -1, 2],
  [1, 2, 0.25],
]);
const linearWeight = tensor(
  [
    [1, 0, -1],
    [0.5, -1, 1],
  ],
  { requiresGrad: true },
);

describe("rows are taken piece by piece", () => {
  const inPieces = (loss: Tensor): boolean => toDot(loss).includes('label="linearCrossEntropy"');

  it("where options ask for it, be they as many as there are, and not where all of them are few", () => {
    expect(inPieces(linearCrossEntropy(input, linearWeight, [0, 1]))).toBe(false);
    expect(inPieces(linearCrossEntropy(input, linearWeight, [0, 1], chunks))).toBe(true);
    expect(inPieces(linearCrossEntropy(input, linearWeight, [0, 1], { options: { batchChunkSize: 2 } }))).toBe(true);
  });

  it("of which an input without a batch has one", () => {
    const options = { batchChunkSize: 1, chunkingMethod: "aspect_ratio" } as const;
    expect(linearCrossEntropy(ones(8), ones(2, 8), [0], { options }).item()).toBeCloseTo(Math.LN2, 6);
  });

  it("also to the sixteenth part", () => {
    const sizes = { rows: 1024, features: 512, classes: 512, dtype: "float32" } as const;
    expect(rowsAtOnce("f", sizes, { chunkingMethod: "aspect_ratio:16" })).toBe(64);
    expect(rowsAtOnce("f", sizes, { chunkingMethod: "aspect_ratio:128" })).toBe(8);
  });
});

describe("nothing", () => {
  it("costs nothing: no rows, and no features", () => {
    const none = linearCrossEntropy(ones(0, 3), linearWeight, Int32Array.of(), { ...chunks, reduction: "sum" });
    expect(none.item()).toBe(0);
    expect(linearCrossEntropy(ones(2, 0), ones(3, 0), [0, 1], chunks).item()).toBeCloseTo(Math.log(3), 6);
  });

  it("is smoothed by a number below 0, as in torch, and all of it by 1", () => {
    const loss = (labelSmoothing: number): number =>
      linearCrossEntropy(input, linearWeight, [0, 1], { ...chunks, labelSmoothing }).item();
    expect(loss(-1)).toBe(loss(0));
    const logits = input.matmul(linearWeight.t());
    expect(loss(1)).toBeCloseTo(crossEntropy(logits, [0, 1], { labelSmoothing: 1 }).item(), 6);
    expect(new LinearCrossEntropyLoss(3, 2, { labelSmoothing: 1 }).extraRepr()).toMatch(/label_smoothing=1\.0/);
  });

  it("comes of classes that are too unlikely for the dtype", () => {
    const weight = tensor([1, 1], { requiresGrad: true });
    const extreme = tensor([[3e38]]);
    const loss = linearCrossEntropy(extreme, tensor([[1], [-1]]), [0], { ...chunks, weight, reduction: "sum" });
    expect(loss.item()).toBe(0);
    expect(grad([loss], [weight])[0]!.tolist()).toEqual([0, 0]);
  });
});

it("weights may have dimensions between the classes and the features, of any size", () => {
  const loss = linearCrossEntropy(ones(2, 3), ones(4, 2, 3), [
    [0, 1],
    [2, 3],
  ]);
  expect(loss.item()).toBeCloseTo(Math.log(4), 6);
});

it("LinearCrossEntropyLoss prints whether it has a bias", () => {
  expect(new LinearCrossEntropyLoss(3, 2, { bias: true }).extraRepr()).toMatch(/bias=True/);
  expect(new LinearCrossEntropyLoss(3, 2).extraRepr()).toMatch(/bias=False/);
});
