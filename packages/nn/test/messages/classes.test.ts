import { ones, tensor } from "@tapegrad/autograd";
import { expect, it } from "vitest";
import {
  AdaptiveLogSoftmaxWithLoss,
  crossEntropy,
  MultiMarginLoss,
  multilabelMarginLoss,
  multiMarginLoss,
  nllLoss,
} from "../../src/losses/index.ts";
import { messageOf } from "./messageOf.ts";

const matrix = ones(2, 3);
const adaptive = new AdaptiveLogSoftmaxWithLoss(4, 6, [2, 4]);

it("classes", () => {
  expect(messageOf(() => nllLoss(tensor(1), [0]))).toBe(
    "invalid_shape | nllLoss: the input needs a dimension for the classes | input: []",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 1, 2]))).toBe(
    "shape_mismatch | nllLoss: target does not match input | input: [2, 3] | target: [3] | hint: class numbers for this input have the shape [2]",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 3]))).toBe(
    "invalid_index | nllLoss: a target is no class | target: 3 | position: 1 | classes: 3 | ignoreIndex: -100 | hint: classes run from 0 to 2",
  );
  expect(messageOf(() => nllLoss(matrix, [-1, 0]))).toBe(
    "invalid_index | nllLoss: a target is no class | target: -1 | position: 0 | classes: 3 | ignoreIndex: -100 | hint: classes run from 0 to 2",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 1], { weight: ones(2) }))).toBe(
    "shape_mismatch | nllLoss: the weight must have one element for each class | weight: [2] | classes: 3",
  );
  expect(messageOf(() => nllLoss(ones(3), [0], { weight: ones(1, 3) }))).toBe(
    "shape_mismatch | nllLoss: the weight must have one element for each class | weight: [1, 3] | classes: 3",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 1], { weight: [1, 2, 3] as never }))).toBe(
    "invalid_argument | nllLoss: weight must be a tensor | weight: array | hint: tensor(...) makes one",
  );
  expect(messageOf(() => nllLoss(matrix, [0, 1], { weight: ones(3, 1) }))).toBe(
    "shape_mismatch | nllLoss: the weight must have one element for each class | weight: [3, 1] | classes: 3",
  );
  expect(messageOf(() => crossEntropy(ones(2, 3, 2), ones(2, 3, 2).int()))).toMatch(
    /hint: class numbers for this input have the shape \[2, 2\]$/,
  );
  expect(messageOf(() => crossEntropy([[1]] as never, [0]))).toBe(
    "invalid_argument | crossEntropy: input must be a tensor | input: array | hint: tensor(...) makes one",
  );
  expect(messageOf(() => crossEntropy(matrix, [0, 3]))).toBe(
    "invalid_index | crossEntropy: a target is no class | target: 3 | position: 1 | classes: 3 | ignoreIndex: -100 | hint: classes run from 0 to 2",
  );
  expect(messageOf(() => crossEntropy(matrix, [-1, 0]))).toBe(
    "invalid_index | crossEntropy: a target is no class | target: -1 | position: 0 | classes: 3 | ignoreIndex: -100 | hint: classes run from 0 to 2",
  );
  expect(messageOf(() => crossEntropy(ones(2, 3, 2), [0, 1]))).toBe(
    "shape_mismatch | crossEntropy: target does not match input | input: [2, 3, 2] | target: [2] | hint: class numbers for this input have the shape [2, 2]",
  );
  expect(messageOf(() => crossEntropy(matrix, [0, 1], { labelSmoothing: 2 }))).toBe(
    "invalid_option | crossEntropy: labelSmoothing must lie between 0 and 1 | labelSmoothing: 2",
  );
  expect(messageOf(() => crossEntropy(matrix, matrix.int()))).toBe(
    "invalid_dtype | crossEntropy: a target in the shape of the input holds probabilities | input: [2, 3] | target: [2, 3] | dtype: int32 | hint: class numbers for this input have the shape [2]",
  );
  expect(messageOf(() => crossEntropy(tensor(1), tensor(1)))).toBe(
    "invalid_dtype | crossEntropy: a target in the shape of the input holds probabilities | input: [] | target: [] | dtype: float32 | hint: class numbers for this input have the shape []",
  );
  expect(messageOf(() => crossEntropy(matrix, matrix, { ignoreIndex: 0 }))).toBe(
    "invalid_option | crossEntropy: ignoreIndex does not go with probabilities | ignoreIndex: 0",
  );
  expect(messageOf(() => crossEntropy(matrix, matrix, { weight: ones(2) }))).toBe(
    "shape_mismatch | crossEntropy: the weight must have one element for each class | weight: [2] | classes: 3",
  );
  expect(messageOf(() => multilabelMarginLoss(ones(1, 2, 3), [[[0, 1, 2]]]))).toBe(
    "invalid_shape | multilabelMarginLoss: the input must be a vector or a matrix with classes | input: [1, 2, 3] | hint: scores have the shape [N, C] or [C], with at least one class",
  );
  expect(messageOf(() => multilabelMarginLoss(ones(2, 0), [[], []]))).toBe(
    "invalid_shape | multilabelMarginLoss: the input must be a vector or a matrix with classes | input: [2, 0] | hint: scores have the shape [N, C] or [C], with at least one class",
  );
  expect(messageOf(() => multilabelMarginLoss(matrix, [0, 1, 2]))).toBe(
    "shape_mismatch | multilabelMarginLoss: target does not match input | input: [2, 3] | target: [3] | hint: labels fill a row of the input's shape, padded with -1",
  );
  expect(messageOf(() => multilabelMarginLoss(ones(3), [0, 1]))).toBe(
    "shape_mismatch | multilabelMarginLoss: target does not match input | input: [3] | target: [2] | hint: labels fill a row of the input's shape, padded with -1",
  );
  expect(
    messageOf(() =>
      multilabelMarginLoss(matrix, [
        [0, 1, -1],
        [3, -1, -1],
      ]),
    ),
  ).toBe(
    "invalid_index | multilabelMarginLoss: a target is no class | target: 3 | position: 3 | classes: 3 | hint: classes run from 0 to 2, and -1 ends the labels",
  );
  expect(
    messageOf(() =>
      multilabelMarginLoss(matrix, [
        [0, 1, -1],
        [-2, -1, -1],
      ]),
    ),
  ).toBe(
    "invalid_index | multilabelMarginLoss: a target is no class | target: -2 | position: 3 | classes: 3 | hint: classes run from 0 to 2, and -1 ends the labels",
  );
  expect(messageOf(() => multiMarginLoss(ones(2, 3, 1), [0, 1]))).toBe(
    "invalid_shape | multiMarginLoss: the input must be a vector or a matrix with classes | input: [2, 3, 1] | hint: scores have the shape [N, C] or [C], with at least one class",
  );
  expect(messageOf(() => multiMarginLoss(ones(2, 0), [0, 1]))).toBe(
    "invalid_shape | multiMarginLoss: the input must be a vector or a matrix with classes | input: [2, 0] | hint: scores have the shape [N, C] or [C], with at least one class",
  );
  expect(messageOf(() => multiMarginLoss(1 as never, [0]))).toBe(
    "invalid_argument | multiMarginLoss: input must be a tensor | input: number | hint: tensor(...) makes one",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [0]))).toBe(
    "shape_mismatch | multiMarginLoss: target does not match input | input: [2, 3] | target: [1] | hint: class numbers for this input have the shape [2]",
  );
  expect(messageOf(() => multiMarginLoss(ones(3), [0, 1]))).toBe(
    "shape_mismatch | multiMarginLoss: target does not match input | input: [3] | target: [2] | hint: class numbers for this input have the shape []",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [[0, 1]]))).toBe(
    "shape_mismatch | multiMarginLoss: target does not match input | input: [2, 3] | target: [1, 2] | hint: class numbers for this input have the shape [2]",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [0, 3]))).toBe(
    "invalid_index | multiMarginLoss: a target is no class | target: 3 | position: 1 | classes: 3 | hint: classes run from 0 to 2",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [0, -1]))).toBe(
    "invalid_index | multiMarginLoss: a target is no class | target: -1 | position: 1 | classes: 3 | hint: classes run from 0 to 2",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [0, 1], { weight: ones(2) }))).toBe(
    "shape_mismatch | multiMarginLoss: the weight must have one element for each class | weight: [2] | classes: 3",
  );
  expect(messageOf(() => multiMarginLoss(matrix, [0, 1], { p: 3 as 1 }))).toBe(
    "invalid_option | multiMarginLoss: p must be 1 or 2 | p: 3",
  );
  expect(messageOf(() => new MultiMarginLoss({ p: 0 as 1 }))).toBe(
    "invalid_option | MultiMarginLoss: p must be 1 or 2 | p: 0",
  );
  expect(messageOf(() => new MultiMarginLoss({ weight: ones(1, 2) }))).toBe(
    "invalid_shape | MultiMarginLoss: the weight must have one element for each class | weight: [1, 2]",
  );
});

