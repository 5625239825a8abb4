import { Generator, manualSeed } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { rand } from "../random.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { add } from "./arithmetic.ts";
import { double } from "./cast.ts";
import * as ops from "./dropout.ts";
import { expand, narrow, permute, transpose } from "./shape.ts";

const x = add(counted(3, 4), 1);
const three = add(counted(3), 1);
const ones = (...shape: number[]): Tensor => expand(tensor(1), shape);

const calls: Readonly<Record<string, () => Tensor>> = {
  dropout: () => ops.dropout(x, 0.3),
  "dropout of a transposed input": () => ops.dropout(transpose(x, 0, 1), 0.3),
  "dropout of a permuted slice": () => ops.dropout(narrow(permute(add(counted(2, 3, 4), 1), [2, 0, 1]), 2, 1, 2), 0.3),
  "dropout of expanded": () => ops.dropout(expand(three, [4, 3]), 0.3),
  "dropout of expanded columns": () => ops.dropout(transpose(expand(three, [4, 3]), 0, 1), 0.3),
  "dropout of doubles": () => ops.dropout(double(x), 0.3),
  dropout1d: () => ops.dropout1d(ones(2, 3, 2), 0.3),
  "dropout1d of one signal": () => ops.dropout1d(ones(4, 2), 0.3),
  dropout2d: () => ops.dropout2d(ones(2, 3, 1, 2), 0.3),
  "dropout2d of three dimensions": () => ops.dropout2d(ones(2, 3, 2), 0.3),
  "dropout3d of one image": () => ops.dropout3d(ones(4, 1, 1, 2), 0.3),
  alphaDropout: () => ops.alphaDropout(x, 0.3),
  featureAlphaDropout: () => ops.featureAlphaDropout(x, 0.3),
  "p = 1": () => ops.dropout(tensor([1, -2, Number.POSITIVE_INFINITY]), 1),
  "alphaDropout, p = 1": () => ops.alphaDropout(x, 1),
};

/** What torch gives after manual_seed(5). */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  dropout: [
    [3, 4],
    [1.42857146, 2.85714293, 4.28571415, 5.71428585, 7.14285755, 0, 10, 0, 0, 14.2857151, 15.7142859, 17.1428566],
  ],
  "dropout of a transposed input": [
    [4, 3],
    [1.42857146, 7.14285755, 0, 2.85714293, 0, 14.2857151, 4.28571415, 10, 15.7142859, 5.71428585, 0, 17.1428566],
  ],
  "dropout of a permuted slice": [
    [4, 2, 2],
    [
      7.14285755, 12.8571434, 0, 0, 8.5714283, 0, 25.7142868, 31.4285717, 10, 15.7142859, 27.1428585, 32.8571434,
      11.4285717, 0, 28.5714302, 34.2857132,
    ],
  ],
  "dropout of expanded": [
    [4, 3],
    [
      1.42857146, 2.85714293, 4.28571415, 1.42857146, 2.85714293, 0, 1.42857146, 0, 0, 1.42857146, 2.85714293,
      4.28571415,
    ],
  ],
  "dropout of expanded columns": [
    [3, 4],
    [
      1.42857146, 1.42857146, 1.42857146, 1.42857146, 2.85714293, 0, 2.85714293, 0, 0, 4.28571415, 4.28571415,
      4.28571415,
    ],
  ],
  "dropout of doubles": [
    [3, 4],
    [1.42857143, 2.85714286, 4.28571429, 5.71428571, 7.14285714, 0, 10, 0, 0, 14.2857143, 15.7142857, 17.1428571],
  ],
  dropout1d: [
    [2, 3, 2],
    [
      1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146,
      1.42857146, 0, 0,
    ],
  ],
  "dropout1d of one signal": [
    [4, 2],
    [1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146],
  ],
  dropout2d: [
    [2, 3, 1, 2],
    [
      1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146,
      1.42857146, 0, 0,
    ],
  ],
  "dropout2d of three dimensions": [
    [2, 3, 2],
    [
      1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146,
      1.42857146, 0, 0,
    ],
  ],
  "dropout3d of one image": [
    [4, 1, 1, 2],
    [1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146, 1.42857146],
  ],
  alphaDropout: [
    [3, 4],
    [
      1.31504464, 2.17599726, 3.03694987, 3.89790249, 4.75885487, -1.05954826, 6.48076057, -1.05954826, -1.05954826,
      9.06361771, 9.92457104, 10.7855234,
    ],
  ],
  featureAlphaDropout: [
    [3, 4],
    [
      1.31504464, 2.17599726, 3.03694987, 3.89790249, 4.75885487, -1.05954826, 6.48076057, -1.05954826, -1.05954826,
      9.06361771, 9.92457104, 10.7855234,
    ],
  ],
  "p = 1": [[3], [0, 0, Number.NaN]],
  "alphaDropout, p = 1": [
    [3, 4],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  manualSeed(5);
  const [shape, values] = golden[name]!;
  const found = call();
  // nine digits name a float32
  const exact = found.dtype === "float32";
  expect(mismatch(found, [shape, exact ? values.map(Math.fround) : values], exact ? 0 : 1e-7)).toBeNull();
});

