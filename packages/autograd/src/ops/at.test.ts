import type { ErrorCode } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { tensor } from "../creation.ts";
import type { TensorFunction } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import { checkGradients, counted, type Golden, leaf, mismatch } from "./__fixtures__/golden.ts";
import { at, type Index, slice } from "./at.ts";
import { clone } from "./cast.ts";
import { transpose } from "./shape.ts";

const x = counted(2, 3, 4);
const int = (value: number): Tensor => tensor(value, { dtype: "int32" });
const all = slice();
const corners = [
  [true, false, true],
  [false, false, true],
];

/** Indices as Python writes them, what torch gives for the numbers 0 to 23 in shape [2, 3, 4]. */
const indices: Readonly<Record<string, readonly Index[]>> = {
  "1": [1],
  "-1, 2": [-1, 2],
  "0:, ::2": [slice(0), slice(null, null, 2)],
  "1:, -2:, :-1": [slice(1), slice(-2), slice(null, -1)],
  "5:": [slice(5)],
  ":, 2:1": [all, slice(2, 1)],
  "..., 0": ["...", 0],
  "None, 1, ..., None": [null, 1, "...", null],
  "...": ["..."],
  "": [],
  "[1, 0, 1]": [[1, 0, 1]],
  "[[0, 1], [1, 1]], 0": [
    [
      [0, 1],
      [1, 1],
    ],
    0,
  ],
  ":, [0, 2], 1": [all, Int32Array.of(0, 2), 1],
  "[0, 1], [2, -1]": [
    [0, 1],
    [2, -1],
  ],
  ":, [0, 1], [2, 3]": [all, [0, 1], [2, 3]],
  "[[1], [0]], [0, 2]": [
    [[1], [0]],
    [0, 2],
  ],
  "[0, 1], :, [0, 3]": [[0, 1], all, [0, 3]],
  "0, :, [0, 3]": [0, all, [0, 3]],
  "[0, 1], None, [0, 2]": [[0, 1], null, [0, 2]],
  "[]": [[]],
  "::-1 of the last, 3:0:-2": ["...", slice(3, 0, -2)],
  mask: [[true, false]],
  ":, mask": [all, tensor([true, false, true])],
  "matrix mask, 1:3": [corners, slice(1, 3)],
  "mask, [0, 2]": [tensor([true, true]), [0, 2]],
  false: [false],
  "0-d mask, 1": [tensor(true), 1],
  "true, [0, 1]": [true, [0, 1], 0, 0],
  "0-d index": [int(1), all, [0, 3]],
  "..., mask": ["...", [true, false, false, true]],
};

