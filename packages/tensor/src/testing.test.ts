import fc from "fast-check";
import ndarray from "ndarray";
import { describe, expect, it } from "vitest";
import { NDArray } from "./ndarray.ts";
import { broadcastsTo, sizeOf } from "./shape.ts";
import { allClose, arrays, broadcastable, shapes, ulpDistance, ulpOf, views } from "./testing.ts";

describe("views", () => {
  it("have the shape that was asked for and stay inside their storage", () => {
    fc.assert(
      fc.property(
        shapes().chain((shape) => fc.tuple(fc.constant(shape), views(shape))),
        ([shape, view]) => {
          expect(view.shape).toEqual(shape);
          const low =
            view.offset + shape.reduce((sum, n, d) => sum + Math.min(0, Math.max(0, n - 1) * view.stride[d]!), 0);
          const high =
            view.offset + shape.reduce((sum, n, d) => sum + Math.max(0, Math.max(0, n - 1) * view.stride[d]!), 0);
          if (view.size > 0) expect(low >= 0 && high < view.data.length).toBe(true);
        },
      ),
    );
  });

  it("include contiguous, permuted, reversed, stepped and expanded ones", () => {
    const found = fc.sample(arrays({ minRank: 2, minSize: 2 }), { numRuns: 300, seed: 1 });
    expect(found.some((a) => a.isContiguous)).toBe(true);
    expect(found.some((a) => Math.abs(a.stride[0]!) < Math.abs(a.stride[1]!))).toBe(true);
    expect(found.some((a) => a.stride.some((s) => s < 0))).toBe(true);
    expect(found.some((a) => a.stride.includes(0))).toBe(true);
    expect(found.some((a) => !a.stride.includes(1) && !a.stride.includes(0) && a.offset > 0)).toBe(true);
  });

  it("put no two elements in one place unless they may be expanded", () => {
    fc.assert(
      fc.property(arrays({ expand: false }), (a) => {
        const places = new Set<number>();
        const scijs = ndarray(a.data, [...a.shape], [...a.stride], a.offset);
        const visit = (at: number[]): void => {
          if (at.length === a.dimension) places.add(scijs.index(...at));
          else for (let i = 0; i < a.shape[at.length]!; i++) visit([...at, i]);
        };
        visit([]);
        expect(places.size).toBe(a.size);
      }),
    );
  });
});

describe("broadcastable", () => {
  it("gives shapes that broadcast to the first", () => {
    fc.assert(
      fc.property(broadcastable(3), ([first, ...others]) => {
        expect(others).toHaveLength(2);
        for (const other of others) expect(broadcastsTo(other, first)).toBe(true);
        expect(sizeOf(first)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("ulpDistance", () => {
  it("counts the steps between floats", () => {
    expect(ulpDistance(1, 1 + 2 ** -23)).toBe(1);
    expect(ulpDistance(1, 1 - 2 ** -24)).toBe(1);
    expect(ulpDistance(-(2 ** -149), 2 ** -149)).toBe(2);
    expect(ulpDistance(1, 1 + 2 ** -52, "float64")).toBe(1);
    expect(ulpDistance(0, -0)).toBe(0);
    expect(ulpDistance(3, 7, "int32")).toBe(4);
    expect(ulpDistance(Number.NaN, Number.NaN)).toBe(0);
    expect(ulpDistance(Number.NaN, 1)).toBe(Number.POSITIVE_INFINITY);
    expect(ulpDistance(Math.fround(3.4028234663852886e38), Number.POSITIVE_INFINITY)).toBe(1);
  });

  it("agrees with the size of the last place", () => {
    for (const x of [1, 1.5, 3, 1e-30, 2 ** -140, 1e30])
      expect(ulpDistance(Math.fround(x), Math.fround(x) + ulpOf(x))).toBe(1);
  });
});

describe("allClose", () => {
  it("compares as torch.allclose", () => {
    expect(allClose([1, 2], [1.000001, 2])).toBe(true);
    expect(allClose([1, 2], [1.0001, 2])).toBe(false);
    expect(allClose([1e-9], [0])).toBe(true);
    expect(allClose([Number.NaN], [Number.NaN])).toBe(false);
    expect(allClose([Number.NaN], [Number.NaN], { equalNan: true })).toBe(true);
    expect(allClose([Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY])).toBe(true);
    expect(allClose([1e300], [Number.POSITIVE_INFINITY])).toBe(false);
    expect(allClose(NDArray.zeros([2, 1]), NDArray.zeros([1, 2]))).toBe(false);
    expect(allClose([1], [1, 2])).toBe(false);
  });
});
