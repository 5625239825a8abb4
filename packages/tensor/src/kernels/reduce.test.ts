import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DType } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { allClose } from "../testing.ts";
import { pretendWasm } from "../wasm/host.ts";
import * as k from "./reduce.ts";
import * as scan from "./scan.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const rows = [
  [1, 5, -2],
  [nan, 3, 7],
  [-inf, -inf, -inf],
  [inf, -inf, 1],
  [0, -0, 0],
];
const x = NDArray.of(rows.flat(), [5, 3]);

const close = (actual: NDArray, expected: readonly number[]): void =>
  expect(allClose(actual.toArray(), expected, { rtol: 1e-6, equalNan: true }), `${[...actual.toArray()]}`).toBe(true);

/** The two forms of a kernel, where both can take the operands. */
function forms(kernel: k.Reduction, out: NDArray, a: NDArray, dims: number[]): ((out: NDArray) => void)[] {
  const fast = kernel.wasm !== null && kernel.accepts(out, a, dims) ? [kernel.wasm] : [];
  return [kernel.js, ...fast].map((run) => (result) => run(result, a, dims));
}

describe("reductions", () => {
  // what PyTorch 2.13 gives along rows
  it.each([
    ["sum", [4, nan, -inf, nan, 0]],
    ["prod", [-10, nan, -inf, -inf, -0]],
    ["mean", [1.3333333730697632, nan, -inf, nan, 0]],
    ["logsumexp", [5.019044876098633, nan, -inf, inf, 1.0986123085021973]],
    ["amax", [5, nan, -inf, inf, 0]],
    ["amin", [-2, nan, -inf, -inf, 0]],
  ] as const)("%s has torch's values at its corners", (name, expected) => {
    const out = NDArray.zeros([5, 1]);
    for (const run of forms(k[name], out, x, [1])) {
      run(out);
      close(out, expected);
    }
  });

  it("count NaN as true", () => {
    const [some, every] = [NDArray.zeros([5, 1], "bool"), NDArray.zeros([5, 1], "bool")];
    k.any(some, x, [1]);
    k.all(every, x, [1]);
    expect([...some.data]).toEqual([1, 1, 1, 1, 0]);
    expect([...every.data]).toEqual([1, 1, 1, 1, 0]);
  });

  it("give torch's results of nothing", () => {
    const none = NDArray.zeros([0, 2]);
    const of = (kernel: k.Reduction, dtype: DType = "float32"): number[] => {
      const out = NDArray.zeros([1, 2], dtype);
      kernel(out, none, [0]);
      return [...out.data];
    };
    expect(of(k.sum)).toEqual([0, 0]);
    expect(of(k.prod)).toEqual([1, 1]);
    expect(of(k.mean)).toEqual([nan, nan]);
    expect(of(k.logsumexp)).toEqual([-inf, -inf]);
    expect(of(k.any, "bool")).toEqual([0, 0]);
    expect(of(k.all, "bool")).toEqual([1, 1]);
  });

  it("find the first of the largest and smallest, NaN before all", () => {
    const along = (kernel: k.ArgReduction, dim: number): number[] => {
      const out = NDArray.zeros(dim === 0 ? [1, 3] : [5, 1], "int32");
      kernel(out, x, dim);
      return [...out.data];
    };
    expect(along(k.argmax, 1)).toEqual([1, 0, 0, 0, 0]);
    expect(along(k.argmin, 1)).toEqual([2, 0, 0, 1, 0]);
    expect(along(k.argmax, 0)).toEqual([1, 0, 1]);
    expect(along(k.argmin, 0)).toEqual([1, 2, 2]);
  });

  it("estimate variance as torch: NaN where there are too few, in two passes", () => {
    const variance = (values: number[], correction: number): number => {
      const out = NDArray.zeros([1]);
      k.variance(out, NDArray.of(values), [0], correction);
      return out.data[0]!;
    };
    expect(variance([1, 5, -2], 1)).toBeCloseTo(12.333333, 5);
    expect(variance([1, 5, -2], 0)).toBeCloseTo(8.222222, 5);
    expect(variance([1], 1)).toBeNaN();
    expect(variance([1, 2], 5)).toBe(inf);
    expect(variance([1e7, 1e7 + 1, 1e7 + 2], 1)).toBe(1);
  });

  it("wrap integers around at 32 bits", () => {
    const a = NDArray.of([3, -4, 2147483647, 5], [2, 2], "int32");
    const of = (kernel: k.Reduction, dim: number): number[] => {
      const out = NDArray.zeros(dim === 0 ? [1, 2] : [2, 1], "int32");
      kernel(out, a, [dim]);
      return [...out.data];
    };
    expect(of(k.sum, 1)).toEqual([-1, -2147483644]);
    expect(of(k.prod, 1)).toEqual([-12, 2147483643]);
    expect(of(k.amax, 0)).toEqual([2147483647, 5]);
    expect(of(k.amin, 0)).toEqual([3, -4]);
  });

  it("lose no digits in long sums, in either form", () => {
    const n = 1_000_001;
    const a = NDArray.zeros([n]);
    a.data.fill(0.1);
    for (const run of forms(k.sum, NDArray.zeros([1]), a, [0])) {
      const out = NDArray.zeros([1]);
      run(out);
      expect(out.data[0]).toBe(Math.fround(Math.fround(0.1) * n));
    }
  });

  it("fold any set of dimensions, in the memory order of the operand, as the definition does", () => {
    const a = NDArray.zeros([2, 5, 3, 4]);
    for (let i = 0; i < a.size; i++) a.data[i] = Math.sin(i);
    const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    fc.assert(
      fc.property(
        orders,
        fc.subarray([0, 1, 2, 3]),
        fc.constantFrom("sum", "mean", "amax", "amin"),
        (order, dims, name) => {
          const view = a.transpose(...order);
          const folded = view.shape.map((n, d) => (dims.includes(d) ? 1 : n));
          const [fast, exact] = [NDArray.zeros(folded), NDArray.zeros(folded, "float64")];
          k[name](fast, view, dims);
          k[name].js(exact, view, dims);
          expect(allClose(fast.toArray(), exact.toArray(), { rtol: 1e-6, atol: 1e-6 })).toBe(true);
        },
      ),
    );
  });

  it("run without WebAssembly", () => {
    pretendWasm(false);
    const out = NDArray.zeros([1, 300]);
    const a = NDArray.zeros([2, 300]);
    a.data.fill(2);
    k.sum(out, a, [0]);
    pretendWasm(undefined);
    expect([...out.data]).toEqual(new Array(300).fill(4));
  });
});

