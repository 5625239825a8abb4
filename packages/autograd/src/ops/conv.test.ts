import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { zeros } from "../creation.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { mul, remainder, sub } from "./arithmetic.ts";
import { at, slice } from "./at.ts";
import { clone } from "./cast.ts";
import { conv1d, conv2d, convTranspose1d, convTranspose2d } from "./conv.ts";
import { sum } from "./reduce.ts";
import { permute } from "./shape.ts";

/** Whole numbers without a pattern: factor · i mod modulus, less shift. */
const mixed = (shape: number[], factor: number, modulus: number, shift: number): Tensor =>
  sub(remainder(mul(counted(...shape), factor), modulus), shift);

const x = mixed([2, 4, 5, 4], 7, 11, 5);
const w = mixed([6, 4, 3, 2], 5, 7, 3);
const grouped = mixed([6, 2, 3, 2], 5, 7, 3);
const bias = (start: number, stop: number): Tensor => at(counted(6), slice(start, stop));
const signals = mixed([2, 3, 7], 5, 9, 4);
const kernels = mixed([2, 3, 3], 3, 5, 2);
const transposed = mixed([4, 3, 3, 2], 5, 7, 3);
const transposedGroups = mixed([4, 1, 2, 2], 5, 7, 3);
const one = slice(0, 1);
const two = slice(0, 2);
const all = slice();

const calls: Readonly<Record<string, () => Tensor>> = {
  conv2d: () => conv2d(at(x, one), at(w, two), bias(0, 2)),
  "conv2d, geometry": () => conv2d(x, at(w, two), null, { stride: [2, 1], padding: [1, 2], dilation: [1, 2] }),
  "conv2d, groups": () => conv2d(at(x, one), grouped, bias(0, 6), { groups: 2, stride: [2] }),
  "conv2d, same": () => conv2d(at(x, one), at(w, one), null, { padding: "same" }),
  "conv2d, same, dilated": () => conv2d(at(x, one), at(w, one), null, { padding: "same", dilation: [1, 2] }),
  "conv2d, valid": () => conv2d(at(x, one), at(w, one), null, { padding: "valid", stride: 2 }),
  "conv2d, one image": () => conv2d(at(x, 0), at(w, one), bias(1, 2)),
  "conv2d, no images": () => conv2d(at(x, slice(0, 0)), at(w, one)),
  conv1d: () => conv1d(signals, kernels, bias(0, 2), { stride: 2, padding: 1 }),
  "conv1d, one signal": () => conv1d(at(signals, 0), kernels, null, { padding: "same", dilation: 2 }),
  convTranspose2d: () => convTranspose2d(at(x, one, all, two, two), transposed, bias(0, 3)),
  "convTranspose2d, geometry": () =>
    convTranspose2d(at(x, one, all, two, two), at(transposed, all, one), null, {
      stride: [2, 3],
      padding: [1, 0],
      outputPadding: [1, 2],
      dilation: [1, 2],
    }),
  "convTranspose2d, groups": () =>
    convTranspose2d(at(x, 0, all, two, two), transposedGroups, bias(0, 2), { groups: 2 }),
  convTranspose1d: () =>
    convTranspose1d(at(signals, one, two, slice(0, 3)), at(kernels, all, two), bias(0, 2), {
      stride: 2,
      outputPadding: 1,
    }),
};

