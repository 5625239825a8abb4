import { describe, expect, it } from "vitest";
import { NDArray } from "../../ndarray.ts";
import { pretendWasm } from "../../wasm/host.ts";
import { exp, log } from "./functions.ts";
import { laneKernel } from "./stream.ts";

const scaledSum = laneKernel({
  name: "scaledSum",
  inputs: ["float32", "float32"],
  scalars: 2,
  unroll: 2,
  lanes: (l, a, b, s, t) => l.add(l.mul(a, s), l.mul(b, t)),
});
const less = laneKernel({
  name: "less",
  inputs: ["float32", "float32"],
  output: "bool",
  lanes: (l, a, b) => l.lt(a, b),
});
const choose = laneKernel({
  name: "choose",
  inputs: ["bool", "float32", "float32"],
  lanes: (l, c, a, b) => l.select(c, a, b),
});

function counted(shape: number[], start = 0): NDArray {
  const out = NDArray.zeros(shape);
  for (let i = 0; i < out.size; i++) out.data[i] = (start + i * 7) % 1009;
  return out;
}

/** Element by element, whatever the strides. */
function expected(out: NDArray, inputs: readonly NDArray[], f: (...x: number[]) => number): number[] {
  const lists = inputs.map((a) => a.expand(out.shape).toArray());
  return Array.from({ length: out.size }, (_, i) => f(...lists.map((list) => list[i]!)));
}

// a block is 8,192 elements
const shapes: readonly (readonly [number, number])[] = [
  [3, 5],
  [2, 8191],
  [1, 8192],
  [4, 8193],
  [9000, 3],
  [5, 20_001],
  [819, 10],
];

describe.each(shapes)("a lane kernel over %i rows of %i", (m, n) => {
  const whole = counted([m, n]);
  const operands: readonly (readonly [string, NDArray, NDArray])[] = [
    ["two of one shape", whole, counted([m, n], 5)],
    ["a row", whole, counted([n], 3)],
    ["a column", counted([m, 1], 2), whole],
    ["a number", whole, counted([1], 9)],
    ["a number first", counted([], 9), whole],
    ["a row and a column", counted([m, 1], 4), counted([n], 6)],
    ["a slice of wider rows", counted([m, n + 3]).slice(1, 1, n), whole],
    ["a row of every second column", whole, counted([m, 2]).slice(1, 1, 1)],
  ];

  it.each(operands)("takes %s", (_, a, b) => {
    const out = NDArray.zeros([m, n]);
    expect(scaledSum.accepts(out, a, b)).toBe(true);
    scaledSum.run(out, a, b, undefined, 2, 3);
    expect([...out.data]).toEqual(expected(out, [a, b], (x, y) => 2 * x! + 3 * y!));
  });
});