describe("scans", () => {
  // what PyTorch 2.13 gives along rows
  it.each([
    ["cumsum", [1, 6, 4, nan, nan, nan, -inf, -inf, -inf, inf, nan, nan, 0, 0, 0]],
    ["cumprod", [1, 5, -10, nan, nan, nan, -inf, inf, -inf, inf, -inf, -inf, 0, -0, -0]],
    ["logcumsumexp", [1, 5.01815, 5.019045, nan, nan, nan, -inf, -inf, -inf, inf, inf, inf, 0, Math.LN2, 1.0986123]],
  ] as const)("%s has torch's values at its corners", (name, expected) => {
    const out = NDArray.zeros([5, 3]);
    scan[name](out, x, 1);
    close(out, expected);
  });

  it("wrap integers around at 32 bits, and take single numbers", () => {
    const a = NDArray.of([3, -4, 2147483647, 5], [2, 2], "int32");
    const out = NDArray.zeros([2, 2], "int32");
    scan.cumsum(out, a, 1);
    expect([...out.data]).toEqual([3, -1, 2147483647, -2147483644]);
    scan.cumprod(out, a, 0);
    expect([...out.data]).toEqual([3, -4, 2147483645, -20]);
    const single = NDArray.zeros([]);
    scan.cumsum(single, NDArray.of([5], []), 0);
    expect(single.get()).toBe(5);
  });
});
