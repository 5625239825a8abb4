import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { arange, tensor, zeros } from "../creation.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { add, mul } from "./arithmetic.ts";
import * as ops from "./join.ts";
import { narrow, reshape, transpose } from "./shape.ts";

const x = counted(2, 3, 4);
const m = counted(2, 3);
const none = zeros(0);
const nan = Number.NaN;

const calls: Readonly<Record<string, () => Tensor>> = {
  cat: () => ops.cat([m, tensor([[-1], [-2]])], 1),
  "cat along dim -2, past nothing": () => ops.cat([none, m, none, tensor([[9, 10, 11]])], -2),
  "cat of nothing": () => ops.cat([none, none]),
  stack: () => ops.stack([counted(3), add(counted(3), 3)], -1),
  "stack of numbers": () => ops.stack([tensor(1), tensor(2)]),
  "hstack of vectors": () => ops.hstack([counted(2), tensor(7)]),
  "hstack of matrices": () => ops.hstack([m, m]),
  vstack: () => ops.vstack([counted(3), m]),
  tile: () => ops.tile(m, 2),
  "tile, more dimensions": () => ops.tile(counted(2), 2, 1, 2),
  repeat: () => ops.repeat(m, 2, 1),
  "repeat, more dimensions": () => ops.repeat(tensor(3), [2, 2]),
  "repeat, never": () => ops.repeat(m, 0, 2),
  repeatInterleave: () => ops.repeatInterleave(m, 2, 1),
  "repeatInterleave, flat": () => ops.repeatInterleave(m, 2),
  "repeatInterleave, each as often": () => ops.repeatInterleave(m, [1, 0, 2], 1),
  "roll, flat": () => ops.roll(m, 1),
  roll: () => ops.roll(m, [1, -4], [0, 1]),
  "roll, one dimension twice": () => ops.roll(m, [1, 1], [1, 1]),
  "roll of one number": () => ops.roll(tensor(3), 1),
  flip: () => ops.flip(m, [0, -1]),
  "flip of nothing": () => ops.flip(m, []),
  tril: () => ops.tril(x, -1),
  triu: () => ops.triu(counted(3, 2), -1),
  "triu drops NaN": () =>
    ops.triu(
      tensor([
        [nan, nan],
        [nan, nan],
      ]),
    ),
  pad: () => ops.pad(m, [1, -1, 0, 1], { value: 9 }),
  "pad, everything cut": () => ops.pad(m, [-3, 2]),
  "pad of integers": () => ops.pad(arange(3), [1, 1], { value: 2.7 }),
  "pad, reflect": () => ops.pad(m, [2, 1], { mode: "reflect" }),
  "pad, reflect and cut": () => ops.pad(x, [2, -1, -2, 1], { mode: "reflect" }),
  "pad, replicate": () => ops.pad(narrow(x, 0, 0, 1), [1, 1, 2, 0], { mode: "replicate" }),
  "pad, circular": () => ops.pad(narrow(x, 0, 0, 1), [2, 1, 0, 1], { mode: "circular" }),
};

