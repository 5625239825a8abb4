import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { mul, remainder, sub } from "./arithmetic.ts";
import { at, slice } from "./at.ts";
import { clone, float, int } from "./cast.ts";
import type { ValuesAndIndices } from "./extrema.ts";
import { stack } from "./join.ts";
import * as ops from "./pool.ts";
import { permute } from "./shape.ts";

/** Whole numbers without a pattern: factor · i mod modulus, less shift. */
const mixed = (shape: number[], factor: number, modulus: number, shift: number): Tensor =>
  sub(remainder(mul(counted(...shape), factor), modulus), shift);

const x = mixed([2, 2, 5, 4], 7, 11, 5);
const s = mixed([2, 2, 7], 5, 9, 4);
const first = at(x, slice(0, 1));
const nan = Number.NaN;
const holes = tensor([
  [
    [
      [1, nan, 2],
      [3, 5, 4],
      [nan, 0, -1],
    ],
  ],
]);
const both = ({ values, indices }: ValuesAndIndices): Tensor => stack([values, float(indices)]);

const calls: Readonly<Record<string, () => Tensor>> = {
  maxPool2d: () => ops.maxPool2d(x, 2),
  "maxPool2d, ceil": () => ops.maxPool2d(at(x, 0), [3, 2], { stride: 2, padding: [1, 0], ceilMode: true }),
  "maxPool2d, dilated": () => ops.maxPool2d(first, 2, { stride: 1, padding: 1, dilation: [2, 3] }),
  "maxPool2d, NaN": () => ops.maxPool2d(holes, 2, { stride: 1 }),
  "maxPool2d, ties": () => ops.maxPool2d(zeros(1, 1, 2, 2), 1),
  "maxPool2d, no images": () => ops.maxPool2d(at(x, slice(0, 0)), 2),
  "maxPool2d of integers": () => ops.maxPool2d(int(first), 2),
  "maxPool2d, with indices": () => both(ops.maxPool2d(first, 2, { returnIndices: true })),
  "maxPool2d, indices of NaN": () => ops.maxPool2d(holes, 2, { stride: 1, returnIndices: true }).indices,
  "maxPool2d, indices of one image": () => both(ops.maxPool2d(at(x, 1), 3, { stride: 1, returnIndices: true })),
  maxPool1d: () => ops.maxPool1d(s, 3, { stride: 2, padding: 1 }),
  "maxPool1d, with indices": () => both(ops.maxPool1d(at(s, 0), [2], { returnIndices: true })),
  avgPool2d: () => ops.avgPool2d(x, 2),
  "avgPool2d, padded": () => ops.avgPool2d(at(x, 0), 3, { stride: 2, padding: 1 }),
  "avgPool2d, without padding": () => ops.avgPool2d(first, 3, { stride: 2, padding: 1, countIncludePad: false }),
  "avgPool2d, ceil": () => ops.avgPool2d(first, [2, 3], { stride: 2, padding: [0, 1], ceilMode: true }),
  "avgPool2d, divisor": () => ops.avgPool2d(first, 2, { divisorOverride: -3 }),
  avgPool1d: () => ops.avgPool1d(s, 3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }),
  adaptiveAvgPool2d: () => ops.adaptiveAvgPool2d(first, [3, null]),
  "adaptiveAvgPool2d, larger": () => ops.adaptiveAvgPool2d(at(x, 0), [1, 6]),
  "adaptiveAvgPool2d, none": () => ops.adaptiveAvgPool2d(first, 0),
  adaptiveAvgPool1d: () => ops.adaptiveAvgPool1d(s, 3),
  adaptiveMaxPool2d: () => ops.adaptiveMaxPool2d(first, [3, 2]),
  "adaptiveMaxPool1d, with indices": () => both(ops.adaptiveMaxPool1d(s, 3, { returnIndices: true })),
  im2col: () => ops.im2col(first, 2, { stride: 2 }),
  "im2col, geometry": () =>
    ops.im2col(at(x, 0, slice(0, 1)), [2, 3], { padding: [1, 0], stride: [2, 1], dilation: [2, 1] }),
  col2im: () => ops.col2im(counted(1, 8, 6), [4, 3], 2),
  "col2im, geometry": () =>
    ops.col2im(sub(counted(6, 6), 9), [5, 4], [2, 3], { padding: [1, 0], stride: [2, 1], dilation: [2, 1] }),
};

