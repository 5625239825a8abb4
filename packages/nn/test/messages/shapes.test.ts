import { ones, tensor } from "@tapegrad/autograd";
import { expect, it } from "vitest";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  cosineEmbeddingLoss,
  crossEntropy,
  gaussianNllLoss,
  hingeEmbeddingLoss,
  huberLoss,
  klDiv,
  l1Loss,
  marginRankingLoss,
  mseLoss,
  multilabelSoftMarginLoss,
  multiMarginLoss,
  nllLoss,
  poissonNllLoss,
  smoothL1Loss,
  softMarginLoss,
  tripletMarginLoss,
} from "../../src/losses/index.ts";
import { messageOf } from "./messageOf.ts";

const x = tensor([1, 2]);
const p = tensor([0.25, 0.75]);
const matrix = ones(2, 3);

it("what is no tensor, and shapes that do not fit", () => {
  expect(messageOf(() => mseLoss(x, [1, 2] as never))).toBe(
    "invalid_argument | mseLoss: target must be a tensor | target: array | hint: tensor(...) makes one",
  );
  expect(messageOf(() => mseLoss(null as never, x))).toBe(
    "invalid_argument | mseLoss: input must be a tensor | input: null | hint: tensor(...) makes one",
  );
  expect(messageOf(() => mseLoss(x, 1 as never))).toBe(
    "invalid_argument | mseLoss: target must be a tensor | target: number | hint: tensor(...) makes one",
  );
  expect(messageOf(() => mseLoss(ones(2, 1), ones(2), { strict: true }))).toBe(
    "shape_mismatch | mseLoss: input and target differ in shape | input: [2, 1] | target: [2] | hint: reshape one of them; [N, 1] against [N] would broadcast to [N, N]",
  );
  expect(messageOf(() => mseLoss(ones(2), ones(3)))).toBe(
    "shape_mismatch | mseLoss: shapes do not broadcast | left: [2] | right: [3] | hint: counted from the end, sizes must be equal or one of them 1",
  );
  expect(messageOf(() => tripletMarginLoss(ones(2, 3), ones(1, 3), ones(2, 1), { strict: true }))).toBe(
    "shape_mismatch | tripletMarginLoss: anchor and positive and negative differ in shape | anchor: [2, 3] | positive: [1, 3] | negative: [2, 1] | hint: reshape one of them; [N, 1] against [N] would broadcast to [N, N]",
  );
  expect(messageOf(() => huberLoss(x, x, { weight: ones(3) }))).toBe(
    "shape_mismatch | huberLoss: input and weight must have the same shape | input: [2] | weight: [3]",
  );
  expect(messageOf(() => l1Loss(x, x, { weight: ones(3) }))).toBe(
    "shape_mismatch | l1Loss: input and weight must have the same shape | input: [2] | weight: [3]",
  );
  expect(messageOf(() => binaryCrossEntropy(p, ones(3)))).toBe(
    "shape_mismatch | binaryCrossEntropy: input and target must have the same shape | input: [2] | target: [3]",
  );
  expect(messageOf(() => binaryCrossEntropy(p, p, { weight: ones(3) }))).toBe(
    "shape_mismatch | binaryCrossEntropy: the weight does not broadcast to the shape of the input | input: [2] | weight: [3]",
  );
  expect(messageOf(() => binaryCrossEntropy(p, p, { weight: [1, 2] as never }))).toBe(
    "invalid_argument | binaryCrossEntropy: weight must be a tensor | weight: array | hint: tensor(...) makes one",
  );
  expect(messageOf(() => binaryCrossEntropyWithLogits(x, x, { posWeight: ones(3) }))).toBe(
    "shape_mismatch | binaryCrossEntropyWithLogits: the weight does not broadcast to the shape of the input | input: [2] | weight: [3]",
  );
  expect(messageOf(() => softMarginLoss(ones(3), ones(2, 3)))).toBe(
    "shape_mismatch | softMarginLoss: target does not broadcast to the shape of input | input: [3] | target: [2, 3]",
  );
  expect(messageOf(() => marginRankingLoss(ones(2), ones(2), ones(1, 2)))).toBe(
    "shape_mismatch | marginRankingLoss: the arguments must have as many dimensions as each other | input1: [2] | input2: [2] | target: [1, 2]",
  );
  expect(messageOf(() => marginRankingLoss(ones(2), ones(1, 2), ones(2)))).toBe(
    "shape_mismatch | marginRankingLoss: the arguments must have as many dimensions as each other | input1: [2] | input2: [1, 2] | target: [2]",
  );
  expect(messageOf(() => tripletMarginLoss(ones(3), ones(3), ones(1, 3)))).toBe(
    "shape_mismatch | tripletMarginLoss: the arguments must have as many dimensions as each other | anchor: [3] | positive: [3] | negative: [1, 3]",
  );
  expect(messageOf(() => tripletMarginLoss(ones(3), ones(1, 3), ones(3)))).toBe(
    "shape_mismatch | tripletMarginLoss: the arguments must have as many dimensions as each other | anchor: [3] | positive: [1, 3] | negative: [3]",
  );
  expect(messageOf(() => cosineEmbeddingLoss(ones(2, 3), ones(2, 3), ones(1, 2)))).toBe(
    "invalid_shape | cosineEmbeddingLoss: there is one label for each pair of vectors | input1: [2, 3] | input2: [2, 3] | target: [1, 2] | hint: labels [N] go with vectors [N, D], and one label [] with vectors [D]",
  );
  expect(messageOf(() => cosineEmbeddingLoss(ones(2, 3), ones(3), ones(2)))).toBe(
    "invalid_shape | cosineEmbeddingLoss: inputs and target do not go together | input1: [2, 3] | input2: [3] | target: [2] | hint: labels [N] go with vectors [N, D], and one label [] with vectors [D]",
  );
  expect(messageOf(() => cosineEmbeddingLoss(ones(3), ones(2, 3), ones(2)))).toBe(
    "invalid_shape | cosineEmbeddingLoss: inputs and target do not go together | input1: [3] | input2: [2, 3] | target: [2] | hint: labels [N] go with vectors [N, D], and one label [] with vectors [D]",
  );
  expect(messageOf(() => cosineEmbeddingLoss(ones(2, 3), ones(2, 4), ones(2)))).toBe(
    "shape_mismatch | cosineEmbeddingLoss: shapes do not broadcast | left: [2, 3] | right: [2, 4] | hint: counted from the end, sizes must be equal or one of them 1",
  );
  expect(messageOf(() => cosineEmbeddingLoss(ones(2, 3), ones(2, 3), ones(3)))).toBe(
    "shape_mismatch | cosineEmbeddingLoss: shapes do not broadcast | left: [2] | right: [3] | hint: counted from the end, sizes must be equal or one of them 1",
  );
  expect(messageOf(() => cosineEmbeddingLoss(ones(2, 3), ones(1, 3), ones(2), { strict: true }))).toBe(
    "shape_mismatch | cosineEmbeddingLoss: input1 and input2 differ in shape | input1: [2, 3] | input2: [1, 3] | hint: reshape one of them; [N, 1] against [N] would broadcast to [N, N]",
  );
  expect(messageOf(() => cosineEmbeddingLoss(x, x, 1 as never))).toBe(
    "invalid_argument | cosineEmbeddingLoss: target must be a tensor | target: number | hint: tensor(...) makes one",
  );
  expect(messageOf(() => gaussianNllLoss(ones(2, 3), ones(2, 3), ones(2, 2)))).toBe(
    "shape_mismatch | gaussianNllLoss: variance does not match input | input: [2, 3] | variance: [2, 2] | hint: it has the input's shape, or that with one size of 1, or that without its last dimension",
  );
  expect(messageOf(() => gaussianNllLoss(x, x, "1" as never))).toBe(
    "invalid_argument | gaussianNllLoss: variance must be a tensor or a number | variance: string",
  );
  expect(messageOf(() => gaussianNllLoss(x, x, -1))).toBe(
    "invalid_argument | gaussianNllLoss: a variance is not negative | found: -1",
  );
  expect(messageOf(() => gaussianNllLoss(x, x, tensor([1, -0.5])))).toBe(
    "invalid_argument | gaussianNllLoss: a variance is not negative | found: -0.5",
  );
  expect(messageOf(() => multilabelSoftMarginLoss(tensor(1), tensor(1)))).toBe(
    "invalid_shape | multilabelSoftMarginLoss: the input needs a dimension for the classes | input: []",
  );
  expect(messageOf(() => multilabelSoftMarginLoss(ones(2, 3), ones(2, 3), { weight: ones(2) }))).toBe(
    "shape_mismatch | multilabelSoftMarginLoss: shapes do not broadcast | left: [2, 3] | right: [2] | hint: counted from the end, sizes must be equal or one of them 1",
  );
});

