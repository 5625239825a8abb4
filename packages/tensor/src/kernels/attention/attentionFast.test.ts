import { describe, expect, it } from "vitest";
import { NDArray } from "../../ndarray.ts";
import { attention, attentionBackward } from "../attention.ts";

/** Numbers between −1 and 1 that repeat only after a while. */
function numbers(shape: readonly number[], seed: number): NDArray {
  const size = shape.reduce((a, b) => a * b, 1);
  return NDArray.of(
    Float32Array.from({ length: size }, (_, i) => Math.sin(i * (0.7 + seed) + seed)),
    shape,
  );
}

const difference = (a: NDArray, b: NDArray): number => {
  const [x, y] = [[...a.toArray()], b.toArray()];
  return x.reduce((most, value, i) => Math.max(most, Math.abs(value - y[i]!)), 0);
};

describe.each([true, false])("attention with more keys than a chunk of queries keeps, causal: %s", (causal) => {
  const [rows, columns, depth, width] = [20, 4100, 2, 3];
  const attrs = { scale: 0.7, causal };
  const [query, key, value] = [numbers([rows, depth], 1), numbers([columns, depth], 2), numbers([columns, width], 3)];
  const grad = numbers([rows, width], 4);
  const results = [attention.js, attention.wasm!].map((run) => {
    const [out, logs] = [NDArray.zeros([rows, width]), NDArray.zeros([rows])];
    run(out, logs, query, key, value, attrs);
    return { out, logs };
  });
  const [expected, actual] = results as [(typeof results)[0], (typeof results)[0]];

  it("agrees with its definition", () => {
    expect(difference(actual.out, expected.out)).toBeLessThan(1e-6);
    expect(difference(actual.logs, expected.logs)).toBeLessThan(2e-6);
  });

  it("has the gradients of its definition", () => {
    const [slow, fast] = [attentionBackward.js, attentionBackward.wasm!].map((run) => {
      const gradients = [query, key, value].map(({ shape }) => NDArray.zeros(shape));
      run(gradients[0]!, gradients[1]!, gradients[2]!, grad, expected.logs, query, key, value, attrs);
      return gradients;
    });
    for (const [i, gradient] of fast!.entries()) expect(difference(gradient, slow![i]!)).toBeLessThan(2e-6);
  });
});
