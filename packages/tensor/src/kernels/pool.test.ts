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

const ramp = (...shape: number[]): NDArray => {
  const a = NDArray.zeros(shape);
  for (let i = 0; i < a.size; i++) a.data[i] = i;
  return a;
};
const pair = (min: number, max: number): fc.Arbitrary<Pair> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

interface Case {
  readonly planes: Pair;
  readonly size: Pair;
  readonly geometry: MaxPoolGeometry;
  readonly count: Pair;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    planes: pair(1, 3),
    size: pair(1, 9),
    kernel: pair(1, 4),
    stride: pair(1, 4),
    shift: pair(0, 2),
    dilation: pair(1, 3),
    ceil: fc.boolean(),
  })
  .map(({ planes, size, kernel, stride, shift, dilation, ceil }) => {
    const padding: Pair = [Math.min(shift[0], kernel[0] >> 1), Math.min(shift[1], kernel[1] >> 1)];
    const along = (d: 0 | 1): number => pooledSize(size[d], kernel[d], stride[d], padding[d], dilation[d], ceil);
    return { planes, size, geometry: { kernel, stride, padding, dilation }, count: [along(0), along(1)] as const };
  })
  .filter(({ count }) => count.every((n) => n > 0));

const withViews = (c: Case): fc.Arbitrary<{ c: Case; x: NDArray; grad: NDArray }> =>
  fc.record({
    c: fc.constant(c),
    x: views([...c.planes, ...c.size], { elements: whole }),
    grad: views([...c.planes, ...c.count], { elements: whole }),
  });

const whole = fc.integer({ min: -12, max: 12 });

it("names an element even for a window with none inside", () => {
  const geometry = maxGeometry([2, 2], { stride: [1, 1], padding: [1, 1], dilation: [2, 2] });
  for (const side of ["js", "wasm"] as const) {
    const [out, indices] = [NDArray.zeros([1, 1, 2, 1]), NDArray.zeros([1, 1, 2, 1], "int32")];
    maxPool2d[side]!(out, indices, ramp(1, 1, 2, 1), geometry);
    expect([...out.data]).toEqual([low, low]);
    expect([...indices.data]).toEqual([1, 0]);
  }
});

describe("maxPool2dBackward and maxPool2dGather", () => {
  it("are each other's transposes, on any strides", () => {
    fc.assert(
      fc.property(
        cases.chain((c) => fc.tuple(withViews(c), views([...c.planes, ...c.size], { elements: whole }))),
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
            let sum = 0;
            for (let i = 0; i < p.length; i++) sum += p[i]! * q[i]!;
            return sum;
          };
          expect(dot(spread, direction)).toBe(dot(picked, grad));
          // and what was chosen from the input itself is the pooling
          maxPool2dGather(picked, x, indices);
          const chosen = picked.toArray();
          // a window with nothing inside has chosen nothing
          expect([...value.data].map((v, i) => (v === low ? low : chosen[i]))).toEqual([...value.data]);
          const dense = NDArray.zeros(x.shape);
          maxPool2dBackward(dense, grad.copy(), indices);
          expect([...dense.data]).toEqual([...spread.toArray()]);
        },
      ),
    );
  });
});

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