/** What torch gives. */
const golden: Readonly<Record<keyof typeof calls, Golden>> = {
  cat: [
    [2, 4],
    [0, 1, 2, -1, 3, 4, 5, -2],
  ],
  "cat along dim -2, past nothing": [
    [3, 3],
    [0, 1, 2, 3, 4, 5, 9, 10, 11],
  ],
  "cat of nothing": [[0], []],
  stack: [
    [3, 2],
    [0, 3, 1, 4, 2, 5],
  ],
  "stack of numbers": [[2], [1, 2]],
  "hstack of vectors": [[3], [0, 1, 7]],
  "hstack of matrices": [
    [2, 6],
    [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5],
  ],
  vstack: [
    [3, 3],
    [0, 1, 2, 0, 1, 2, 3, 4, 5],
  ],
  tile: [
    [2, 6],
    [0, 1, 2, 0, 1, 2, 3, 4, 5, 3, 4, 5],
  ],
  "tile, more dimensions": [
    [2, 1, 4],
    [0, 1, 0, 1, 0, 1, 0, 1],
  ],
  repeat: [
    [4, 3],
    [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5],
  ],
  "repeat, more dimensions": [
    [2, 2],
    [3, 3, 3, 3],
  ],
  "repeat, never": [[0, 6], []],
  repeatInterleave: [
    [2, 6],
    [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5],
  ],
  "repeatInterleave, flat": [[12], [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]],
  "repeatInterleave, each as often": [
    [2, 3],
    [0, 2, 2, 3, 5, 5],
  ],
  "roll, flat": [
    [2, 3],
    [5, 0, 1, 2, 3, 4],
  ],
  roll: [
    [2, 3],
    [4, 5, 3, 1, 2, 0],
  ],
  "roll, one dimension twice": [
    [2, 3],
    [1, 2, 0, 4, 5, 3],
  ],
  "roll of one number": [[], [3]],
  flip: [
    [2, 3],
    [5, 4, 3, 2, 1, 0],
  ],
  "flip of nothing": [
    [2, 3],
    [0, 1, 2, 3, 4, 5],
  ],
  tril: [
    [2, 3, 4],
    [0, 0, 0, 0, 4, 0, 0, 0, 8, 9, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 20, 21, 0, 0],
  ],
  triu: [
    [3, 2],
    [0, 1, 2, 3, 0, 5],
  ],
  "triu drops NaN": [
    [2, 2],
    [Number.NaN, Number.NaN, 0, Number.NaN],
  ],
  pad: [
    [3, 3],
    [9, 0, 1, 9, 3, 4, 9, 9, 9],
  ],
  "pad, everything cut": [
    [2, 2],
    [0, 0, 0, 0],
  ],
  "pad of integers": [[5], [2, 0, 1, 2, 2]],
  "pad, reflect": [
    [2, 6],
    [2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4],
  ],
  "pad, reflect and cut": [
    [2, 2, 5],
    [10, 9, 8, 9, 10, 6, 5, 4, 5, 6, 22, 21, 20, 21, 22, 18, 17, 16, 17, 18],
  ],
  "pad, replicate": [
    [1, 5, 6],
    [0, 0, 1, 2, 3, 3, 0, 0, 1, 2, 3, 3, 0, 0, 1, 2, 3, 3, 4, 4, 5, 6, 7, 7, 8, 8, 9, 10, 11, 11],
  ],
  "pad, circular": [
    [1, 4, 7],
    [2, 3, 0, 1, 2, 3, 0, 6, 7, 4, 5, 6, 7, 4, 10, 11, 8, 9, 10, 11, 8, 2, 3, 0, 1, 2, 3, 0],
  ],
};

it.each(Object.entries(calls))("%s", (name, call) => {
  expect(mismatch(call(), golden[name]!)).toBeNull();
});

describe("cutting gives views", () => {
  const shapes = (pieces: readonly Tensor[]): string => pieces.map(({ shape }) => `[${shape.join(", ")}]`).join(" ");
  it.each([
    ["split(2)", () => ops.split(x, 2, 1), "[2, 2, 4] [2, 1, 4]"],
    ["split([3, 0, 1])", () => ops.split(x, [3, 0, 1], -1), "[2, 3, 3] [2, 3, 0] [2, 3, 1]"],
    ["chunk(3)", () => ops.chunk(x, 3, 2), "[2, 3, 2] [2, 3, 2]"],
    ["tensorSplit(3)", () => ops.tensorSplit(x, 3, 2), "[2, 3, 2] [2, 3, 1] [2, 3, 1]"],
    ["tensorSplit([1, -1])", () => ops.tensorSplit(x, [1, -1], 2), "[2, 3, 1] [2, 3, 2] [2, 3, 1]"],
    ["unbind(2)", () => ops.unbind(x, 2), "[2, 3] [2, 3] [2, 3] [2, 3]"],
  ])("%s", (_, cut, expected) => {
    const pieces = cut();
    expect(shapes(pieces)).toBe(expected);
    expect(pieces.every(({ array }) => array.storage === x.array.storage)).toBe(true);
    const dim = x.shape.findIndex((size, d) => size !== pieces[0]!.shape[d]);
    const joined = pieces[0]!.ndim < x.ndim ? ops.stack(pieces, dim) : ops.cat(pieces, dim);
    expect(joined.tolist()).toEqual(x.tolist());
  });

  it("of pieces that overlap or are empty, as Python slices", () => {
    const pieces = ops.tensorSplit(x, [1, 5, 3], 2);
    expect(shapes(pieces)).toBe("[2, 3, 1] [2, 3, 3] [2, 3, 0] [2, 3, 1]");
    expect(pieces[3]!.tolist()).toEqual(narrow(x, 2, 3, 1).tolist());
  });

  it("of nothing, too", () => {
    expect(shapes(ops.split(none, 0))).toBe("[0]");
    expect(shapes(ops.split(none, 2))).toBe("[0]");
    expect(shapes(ops.chunk(none, 3))).toBe("[0] [0] [0]");
    expect(ops.unbind(zeros(0, 2))).toEqual([]);
  });
});