it("AdaptiveLogSoftmaxWithLoss", () => {
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, []))).toBe(
    "invalid_option | AdaptiveLogSoftmaxWithLoss: the cutoffs do not divide the classes | cutoffs: [] | nClasses: 6 | hint: they are whole numbers, each larger than the one before, between 1 and nClasses - 1",
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [3, 2]))).toBe(
    "invalid_option | AdaptiveLogSoftmaxWithLoss: the cutoffs do not divide the classes | cutoffs: [3, 2] | nClasses: 6 | hint: they are whole numbers, each larger than the one before, between 1 and nClasses - 1",
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [2, 2]))).toBe(
    "invalid_option | AdaptiveLogSoftmaxWithLoss: the cutoffs do not divide the classes | cutoffs: [2, 2] | nClasses: 6 | hint: they are whole numbers, each larger than the one before, between 1 and nClasses - 1",
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [0, 2]))).toBe(
    "invalid_option | AdaptiveLogSoftmaxWithLoss: the cutoffs do not divide the classes | cutoffs: [0, 2] | nClasses: 6 | hint: they are whole numbers, each larger than the one before, between 1 and nClasses - 1",
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [1.5]))).toBe(
    "invalid_option | AdaptiveLogSoftmaxWithLoss: the cutoffs do not divide the classes | cutoffs: [1.5] | nClasses: 6 | hint: they are whole numbers, each larger than the one before, between 1 and nClasses - 1",
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [6]))).toMatch(/the cutoffs do not divide the classes/);
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [2, 3, 6]))).toMatch(
    /the cutoffs do not divide the classes/,
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [2, 6]))).toBe(
    "invalid_option | AdaptiveLogSoftmaxWithLoss: the cutoffs do not divide the classes | cutoffs: [2, 6] | nClasses: 6 | hint: they are whole numbers, each larger than the one before, between 1 and nClasses - 1",
  );
  expect(messageOf(() => new AdaptiveLogSoftmaxWithLoss(4, 6, [2], { divvalue: 2 } as never))).toBe(
    'invalid_option | AdaptiveLogSoftmaxWithLoss: unknown option "divvalue" | known: divValue, headBias, dtype, generator | hint: did you mean divValue?',
  );
  expect(messageOf(() => adaptive(ones(2, 4), [0]))).toBe(
    "shape_mismatch | AdaptiveLogSoftmaxWithLoss: target does not match input | input: [2, 4] | target: [1] | hint: an input [N, F] goes with a target [N], an input [F] with a single one",
  );
  expect(messageOf(() => adaptive(ones(4), [0]))).toBe(
    "shape_mismatch | AdaptiveLogSoftmaxWithLoss: target does not match input | input: [4] | target: [1] | hint: an input [N, F] goes with a target [N], an input [F] with a single one",
  );
  expect(messageOf(() => adaptive(ones(1, 2, 4), [[0, 1]]))).toBe(
    "shape_mismatch | AdaptiveLogSoftmaxWithLoss: target does not match input | input: [1, 2, 4] | target: [1, 2] | hint: an input [N, F] goes with a target [N], an input [F] with a single one",
  );
  expect(messageOf(() => adaptive(ones(2, 4), [0, 6]))).toBe(
    "invalid_index | AdaptiveLogSoftmaxWithLoss: a target is no class | target: 6 | position: 1 | classes: 6 | hint: classes run from 0 to 5",
  );
  expect(messageOf(() => adaptive(ones(2, 4), [-1, 0]))).toBe(
    "invalid_index | AdaptiveLogSoftmaxWithLoss: a target is no class | target: -1 | position: 0 | classes: 6 | hint: classes run from 0 to 5",
  );
  expect(messageOf(() => adaptive(1 as never, [0]))).toBe(
    "invalid_argument | AdaptiveLogSoftmaxWithLoss: input must be a tensor | input: number | hint: tensor(...) makes one",
  );
  expect(messageOf(() => adaptive.logProb(ones(4)))).toBe(
    "invalid_shape | AdaptiveLogSoftmaxWithLoss.logProb: the input must be a matrix | input: [4] | hint: unsqueeze(0) makes one",
  );
  expect(messageOf(() => adaptive.predict(ones(1, 2, 4)))).toBe(
    "invalid_shape | AdaptiveLogSoftmaxWithLoss.predict: the input must be a matrix | input: [1, 2, 4] | hint: unsqueeze(0) makes one",
  );
  expect(messageOf(() => adaptive.predict(1 as never))).toBe(
    "invalid_argument | AdaptiveLogSoftmaxWithLoss.predict: input must be a tensor | input: number | hint: tensor(...) makes one",
  );
});
