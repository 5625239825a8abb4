import fc from "fast-check";
import { NDArray } from "../../ndarray.ts";
import { corners, shapes, views } from "../../testing.ts";
import { countTrue } from "../gatherMask.ts";
import { type KernelSample, operand, output, shapeAndDim } from "./sample.ts";

/** An array, a dimension of it, and a shape that is at most as large along the others. */
const within = shapeAndDim({ maxSize: 6 }).chain(({ shape, dim }) =>
  fc.record({
    shape: fc.constant(shape),
    dim: fc.constant(dim),
    part: fc.tuple(...shape.map((n, d) => fc.integer({ min: d === dim ? 0 : 1, max: d === dim ? 7 : n }))),
  }),
);

/** An array, a dimension of it, and how many slices are taken. */
const slices = shapeAndDim({ maxSize: 6 }).chain(({ shape, dim }) =>
  fc.integer({ min: 0, max: 8 }).map((count) => ({
    shape,
    dim,
    count,
    taken: shape.map((n, d) => (d === dim ? count : n)),
  })),
);

const indices = (shape: readonly number[], size: number): fc.Arbitrary<NDArray> =>
  views(shape, { dtype: "int32", elements: fc.integer({ min: 0, max: size - 1 }) });

const where = fc.constant("sample");

/** Arguments for writing through an index array; whole numbers, since places may be met in any order of the sums. */
const placing: fc.Arbitrary<readonly unknown[]> = within.chain(({ shape, dim, part }) =>
  fc.tuple(output(shape), indices(part, shape[dim]!), operand(part), fc.constant(dim), where),
);

const placingSlices: fc.Arbitrary<readonly unknown[]> = slices.chain(({ shape, dim, count, taken }) =>
  fc.tuple(output(shape), indices([count], shape[dim]!), operand(taken), fc.constant(dim), where),
);

const bools = { dtype: "bool" } as const;

/** Elements among which many are equal, with NaN, infinities and both zeros. */
const repeating = fc.constantFrom(...corners.slice(0, 7), 2, 2, 3);

const sortable = shapeAndDim({ minSize: 0, maxSize: 12 }).chain(({ shape, dim }) =>
  fc.tuple(fc.constant({ shape, dim }), views(shape, { elements: repeating }), fc.boolean()),
);

/** Samples of gathering, scattering, masking and sorting. */
export const indexSamples: Readonly<Record<string, KernelSample>> = {
  gather: {
    args: within.chain(({ shape, dim, part }) =>
      fc.tuple(output(part), operand(shape), indices(part, shape[dim]!), fc.constant(dim), where),
    ),
  },
  scatter: { args: placing },
  scatterAdd: { args: placing },
  scatterValue: {
    args: within.chain(({ shape, dim, part }) =>
      fc.tuple(output(shape), indices(part, shape[dim]!), fc.constant(2.5), fc.constant(dim), where),
    ),
  },
  indexSelect: {
    args: slices.chain(({ shape, dim, count, taken }) =>
      fc.tuple(output(taken), operand(shape), indices([count], shape[dim]!), fc.constant(dim), where),
    ),
  },
  indexAdd: { args: placingSlices },
  indexCopy: { args: placingSlices },
  maskedSelect: {
    args: shapes()
      .chain((shape) => fc.tuple(operand(shape), views(shape, bools)))
      .map(([a, mask]) => [NDArray.zeros([countTrue(mask)]), a, mask]),
  },
  maskedScatter: {
    args: shapes().chain((shape) => fc.tuple(output(shape), views(shape, bools), operand(shape), where)),
  },
  nonzero: {
    args: shapes()
      .chain((shape) => views(shape, { elements: fc.constantFrom(0, -0, 0, 1, Number.NaN) }))
      .map((a) => [NDArray.zeros([countTrue(a), a.dimension], "int32"), a]),
  },
  argsort: {
    args: sortable.chain(([{ shape, dim }, a, descending]) =>
      fc.tuple(output(shape, "int32"), fc.constant(a), fc.constant(dim), fc.constant(descending)),
    ),
  },
  topk: {
    args: sortable.chain(([{ shape, dim }, a, largest]) =>
      fc.nat({ max: shape[dim]! }).chain((k) =>
        fc.tuple(
          output(
            shape.map((n, d) => (d === dim ? k : n)),
            "int32",
          ),
          fc.constant(a),
          fc.constant(dim),
          fc.constant(largest),
        ),
      ),
    ),
  },
  searchsorted: {
    args: fc
      .tuple(shapes({ minRank: 1, maxRank: 3, maxSize: 5 }), fc.nat({ max: 8 }), fc.boolean(), fc.boolean())
      .chain(([shape, n, shared, right]) => {
        const rows = shared ? [n] : [...shape.slice(0, -1), n];
        // steps up along a row
        const sorted = views(rows, { elements: fc.constant(0) }).map((a) => {
          const ascending = a.copy();
          for (let i = 0; i < ascending.size; i++) ascending.data[i] = Math.floor((i % n) / 2) - 1;
          return ascending;
        });
        return fc.tuple(output(shape, "int32"), sorted, views(shape, { elements: repeating }), fc.constant(right));
      }),
  },
};
