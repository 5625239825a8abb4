import { describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { allClose } from "../testing.ts";
import * as k from "./softmax.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

const forms = ["js", "wasm"] as const;
const close = (actual: NDArray, expected: readonly number[], atol = 0): void =>
  expect(allClose(actual.data, expected, { rtol: 1e-6, atol, equalNan: true }), `${[...actual.data]}`).toBe(true);

describe.each(forms)("softmax and its logarithm in %s", (form) => {
  const run = (kernel: k.Softmax, a: NDArray, dim: number): NDArray => {
    const out = NDArray.zeros(a.shape);
    kernel[form]!(out, a, dim);
    return out;
  };

  it("have torch's values at their corners", () => {
    const a = NDArray.of([1, 5, -2, nan, 3, 7, -inf, -inf, -inf, inf, -inf, 1, 0, 0, -inf], [5, 3]);
    const softmax = [0.017970119, 0.98113519, 0.00089467951, nan, nan, nan, nan, nan, nan, nan, nan, nan, 0.5, 0.5, 0];
    const logarithm = [-4.0190449, -0.019044992, -7.0190449, ...new Array(9).fill(nan), -Math.LN2, -Math.LN2, -inf];
    close(run(k.softmax, a, 1), softmax);
    close(run(k.logSoftmax, a, 1), logarithm);
    // the same down columns
    const turned = a.transpose(1, 0).copy();
    close(run(k.softmax, turned, 0).transpose(1, 0).copy(), softmax);
    close(run(k.logSoftmax, turned, 0).transpose(1, 0).copy(), logarithm);
  });

  it("do not overflow", () => {
    const a = NDArray.of([750, 0, -3, 3e38, -3e38, 0], [2, 3]);
    close(run(k.logSoftmax, a, 1), [0, -750, -753, 0, -inf, -3e38]);
    close(run(k.softmax, a, 1), [1, 0, 0, 1, 0, 0]);
  });

  it("sum to one over long lines", () => {
    const a = NDArray.zeros([2, 50_001]);
    for (let i = 0; i < a.size; i++) a.data[i] = Math.sin(i);
    const { data } = run(k.softmax, a, 1);
    for (const row of [data.subarray(0, 50_001), data.subarray(50_001)]) {
      expect(Math.abs((row as Float32Array).reduce((sum, p) => sum + p, 0) - 1)).toBeLessThan(1e-6);
    }
  });

  it("treat a single number as a line of one", () => {
    expect(run(k.softmax, NDArray.of([3], []), 0).get()).toBe(1);
    expect(run(k.logSoftmax, NDArray.of([3], []), 0).get()).toBe(0);
  });
});

describe.each(forms)("gradients of softmax in %s", (form) => {
  it.each([0, 1, 2])("are those that differences give, along dimension %i", (dim) => {
    const shape = [3, 5, 6];
    const made = (f: (i: number) => number): NDArray => {
      const out = NDArray.zeros(shape);
      for (let i = 0; i < out.size; i++) out.data[i] = f(i);
      return out;
    };
    const [a, g] = [made((i) => Math.sin(3 * i)), made((i) => Math.cos(5 * i))];
    for (const [forward, backward] of [
      [k.softmax, k.softmaxBackward],
      [k.logSoftmax, k.logSoftmaxBackward],
    ] as const) {
      const objective = (z: NDArray): number => {
        const y = NDArray.zeros(shape, "float64");
        forward.js(y, z, dim);
        let sum = 0;
        for (let i = 0; i < y.size; i++) sum += y.data[i]! * g.data[i]!;
        return sum;
      };
      const [y, gradient] = [NDArray.zeros(shape), NDArray.zeros(shape)];
      forward[form]!(y, a, dim);
      backward[form]!(gradient, g, y, dim);
      const expected = Array.from({ length: a.size }, (_, i) => {
        const [up, down] = [NDArray.of(a.data, shape, "float64"), NDArray.of(a.data, shape, "float64")];
        up.data[i]! += 1e-5;
        down.data[i]! -= 1e-5;
        return (objective(up) - objective(down)) / 2e-5;
      });
      close(gradient, expected, 1e-6);
    }
  });
});