it("meshgrid gives views of the vectors", () => {
  const [a, b] = [arange(2), arange(3)];
  const [first, second] = ops.meshgrid([a, b]);
  expect([first!.tolist(), second!.tolist()]).toEqual([
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
    [
      [0, 1, 2],
      [0, 1, 2],
    ],
  ]);
  expect(first!.array.storage).toBe(a.array.storage);
  const turned = ops.meshgrid([a, b, arange(4)], { indexing: "xy" });
  expect(turned.map(({ shape }) => shape)).toEqual([
    [3, 2, 4],
    [3, 2, 4],
    [3, 2, 4],
  ]);
  expect(turned[0]!.toArray()[4]).toBe(1);
});

it.each([
  ["repeat", (input: Tensor) => ops.repeat(input, 1, 1)],
  ["repeat of size 1", (input: Tensor) => ops.repeat(narrow(input, 0, 0, 1), 3, 1)],
  ["repeatInterleave", (input: Tensor) => ops.repeatInterleave(input, 1, 0)],
  ["roll", (input: Tensor) => ops.roll(input, 2, 0)],
  ["flip", (input: Tensor) => ops.flip(input, [])],
  ["cat of one", (input: Tensor) => ops.cat([input])],
])("%s copies even where nothing changes", (_, call) => {
  expect(call(m).array.storage).not.toBe(m.array.storage);
});

it("cat and stack meet in the common dtype", () => {
  expect(ops.cat([arange(2), tensor([true])]).dtype).toBe("int32");
  expect(ops.cat([zeros(0, { dtype: "float64" }), m]).dtype).toBe("float64");
  expect(ops.stack([tensor(1), tensor(2, { dtype: "float64" })]).dtype).toBe("float64");
});

describe("gradients to second order", () => {
  const rows: Readonly<Record<string, readonly [TensorFunction, readonly Tensor[]]>> = {
    cat: [(a, b) => ops.cat([a!, b!, a!], 1), [leaf(2, 2), leaf(2, 1)]],
    "cat past nothing": [(a, b) => ops.cat([a!, b!]), [leaf(2, 2), leaf(0)]],
    stack: [(a, b) => ops.stack([a!, b!], 1), [leaf(2, 2), leaf(2, 2)]],
    split: [(a) => mul(ops.split(a!, 2, 1)[1]!, 3), [leaf(2, 3)]],
    unbind: [(a) => ops.unbind(a!, 1), [leaf(2, 3)]],
    repeat: [(a) => ops.repeat(a!, 2, 1, 3), [leaf(2, 2)]],
    repeatInterleave: [(a) => ops.repeatInterleave(a!, [0, 2], 1), [leaf(2, 2)]],
    roll: [(a) => ops.roll(a!, [1, 2], [0, 1]), [leaf(2, 3)]],
    flip: [(a) => ops.flip(a!, 1), [leaf(2, 3)]],
    tril: [(a) => ops.tril(a!), [leaf(2, 3)]],
    "pad and cut": [(a) => ops.pad(a!, [2, -1, -1, 1], { value: 5 }), [leaf(2, 3)]],
    "pad, everything cut": [(a) => ops.pad(a!, [-3, 2]), [leaf(2, 3)]],
    "pad, reflect": [(a) => ops.pad(a!, [2, 2, 1, 0], { mode: "reflect" }), [leaf(2, 3)]],
    "pad, circular": [(a) => ops.pad(a!, [2, 3, 1, -1], { mode: "circular" }), [leaf(2, 3)]],
    "of transposed inputs": [(a) => ops.cat([transpose(a!, 0, 1), ops.flip(transpose(a!, 0, 1), 0)]), [leaf(2, 3)]],
  };
  it.each(Object.entries(rows))("%s", (_, [fn, inputs]) => {
    expect(checkGradients(fn, inputs)).toBe(true);
  });
});

