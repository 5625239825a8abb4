import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { shapes, values, views } from "../../testing.ts";
import { friendlyOrExtreme, type KernelSample, largest, magnitude, operand, output, shapeAndDim } from "./sample.ts";

/** An output with the folded dimensions of size 1, an operand, and dimensions to fold; `more` follows. */
function reduction(
  scale: ((a: NDArray) => number) | null,
  options: {
    readonly minSize?: number;
    readonly more?: fc.Arbitrary<readonly unknown[]>;
    readonly extreme?: boolean;
    readonly tame?: boolean;
  } = {},
): KernelSample {
  const { minSize = 0, more = fc.constant([]), extreme = true, tame = false } = options;
  const shape = shapes({ maxRank: 4, minSize, maxSize: 8 });
  const args = shape
    .chain((own) =>
      fc.tuple(
        fc.constant(own),
        fc.subarray([...own.keys()]),
        extreme ? friendlyOrExtreme({ tame }) : fc.constant(values()),
      ),
    )
    .chain(([own, dims, elements]) =>
      fc
        .tuple(output(own.map((n, d) => (dims.includes(d) ? 1 : n))), views(own, { elements }), more)
        .map(([out, a, rest]) => [out, a, dims, ...rest]),
    );
  return scale === null ? { args } : { args, scale: ([, a]) => scale(a as NDArray) };
}

/** An output of the operand's shape, and a dimension. */
const along: fc.Arbitrary<readonly unknown[]> = shapeAndDim().chain(({ shape, dim }) =>
  fc.tuple(output(shape), operand(shape), fc.constant(dim)),
);

const alongBackward: fc.Arbitrary<readonly unknown[]> = shapeAndDim().chain(({ shape, dim }) =>
  fc.tuple(
    output(shape),
    operand(shape, { tame: true }),
    views(shape, { elements: values({ min: 0, max: 1 }) }),
    fc.constant(dim),
  ),
);

const index: KernelSample = {
  args: shapeAndDim().chain(({ shape, dim }) =>
    fc.tuple(
      output(
        shape.map((n, d) => (d === dim ? 1 : n)),
        "int32",
      ),
      operand(shape),
      fc.constant(dim),
    ),
  ),
};

/** Two arrays of one shape. */
const pair: fc.Arbitrary<readonly unknown[]> = shapes().chain((shape) => fc.tuple(output(shape), operand(shape)));

/** Samples of reductions, scans and softmax. */
export const reductionSamples: Readonly<Record<string, KernelSample>> = {
  sum: reduction(magnitude, { tame: true }),
  mean: reduction(largest, { tame: true }),
  prod: reduction(null, { extreme: false }),
  amax: reduction(null, { minSize: 1 }),
  amin: reduction(null, { minSize: 1 }),
  any: reduction(null),
  all: reduction(null),
  logsumexp: reduction((a) => largest(a) + 8),
  variance: reduction((a) => largest(a) ** 2, { more: fc.constantFrom([0], [1], [2]), extreme: false }),
  norm: reduction((a) => largest(a) * a.size, { more: fc.constantFrom([1], [2], [3]) }),
  argmax: index,
  argmin: index,
  accumulate: { args: pair },
  cumsum: { args: along, scale: ([, a]) => magnitude(a as NDArray) },
  cumprod: { args: along },
  logcumsumexp: { args: along },
  softmax: { args: along },
  logSoftmax: { args: along, scale: ([, a]) => largest(a as NDArray) + 10 },
  softmaxBackward: { args: alongBackward, scale: ([, g]) => magnitude(g as NDArray) },
  logSoftmaxBackward: { args: alongBackward, scale: ([, g]) => magnitude(g as NDArray) },
};
