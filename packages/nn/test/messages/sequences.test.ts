import { ones, tensor } from "@tapegrad/autograd";
import { expect, it } from "vitest";
import { ctcLoss, LinearCrossEntropyLoss, linearCrossEntropy } from "../../src/losses/index.ts";
import { messageOf } from "./messageOf.ts";

const matrix = ones(2, 3);
const steps = ones(4, 1, 3);
const chunks = { options: { batchChunkSize: 1 } };

it("ctcLoss", () => {
  expect(messageOf(() => ctcLoss(null as never, [1], [1], [1]))).toBe(
    "invalid_argument | ctcLoss: logProbs must be a tensor | logProbs: null | hint: tensor(...) makes one",
  );
  expect(messageOf(() => ctcLoss(steps.int(), [[1]], [4], [1]))).toBe(
    "invalid_dtype | ctcLoss: logProbs must be floating-point | logProbs: int32 | hint: convert it with .float()",
  );
  expect(messageOf(() => ctcLoss(ones(3), [1], [1], [1]))).toBe(
    "invalid_shape | ctcLoss: logProbs must be a non-empty array of two or three dimensions | logProbs: [3] | hint: log-probabilities have the shape [T, N, C] or [T, C]",
  );
  expect(messageOf(() => ctcLoss(ones(0, 1, 3), [[1]], [0], [1]))).toBe(
    "invalid_shape | ctcLoss: logProbs must be a non-empty array of two or three dimensions | logProbs: [0, 1, 3] | hint: log-probabilities have the shape [T, N, C] or [T, C]",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [1], { blank: 3 }))).toBe(
    "invalid_option | ctcLoss: the blank is no label | blank: 3 | classes: 3 | hint: labels run from 0 to 2",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [1], { blank: -1 }))).toBe(
    "invalid_option | ctcLoss: the blank is no label | blank: -1 | classes: 3 | hint: labels run from 0 to 2",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [1], { blank: 0.5 }))).toBe(
    "invalid_option | ctcLoss: the blank is no label | blank: 0.5 | classes: 3 | hint: labels run from 0 to 2",
  );
  expect(messageOf(() => ctcLoss(steps, [[[1]]], [4], [1]))).toBe(
    "invalid_shape | ctcLoss: targets must have one or two dimensions | targets: [1, 1, 1] | hint: targets have the shape [N, S], or stand one after the other in one dimension",
  );
  expect(messageOf(() => ctcLoss(steps, [[1], [2]], [4], [1]))).toBe(
    "shape_mismatch | ctcLoss: there must be a row of targets for each sample | targets: [2, 1] | samples: 1",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4, 4], [1]))).toBe(
    "shape_mismatch | ctcLoss: inputLengths must have one length for each sample | inputLengths: [2] | samples: 1",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [1, 1]))).toBe(
    "shape_mismatch | ctcLoss: targetLengths must have one length for each sample | targetLengths: [2] | samples: 1",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [5], [1]))).toBe(
    "invalid_argument | ctcLoss: an input length does not fit | inputLength: 5 | position: 0 | steps: 4 | hint: it lies between 0 and 4",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [-1], [1]))).toBe(
    "invalid_argument | ctcLoss: an input length does not fit | inputLength: -1 | position: 0 | steps: 4 | hint: it lies between 0 and 4",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [-1]))).toBe(
    "invalid_argument | ctcLoss: a target length is below 0 | targetLength: -1 | position: 0",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [2]))).toBe(
    "shape_mismatch | ctcLoss: the targets are shorter than their lengths say | targets: [1, 1] | longest: 2",
  );
  expect(messageOf(() => ctcLoss(steps, [1, 2], [4], [1]))).toBe(
    "shape_mismatch | ctcLoss: there are not as many targets as their lengths say | targets: [2] | sum of lengths: 1",
  );
  expect(messageOf(() => ctcLoss(steps, [[3]], [4], [1]))).toBe(
    "invalid_index | ctcLoss: a target is no label | target: 3 | classes: 3 | hint: labels run from 0 to 2",
  );
  expect(messageOf(() => ctcLoss(steps, [[-1]], [4], [1]))).toBe(
    "invalid_index | ctcLoss: a target is no label | target: -1 | classes: 3 | hint: labels run from 0 to 2",
  );
  expect(messageOf(() => ctcLoss(steps, [[1]], [4], [1], { strict: true }))).toBe(
    "invalid_argument | ctcLoss: log-probabilities are not positive | logProbs: [4, 1, 3] | found: 1 | hint: apply logSoftmax",
  );
});

