import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ndarrayOps } from "#platform";
import { NDArray } from "../ndarray.ts";
import { extremes, views } from "../testing.ts";
import { forEachIndex } from "../visit.ts";
import * as k from "./elementwise.ts";
import { nestOf, walkRows } from "./nest.ts";

vi.mock("#platform", async (load) => {
  const real = await load<typeof import("#platform")>();
  return { ...real, ndarrayOps: vi.fn(real.ndarrayOps) };
});

afterEach(() => vi.mocked(ndarrayOps).mockReset());

/** Runs a kernel with `ndarray-ops` and without, as where code may not be made from strings. */
function bothWays(run: (out: NDArray) => void, out: NDArray): { with: NDArray; without: NDArray } {
  const results = [false, true].map((forbidden) => {
    if (forbidden) vi.mocked(ndarrayOps).mockReturnValue(null);
    else vi.mocked(ndarrayOps).mockReset();
    const own = out.copy();
    run(own.view(out.shape, own.stride));
    return own;
  });
  return { with: results[0]!, without: results[1]! };
}

describe("ndarray-ops", () => {
  const unary = [
    "neg",
    "abs",
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "floor",
    "ceil",
  ] as const;
  const binary = ["add", "sub", "mul", "div", "maximum", "minimum", "fmod", "atan2"] as const;
  const shape = [8, 1, 9, 5];
  const view = (dtype: "float32" | "float64"): fc.Arbitrary<NDArray> =>
    views(shape, { dtype, elements: extremes({ dtype }) });

  it("does strided arithmetic in Node, and contiguous arithmetic nowhere", () => {
    expect(ndarrayOps()).not.toBeNull();
    const a = NDArray.zeros([20, 20]);
    vi.mocked(ndarrayOps).mockClear();
    k.add.js(NDArray.zeros([20, 20]), a, a);
    expect(ndarrayOps).not.toHaveBeenCalled();
    k.add.js(NDArray.zeros([20, 20]), a, a.transpose(1, 0));
    expect(ndarrayOps).toHaveBeenCalled();
  });

  it.each(unary)("%s gives the same bits as plain loops", (name) => {
    fc.assert(
      fc.property(fc.constantFrom("float32", "float64").chain(view), (a) => {
        const results = bothWays((out) => k[name].js(out, a), NDArray.zeros(shape, a.dtype));
        expect(results.with.data).toEqual(results.without.data);
      }),
    );
  });

  it.each(binary)("%s gives the same bits as plain loops", (name) => {
    fc.assert(
      fc.property(
        fc.constantFrom("float32" as const, "float64" as const).chain((dtype) => fc.tuple(view(dtype), view(dtype))),
        ([a, b]) => {
          const results = bothWays((out) => k[name].js(out, a, b), NDArray.zeros(shape, a.dtype));
          expect(results.with.data).toEqual(results.without.data);
        },
      ),
    );
  });

  it("is not asked for integers, whose products it would round", () => {
    const a = NDArray.zeros([20, 1], "int32").expand([20, 20]);
    a.data.fill(65537);
    const results = bothWays((out) => k.mul.js(out, a, a.transpose(1, 0)), NDArray.zeros([20, 20], "int32"));
    expect(results.with.data[399]).toBe(131073);
    expect(results.with.data).toEqual(results.without.data);
  });
});

describe("loops over any strides", () => {
  it("go through nine dimensions", () => {
    const shape = [2, 1, 3, 2, 1, 2, 2, 1, 2];
    const a = NDArray.zeros([...shape].reverse());
    for (let i = 0; i < a.size; i++) a.data[i] = i;
    const turned = a.transpose(8, 7, 6, 5, 4, 3, 2, 1, 0);
    const out = NDArray.zeros(shape);
    k.add.js(out, turned, NDArray.of([1], []));
    expect([...out.data]).toEqual([...turned.toArray()].map((x) => x + 1));
  });

  it("do nothing where there is nothing", () => {
    const out = NDArray.zeros([0, 3]);
    expect(() => k.add.js(out, NDArray.zeros([3]), NDArray.zeros([1, 1]))).not.toThrow();
    expect(() => k.add.js(NDArray.zeros([3, 0]).transpose(1, 0), out, out)).not.toThrow();
  });

  it("visit every element once, crosswise or not", () => {
    const a = NDArray.zeros([70, 45, 2]);
    for (const view of [a, a.transpose(1, 0, 2), a.transpose(2, 1, 0), a.transpose(1, 0, 2).step(-1, 2, 1)]) {
      const out = NDArray.zeros(view.shape);
      const nest = nestOf(view.shape, [out, view]);
      const [seen, places] = [new Set<number>(), new Set<number>()];
      const [s = 0, t = 0] = nest.strides.map((own) => own.at(-1)!);
      walkRows(nest, ([p = 0, q = 0], n) => {
        for (let i = 0; i < n; i++) {
          seen.add(p + i * s);
          places.add(q + i * t);
        }
      });
      expect(seen.size).toBe(out.size);
      const expected = new Set<number>();
      forEachIndex(view, (i) => expected.add(i));
      expect(places).toEqual(expected);
    }
  });

  it("merges dimensions that run on, and follows the memory of the leader", () => {
    const a = NDArray.zeros([2, 3, 4]);
    expect(nestOf(a.shape, [a, a]).sizes).toEqual([24]);
    const turned = a.transpose(2, 0, 1);
    expect(nestOf(turned.shape, [turned, turned]).sizes).toEqual([24]);
    expect(nestOf([2, 3, 4], [a, NDArray.zeros([3, 1])]).sizes).toEqual([2, 3, 4]);
    expect(nestOf([2, 3, 4], [a, NDArray.zeros([4])]).sizes).toEqual([6, 4]);
    expect(nestOf([], [NDArray.zeros([])])).toEqual({ sizes: [1], strides: [[0]], offsets: [0] });
  });
});