const golden: Readonly<Record<keyof typeof indices, Golden>> = {
  "1": [
    [3, 4],
    [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "-1, 2": [[4], [20, 21, 22, 23]],
  "0:, ::2": [
    [2, 2, 4],
    [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23],
  ],
  "1:, -2:, :-1": [
    [1, 2, 3],
    [16, 17, 18, 20, 21, 22],
  ],
  "5:": [[0, 3, 4], []],
  ":, 2:1": [[2, 0, 4], []],
  "..., 0": [
    [2, 3],
    [0, 4, 8, 12, 16, 20],
  ],
  "None, 1, ..., None": [
    [1, 3, 4, 1],
    [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "...": [
    [2, 3, 4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "": [
    [2, 3, 4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "[1, 0, 1]": [
    [3, 3, 4],
    [
      12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18,
      19, 20, 21, 22, 23,
    ],
  ],
  "[[0, 1], [1, 1]], 0": [
    [2, 2, 4],
    [0, 1, 2, 3, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15],
  ],
  ":, [0, 2], 1": [
    [2, 2],
    [1, 9, 13, 21],
  ],
  "[0, 1], [2, -1]": [
    [2, 4],
    [8, 9, 10, 11, 20, 21, 22, 23],
  ],
  ":, [0, 1], [2, 3]": [
    [2, 2],
    [2, 7, 14, 19],
  ],
  "[[1], [0]], [0, 2]": [
    [2, 2, 4],
    [12, 13, 14, 15, 20, 21, 22, 23, 0, 1, 2, 3, 8, 9, 10, 11],
  ],
  "[0, 1], :, [0, 3]": [
    [2, 3],
    [0, 4, 8, 15, 19, 23],
  ],
  "0, :, [0, 3]": [
    [3, 2],
    [0, 3, 4, 7, 8, 11],
  ],
  "[0, 1], None, [0, 2]": [
    [2, 1, 4],
    [0, 1, 2, 3, 20, 21, 22, 23],
  ],
  "[]": [[0, 3, 4], []],
  "::-1 of the last, 3:0:-2": [
    [2, 3, 2],
    [3, 1, 7, 5, 11, 9, 15, 13, 19, 17, 23, 21],
  ],
  mask: [
    [1, 3, 4],
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  ],
  ":, mask": [
    [2, 2, 4],
    [0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 20, 21, 22, 23],
  ],
  "matrix mask, 1:3": [
    [3, 2],
    [1, 2, 9, 10, 21, 22],
  ],
  "mask, [0, 2]": [
    [2, 4],
    [0, 1, 2, 3, 20, 21, 22, 23],
  ],
  false: [[0, 2, 3, 4], []],
  "0-d mask, 1": [
    [1, 3, 4],
    [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
  ],
  "true, [0, 1]": [[2], [0, 12]],
  "0-d index": [
    [3, 2],
    [12, 15, 16, 19, 20, 23],
  ],
  "..., mask": [
    [2, 3, 2],
    [0, 3, 4, 7, 8, 11, 12, 15, 16, 19, 20, 23],
  ],
};

describe("at", () => {
  it.each(Object.entries(indices))("[%s]", (name, index) => {
    expect(mismatch(at(x, ...index), golden[name]!)).toBeNull();
  });

  it.each([
    [slice(null, null, -1), [3, 2, 1, 0]],
    [slice(-2, null, -1), [2, 1, 0]],
    [slice(10, -10, -3), [3, 0]],
    [slice(0, 3, -1), []],
  ])("walks backwards: %o", (range, expected) => {
    expect(at(counted(4), range).tolist()).toEqual(expected);
  });

  it("gives views of numbers, slices, null and dots, and copies of the rest", () => {
    const shares = (...index: Index[]): boolean => at(x, ...index).array.storage === x.array.storage;
    expect([shares(1, slice(null, null, -2), null), shares("..."), shares(int(0))]).toEqual([true, true, true]);
    expect([shares([0]), shares(tensor([true, false])), shares(true)]).toEqual([false, false, false]);
  });

  it("does not see the strides of what it indexes", () => {
    const turned = transpose(x, 0, 2);
    expect(at(turned, [3, 0], [1, 2]).tolist()).toEqual([
      [7, 19],
      [8, 20],
    ]);
    expect(at(turned, all, [1]).tolist()).toEqual(at(clone(turned), all, [1]).tolist());
  });

  const gradients: Readonly<Record<string, TensorFunction>> = {
    "a view": (a) => at(a!, slice(null, null, -2), null, 1),
    "an index that repeats": (a) => at(a!, [0, 2, 0]),
    "two indices": (a) => at(a!, [[0], [2]], [1, 0]),
    "separate indices": (a) => at(a!, [0, 1], all, [1, 0]),
    "a mask": (a) => at(a!, all, [true, false]),
  };
  it.each(Object.entries(gradients))("has the gradient of %s", (_, fn) => {
    expect(checkGradients(fn, [leaf(3, 2, 2)])).toBe(true);
  });

  const refused: Readonly<Record<string, readonly [readonly Index[], ErrorCode, RegExp]>> = {
    "a number too large": [[2], "invalid_index", /^at: index 2 is out of bounds for dimension 0 with size 2/],
    "a number too small": [[0, -4], "invalid_index", /indices run from -3 to 2/],
    "a fraction": [[0.5], "invalid_index", /whole number/],
    "an index too large": [[[0, 2]], "invalid_index", /^at: index 2 is out of bounds for dimension 0/],
    "an index too small": [[all, [-4]], "invalid_index", /^at: index -4 is out of bounds for dimension 1/],
    "too many": [[0, 0, 0, 0], "invalid_index", /too many indices/],
    "two ellipses": [["...", 0, "..."], "invalid_argument", /only one/],
    "indices that do not broadcast": [
      [
        [0, 1],
        [0, 1, 2],
      ],
      "shape_mismatch",
      /do not broadcast/,
    ],
    "a mask of another size": [[[true, false, true]], "shape_mismatch", /mask {8}\[3\]/],
    "float indices": [[tensor([1])], "invalid_dtype", /must be int32/],
    "what is no index": [["1" as "..."], "invalid_argument", /not an index/],
  };
  it.each(Object.entries(refused))("refuses %s", (_, [index, code, message]) => {
    expect(() => at(x, ...index)).toThrow(expect.objectContaining({ code, message: expect.stringMatching(message) }));
  });

  it("refuses slices that do not move", () => {
    expect(() => slice(0, 1, 0)).toThrow(/step not 0/);
    expect(() => slice(0.5)).toThrow(/whole numbers/);
  });
});
