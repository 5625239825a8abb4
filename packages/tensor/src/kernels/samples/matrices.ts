import fc from "fast-check";
import type { NDArray } from "../../ndarray.ts";
import { values, views } from "../../testing.ts";
import { friendlyOrExtreme, type KernelSample, largest, operand, output } from "./sample.ts";

/** Sizes around the widths of tiles, empty sums among them. */
const size = (min: number): fc.Arbitrary<number> => fc.integer({ min, max: 19 });
const batch: fc.Arbitrary<number[]> = fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 });

/** Rounding errors grow with the sum of products; tiny products lose their last places, or vanish. */
const products = (a: NDArray, b: NDArray): number =>
  Math.max(2 ** -120, largest(a) * largest(b)) * Math.max(1, a.shape.at(-1)!);

/** Samples of matrix products. */
export const matrixSamples: Readonly<Record<string, KernelSample>> = {
  matmul: {
    args: fc
      .tuple(batch, size(1), size(1), size(0), friendlyOrExtreme({ tame: true }))
      .chain(([lead, m, n, k, elements]) =>
        fc.tuple(output([...lead, m, n]), views([...lead, m, k], { elements }), views([...lead, k, n])),
      ),
    scale: ([, a, b]) => products(a as NDArray, b as NDArray),
  },
  linear: {
    args: fc
      .tuple(size(1), size(1), size(0))
      .chain(([r, n, k]) =>
        fc.tuple(
          output([r, n]),
          operand([r, k], { tame: true }),
          views([n, k]),
          fc.option(views([n], { elements: values() })),
        ),
      ),
    scale: ([, x, weight]) => products(x as NDArray, weight as NDArray) + 4,
  },
};
