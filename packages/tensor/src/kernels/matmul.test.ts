import { describe, expect, it } from "vitest";
import type { DType } from "../dtype.ts";
import { NDArray } from "../ndarray.ts";
import { allClose } from "../testing.ts";
import * as k from "./matmul.ts";

const forms = ["js", "wasm"] as const;

function made(shape: number[], dtype: DType = "float32", seed = 1): NDArray {
  const out = NDArray.zeros(shape, dtype);
  for (let i = 0; i < out.size; i++)
    out.data[i] = dtype === "int32" ? ((i * 7919 + seed) % 19) - 9 : Math.sin(i * seed + seed);
  return out;
}

/** Straight from the definition, in double precision. */
function reference(a: NDArray, b: NDArray): number[] {
  const [rows, columns, depth] = [a.shape.at(-2)!, b.shape.at(-1)!, a.shape.at(-1)!];
  const batch = a.shape.slice(0, -2);
  const out: number[] = [];
  const visit = (at: number[]): void => {
    if (at.length < batch.length) {
      for (let i = 0; i < batch[at.length]!; i++) visit([...at, i]);
      return;
    }
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let l = 0; l < depth; l++) sum += a.get(...at, i, l) * b.get(...at, l, j);
        out.push(sum);
      }
    }
  };
  visit([]);
  return out;
}

// tiles are up to 6 × 8, panels 256 deep (up to 320 where few would be left), blocks 144 rows and 1,024 columns; above 128 rows or columns the other side is packed, and above 24
// rows if depths are a page apart; up to 32 rows are packed in the place of four times as many columns that lie along the depth
const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [3, 8, 12],
  [4, 8, 13],
  [5, 257, 9],
  [3, 577, 17],
  [145, 20, 12],
  [20, 9, 131],
  [9, 12, 1],
  [2, 5, 1033],
  [25, 4, 1026],
  [147, 321, 135],
  [130, 330, 12],
  [31, 577, 130],
  [1, 300, 1],
  [3, 0, 4],
];

describe.each(forms)("matmul in %s", (form) => {
  const multiply = (a: NDArray, b: NDArray): NDArray => {
    const out = NDArray.zeros([...a.shape.slice(0, -1), b.shape.at(-1)!]);
    out.data.fill(Number.NaN);
    k.matmul[form]!(out, a, b);
    return out;
  };
  const check = (a: NDArray, b: NDArray): void =>
    expect(allClose(multiply(a, b).data, reference(a, b), { rtol: 1e-5, atol: 2e-5 })).toBe(true);

  it.each(sizes)("multiplies %i × %i by %i columns, either side transposed", (m, depth, n) => {
    for (const a of [made([m, depth]), made([depth, m]).transpose(1, 0)]) {
      for (const b of [made([depth, n], "float32", 2), made([n, depth], "float32", 2).transpose(1, 0)]) check(a, b);
    }
  });

  it("takes batches of any layout, expanded and transposed ones", () => {
    const a = made([2, 3, 5, 7]);
    const b = made([3, 7, 6], "float32", 2);
    check(a, b.expand([2, 3, 7, 6]));
    check(a, made([7, 6]).expand([2, 3, 7, 6]));
    check(a.transpose(1, 0, 2, 3), made([2, 3, 6, 7]).transpose(1, 0, 3, 2));
    check(made([5, 7]).expand([4, 5, 7]), made([4, 7, 3]));
    check(a.step(1, -1, 2, -1), b.step(1, -1, 1).expand([2, 3, 7, 6]));
  });

  it("writes into a view, and nowhere else", () => {
    const [a, b] = [made([6, 5]), made([5, 8])];
    const whole = NDArray.zeros([8, 10]);
    k.matmul[form]!(whole.lo(1, 1).hi(6, 8), a, b);
    expect(allClose(whole.lo(1, 1).hi(6, 8).toArray(), reference(a, b), { atol: 1e-6 })).toBe(true);
    expect(
      whole
        .select(0, 0)
        .toArray()
        .every((x) => x === 0),
    ).toBe(true);
    expect(
      whole
        .select(1, 9)
        .toArray()
        .every((x) => x === 0),
    ).toBe(true);
  });

  it("spreads NaN and infinity as sums and products do", () => {
    const a = NDArray.of([Number.NaN, 1, 0, 1], [2, 2]);
    const b = NDArray.of([0, 1, Number.POSITIVE_INFINITY, 2], [2, 2]);
    expect([...multiply(a, b).data]).toEqual([Number.NaN, Number.NaN, Number.POSITIVE_INFINITY, 2]);
  });
});

describe.each(forms)("linear in %s", (form) => {
  it.each([
    [1, 3, 1],
    [5, 300, 10],
    [7, 4, 64],
  ])("computes %i rows of %i features to %i, with a bias and without", (r, depth, n) => {
    const x = made([r, depth]);
    const weight = made([n, depth], "float32", 3);
    const product = reference(x, weight.transpose(1, 0));
    const bias = made([2 * n], "float32", 5).step(2);
    const out = NDArray.zeros([r, n]);
    k.linear[form]!(out, x, weight, null);
    expect(allClose(out.data, product, { atol: 2e-5 })).toBe(true);
    k.linear[form]!(out, x, weight, bias);
    const expected = product.map((value, i) => value + bias.get(i % n));
    expect(allClose(out.data, expected, { atol: 2e-5 })).toBe(true);
  });
});

describe("matmul of other dtypes", () => {
  it("is exact to the last places in float64", () => {
    const [a, b] = [made([4, 300], "float64"), made([300, 5], "float64", 2)];
    const out = NDArray.zeros([4, 5], "float64");
    k.matmul(out, a, b);
    expect(allClose(out.data, reference(a, b), { rtol: 1e-13, atol: 1e-13 })).toBe(true);
  });

  it("wraps around at 32 bits in int32", () => {
    const out = NDArray.zeros([1, 1], "int32");
    k.matmul(out, NDArray.of([65536, 3], [1, 2], "int32"), NDArray.of([65537, -5], [2, 1], "int32"));
    expect(out.data[0]).toBe(65536 - 15);
    const batch = NDArray.zeros([2, 3, 2], "int32");
    const [a, b] = [made([2, 3, 4], "int32"), made([2, 4, 2], "int32", 5)];
    k.matmul(batch, a, b);
    expect([...batch.data]).toEqual(reference(a, b));
  });
});