/** What torch gives. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  conv2d: [
    [1, 2, 3, 3],
    [24, 17, 43, -48, 33, -18, 23, -28, -2, 74, 0, 25, -46, 45, -7, 54, -64, -39],
  ],
  "conv2d, geometry": [
    [2, 2, 3, 6],
    [
      24, -16, 43, -34, -19, 21, 39, -74, 48, 41, -48, 36, 28, 11, 13, 59, -53, 10, 30, -47, 15, 18, -53, 27, 43, -35,
      -4, 76, -48, 11, 32, 5, -5, 49, -19, -15, -19, -15, 43, -34, 24, 20, 30, -39, 71, -24, -16, 35, 32, -51, 19, 32,
      -51, 23, 8, -47, 57, 16, 11, 25, 40, -71, 38, 41, -80, 34, 28, -43, -8, 46, -18, 8,
    ],
  ],
  "conv2d, groups": [
    [1, 6, 2, 2],
    [4, 26, 4, 4, -18, -21, 14, -11, 37, 9, 24, -26, 41, 20, 34, -9, -33, 21, -15, 17, 40, -20, 20, 15],
  ],
  "conv2d, same": [
    [1, 1, 5, 4],
    [6, 6, -38, 21, 24, 17, 43, -80, -48, 33, -18, 36, 23, -28, -2, -13, 19, 32, -21, 10],
  ],
  "conv2d, same, dilated": [
    [1, 1, 5, 4],
    [-16, 43, -34, -19, 37, -23, 36, 34, -74, 48, 41, -48, 35, -24, -53, 35, 11, 13, 59, -53],
  ],
  "conv2d, valid": [
    [1, 1, 2, 2],
    [24, 43, 23, -2],
  ],
  "conv2d, one image": [
    [1, 3, 3],
    [25, 18, 44, -47, 34, -17, 24, -27, -1],
  ],
  "conv2d, no images": [[0, 1, 3, 3], []],
  conv1d: [
    [2, 2, 4],
    [-10, -14, -5, 1, 22, 7, -4, -8, 2, -5, -5, -11, 1, 13, 11, 25],
  ],
  "conv1d, one signal": [
    [2, 7],
    [12, -2, 12, -6, 3, 0, -4, 12, -1, -6, 2, -8, -2, 6],
  ],
  convTranspose2d: [
    [1, 3, 4, 3],
    [
      21, -17, -1, -10, 16, -5, -6, -10, -7, -6, 3, -3, -9, 46, -12, 24, -26, 25, -7, -10, -5, -4, -10, 4, 3, -10, 26,
      23, 9, -15, -8, 18, -3, 5, -9, -3,
    ],
  ],
  "convTranspose2d, geometry": [
    [1, 1, 4, 8],
    [6, 0, -5, -3, 0, -5, 0, 0, -25, 0, -2, 27, 0, -2, 0, 0, 3, 0, -5, -6, 0, -5, 0, 0, -6, 0, 0, 3, 0, -3, 0, 0],
  ],
  "convTranspose2d, groups": [
    [2, 3, 3],
    [24, -16, 3, -12, 26, -2, 2, -1, -9, -2, 0, -3, 3, -9, -2, 2, -9, 5],
  ],
  convTranspose1d: [
    [1, 2, 8],
    [8, -12, 6, 1, 5, 5, -1, 0, -11, 9, 11, 1, -3, -7, 7, 1],
  ],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!)).toBeNull();
});

it("is the bias where there are no channels to add up", () => {
  const found = conv2d(zeros(1, 0, 2, 2), zeros(2, 0, 2, 2), bias(1, 3));
  expect(found.tolist()).toEqual([[[[1]], [[2]]]]);
});

it("does not see the strides of its operands", () => {
  const [turnedX, turnedW] = [permute(x, [0, 1, 3, 2]), permute(w, [0, 1, 3, 2])];
  expect(conv2d(turnedX, turnedW).tolist()).toEqual(conv2d(clone(turnedX), clone(turnedW)).tolist());
  expect(permute(conv2d(turnedX, turnedW), [0, 1, 3, 2]).tolist()).toEqual(conv2d(x, w).tolist());
});

it("has the transposed convolution as its adjoint", () => {
  const options = { stride: [2, 1], padding: 1, dilation: [1, 2] } as const;
  const [a, kernel] = [leaf(2, 4, 7, 5), leaf(3, 4, 2, 2)];
  const forth = conv2d(a, kernel, null, options);
  const b = leaf(...forth.shape);
  const back = convTranspose2d(b, kernel, null, { ...options, outputPadding: [1, 0] });
  expect(back.shape).toEqual(a.shape);
  const inner = (p: Tensor, q: Tensor): number => sum(mul(p, q)).item();
  expect(inner(forth, b)).toBeCloseTo(inner(a, back), 10);
});

describe("gradients to second order", () => {
  const rows: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
    conv2d: [(a, k, c) => conv2d(a!, k!, c!), [leaf(2, 2, 3, 3), leaf(2, 2, 2, 2), leaf(2)]],
    "conv2d, geometry": [
      (a, k) => conv2d(a!, k!, null, { stride: [2, 1], padding: [1, 0], dilation: [1, 2] }),
      [leaf(1, 2, 3, 4), leaf(1, 2, 2, 2)],
    ],
    "conv2d, groups": [(a, k) => conv2d(a!, k!, null, { groups: 2 }), [leaf(2, 2, 2), leaf(4, 1, 1, 2)]],
    "conv2d, same": [(a, k) => conv2d(a!, k!, null, { padding: "same" }), [leaf(1, 1, 2, 3), leaf(1, 1, 2, 2)]],
    conv1d: [(a, k, c) => conv1d(a!, k!, c!, { stride: 2 }), [leaf(1, 2, 4), leaf(2, 2, 2), leaf(2)]],
    convTranspose2d: [
      (a, k, c) => convTranspose2d(a!, k!, c!, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
      [leaf(1, 2, 2, 2), leaf(2, 1, 2, 2), leaf(2)],
    ],
  };
  it.each(Object.entries(rows))("%s", (_, [fn, inputs]) => {
    expect(checkGradients(fn, inputs)).toBe(true);
  });
});

const o = (...shape: number[]): Tensor => zeros(shape);
const refused: Readonly<Record<string, readonly [() => unknown, ErrorCode, RegExp]>> = {
  "an input of two dimensions": [() => conv2d(o(5, 5), w), "invalid_shape", /\[N, C, H, W\] or \[C, H, W\]/],
  "other channels": [
    () => conv2d(o(1, 2, 5, 5), w),
    "shape_mismatch",
    /^conv2d: the channels[\s\S]*input {3}\[1, 2, 5, 5\]\n {2}weight {2}\[6, 4, 3, 2\]\n {2}groups {2}1/,
  ],
  "outputs that groups do not divide": [
    () => conv2d(x, o(3, 2, 2, 2), null, { groups: 2 }),
    "shape_mismatch",
    /multiple of groups/,
  ],
  "a bias of another size": [() => conv2d(x, w, o(2)), "shape_mismatch", /bias does not have one element/],
  "a kernel larger than the input": [() => conv2d(x, o(1, 4, 6, 2)), "invalid_shape", /larger than the padded input/],
  "a stride of 0": [() => conv2d(x, w, null, { stride: 0 }), "invalid_option", /stride must be .* at least 1/],
  "negative padding": [() => conv2d(x, w, null, { padding: [0, -1] }), "invalid_option", /padding must be/],
  "unknown padding": [() => conv2d(x, w, null, { padding: "full" as "same" }), "invalid_option", /unknown padding/],
  "same with a stride": [() => conv2d(x, w, null, { padding: "same", stride: 2 }), "invalid_option", /stride of 1/],
  "no groups": [() => conv2d(x, w, null, { groups: 0 }), "invalid_option", /groups must be/],
  "other dtypes": [() => conv2d(x, zeros(6, 4, 3, 2, { dtype: "float64" })), "invalid_dtype", /the dtypes differ/],
  "a weight of three dimensions": [() => conv2d(x, o(6, 4, 3)), "invalid_shape", /four dimensions/],
  "a weight of four dimensions for signals": [() => conv1d(signals, w), "invalid_shape", /^conv1d: .*three dimensions/],
  "signals of four dimensions": [() => conv1d(x, kernels), "invalid_shape", /\[N, C, L\] or \[C, L\]/],
  "other channels of a transposed one": [
    () => convTranspose2d(x, o(2, 2, 3, 3)),
    "shape_mismatch",
    /^convTranspose2d: the channels/,
  ],
  "an output padding of the stride": [
    () => convTranspose2d(x, transposed, null, { stride: 2, outputPadding: 2 }),
    "invalid_option",
    /smaller than the stride or the dilation/,
  ],
  "a result that would be empty": [
    () => convTranspose2d(o(1, 4, 1, 1), o(4, 2, 1, 1), null, { padding: 1 }),
    "invalid_shape",
    /would be empty/,
  ],
  "a transposed bias of another size": [
    () => convTranspose2d(x, transposedGroups, o(4), { groups: 2 }),
    "shape_mismatch",
    /bias does not have one element/,
  ],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});
