import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { allClose, views } from "../testing.ts";
import type { Pair } from "./convGeometry.ts";
import { maxPool2d, maxPool2dBackward, maxPool2dGather } from "./pool.ts";
import {
  adaptiveAvgPool2d,
  adaptiveAvgPool2dBackward,
  adaptiveMaxPool2d,
  avgPool2d,
  avgPool2dBackward,
} from "./poolAverage.ts";
import { type AvgPoolGeometry, type MaxPoolGeometry, pooledSize } from "./poolGeometry.ts";

const { NaN: nan, NEGATIVE_INFINITY: low } = Number;

describe("pooledSize", () => {
  it.each([
    [5, 2, 2, 0, 1, true, 3],
    [5, 2, 2, 0, 1, false, 2],
    [7, 2, 3, 1, 1, true, 3],
    [6, 3, 2, 1, 2, true, 3],
    [6, 3, 2, 1, 2, false, 2],
    [2, 1, 3, 0, 1, true, 1], // the second window would start behind the end
  ])("counts the windows of torch: size %i, kernel %i, stride %i, padding %i, dilation %i, ceil %s", (...row) => {
    const [size, kernel, stride, padding, dilation, ceil, count] = row;
    expect(pooledSize(size, kernel, stride, padding, dilation, ceil)).toBe(count);
  });
});

const maxGeometry = (kernel: Pair, given: Partial<MaxPoolGeometry> = {}): MaxPoolGeometry => ({
  kernel,
  stride: kernel,
  padding: [0, 0],
  dilation: [1, 1],
  ...given,
});

// results of torch.nn.functional.max_pool2d(x, ..., return_indices=True)
const awkward = NDArray.of(
  [...[1, 2, nan, 4, 0], ...[5, 6, 7, 8, -1], ...[9, 1, nan, 2, 3], ...[low, low, 0, 0, 0]],
  [1, 1, 4, 5],
);
const maxCases: [string, Pair, MaxPoolGeometry, number[], number[]][] = [
  ["plain", [2, 2], maxGeometry([2, 2]), [6, nan, 9, nan], [6, 2, 10, 12]],
  [
    "overlapping and padded",
    [2, 3],
    maxGeometry([3, 3], { stride: [2, 2], padding: [1, 1] }),
    [6, nan, 8, 9, nan, 8],
    [6, 2, 8, 10, 12, 8],
  ],
  ["with part of a window at the end", [2, 3], maxGeometry([2, 2]), [6, nan, 0, 9, nan, 3], [6, 2, 4, 10, 12, 14]],
  [
    "dilated",
    [2, 3],
    maxGeometry([2, 2], { stride: [1, 1], dilation: [2, 2] }),
    [nan, 4, nan, 7, 8, 7],
    [12, 3, 12, 7, 8, 7],
  ],
  [
    "of everything at once",
    [5, 2],
    maxGeometry([2, 3], { stride: [1, 2], padding: [1, 1], dilation: [1, 2] }),
    [4, 4, 8, 8, 8, 8, 2, 2, 0, 0],
    [3, 3, 8, 8, 8, 8, 13, 13, 18, 18],
  ],
];

describe.each(["js", "wasm"] as const)("maxPool2d (%s)", (side) => {
  it.each(maxCases)("%s", (_, size, geometry, values, places) => {
    const out = NDArray.zeros([1, 1, ...size]);
    const indices = NDArray.zeros(out.shape, "int32");
    maxPool2d[side]!(out, indices, awkward, geometry);
    expect([...out.data]).toEqual(values);
    expect([...indices.data]).toEqual(places);
  });

  it("names the first element inside where all are minus infinity", () => {
    const x = NDArray.of(new Array<number>(16).fill(low), [1, 1, 4, 4]);
    const out = NDArray.zeros([1, 1, 3, 3]);
    const indices = NDArray.zeros(out.shape, "int32");
    maxPool2d[side]!(out, indices, x, maxGeometry([2, 2], { padding: [1, 1] }));
    expect([...indices.data]).toEqual([0, 1, 3, 4, 5, 7, 12, 13, 15]);
    expect([...out.data]).toEqual(new Array<number>(9).fill(low));
  });
});

const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

interface Case {
  readonly planes: Pair;
  readonly size: Pair;
  readonly geometry: MaxPoolGeometry & AvgPoolGeometry;
  readonly count: Pair;
}

const cases = (dilated: boolean): fc.Arbitrary<Case> =>
  fc
    .record({
      planes: pair(1, 3),
      size: pair(1, 11),
      kernel: pair(1, 4),
      stride: pair(1, 4),
      shift: pair(0, 2),
      dilation: dilated ? pair(1, 3) : fc.constant<Pair>([1, 1]),
      ceil: fc.boolean(),
      countIncludePad: fc.boolean(),
      divisorOverride: fc.constantFrom(null, null, 4),
    })
    .map(({ planes, size, kernel, shift, ceil, ...rest }) => {
      const padding: Pair = [Math.min(shift[0], kernel[0] >> 1), Math.min(shift[1], kernel[1] >> 1)];
      const geometry = { kernel, padding, ...rest };
      const along = (d: 0 | 1): number =>
        pooledSize(size[d], kernel[d], rest.stride[d], padding[d], rest.dilation[d], ceil);
      return { planes, size, geometry, count: [along(0), along(1)] as const };
    })
    .filter(({ count }) => count.every((n) => n > 0));