it("dtypes", () => {
  expect(messageOf(() => huberLoss(x.int(), x))).toBe(
    "invalid_dtype | huberLoss: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => mseLoss(x.int(), x.int()))).toBe(
    "invalid_dtype | mseLoss: input - target must be floating-point | input - target: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => smoothL1Loss(x.int(), x.int()))).toBe(
    "invalid_dtype | smoothL1Loss: input - target must be floating-point | input - target: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => l1Loss(x, x.bool()))).toBe(
    "invalid_dtype | l1Loss: truth values have no difference | input: float32 | target: bool | hint: convert target with .float()",
  );
  expect(messageOf(() => hingeEmbeddingLoss(x.bool(), x))).toBe(
    "invalid_dtype | hingeEmbeddingLoss: truth values have no difference | input: bool | hint: convert input with .float()",
  );
  expect(messageOf(() => gaussianNllLoss(x, x.bool(), 1))).toBe(
    "invalid_dtype | gaussianNllLoss: truth values have no difference | input: float32 | target: bool | hint: convert target with .float()",
  );
  expect(messageOf(() => gaussianNllLoss(x, x, x.int()))).toBe(
    "invalid_dtype | gaussianNllLoss: variance must be floating-point | variance: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => marginRankingLoss(x, x.bool(), x))).toBe(
    "invalid_dtype | marginRankingLoss: truth values have no difference | input1: float32 | input2: bool | target: float32 | hint: convert input2 with .float()",
  );
  expect(messageOf(() => tripletMarginLoss(x, x, x.bool()))).toBe(
    "invalid_dtype | tripletMarginLoss: truth values have no difference | anchor: float32 | positive: float32 | negative: bool | hint: convert negative with .float()",
  );
  expect(messageOf(() => smoothL1Loss(x.bool(), x, { beta: 0 }))).toBe(
    "invalid_dtype | smoothL1Loss: truth values have no difference | input: bool | target: float32 | hint: convert input with .float()",
  );
  expect(messageOf(() => poissonNllLoss(x, x.bool(), { full: true }))).toBe(
    "invalid_dtype | poissonNllLoss: truth values have no difference | target: bool | hint: convert target with .float()",
  );
  expect(messageOf(() => poissonNllLoss(x.bool(), x, { logInput: false }))).toBe(
    "invalid_dtype | poissonNllLoss: truth values have no difference | input: bool | hint: convert input with .float()",
  );
  expect(messageOf(() => poissonNllLoss(x.bool(), x.bool()))).toBe(
    "invalid_dtype | poissonNllLoss: truth values have no difference | input: bool | hint: convert input with .float()",
  );
  expect(messageOf(() => multilabelSoftMarginLoss(x.int(), x))).toBe(
    "invalid_dtype | multilabelSoftMarginLoss: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => multilabelSoftMarginLoss(x, x.bool()))).toBe(
    "invalid_dtype | multilabelSoftMarginLoss: truth values have no difference | target: bool | hint: convert target with .float()",
  );
  expect(messageOf(() => softMarginLoss(x.int(), x))).toBe(
    "invalid_dtype | softMarginLoss: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => klDiv(x, x.int()))).toBe(
    "invalid_dtype | klDiv: target must be floating-point | target: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => klDiv(x.int(), x))).toBe(
    "invalid_dtype | klDiv: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => binaryCrossEntropy(p, p.int()))).toBe(
    "invalid_dtype | binaryCrossEntropy: target must be floating-point | target: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => binaryCrossEntropy(p, p.double()))).toBe(
    "invalid_dtype | binaryCrossEntropy: input and target must have the same dtype | input: float32 | target: float64",
  );
  expect(messageOf(() => binaryCrossEntropyWithLogits(x, x.int()))).toBe(
    "invalid_dtype | binaryCrossEntropyWithLogits: target must be floating-point | target: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => nllLoss(matrix.int(), [0, 1]))).toBe(
    "invalid_dtype | nllLoss: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => crossEntropy(matrix.int(), [0, 1]))).toBe(
    "invalid_dtype | crossEntropy: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 1], { weight: ones(3).double() }))).toBe(
    "invalid_dtype | nllLoss: input and weight must have the same dtype | input: float32 | weight: float64",
  );
  expect(messageOf(() => crossEntropy(matrix, [0, 1], { weight: ones(3).int() }))).toBe(
    "invalid_dtype | crossEntropy: the weight must be floating-point | weight: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [0, 1], { weight: ones(3).double() }))).toBe(
    "invalid_dtype | multiMarginLoss: input and weight must have the same dtype | input: float32 | weight: float64",
  );
  expect(messageOf(() => multiMarginLoss(matrix.int(), [0, 1]))).toBe(
    "invalid_dtype | multiMarginLoss: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
});
