import { ones, tensor } from "@tapegrad/autograd";
import { expect, it } from "vitest";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  CTCLoss,
  cosineEmbeddingLoss,
  crossEntropy,
  GaussianNLLLoss,
  HuberLoss,
  hingeEmbeddingLoss,
  huberLoss,
  klDiv,
  MSELoss,
  marginRankingLoss,
  mseLoss,
  multilabelSoftMarginLoss,
  nllLoss,
  poissonNllLoss,
  smoothL1Loss,
  softMarginLoss,
  TripletMarginWithDistanceLoss,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from "../../src/losses/index.ts";
import { messageOf } from "./messageOf.ts";

const x = tensor([1, 2]);
const p = tensor([0.25, 0.75]);
const matrix = ones(2, 3);

it("values that cannot be, or are likely a mistake", () => {
  expect(messageOf(() => binaryCrossEntropy(tensor([0.5, 1.5]), p))).toBe(
    "invalid_argument | binaryCrossEntropy: every element of input must lie in [0, 1] | index: 1 | value: 1.5 | hint: binaryCrossEntropyWithLogits takes any numbers",
  );
  expect(messageOf(() => binaryCrossEntropy(p, tensor([-0.5, 0.5])))).toBe(
    "invalid_argument | binaryCrossEntropy: every element of target must lie in [0, 1] | index: 0 | value: -0.5 | hint: binaryCrossEntropyWithLogits takes any numbers",
  );
  expect(messageOf(() => binaryCrossEntropy(tensor([0.5, Number.NaN]), p))).toBe(
    "invalid_argument | binaryCrossEntropy: every element of input must lie in [0, 1] | index: 1 | value: NaN | hint: binaryCrossEntropyWithLogits takes any numbers",
  );
  expect(messageOf(() => binaryCrossEntropyWithLogits(tensor([-1, 2]), tensor([0, 1.5]), { strict: true }))).toBe(
    "invalid_argument | binaryCrossEntropyWithLogits: every target must lie in [0, 1] | found: 1.5",
  );
  expect(messageOf(() => binaryCrossEntropyWithLogits(p, p, { strict: true }))).toBe(
    "invalid_argument | binaryCrossEntropyWithLogits: the input looks like probabilities | input: [2] | hint: this loss applies the sigmoid itself; binaryCrossEntropy takes probabilities",
  );
  expect(messageOf(() => multilabelSoftMarginLoss(p, p, { strict: true }))).toBe(
    "invalid_argument | multilabelSoftMarginLoss: the input looks like probabilities | input: [2] | hint: this loss applies the sigmoid itself; binaryCrossEntropy takes probabilities",
  );
  expect(messageOf(() => hingeEmbeddingLoss(x, tensor([1, 0]), { strict: true }))).toBe(
    "invalid_argument | hingeEmbeddingLoss: every target must be −1 or 1 | found: 0 | hint: 1 says that it belongs, −1 that it does not; for labels of 0 and 1: target.mul(2).sub(1)",
  );
  expect(messageOf(() => softMarginLoss(x, tensor([1, 0]), { strict: true }))).toBe(
    "invalid_argument | softMarginLoss: every target must be −1 or 1 | found: 0 | hint: 1 says that it belongs, −1 that it does not; for labels of 0 and 1: target.mul(2).sub(1)",
  );
  expect(messageOf(() => marginRankingLoss(x, x, tensor([1, 2]), { strict: true }))).toBe(
    "invalid_argument | marginRankingLoss: every target must be −1 or 1 | found: 2 | hint: 1 says that it belongs, −1 that it does not; for labels of 0 and 1: target.mul(2).sub(1)",
  );
  expect(messageOf(() => cosineEmbeddingLoss(matrix, matrix, tensor([1, 0]), { strict: true }))).toBe(
    "invalid_argument | cosineEmbeddingLoss: every target must be −1 or 1 | found: 0 | hint: 1 says that it belongs, −1 that it does not; for labels of 0 and 1: target.mul(2).sub(1)",
  );
  expect(messageOf(() => poissonNllLoss(x, tensor([1, -2]), { strict: true }))).toBe(
    "invalid_argument | poissonNllLoss: counts are not negative | found: -2",
  );
  expect(messageOf(() => klDiv(x, p, { strict: true, reduction: "mean" }))).toBe(
    'invalid_option | klDiv: "mean" divides by the number of classes as well | reduction: mean | hint: use "batchmean": the mean over the batch of the divergence',
  );
  expect(messageOf(() => klDiv(x, p, { strict: true, reduction: "sum" }))).toBe(
    "invalid_argument | klDiv: log-probabilities are not positive | input: [2] | found: 1 | hint: apply logSoftmax, or log()",
  );
  expect(messageOf(() => klDiv(x.neg(), x, { strict: true, reduction: "sum", logTarget: true }))).toBe(
    "invalid_argument | klDiv: log-probabilities are not positive | target: [2] | found: 1 | hint: for probabilities leave logTarget false",
  );
  expect(messageOf(() => klDiv(x.neg(), x, { strict: true, reduction: "sum" }))).toBe(
    "invalid_argument | klDiv: every target must lie in [0, 1] | found: 2 | hint: for log-probabilities pass { logTarget: true }",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 1], { strict: true }))).toBe(
    "invalid_argument | nllLoss: log-probabilities are not positive | input: [2, 3] | found: 1 | hint: apply logSoftmax, or use crossEntropy, which does",
  );
  expect(messageOf(() => nllLoss(matrix.neg(), [2, 2], { strict: true, ignoreIndex: 2 }))).toBe(
    "invalid_argument | nllLoss: every target is ignored | target: [2] | ignoreIndex: 2",
  );
  expect(messageOf(() => crossEntropy(matrix.neg(), [2, 2], { strict: true, ignoreIndex: 2 }))).toBe(
    "invalid_argument | crossEntropy: every target is ignored | target: [2] | ignoreIndex: 2",
  );
  expect(messageOf(() => crossEntropy(matrix.div(3), [0, 1], { strict: true }))).toBe(
    "invalid_argument | crossEntropy: the input looks like probabilities | input: [2, 3] | hint: this loss applies the softmax itself: give it what comes before",
  );
  expect(messageOf(() => crossEntropy(matrix.neg(), matrix.mul(2), { strict: true }))).toBe(
    "invalid_argument | crossEntropy: every target must lie in [0, 1] | found: 2",
  );
});

