import type * as ops from "../../../src/ops/products.ts";
import { along, build, type Elements, number, read, sum } from "../elements.ts";
import type { Sample, Samples } from "../sample.ts";

const distance = (p: number, differences: readonly number[]): number => {
  const sizes = differences.map(Math.abs);
  if (p === 0) return sizes.filter((size) => size !== 0).length;
  return p === Number.POSITIVE_INFINITY ? Math.max(...sizes) : sum(sizes.map((size) => size ** p)) ** (1 / p);
};

/** The distances of rows on lattices where no two coordinates meet, and none are equally far apart. */
const distances = (p: number, title: string): Sample<typeof ops.cdist> => ({
  title,
  inputs: [
    { shape: [2, 2], lattice: [0.5, 0] },
    { shape: [3, 2], lattice: [0.5, 0.2] },
  ],
  call: (cdist, a, b) => cdist(a, b, p),
  define: (a, b) =>
    build([a.shape[0]!, b.shape[0]!], (i, j) =>
      distance(
        p,
        [0, 1].map((n) => read(a, i, n) - read(b, j, n)),
      ),
    ),
  empty: [
    [0, 2],
    [3, 2],
  ],
});

const product = (a: Elements, b: Elements): Elements =>
  build([a.shape[0]!, b.shape[1]!], (i, j) =>
    sum(Array.from({ length: a.shape[1]! }, (_, n) => read(a, i, n) * read(b, n, j))),
  );

/** Further products, distances and powers of vectors. */
export const products: Samples<typeof ops> = {
  kron: [
    {
      inputs: [{ shape: [2, 2] }, { shape: [3] }],
      define: (a, b) => build([a.shape[0]!, 6], (i, j) => read(a, i, Math.floor(j / 3)) * read(b, j % 3)),
      empty: [[0, 2], [3]],
    },
  ],
  cross: [
    {
      inputs: [{ shape: [2, 3] }, { shape: [1, 3] }],
      define: (a, b) =>
        build([a.shape[0]!, 3], (n, i) => {
          const [j, k] = [(i + 1) % 3, (i + 2) % 3];
          return read(a, n, j) * read(b, n, k) - read(a, n, k) * read(b, n, j);
        }),
      empty: [
        [0, 3],
        [1, 3],
      ],
    },
  ],
  cdist: [
    distances(2, "p = 2"),
    distances(1, "p = 1"),
    {
      ...distances(Number.POSITIVE_INFINITY, "p = Infinity"),
      inputs: [
        { shape: [2, 2], distinct: true, range: [-1, 1] },
        { shape: [2, 2], distinct: true, range: [2, 2.9] },
      ],
      empty: [
        [0, 2],
        [2, 2],
      ],
    },
  ],
  dist: [
    {
      inputs: [
        { shape: [2, 2], lattice: [0.5, 0] },
        { shape: [2, 2], lattice: [0.5, 0.2] },
      ],
      call: (dist, a, b) => dist(a, b, 3),
      define: (a, b) =>
        number(
          distance(
            3,
            a.values.map((value, i) => value - b.values[i]!),
          ),
        ),
    },
  ],
  chainMatmul: [
    {
      inputs: [{ shape: [2, 2] }, { shape: [2, 1] }, { shape: [1, 3] }],
      define: (a, b, c) => product(product(a, b), c),
      empty: [
        [0, 2],
        [2, 1],
        [1, 3],
      ],
    },
  ],
  vander: [
    {
      inputs: [{ shape: [3], avoid: [0] }],
      call: (vander, x) => vander(x, 3),
      define: (x) => along({ values: x.values, shape: [x.values.length, 1] }, 1, ([value]) => [value! ** 2, value!, 1]),
    },
    {
      title: "increasing",
      inputs: [{ shape: [3], avoid: [0] }],
      call: (vander, x) => vander(x, 2, { increasing: true }),
      define: (x) => along({ values: x.values, shape: [x.values.length, 1] }, 1, ([value]) => [1, value!]),
    },
  ],
};