it("linearCrossEntropy", () => {
  expect(messageOf(() => linearCrossEntropy(1 as never, matrix, [0]))).toBe(
    "invalid_argument | linearCrossEntropy: input must be a tensor | input: number | hint: tensor(...) makes one",
  );
  expect(messageOf(() => linearCrossEntropy(ones(3), matrix, [0], { linearBias: 1 as never }))).toBe(
    "invalid_argument | linearCrossEntropy: linearBias must be a tensor | linearBias: number | hint: tensor(...) makes one",
  );
  expect(messageOf(() => linearCrossEntropy(ones(1, 1, 3), matrix, [0]))).toBe(
    "invalid_shape | linearCrossEntropy: the input must have one or two dimensions | input: [1, 1, 3] | linearWeight: [2, 3] | hint: inputs have the shape [N, F] or [F]",
  );
  expect(messageOf(() => linearCrossEntropy(tensor(1), matrix, [0]))).toBe(
    "invalid_shape | linearCrossEntropy: the input must have one or two dimensions | input: [] | linearWeight: [2, 3] | hint: inputs have the shape [N, F] or [F]",
  );
  expect(messageOf(() => linearCrossEntropy(ones(3), ones(3), [0]))).toBe(
    "invalid_shape | linearCrossEntropy: the linear weight needs two dimensions | input: [3] | linearWeight: [3] | hint: it has the shape [C, F]",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2), matrix, [0]))).toBe(
    "shape_mismatch | linearCrossEntropy: input and linear weight differ in their last dimension | input: [2] | linearWeight: [2, 3]",
  );
  expect(messageOf(() => linearCrossEntropy(ones(3), matrix, [0], { linearBias: ones(3) }))).toBe(
    "shape_mismatch | linearCrossEntropy: linear bias and weight do not match | input: [3] | linearWeight: [2, 3] | linearBias: [3] | hint: a bias for this weight has the shape [2]",
  );
  expect(messageOf(() => linearCrossEntropy(ones(1, 3), ones(2, 2, 3), [[0, 0]], { linearBias: ones(2) }))).toMatch(
    /hint: a bias for this weight has the shape \[2, 2\]$/,
  );
  expect(messageOf(() => linearCrossEntropy(ones(3), ones(2, 2, 3), [0]))).toBe(
    "invalid_shape | linearCrossEntropy: a weight of more than two dimensions needs an input with a batch | input: [3] | linearWeight: [2, 2, 3]",
  );
  expect(messageOf(() => linearCrossEntropy(ones(1, 3), matrix, ones(1, 2), { ignoreIndex: 0 }))).toBe(
    "invalid_option | linearCrossEntropy: ignoreIndex does not go with probabilities | ignoreIndex: 0",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 2], chunks))).toBe(
    "invalid_index | linearCrossEntropy: a target is no class | target: 2 | position: 1 | classes: 2 | ignoreIndex: -100 | hint: classes run from 0 to 1",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [-1, 0], chunks))).toBe(
    "invalid_index | linearCrossEntropy: a target is no class | target: -1 | position: 0 | classes: 2 | ignoreIndex: -100 | hint: classes run from 0 to 1",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0], chunks))).toBe(
    "shape_mismatch | linearCrossEntropy: target does not match input | input: [2, 2] | target: [1] | hint: class numbers for this input have the shape [2]",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { ...chunks, labelSmoothing: 2 }))).toBe(
    "invalid_option | linearCrossEntropy: labelSmoothing must lie between 0 and 1 | labelSmoothing: 2",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { ...chunks, weight: ones(3) }))).toBe(
    "shape_mismatch | linearCrossEntropy: the weight must have one element for each class | weight: [3] | classes: 2",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { ...chunks, weight: ones(2).double() }))).toBe(
    "invalid_dtype | linearCrossEntropy: input and linearWeight and linearBias and weight must have the same dtype | input: float32 | linearWeight: float32 | linearBias: float32 | weight: float64",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3).double(), matrix, [0, 1], chunks))).toBe(
    "invalid_dtype | linearCrossEntropy: input and linearWeight and linearBias and weight must have the same dtype | input: float64 | linearWeight: float32 | linearBias: float64 | weight: float64",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3).int(), matrix.int(), [0, 1], chunks))).toBe(
    "invalid_dtype | linearCrossEntropy: input must be floating-point | input: int32 | hint: convert it with .float()",
  );
  expect(
    messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [1, 1], { ...chunks, ignoreIndex: 1, strict: true })),
  ).toBe("invalid_argument | linearCrossEntropy: every target is ignored | target: [2] | ignoreIndex: 1");
  expect(
    messageOf(() =>
      linearCrossEntropy(ones(2, 3), matrix, [0, 1], { options: { accPolicy: "acurate" as "accurate" } }),
    ),
  ).toBe(
    'invalid_option | linearCrossEntropy: unknown accPolicy | accPolicy: "acurate" | known: [auto, accurate, balanced, compact] | hint: did you mean "accurate"?',
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { options: { accDtype: "float64" } }))).toBe(
    "invalid_option | linearCrossEntropy: accDtype must be the dtype of the input | accDtype: float64 | input: float32",
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { options: { batchChunkSize: 0 } }))).toBe(
    "invalid_argument | linearCrossEntropy: batchChunkSize must be a whole number of at least 1 | batchChunkSize: 0",
  );
  expect(
    messageOf(() =>
      linearCrossEntropy(ones(2, 3), matrix, [0, 1], {
        options: { batchChunkSize: 1, chunkingMethod: "aspect_ratio" },
      }),
    ),
  ).toBe(
    "invalid_option | linearCrossEntropy: batchChunkSize and chunkingMethod contradict each other | batchChunkSize: 1 | chunkingMethod: aspect_ratio, which gives 2 | hint: pass one of them",
  );
  expect(
    messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { options: { chunkingMethod: "aspect_ratio:0" } })),
  ).toBe(
    'invalid_option | linearCrossEntropy: unknown chunkingMethod | chunkingMethod: aspect_ratio:0 | hint: "auto", "aspect_ratio", "aspect_ratio:2" or null',
  );
  expect(
    messageOf(() =>
      linearCrossEntropy(ones(2, 3), matrix, [0, 1], { options: { chunkingMethod: "ratio" as "aspect_ratio" } }),
    ),
  ).toBe(
    'invalid_option | linearCrossEntropy: unknown chunkingMethod | chunkingMethod: ratio | hint: "auto", "aspect_ratio", "aspect_ratio:2" or null',
  );
  expect(messageOf(() => linearCrossEntropy(ones(2, 3), matrix, [0, 1], { options: { chunkSize: 1 } as never }))).toBe(
    'invalid_option | linearCrossEntropy: unknown option "chunkSize" | known: allowRetainGraph, batchChunkSize, chunkingMethod, accPolicy, accDtype',
  );
  expect(messageOf(() => new LinearCrossEntropyLoss(3, 2, { labelSmoothing: -0.5 }))).toBe(
    "invalid_option | LinearCrossEntropyLoss: labelSmoothing must lie between 0 and 1 | labelSmoothing: -0.5",
  );
  expect(messageOf(() => new LinearCrossEntropyLoss(3, 2, { labelSmoothing: 1.5 }))).toBe(
    "invalid_option | LinearCrossEntropyLoss: labelSmoothing must lie between 0 and 1 | labelSmoothing: 1.5",
  );
  expect(messageOf(() => new LinearCrossEntropyLoss(3, 2, { weight: ones(3) }))).toBe(
    "shape_mismatch | LinearCrossEntropyLoss: the weight must have one element for each class | weight: [3] | classes: 2",
  );
  const wrong = { options: { chunkSize: 1 } as never };
  expect(messageOf(() => new LinearCrossEntropyLoss(3, 2, wrong).extraRepr())).toMatch(
    /^invalid_option \| LinearCrossEntropyLoss: unknown option "chunkSize"/,
  );
  expect(messageOf(() => new LinearCrossEntropyLoss(3, -1))).toBe(
    "invalid_argument | LinearCrossEntropyLoss: numClasses must be a whole number of at least 0 | numClasses: -1",
  );
  expect(messageOf(() => new LinearCrossEntropyLoss(3, 2, { sizeAverage: true } as never))).toBe(
    'invalid_option | LinearCrossEntropyLoss: unknown option "sizeAverage" | known: reduction, strict, weight, ignoreIndex, labelSmoothing, options, outFeatures, bias, dtype, generator',
  );
});
