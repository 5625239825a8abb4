import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { shapes, values, views } from "../../testing.ts";
import { type KernelSample, largest, output } from "./sample.ts";

const size = fc.integer({ min: 1, max: 9 });
/** Several blocks of queries, and keys in fours. */
const most = 20;
const length = fc.oneof(size, fc.integer({ min: 1, max: most }));

const problems = fc
  .tuple(shapes({ maxRank: 2, minSize: 1, maxSize: 3 }), length, length, size, size)
  .chain(([batch, rows, columns, depth, width]) =>
    fc.record({
      out: output([...batch, rows, width]),
      outLogs: output([...batch, rows]),
      toQuery: output([...batch, rows, depth]),
      toKey: output([...batch, columns, depth]),
      toValue: output([...batch, columns, width]),
      grad: views([...batch, rows, width]),
      // so large that no share exceeds 1
      logs: views([...batch, rows], { elements: values({ min: 9, max: 10 }) }),
      query: views([...batch, rows, depth], { elements: values({ min: -2, max: 2 }) }),
      key: views([...batch, columns, depth], { elements: values({ min: -2, max: 2 }) }),
      value: views([...batch, columns, width]),
      attrs: fc.record({ scale: fc.constantFrom(0.25, 0.125), causal: fc.boolean() }),
    }),
  );

/** How many terms the sums of the gradients have, and in their products. */
const BOUND = most * 4;

/** Samples of attention. */
export const attentionSamples: Readonly<Record<string, KernelSample>> = {
  attention: {
    args: problems.map(({ out, outLogs, query, key, value, attrs }) => [out, outLogs, query, key, value, attrs]),
    outputs: 2,
    scale: ([, , , , value]) => largest(value as NDArray) + 10,
  },
  attentionBackward: {
    args: problems.map(({ toQuery, toKey, toValue, grad, logs, query, key, value, attrs }) => [
      ...[toQuery, toKey, toValue, grad, logs, query, key, value],
      attrs,
    ]),
    outputs: 3,
    scale: ([, , , grad, , , , value]) => BOUND * (largest(grad as NDArray) + 1) * (largest(value as NDArray) + 1),
  },
};