const refused: Readonly<Record<string, readonly [() => unknown, ErrorCode, RegExp]>> = {
  "cat of no tensors": [() => ops.cat([]), "invalid_argument", /at least one/],
  "cat of numbers": [() => ops.cat([tensor(1)]), "invalid_shape", /use stack\(\)/],
  "cat of other ranks": [() => ops.cat([m, zeros(2)]), "shape_mismatch", /tensor 1 {2}\[2\]/],
  "cat of other sizes": [() => ops.cat([m, zeros(2, 2)]), "shape_mismatch", /dim {7}0/],
  "cat along no dimension": [() => ops.cat([m, m], 2), "invalid_dim", /^cat: /],
  "stack of no tensors": [() => ops.stack([]), "invalid_argument", /at least one/],
  "stack of other shapes": [() => ops.stack([m, none]), "shape_mismatch", /tensor 1 {2}\[0\]/],
  "stack along no dimension": [() => ops.stack([tensor(1)], 1), "invalid_dim", /-1 to 0/],
  "split into pieces of 0": [() => ops.split(m, 0), "invalid_argument", /above 0/],
  "split into parts that do not add up": [() => ops.split(m, [1, 1], 1), "invalid_argument", /add up/],
  "split of a number": [() => ops.split(tensor(1), 1), "invalid_shape", /^split: a 0-d/],
  "chunk into none": [() => ops.chunk(m, 0), "invalid_argument", /above 0/],
  "unbind of a number": [() => ops.unbind(tensor(1)), "invalid_shape", /^unbind/],
  "repeat with too few": [() => ops.repeat(m, 2), "invalid_argument", /tile\(\) takes fewer/],
  "repeat less than never": [() => ops.repeat(m, -1, 1), "invalid_argument", /at least 0/],
  "repeatInterleave with too few": [() => ops.repeatInterleave(m, [1, 2], 1), "invalid_argument", /one for each/],
  "repeatInterleave less than never": [() => ops.repeatInterleave(m, -1, 1), "invalid_argument", /at least 0/],
  "roll without dimensions": [() => ops.roll(m, [1, 2]), "invalid_argument", /each dimension/],
  "flip twice": [() => ops.flip(m, [1, 1]), "invalid_dim", /twice/],
  "tril of a vector": [() => ops.tril(zeros(3)), "invalid_shape", /two dimensions/],
  "pad of an odd number": [() => ops.pad(m, [1]), "invalid_argument", /the padding does not fit/],
  "pad of too many": [() => ops.pad(m, [1, 1, 1, 1, 1, 1]), "invalid_argument", /the padding does not fit/],
  "pad that takes too much": [() => ops.pad(m, [-4, 6]), "invalid_argument", /more than there is/],
  "cat of what is no tensor": [() => ops.cat([m, null as never]), "invalid_argument", /position +1\n +found +null/],
  "stack of what is no tensor": [() => ops.stack(["x" as never]), "invalid_argument", /^stack: .*not a tensor/],
  "hstack of what is no tensor": [() => ops.hstack([m, null as never]), "invalid_argument", /^hstack/],
  "vstack of nothing": [() => ops.vstack([]), "invalid_argument", /at least one/],
  "roll by nothing": [() => ops.roll(m, []), "invalid_argument", /at least one shift/],
  "roll of a number along a dimension": [() => ops.roll(tensor(1), 1, 0), "invalid_dim", /no dimensions/],
  "trace of a vector": [() => ops.trace(zeros(3)), "invalid_shape", /of a matrix/],
  "pad in no mode": [() => ops.pad(m, [1, 1], { mode: "edge" as "reflect" }), "invalid_option", /unknown mode/],
  "pad that reflects too far": [() => ops.pad(m, [3, 0], { mode: "reflect" }), "invalid_argument", /at most 2/],
  "pad that turns twice": [() => ops.pad(m, [4, 0], { mode: "circular" }), "invalid_argument", /at most 3/],
  "pad that replicates nothing": [
    () => ops.pad(zeros(2, 0), [1, 0], { mode: "replicate" }),
    "invalid_argument",
    /at most 0/,
  ],
  "pad with a value it does not use": [
    () => ops.pad(m, [1, 1], { mode: "reflect", value: 1 }),
    "invalid_option",
    /only mode "constant"/,
  ],
  "meshgrid of a matrix": [() => ops.meshgrid([m]), "invalid_shape", /made of vectors/],
  "meshgrid of other dtypes": [() => ops.meshgrid([arange(2), zeros(2)]), "invalid_dtype", /differ/],
};

it.each(Object.entries(refused))("refuses %s", (_, [call, code, message]) => {
  expect(call).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
});

it("pads round what a negative padding leaves, as torch", () => {
  const padded = ops.pad(reshape(counted(12), [1, 3, 4]), [-1, 2, 2, -1], { mode: "circular" });
  expect(padded.tolist()).toEqual([
    [
      [1, 2, 3, 1, 2],
      [5, 6, 7, 5, 6],
      [1, 2, 3, 1, 2],
      [5, 6, 7, 5, 6],
    ],
  ]);
});

it("trace adds up the main diagonal, and sends its gradient there", () => {
  expect(ops.trace(counted(3, 4)).item()).toBe(0 + 5 + 10);
  expect(
    ops.trace(
      tensor([
        [true, false],
        [false, true],
      ]),
    ).dtype,
  ).toBe("int32");
  expect(ops.trace(zeros(0, 3)).item()).toBe(0);
  checkGradients(ops.trace, [leaf(3, 2)]);
});
