import { expect, it } from "vitest";
import { causalMask, changeOf, inputOf, oneHot, transposed, weightsOf } from "./arrays.ts";

const inputs = {
  x: { shape: [1], values: Float32Array.of(7) },
  "model.0.weight": { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) },
  "model.0.bias": { shape: [2], values: Float32Array.of(8, 9) },
  "model.tokens.weight": { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) },
};

it("turns matrices of linear layers around, and nothing else", () => {
  const weights = weightsOf(inputs, ["tokens.weight"]);
  expect(weights.map(({ name, shape, values }) => [name, shape, [...values]])).toEqual([
    ["0.weight", [3, 2], [1, 4, 2, 5, 3, 6]],
    ["0.bias", [2], [8, 9]],
    ["tokens.weight", [2, 2], [1, 2, 3, 4]],
  ]);
});

it("says how far parameters have gone, in the order of what was handed over", () => {
  const weights = weightsOf(inputs, ["tokens.weight"]);
  const now = [Float32Array.of(1, 4, 2, 5, 3, 7), Float32Array.of(9, 9), Float32Array.of(1, 2, 3, 6)];
  expect([...changeOf(weights, now)]).toEqual([0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 2]);
});

it("makes rows of classes, masks and transposes", () => {
  expect([...oneHot({ shape: [2], values: Int32Array.of(2, 0) }, 3)]).toEqual([0, 0, 1, 1, 0, 0]);
  expect([...causalMask(2)]).toEqual([0, Math.fround(-1e9), 0, 0]);
  expect([...transposed([1, 2, 3, 4, 5, 6], 2, 3)]).toEqual([1, 4, 2, 5, 3, 6]);
});

it("names an input that is missing", () => {
  expect(() => inputOf(inputs, "z")).toThrow("there is no input z");
});