describe("the generator", () => {
  it("is the default one unless another is given", () => {
    const generator = new Generator().manualSeed(5);
    const found = ops.dropout(x, 0.3, true, { generator });
    expect([...found.toArray()]).toEqual(golden.dropout![1].map(Math.fround));
  });

  it.each([
    ["p = 0", () => ops.dropout(x, 0)],
    ["p = 1", () => ops.dropout(x, 1)],
    ["evaluation", () => ops.dropout(x, 0.5, false)],
    ["nothing", () => ops.dropout(zeros(0), 0.5)],
  ])("is left alone: %s", (_, call) => {
    const next = rand(1, { generator: manualSeed(5) }).item();
    manualSeed(5);
    call();
    expect(rand(1).item()).toBe(next);
  });
});

it.each([
  ["p = 0", () => ops.dropout(x, 0)],
  ["evaluation", () => ops.alphaDropout(x, 0.5, false)],
])("%s gives the input itself", (_, call) => {
  expect(call()).toBe(x);
});

it("keeps the mean", () => {
  const kept = ops.dropout(ones(4000), 0.25, true, { generator: new Generator().manualSeed(1) }).toArray();
  const share = kept.filter((value) => value !== 0).length / 4000;
  expect(Math.abs(share - 0.75)).toBeLessThan(0.03);
  expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
});

it("keeps mean 0 and variance 1, with alphaDropout", () => {
  const p = 0.3;
  manualSeed(5);
  // of an element x, scale · x + shift is kept, and a constant is what it is dropped to
  const [a, b] = [0, 1].map((value) => ops.alphaDropout(expand(tensor(value, { dtype: "float64" }), [50]), p));
  const dropped = Math.min(...a!.toArray());
  const shift = Math.max(...a!.toArray());
  const scale = Math.max(...b!.toArray()) - shift;
  const mean = (1 - p) * shift + p * dropped;
  const square = (1 - p) * (scale ** 2 + shift ** 2) + p * dropped ** 2;
  expect(mean).toBeCloseTo(0, 12);
  expect(square).toBeCloseTo(1, 12);
});

it.each([
  ["dropout", ops.dropout],
  ["dropout2d", ops.dropout2d],
  ["alphaDropout", ops.alphaDropout],
])("%s has the gradient of its mask", (_, drop) => {
  const seeded = (input?: Tensor): Tensor => drop(input!, 0.4, true, { generator: new Generator().manualSeed(3) });
  expect(checkGradients(seeded, [leaf(3, 2, 2)])).toBe(true);
  const input = leaf(2, 2);
  const [gradient] = grad(drop(input, 1), [input], [leaf(2, 2)]);
  expect(
    mismatch(gradient!, [
      [2, 2],
      [0, 0, 0, 0],
    ]),
  ).toBeNull();
});

it.each([
  ["p above 1", () => ops.dropout(x, 1.5), /^dropout: p must be a probability/],
  ["p below 0", () => ops.alphaDropout(x, -0.5), /^alphaDropout: p must be a probability/],
  ["p that is none", () => ops.dropout2d(x, Number.NaN), /^dropout2d: p must be a probability/],
  ["integers", () => ops.dropout(zeros(3, { dtype: "int32" })), /must be floating-point/],
  ["vectors of channels", () => ops.dropout2d(zeros(3)), /\[N, C, \.\.\.\]/],
  ["signals of one dimension", () => ops.dropout1d(zeros(3)), /^dropout1d: the input must have 2 or 3 dimensions/],
])("refuses %s", (_, call, message) => {
  expect(call).toThrow(message);
});