/** What torch gives. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  maxPool2d: [
    [2, 2, 2, 2],
    [2, 5, 3, 5, 5, 2, 4, 3, 2, 5, 3, 4, 4, 2, 5, 3],
  ],
  "maxPool2d, ceil": [
    [2, 3, 2],
    [2, 5, 3, 5, 4, 5, 5, 2, 5, 3, 5, 4],
  ],
  "maxPool2d, dilated": [
    [1, 2, 5, 3],
    [4, 1, -3, -1, 5, 3, 5, 2, -2, 0, -3, 4, 5, 2, -2, 1, -2, 5, -4, 4, 0, 2, -1, 5, -3, 5, 1, 2, -1, -5],
  ],
  "maxPool2d, NaN": [
    [1, 1, 2, 2],
    [nan, nan, nan, 5],
  ],
  "maxPool2d, ties": [
    [1, 1, 2, 2],
    [0, 0, 0, 0],
  ],
  "maxPool2d, no images": [[0, 2, 2, 2], []],
  "maxPool2d of integers": [
    [1, 2, 2, 2],
    [2, 5, 3, 5, 5, 2, 4, 3],
  ],
  "maxPool2d, with indices": [
    [2, 1, 2, 2, 2],
    [2, 5, 3, 5, 5, 2, 4, 3, 1, 3, 9, 14, 5, 3, 8, 11],
  ],
  "maxPool2d, indices of NaN": [
    [1, 1, 2, 2],
    [1, 1, 6, 4],
  ],
  "maxPool2d, indices of one image": [
    [2, 2, 3, 2],
    [4, 5, 4, 5, 5, 5, 5, 5, 5, 5, 5, 5, 10, 7, 10, 7, 18, 18, 9, 9, 9, 9, 9, 9],
  ],
  maxPool1d: [
    [2, 2, 4],
    [1, 2, 3, 3, 4, 1, 2, 2, 3, 4, 1, 1, 2, 3, 4, 0],
  ],
  "maxPool1d, with indices": [
    [2, 2, 3],
    [1, 2, 3, 4, 1, 2, 1, 3, 5, 0, 3, 5],
  ],
  avgPool2d: [
    [2, 2, 2, 2],
    [-1.25, 1.75, -0.25, 0, 1.25, -1.25, -0.5, -0.25, -1.75, 1.25, -0.75, -0.5, 0.75, -1.75, 1.75, -0.75],
  ],
  "avgPool2d, padded": [
    [2, 3, 2],
    [
      -0.555555582, 0.666666687, -0.333333343, 0.222222224, 0.111111112, 0.444444448, 0.555555582, -0.111111112,
      0.111111112, -0.333333343, 0, -0.333333343,
    ],
  ],
  "avgPool2d, without padding": [
    [1, 2, 3, 2],
    [-1.25, 1, -0.5, 0.222222224, 0.25, 0.666666687, 1.25, -0.166666672, 0.166666672, -0.333333343, 0, -0.5],
  ],
  "avgPool2d, ceil": [
    [1, 2, 3, 3],
    [
      -0.833333313, 1, 1.25, -0.166666672, 0.166666672, -1, 0.333333343, 0, -2, 0.833333313, -0.166666672, -0.25,
      -0.333333343, -1, 0.25, 2, 0.666666687, 2,
    ],
  ],
  "avgPool2d, divisor": [
    [1, 2, 2, 2],
    [1.66666663, -2.33333325, 0.333333343, 0, -1.66666663, 1.66666663, 0.666666687, 0.333333343],
  ],
  avgPool1d: [
    [2, 2, 4],
    [-1.5, 0, 1, 1, 2, -1, 0, 0, 1, 1, -1, -1, 0, 0, 1, -2],
  ],
  adaptiveAvgPool2d: [
    [1, 2, 3, 4],
    [
      -2, -0.5, 1, 2.5, -0.333333343, -0.666666687, 2.66666675, -1.33333337, -0.5, 1, 2.5, -1.5, 0.5, 2, -2, -0.5,
      0.333333343, 0, -0.333333343, -0.666666687, 2, -2, -0.5, 1,
    ],
  ],
  "adaptiveAvgPool2d, larger": [
    [2, 1, 6],
    [
      -1.79999995, -0.5, 0.800000012, 1.20000005, 0.300000012, -0.600000024, 1.79999995, 0.899999976, 0, -1.79999995,
      -0.5, 0.800000012,
    ],
  ],
  "adaptiveAvgPool2d, none": [[1, 2, 0, 0], []],
  adaptiveAvgPool1d: [
    [2, 2, 3],
    [-2, -1, 0, 0, -2, -1, 2, 0, -2, 1, 2, 0],
  ],
  adaptiveMaxPool2d: [
    [1, 2, 3, 2],
    [2, 5, 3, 5, 4, 5, 5, 2, 5, 3, 5, 4],
  ],
  "adaptiveMaxPool1d, with indices": [
    [2, 2, 2, 3],
    [1, 2, 3, 4, 1, 2, 4, 4, 1, 3, 4, 4, 1, 3, 5, 0, 3, 5, 2, 2, 5, 2, 4, 4],
  ],
  im2col: [
    [1, 8, 4],
    [-5, -2, -4, -1, 2, 5, 3, -5, 1, 4, 2, 5, -3, 0, -2, 1, 3, -5, 4, -4, -1, 2, 0, 3, -2, 1, -1, 2, 5, -3, -5, -2],
  ],
  "im2col, geometry": [
    [6, 6],
    [
      0, 0, 1, -3, 2, -2, 0, 0, -3, 4, -2, 5, 0, 0, 4, 0, 5, 1, 1, -3, 2, -2, 0, 0, -3, 4, -2, 5, 0, 0, 4, 0, 5, 1, 0,
      0,
    ],
  ],
  col2im: [
    [1, 2, 4, 3],
    [0, 7, 7, 14, 42, 28, 18, 50, 32, 16, 39, 23, 24, 55, 31, 62, 138, 76, 66, 146, 80, 40, 87, 47],
  ],
  "col2im, geometry": [
    [1, 5, 4],
    [0, 0, 0, 0, 2, 18, 42, 28, 0, 0, 0, 0, 6, 26, 50, 32, 0, 0, 0, 0],
  ],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!, 1e-6)).toBeNull();
});

it.each([
  ["maxPool2d", (input: Tensor) => ops.maxPool2d(input, 2)],
  ["avgPool2d", (input: Tensor) => ops.avgPool2d(input, 2)],
  ["adaptiveAvgPool2d", (input: Tensor) => ops.adaptiveAvgPool2d(input, 3)],
  ["adaptiveMaxPool2d", (input: Tensor) => ops.adaptiveMaxPool2d(input, 3)],
  ["im2col", (input: Tensor) => ops.im2col(input, 2)],
])("%s does not see the strides of its input", (_, pool) => {
  const turned = permute(x, [1, 0, 3, 2]);
  expect(pool(turned).tolist()).toEqual(pool(clone(turned)).tolist());
});

describe("gradients to second order", () => {
  const rows: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
    "maxPool2d, overlapping": [(a) => ops.maxPool2d(a!, 2, { stride: 1, padding: 1 }), [leaf(2, 1, 3, 3)]],
    "maxPool2d with indices": [(a) => ops.maxPool2d(a!, 2, { returnIndices: true }).values, [leaf(1, 4, 4)]],
    maxPool1d: [(a) => ops.maxPool1d(a!, 3, { dilation: 2 }), [leaf(2, 6)]],
    "avgPool2d, padded": [(a) => ops.avgPool2d(a!, [2, 3], { stride: 1, padding: 1 }), [leaf(1, 2, 3, 3)]],
    "avgPool2d, ceil": [(a) => ops.avgPool2d(a!, 2, { ceilMode: true, countIncludePad: false }), [leaf(1, 3, 3)]],
    "avgPool2d, divisor": [(a) => ops.avgPool2d(a!, 2, { divisorOverride: 3 }), [leaf(1, 2, 4)]],
    adaptiveAvgPool2d: [(a) => ops.adaptiveAvgPool2d(a!, [2, 3]), [leaf(1, 5, 4)]],
    adaptiveMaxPool2d: [(a) => ops.adaptiveMaxPool2d(a!, [2, 3]), [leaf(1, 5, 4)]],
    im2col: [(a) => ops.im2col(a!, 2, { padding: 1, stride: 2 }), [leaf(1, 1, 3, 3)]],
    col2im: [(a) => ops.col2im(a!, 3, 2, { padding: 1, stride: 2 }), [leaf(1, 4, 4)]],
  };
  it.each(Object.entries(rows))("%s", (_, [fn, inputs]) => {
    expect(checkGradients(fn, inputs)).toBe(true);
  });
});

const refused: Readonly<Record<string, readonly [() => unknown, ErrorCode, RegExp]>> = {
  "padding beyond half of the window": [
    () => ops.maxPool2d(x, 3, { padding: 2 }),
    "invalid_option",
    /^maxPool2d: the padding is more than half/,
  ],
  "padding beyond half, on average": [() => ops.avgPool2d(x, 3, { padding: 2 }), "invalid_option", /^avgPool2d: /],
  "a window larger than the input": [() => ops.maxPool2d(x, 6), "invalid_shape", /larger than the padded input/],
  "a window of 0": [() => ops.maxPool2d(x, 0), "invalid_option", /kernelSize must be/],
  "a stride of 0": [() => ops.maxPool2d(x, 2, { stride: 0 }), "invalid_option", /stride must be/],
  "an input of two dimensions": [() => ops.maxPool2d(zeros(4, 4), 2), "invalid_shape", /\[N, C, H, W\]/],
  "no channels": [() => ops.maxPool2d(zeros(2, 0, 4, 4), 2), "invalid_shape", /only the number of images/],
  "truth values": [() => ops.maxPool2d(zeros(1, 2, 2, { dtype: "bool" }), 2), "invalid_dtype", /truth values/],
  "the mean of integers": [() => ops.avgPool2d(int(x), 2), "invalid_dtype", /convert the input with \.float\(\)/],
  "a divisor of 0": [() => ops.avgPool2d(x, 2, { divisorOverride: 0 }), "invalid_option", /must not be 0/],
  "signals of one dimension": [() => ops.avgPool1d(zeros(4), 2), "invalid_shape", /\[N, C, L\] or \[C, L\]/],
  "a negative size": [() => ops.adaptiveAvgPool2d(x, -1), "invalid_option", /at least 0, or null/],
  "the adaptive mean of integers": [() => ops.adaptiveAvgPool2d(int(x), 1), "invalid_dtype", /floa/],
  "columns of windows that do not fit": [() => ops.im2col(x, 6), "invalid_shape", /larger than the padded image/],
  "too few columns": [() => ops.col2im(zeros(1, 8, 5), [4, 3], 2), "shape_mismatch", /windows {5}6/],
  "columns that no window fills": [() => ops.col2im(zeros(1, 7, 6), [4, 3], 2), "shape_mismatch", /do not fit/],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