describe("a lane kernel", () => {
  it("takes repeats under outer dimensions, as a bias of channels", () => {
    const x = counted([3, 5, 4, 7]);
    const bias = counted([5, 1, 1], 11);
    const out = NDArray.zeros([3, 5, 4, 7]);
    expect(scaledSum.accepts(out, x, bias)).toBe(true);
    scaledSum.run(out, x, bias, undefined, 1, 1);
    expect([...out.data]).toEqual(expected(out, [x, bias], (p, q) => p! + q!));
  });

  it("writes truth values and takes them as masks", () => {
    const [a, b] = [counted([3, 3001]), counted([3001], 500)];
    const mask = NDArray.zeros([3, 3001], "bool");
    less.run(mask, a, b);
    expect([...mask.data]).toEqual(expected(mask, [a, b], (x, y) => (x! < y! ? 1 : 0)));
    const out = NDArray.zeros([3, 3001]);
    expect(choose.accepts(out, mask, a, b)).toBe(true);
    choose.run(out, mask, a, b);
    expect([...out.data]).toEqual(expected(out, [mask, a, b], (c, x, y) => (c! ? x! : y!)));
    const column = NDArray.of([1, 0, 1], [3, 1], "bool");
    choose.run(out, column, a, b);
    expect([...out.data]).toEqual(expected(out, [column, a, b], (c, x, y) => (c! ? x! : y!)));
  });

  it("writes into the middle of a storage and nowhere else", () => {
    const storage = NDArray.zeros([20]);
    storage.data.fill(-1);
    const a = counted([7]);
    scaledSum.run(storage.slice(0, 5, 7), a, a, undefined, 1, 0);
    expect([...storage.data]).toEqual([-1, -1, -1, -1, -1, ...a.data, ...new Array(8).fill(-1)]);
  });

  it("may write over an operand", () => {
    const a = counted([20_000]);
    const before = [...a.data];
    scaledSum.run(a, a, a, undefined, 1, 1);
    expect([...a.data]).toEqual(before.map((x) => 2 * x));
  });

  it("takes operands that lie crosswise, over which it may write", () => {
    const [a, b] = [counted([40, 30]), counted([30, 40], 3)];
    const out = NDArray.zeros([30, 40]);
    for (const [x, y] of [
      [a.transpose(1, 0), b],
      [b, a.transpose(1, 0)],
      [a.transpose(1, 0), b.step(-1, -1)],
      [a.transpose(1, 0), counted([40], 2)],
    ] as const) {
      expect(scaledSum.accepts(out, x, y)).toBe(true);
      scaledSum.run(out, x, y, undefined, 2, 3);
      expect([...out.data]).toEqual(expected(out, [x, y], (p, q) => 2 * p! + 3 * q!));
    }
    const square = counted([20, 20]);
    const sums = expected(square, [square, square.transpose(1, 0)], (p, q) => p! + q!);
    scaledSum.run(square, square, square.transpose(1, 0), undefined, 1, 1);
    expect([...square.data]).toEqual(sums);
  });

  it("writes into columns of wider rows", () => {
    const [a, row] = [counted([9, 5]), counted([5], 3)];
    const wide = counted([9, 12]);
    const before = [...wide.data];
    const out = wide.slice(1, 4, 5);
    expect(scaledSum.accepts(out, a, row)).toBe(true);
    scaledSum.run(out, a, row, undefined, 1, 1);
    expect([...out.toArray()]).toEqual(expected(out, [a, row], (p, q) => p! + q!));
    for (const [i, x] of before.entries()) if (i % 12 < 4 || i % 12 > 8) expect(wide.data[i]).toBe(x);
  });

  it("chooses by a mask that repeats along any dimension", () => {
    const out = NDArray.zeros([4, 3, 8, 8]);
    const [a, b] = [counted([4, 3, 8, 8]), counted([1], 7)];
    for (const shape of [
      [8, 8],
      [4, 1, 1, 8],
      [4, 1, 8, 1],
      [3, 1, 1],
    ]) {
      const mask = NDArray.of(
        Array.from({ length: shape.reduce((x, y) => x * y) }, (_, i) => ((i * 5) % 3 === 0 ? 1 : 0)),
        shape,
        "bool",
      );
      expect(choose.accepts(out, mask, a, b)).toBe(true);
      choose.run(out, mask, a, b);
      expect([...out.data]).toEqual(expected(out, [mask, a, b], (c, x, y) => (c! ? x! : y!)));
    }
  });

  it("gives an element the same result in any company", () => {
    const x = NDArray.zeros([9001]);
    for (let i = 0; i < x.size; i++) x.data[i] = Math.fround((i - 4500) / 60);
    for (const kernel of [exp, log]) {
      const [usual, mixed] = [NDArray.zeros([9001]), NDArray.zeros([9001])];
      const y = kernel === exp ? x : NDArray.of(Array.from(x.data, (v) => Math.abs(v) + 1e-3));
      kernel(usual, y);
      for (const strange of [1000, -1000, Number.NaN, 1e-42, 0]) {
        const company = y.copy();
        company.data[8999] = strange;
        company.data[17] = strange;
        kernel(mixed, company);
        for (let i = 0; i < x.size; i++) {
          if (i !== 17 && i !== 8999 && !Object.is(mixed.data[i], usual.data[i]))
            expect(mixed.data[i]).toBe(usual.data[i]);
        }
      }
    }
  });

  it("refuses what it cannot take", () => {
    const a = counted([6, 4]);
    const out = NDArray.zeros([6, 4]);
    expect(scaledSum.accepts(out, a.step(1, -1), a)).toBe(false);
    expect(scaledSum.accepts(NDArray.zeros([4, 6]).transpose(1, 0), a, a)).toBe(false);
    expect(scaledSum.accepts(out, counted([1]), counted([1]))).toBe(false);
    expect(scaledSum.accepts(NDArray.zeros([0, 4]), counted([0, 4]), counted([4]))).toBe(false);
    expect(scaledSum.accepts(out, NDArray.zeros([6, 4], "float64"), a)).toBe(false);
    expect(scaledSum.accepts(NDArray.zeros([6, 4], "int32"), a, a)).toBe(false);
  });

  it("refuses everything where there is no WebAssembly", () => {
    const a = counted([6]);
    pretendWasm(false);
    expect(scaledSum.accepts(NDArray.zeros([6]), a, a)).toBe(false);
    pretendWasm(undefined);
    expect(scaledSum.accepts(NDArray.zeros([6]), a, a)).toBe(true);
  });
});