it("options", () => {
  expect(messageOf(() => mseLoss(x, x, { reduction: "men" as "mean" }))).toBe(
    'invalid_option | mseLoss: unknown reduction | reduction: "men" | known: [none, mean, sum] | hint: did you mean "mean"?',
  );
  expect(messageOf(() => new MSELoss({ reduction: "sun" as "sum" }))).toBe(
    'invalid_option | MSELoss: unknown reduction | reduction: "sun" | known: [none, mean, sum] | hint: did you mean "sum"?',
  );
  expect(messageOf(() => klDiv(x, p, { reduction: "batchman" as "batchmean" }))).toBe(
    'invalid_option | klDiv: unknown reduction | reduction: "batchman" | known: [none, mean, sum, batchmean] | hint: did you mean "batchmean"?',
  );
  expect(messageOf(() => mseLoss(x, x, { batchmean: true } as never))).toBe(
    'invalid_option | mseLoss: unknown option "batchmean" | known: reduction, strict, weight',
  );
  expect(messageOf(() => new MSELoss({ reductoin: "sum" } as never))).toBe(
    'invalid_option | MSELoss: unknown option "reductoin" | known: reduction, strict, weight, sizeAverage, reduce | hint: did you mean reduction?',
  );
  expect(messageOf(() => new GaussianNLLLoss({ sizeAverage: true } as never))).toBe(
    'invalid_option | GaussianNLLLoss: unknown option "sizeAverage" | known: reduction, strict, full, eps',
  );
  expect(messageOf(() => new HuberLoss({ reduce: true } as never))).toBe(
    'invalid_option | HuberLoss: unknown option "reduce" | known: reduction, strict, delta, weight',
  );
  expect(messageOf(() => new TripletMarginWithDistanceLoss({ reduce: true } as never))).toBe(
    'invalid_option | TripletMarginWithDistanceLoss: unknown option "reduce" | known: reduction, strict, margin, swap, distanceFunction',
  );
  expect(messageOf(() => new CTCLoss({ sizeAverage: true } as never))).toBe(
    'invalid_option | CTCLoss: unknown option "sizeAverage" | known: reduction, strict, blank, zeroInfinity',
  );
  expect(messageOf(() => huberLoss(x, x, { delta: 0 }))).toBe(
    "invalid_option | huberLoss: delta must be above 0 | delta: 0",
  );
  expect(messageOf(() => smoothL1Loss(x, x, { beta: -1 }))).toBe(
    "invalid_option | smoothL1Loss: beta must be at least 0 | beta: -1",
  );
  expect(messageOf(() => tripletMarginLoss(x, x, x, { margin: 0 }))).toBe(
    "invalid_option | tripletMarginLoss: margin must be above 0 | margin: 0",
  );
  expect(messageOf(() => tripletMarginWithDistanceLoss(x, x, x, { margin: Number.NaN }))).toBe(
    "invalid_option | tripletMarginWithDistanceLoss: margin must be above 0 | margin: NaN",
  );
});
