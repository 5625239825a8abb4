import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { arrayFrom, checkDType, dtypes, promote } from "./dtype.ts";
import { fail, TensorError } from "./errors.ts";
import { checkOptions, nearest } from "./options.ts";
import {
  broadcastShapes,
  broadcastsTo,
  inferShape,
  isRowMajor,
  normaliseDim,
  normaliseDims,
  reducedShape,
  sizeOf,
  stridesOf,
} from "./shape.ts";

const sizes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });

describe("broadcasting", () => {
  it("is symmetric, and both shapes broadcast to the result", () => {
    fc.assert(
      fc.property(sizes, sizes, (a, b) => {
        const fits = Array.from({ length: Math.min(a.length, b.length) }, (_, i) => [
          a.at(-1 - i)!,
          b.at(-1 - i)!,
        ]).every(([m, n]) => m === n || m === 1 || n === 1);
        if (!fits) {
          expect(() => broadcastShapes("here", a, b)).toThrow(TensorError);
          return;
        }
        const out = broadcastShapes("here", a, b);
        expect(broadcastShapes("here", b, a)).toEqual(out);
        expect([a, b, out].map((shape) => broadcastsTo(shape, out))).toEqual([true, true, true]);
      }),
    );
  });

  it("says what does not fit", () => {
    expect(() => broadcastShapes("add", [2, 3], [4])).toThrow(
      "add: shapes do not broadcast\n  left   [2, 3]\n  right  [4]\n  hint: counted from the end, sizes must be equal or one of them 1",
    );
  });
});

describe("shapes", () => {
  it("have strides that are row-major", () => {
    const wide = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(sizes, wide), (shape) => {
        const products = shape.map((_, i) => sizeOf(shape.slice(i + 1).map((n) => Math.max(n, 1))));
        expect(stridesOf(shape)).toEqual(products);
        expect(isRowMajor(shape, stridesOf(shape))).toBe(true);
      }),
    );
    expect([isRowMajor([2, 3], [1, 2]), isRowMajor([1, 3], [99, 1]), isRowMajor([0, 3], [7, 7])]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it("let one size be found", () => {
    expect(inferShape("view", [2, -1], 6)).toEqual([2, 3]);
    expect(inferShape("view", [0, 5], 0)).toEqual([0, 5]);
    for (const bad of [
      [-1, -1],
      [4, -1],
      [2, 2],
      [0, -1],
      [1.5, 4],
    ])
      expect(() => inferShape("view", bad, 6)).toThrow(TensorError);
  });

  it("count dimensions from either end", () => {
    expect([normaliseDim("sum", -1, 3), normaliseDim("sum", 0, 0)]).toEqual([2, 0]);
    expect([normaliseDims("sum", undefined, 2), normaliseDims("sum", [-1, 0], 2), normaliseDims("sum", 0, 0)]).toEqual([
      [0, 1],
      [1, 0],
      [],
    ]);
    expect(() => normaliseDim("sum", 3, 3)).toThrow(/range {2}-3 to 2/);
    expect(() => normaliseDims("sum", [0, -2], 2)).toThrow(/twice/);
  });

  it("lose what is reduced", () => {
    expect([reducedShape([2, 3, 4], [1], false), reducedShape([2, 3, 4], [0, 2], true)]).toEqual([
      [2, 4],
      [1, 3, 1],
    ]);
    expect(sizeOf([])).toBe(1);
  });
});

describe("dtypes", () => {
  it("promote to the wider, in any order", () => {
    for (const a of dtypes) for (const b of dtypes) expect(promote(a, b)).toBe(promote(b, a));
    expect([promote("bool", "int32"), promote("int32", "float32"), promote("float32", "float64")]).toEqual([
      "int32",
      "float32",
      "float64",
    ]);
  });

  it("convert as torch does: toward zero, and anything but 0 is true", () => {
    expect([...arrayFrom("int32", [1.9, -1.9])]).toEqual([1, -1]);
    expect([...arrayFrom("bool", [0, -0, 0.5, Number.NaN])]).toEqual([0, 0, 1, 1]);
    expect(() => checkDType("zeros", "float16")).toThrow(/one of bool, int32, float32, float64/);
  });
});

describe("errors and options", () => {
  it("say where, what, the facts and the cure", () => {
    const caught = (): TensorError => {
      try {
        return fail(
          "invalid_argument",
          "here",
          "it is wrong",
          { size: [1, 2], "a name": "text", many: Array.from({ length: 20 }, (_, i) => i) },
          "do this",
        );
      } catch (error) {
        return error as TensorError;
      }
    };
    const error = caught();
    expect(String(error)).toBe(
      "TensorError: here: it is wrong\n  size    [1, 2]\n  a name  text\n  many    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ... 8 more]\n  hint: do this",
    );
    expect([error.code, error.where, error.hint, error instanceof Error]).toEqual([
      "invalid_argument",
      "here",
      "do this",
      true,
    ]);
  });

  it("answer a misspelt option with the nearest", () => {
    expect(nearest("weight_decay", ["lr", "weightDecay"])).toBe("weightDecay");
    expect(nearest("zebra", ["lr", "momentum"])).toBeUndefined();
    expect(() => checkOptions("SGD", { momentun: 1 }, ["lr", "momentum"])).toThrow(/did you mean momentum/);
    expect(() => checkOptions("SGD", 0.1 as unknown as object, ["lr"])).toThrow(/come as an object/);
    expect(() => checkOptions("SGD", undefined, ["lr"])).not.toThrow();
  });
});