const withViews = (c: Case, elements: fc.Arbitrary<number>): fc.Arbitrary<{ c: Case; x: NDArray; grad: NDArray }> =>
  fc.record({
    c: fc.constant(c),
    x: views([...c.planes, ...c.size], { elements }),
    grad: views([...c.planes, ...c.count], { elements }),
  });

const odd = fc.constantFrom(nan, low, Number.POSITIVE_INFINITY, 0, 1, 1, 2, -1);
const whole = fc.integer({ min: -12, max: 12 });

describe("the two sides of pooling", () => {
  it("choose the same largest elements", () => {
    fc.assert(
      fc.property(
        cases(true).chain((c) => withViews(c, odd)),
        ({ c, x }) => {
          const [a, b] = [NDArray.zeros([...c.planes, ...c.count]), NDArray.zeros([...c.planes, ...c.count])];
          const [i, j] = [NDArray.zeros(a.shape, "int32"), NDArray.zeros(a.shape, "int32")];
          maxPool2d.js(a, i, x, c.geometry);
          maxPool2d.wasm!(b, j, x, c.geometry);
          expect([...b.data]).toEqual([...a.data]);
          expect([...j.data]).toEqual([...i.data]);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("give the same means, and shares of gradients", () => {
    fc.assert(
      fc.property(
        cases(false).chain((c) => withViews(c, whole)),
        ({ c, x, grad }) => {
          const [a, b] = [NDArray.zeros(grad.shape), NDArray.zeros(grad.shape)];
          avgPool2d.js(a, x, c.geometry);
          avgPool2d.wasm!(b, x, c.geometry);
          expect([...b.data]).toEqual([...a.data]); // whole numbers add up exactly, and are divided once
          const [da, db] = [NDArray.zeros(x.shape), NDArray.zeros(x.shape)];
          db.data.fill(nan);
          avgPool2dBackward.js(da, grad, c.geometry);
          avgPool2dBackward.wasm!(db, grad, c.geometry);
          expect(allClose(db, da, { atol: 1e-5 })).toBe(true);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("maxPool2dBackward and maxPool2dGather", () => {
  it("are each other's transposes, on any strides", () => {
    fc.assert(
      fc.property(
        cases(true).chain((c) => fc.tuple(withViews(c, whole), views([...c.planes, ...c.size], { elements: whole }))),
        ([{ c, x, grad }, direction]) => {
          const value = NDArray.zeros(grad.shape);
          const indices = NDArray.zeros(grad.shape, "int32");
          maxPool2d(value, indices, x, c.geometry);
          const spread = NDArray.zeros([...x.shape].reverse()).transpose(3, 2, 1, 0);
          maxPool2dBackward(spread, grad, indices);
          const picked = NDArray.zeros([...grad.shape].reverse()).transpose(3, 2, 1, 0);
          maxPool2dGather(picked, direction, indices);
          const dot = (a: NDArray, b: NDArray): number => {
            const [p, q] = [a.toArray(), b.toArray()];
            return p.reduce((sum, v, i) => sum + v * q[i]!, 0);
          };
          expect(dot(spread, direction)).toBe(dot(picked, grad));
          // and what was chosen from the input itself is the pooling
          maxPool2dGather(picked, x, indices);
          expect([...picked.toArray()]).toEqual([...value.data]);
          const dense = NDArray.zeros(x.shape);
          maxPool2dBackward(dense, grad.copy(), indices);
          expect([...dense.data]).toEqual([...spread.toArray()]);
        },
      ),
    );
  });
});

const ramp = (...shape: number[]): NDArray => {
  const a = NDArray.zeros(shape);
  for (let i = 0; i < a.size; i++) a.data[i] = i;
  return a;
};
const avgGeometry = (kernel: Pair, stride: Pair, given: Partial<AvgPoolGeometry> = {}): AvgPoolGeometry => ({
  kernel,
  stride,
  padding: [0, 0],
  countIncludePad: true,
  divisorOverride: null,
  ...given,
});

// means of 0 ... 23 as a 4 × 6 plane by torch, and what a gradient of 1, 2, 3, ... gives back
const avgCases: [string, Pair, AvgPoolGeometry, number[], number[]][] = [
  [
    "plain",
    [2, 3],
    avgGeometry([2, 2], [2, 2]),
    [3.5, 5.5, 7.5, 15.5, 17.5, 19.5],
    [
      ...[0.25, 0.25, 0.5, 0.5, 0.75, 0.75, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75],
      ...[1, 1, 1.25, 1.25, 1.5, 1.5, 1, 1, 1.25, 1.25, 1.5, 1.5],
    ],
  ],
  [
    "without counting the padding",
    [2, 3],
    avgGeometry([3, 3], [2, 2], { padding: [1, 1], countIncludePad: false }),
    [3.5, 5, 7, 12.5, 14, 16],
    [
      ...[1 / 4, 7 / 12, 1 / 3, 5 / 6, 1 / 2, 1 / 2, 11 / 12, 65 / 36, 8 / 9, 37 / 18, 7 / 6, 7 / 6],
      ...[2 / 3, 11 / 9, 5 / 9, 11 / 9, 2 / 3, 2 / 3, 2 / 3, 11 / 9, 5 / 9, 11 / 9, 2 / 3, 2 / 3],
    ],
  ],
  [
    "with a divisor and part of a window at the end",
    [2, 4],
    avgGeometry([2, 3], [3, 2], { padding: [1, 1], divisorOverride: 5 }),
    [0.2, 1.2, 2.4, 1, 12.4, 20.4, 22.8, 8],
    [...[0.2, 0.6, 0.4, 1, 0.6, 1.4, 0, 0, 0, 0, 0, 0], ...[1, 2.2, 1.2, 2.6, 1.4, 3, 1, 2.2, 1.2, 2.6, 1.4, 3]],
  ],
  [
    "counting no more than torch at the end",
    [2, 3],
    avgGeometry([3, 3], [2, 2]),
    [7, 9, 10.5, 16, 18, 19.5],
    [
      ...[1 / 9, 1 / 9, 1 / 3, 2 / 9, 13 / 18, 1 / 2, 1 / 9, 1 / 9, 1 / 3, 2 / 9, 13 / 18, 1 / 2],
      ...[7 / 9, 7 / 9, 11 / 6, 19 / 18, 55 / 18, 2, 2 / 3, 2 / 3, 3 / 2, 5 / 6, 7 / 3, 3 / 2],
    ],
  ],
];

describe.each(["js", "wasm"] as const)("avgPool2d (%s)", (side) => {
  it.each(avgCases)("%s", (_, size, geometry, means, shares) => {
    const out = NDArray.zeros([1, 1, ...size]);
    avgPool2d[side]!(out, ramp(1, 1, 4, 6), geometry);
    expect(allClose(out, means, { rtol: 1e-6 })).toBe(true);
    const back = NDArray.zeros([1, 1, 4, 6]);
    const grad = NDArray.of(
      means.map((_, i) => i + 1),
      out.shape,
    );
    avgPool2dBackward[side]!(back, grad, geometry);
    expect(allClose(back, shares, { rtol: 1e-6 })).toBe(true);
  });
});

describe("adaptive pooling", () => {
  it.each<[Pair, number[], number[]]>([
    [
      [2, 4],
      [3.5, 4.5, 6.5, 7.5, 15.5, 16.5, 18.5, 19.5],
      [
        ...[0.25, 0.75, 0.5, 0.75, 1.75, 1, 0.25, 0.75, 0.5, 0.75, 1.75, 1],
        ...[1.25, 2.75, 1.5, 1.75, 3.75, 2, 1.25, 2.75, 1.5, 1.75, 3.75, 2],
      ],
    ],
    [[1, 1], [11.5], new Array<number>(24).fill(1 / 24)],
    [
      [5, 7],
      [
        ...[0, 0.5, 1.5, 2.5, 3.5, 4.5, 5, 3, 3.5, 4.5, 5.5, 6.5, 7.5, 8, 9, 9.5, 10.5, 11.5, 12.5, 13.5, 14],
        ...[15, 15.5, 16.5, 17.5, 18.5, 19.5, 20, 18, 18.5, 19.5, 20.5, 21.5, 22.5, 23],
      ],
      [
        ...[8.25, 7.25, 8.75, 10.25, 11.75, 20.25, 17.75, 13, 14, 15, 16, 25.75],
        ...[28.25, 20, 21, 22, 23, 36.25, 60.75, 42.25, 43.75, 45.25, 46.75, 72.75],
      ],
    ],
  ])("averages to %j as torch does", (size, means, shares) => {
    const out = NDArray.zeros([1, 1, ...size]);
    adaptiveAvgPool2d(out, ramp(1, 1, 4, 6));
    expect([...out.data]).toEqual(means);
    const back = NDArray.zeros([1, 1, 4, 6]);
    const grad = NDArray.of(
      means.map((_, i) => i + 1),
      out.shape,
    );
    adaptiveAvgPool2dBackward(back, grad);
    expect(allClose(back, shares, { rtol: 1e-6 })).toBe(true);
  });

  it("takes the largest with its place", () => {
    const x = ramp(1, 1, 4, 6);
    for (let i = 0; i < 24; i++) x.data[i] = -x.data[i]!;
    x.data[14] = nan;
    const out = NDArray.zeros([1, 1, 2, 4]);
    const indices = NDArray.zeros(out.shape, "int32");
    adaptiveMaxPool2d(out, indices, x);
    expect([...out.data]).toEqual([-0, -1, -3, -4, -12, nan, -15, -16]);
    expect([...indices.data]).toEqual([0, 1, 3, 4, 12, 14, 15, 16]);
  });
});
