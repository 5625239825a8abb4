import { describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { conv2d, conv2dGradInput, conv2dGradWeight } from "./conv.ts";
import { type ConvGeometry, convolvedSize } from "./convGeometry.ts";

describe("convolvedSize", () => {
  it.each([
    [5, 3, 1, 0, 1, 3],
    [5, 3, 2, 1, 1, 3],
    [7, 3, 2, 0, 2, 2],
    [4, 5, 1, 0, 1, 0],
  ])("of %i with kernel %i, stride %i, padding %i, dilation %i is %i", (size, kernel, stride, padding, dilation, n) => {
    expect(convolvedSize(size, kernel, stride, padding, dilation)).toBe(n);
  });
});

const numbers = (text: string): number[] => text.trim().split(/\s+/).map(Number);

// computed by torch.nn.functional.conv2d and torch.autograd.grad on whole numbers, where every order of summation agrees
const golden = {
  geometry: { stride: [2, 1], padding: [1, 2], dilation: [1, 2], groups: 2 } satisfies ConvGeometry,
  x: NDArray.of(
    numbers(`-3 0 1 0 0 3 -3 2 -3 0 1 3 2 2 -1 2 3 0 1 -2 0 -1 1 3 -1 2 2 -1 0 2 -3 2 -1 3 -1 2 1 -2 1 1 0 -2 -2 1 0 -2 1 0 3 -1 -2 2 -1 2 -1 -3 1
      -1 -2 0 0 1 -3 1 -1 -1 -1 -3 -3 -2 -2 -3 2 -1 0 -2 2 3 2 3 -2 3 -2 -2 2 1 3 2 0 0 -2 2 2 -3 1 -3 3 0 0 -1 3 -2 2 -2 2 0 0 1 1 -1 -1 3 3
      2 -2 2 -2 -2 -1 3 1 1 0 1 2 1 -3 1 2 0 -1 0 2 0 2 -3 -1 3 2 -1 1 2 0 3 -1 -1 0 -3 -2 1 0 -3 -1 0 -1 0 1 0 0 2 1 0 2 3 1 1 -3 0 -1 -2 0 0
      -2 0 1 2 -1 -2 0 3 1 0 1 -3 -1 -2 0 -1 -2 3 3 -2 3 2 3 3 3 3 2 -2 -2 3 1 1 3 2 -2 -1 0 1 -2 -3 0 1 -1 1 3 0 -1 0 -2 2 -1 3 1 -3 -3 2 0 1
      0 -2 2 0 2 -2 -1 -3 -1 2`),
    [2, 4, 5, 6],
  ),
  weight: NDArray.of(
    numbers(
      `0 0 1 1 -2 0 1 1 -1 2 0 -1 -1 2 2 0 -1 -1 1 0 2 0 1 2 -1 1 -1 -2 0 -1 -2 2 -1 0 1 -1 -1 2 1 0 1 2 1 -2 -2 2 2 -2`,
    ),
    [4, 2, 3, 2],
  ),
  bias: NDArray.of([1, -2, 3, 0]),
  grad: NDArray.of(
    numbers(`-2 -2 2 2 1 1 -2 2 -1 -2 0 1 0 -2 0 0 1 -1 0 0 -2 -2 -1 2 -1 1 -2 1 -1 0 2 -1 -2 -2 -2 -2 1 -2 1 2 0 2 -2 2 0 1 0 0 2 0 -1 2 0 2 1
      1 -1 1 1 1 -2 -2 2 0 -2 0 2 2 0 0 0 0 -2 -1 2 2 -2 -1 -1 -1 -2 2 -2 2 -2 -2 2 2 1 1 0 1 -1 -1 2 -1 1 1 1 2 1 -2 -2 2 2 -1 -1 0 0 -1 1 -1
      -1 -1 -2 2 1 -1 -1 2 2 -1 2 -2 2 0 -1 1 2 -2 -2 -2 1 -1 0 -1 -2 1 2 -1 -2 -1 0 -1 0 0 1 -1 -2 1 0 2 -1 1 -2 -2 -1 0 1 -2 1 1 -2 0 -1 -1
      2 1 -1 1 -2 2 -1 2 1 -1 2 -1 -2 0 -2 2 -1 -2 1 1 2 0 -1 -2 -2 2`),
    [2, 4, 3, 8],
  ),
  out: numbers(`-9 7 5 0 7 7 0 -4 -3 4 6 1 7 4 1 -7 1 -4 6 4 -5 7 2 5 3 -8 -5 0 1 -2 -5 3 -3 2 -6 6 -3 9 3 -8 0 -6 -4 -5 4 3 -8 1 1 4 17 1 5 11 6 5 1 0 -5 2
    2 -1 0 8 3 2 -11 4 10 -4 0 -2 -12 -2 7 -14 -18 -5 1 -2 -2 -2 2 5 -25 0 11 4 -2 12 -1 -11 -4 4 7 -2 1 -4 6 2 -3 3 6 2 9 9 2 1 -4 -2 4 -2 1 2
    -4 -11 -2 7 -3 -1 3 -3 2 -3 -3 2 2 0 -12 -3 10 0 -5 -9 -10 1 2 -4 -3 3 -5 -8 -8 3 -2 4 8 9 2 9 3 6 1 -1 -13 -4 -7 -7 6 -4 -1 -1 -2 4 13 7 -1
    -1 -10 -8 9 13 5 -8 0 -2 -4 -2 6 7 2 3 9 4 8 -10 -9 13 -2 6 3 -4`),
  gradInput:
    numbers(`-4 2 1 3 3 1 -3 -8 -4 -5 4 -9 -5 -5 2 -5 2 2 6 4 -3 11 -2 2 -3 3 -2 0 -3 0 -10 -4 1 3 8 -2 -5 2 -6 -3 0 -2 -6 -9 2 0 2 0 -6 -3 -5 -8
    0 0 -2 2 2 4 -3 -6 -1 0 0 -7 -2 -6 -8 2 4 10 -15 -13 -1 -1 -2 -2 4 6 -7 4 -4 6 -4 -1 2 -1 -5 -5 2 -1 -7 -8 8 4 -3 -1 3 6 1 -6 1 1 -1 -1 2
    10 -10 -8 -8 -5 0 -10 16 11 0 -2 2 4 -6 0 6 -1 6 0 -3 2 0 -3 -11 3 5 -6 -3 -5 1 -3 1 -4 -4 7 7 4 -7 3 1 -1 -5 -1 0 -1 5 -4 5 6 2 -4 4 -8 5
    -8 3 0 1 -6 0 -1 -1 -3 -1 -5 -5 -5 2 -2 4 -6 -9 3 3 -6 -3 3 -1 3 5 -5 3 5 -9 3 -4 10 2 0 3 6 0 0 6 0 0 7 -7 -6 2 -2 4 -1 -2 3 1 -1 0 -1 -4
    4 -5 9 -1 0 5 -7 10 0 1 -4 -3 10 -3 -1 -6 6 -2 -8 0 2 7 5 0 -9`),
  gradWeight:
    numbers(`10 -23 4 -4 -5 -4 -1 13 11 -2 -15 7 3 -21 -5 6 12 1 -13 13 3 -5 -3 -13 21 -3 -9 -10 -10 -19 6 -4 -14 -12 7 -2 7 8 2 -32 11 34 -7 3
    0 -15 -7 -18`),
};

describe.each(["js", "wasm"] as const)("convolution as torch computes it (%s)", (side) => {
  const { x, weight, bias, grad, geometry } = golden;

  it("forwards", () => {
    const out = NDArray.zeros(grad.shape);
    conv2d[side]!(out, x, weight, bias, geometry);
    expect([...out.data]).toEqual(golden.out);
  });

  it("gives the gradient of the input", () => {
    const out = NDArray.zeros(x.shape);
    conv2dGradInput[side]!(out, grad, weight, geometry);
    expect([...out.data]).toEqual(golden.gradInput);
  });

  it("gives the gradient of the weight", () => {
    const out = NDArray.zeros(weight.shape);
    conv2dGradWeight[side]!(out, grad, x, geometry);
    expect([...out.data]).toEqual(golden.gradWeight);
  });
});

/** What each side writes into an array full of NaN, at strides of its own. */
function both(
  kernel: { js: (out: NDArray) => void; wasm: (out: NDArray) => void },
  shape: readonly number[],
): [number[], number[]] {
  const fresh = (): NDArray => {
    const backwards = NDArray.zeros([...shape].reverse());
    backwards.data.fill(Number.NaN);
    return backwards.transpose(...shape.map((_, d) => shape.length - 1 - d));
  };
  const [a, b] = [fresh(), fresh()];
  kernel.js(a);
  kernel.wasm(b);
  return [[...a.toArray()], [...b.toArray()]];
}

describe("the two sides of convolution", () => {
  it("agree on NaN and infinities, which reach the same places", () => {
    const geometry: ConvGeometry = { stride: [2, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
    const x = NDArray.zeros([1, 2, 5, 6]);
    const weight = NDArray.zeros([3, 2, 3, 3]);
    const grad = NDArray.zeros([1, 3, 3, 6]);
    for (const a of [x, weight, grad]) a.data.fill(0.5);
    x.data.set([Number.NaN, Number.POSITIVE_INFINITY], 7);
    weight.data[4] = Number.NEGATIVE_INFINITY;
    grad.data.set([Number.POSITIVE_INFINITY, Number.NaN], 11);
    const sides = (kernel: (side: "js" | "wasm", out: NDArray) => void, shape: readonly number[]): void => {
      const [js, wasm] = both({ js: (out) => kernel("js", out), wasm: (out) => kernel("wasm", out) }, shape);
      expect(wasm).toEqual(js);
      expect(js.some(Number.isNaN)).toBe(true);
    };
    sides((side, out) => conv2d[side]!(out, x, weight, null, geometry), grad.shape);
    sides((side, out) => conv2dGradInput[side]!(out, grad, weight, geometry), x.shape);
    sides((side, out) => conv2dGradWeight[side]!(out, grad, x, geometry), weight.shape);
  });

  it("differ by little more than rounding when sums are long", () => {
    const geometry: ConvGeometry = { stride: [1, 1], padding: [1, 1], dilation: [1, 1], groups: 1 };
    const wave = (shape: number[], k: number): NDArray => {
      const a = NDArray.zeros(shape);
      for (let i = 0; i < a.size; i++) a.data[i] = Math.sin(i * k + k);
      return a;
    };
    const [x, weight, grad] = [wave([8, 16, 14, 14], 0.7), wave([8, 16, 3, 3], 0.3), wave([8, 8, 14, 14], 1.1)];
    const check = (
      kernel: (side: "js" | "wasm", out: NDArray) => void,
      shape: readonly number[],
      terms: number,
    ): void => {
      const [js, wasm] = both({ js: (out) => kernel("js", out), wasm: (out) => kernel("wasm", out) }, shape);
      // relative to the size of a sum of that many terms of size 1/2
      const error = Math.max(...js.map((v, i) => Math.abs(v - wasm[i]!))) / Math.sqrt(terms);
      expect(error).toBeLessThan(2e-6);
    };
    check((side, out) => conv2d[side]!(out, x, weight, null, geometry), grad.shape, 144);
    check((side, out) => conv2dGradInput[side]!(out, grad, weight, geometry), x.shape, 72);
    check((side, out) => conv2dGradWeight[side]!(out, grad, x, geometry), weight.shape, 1568);
  });
});

describe("conv2d", () => {
  it("computes in double precision for float64", () => {
    const x = NDArray.of([1, 2 ** -40, 0, 1], [1, 1, 2, 2], "float64");
    const weight = NDArray.of([1, 1, 1, 1], [1, 1, 2, 2], "float64");
    const out = NDArray.zeros([1, 1, 1, 1], "float64");
    conv2d(out, x, weight, null, { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 });
    expect(out.data[0]).toBe(2 + 2 ** -40);
  });

  it("takes empty batches", () => {
    const geometry: ConvGeometry = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
    const [x, weight] = [NDArray.zeros([0, 3, 40, 40]), NDArray.of([1, 2, 3], [1, 3, 1, 1])];
    const out = NDArray.zeros([0, 1, 40, 40]);
    conv2d(out, x, weight, null, geometry);
    const gradWeight = NDArray.of([7, 7, 7], [1, 3, 1, 1]);
    conv2dGradWeight(gradWeight, out, x, geometry);
    expect([...gradWeight.data]).toEqual([0, 0, 0]);
  });

  it("refuses to hand what is not float32 to the fast side", () => {
    const geometry: ConvGeometry = { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 };
    const [x, weight] = [NDArray.zeros([1, 1, 4, 4], "float64"), NDArray.zeros([1, 1, 2, 2], "float64")];
    expect(conv2d.accepts(NDArray.zeros([1, 1, 3, 3], "float64"), x, weight, null, geometry)).toBe(false);
  });
});
