import type { Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as nn from "../../src/index.ts";
import { integers } from "./arbitraries.ts";
import { expectClose, law, scaleOf } from "./compare.ts";
import type { Entry } from "./entry.ts";
import { type Problem, replaced, single, withoutBatch } from "./problem.ts";
import { table } from "./table.ts";

const EPSILON = 2 ** -23;
const FEW = 6; // units of the last place

/** How many samples there are. */
const batchOf = ({ batch }: Entry, { tensors }: Problem): number => {
  const [name, dim] = Object.entries(batch).find(([known]) => tensors[known] !== undefined)!;
  return tensors[name]!.shape[dim]!;
};

/** Against what errors are measured; weights may make a mean larger than each of its parts. */
const magnitude = (entry: Entry, problem: Problem, losses: Tensor): number =>
  Math.max(
    entry.scale?.(problem) ?? scaleOf(...Object.values(problem.tensors)),
    scaleOf(losses, entry.byFunction(problem, "mean")),
  );

describe.each(Object.entries(table))("%s", (_, entry) => {
  const { problems, byFunction, byModule, batch } = entry;

  it(
    "has a mean and a sum that are those of its parts",
    law([problems], (problem) => {
      const losses = byFunction(problem, "none");
      const scale = magnitude(entry, problem, losses) * losses.numel();
      expectClose(byFunction(problem, "sum"), losses.sum(), 1e-13, scale);
      const mean =
        entry.meanOf?.(problem, losses) ?? losses.sum().div(entry.divisor?.(problem, losses) ?? losses.numel());
      expectClose(byFunction(problem, "mean"), mean, 1e-13, scale);
    }),
  );

  it(
    "is the same as a module and as a function",
    law([problems, fc.constantFrom("none", "mean", "sum")], (problem, reduction) => {
      expectClose(byModule(problem, reduction), byFunction(problem, reduction), 0);
    }),
  );

  it(
    "moves with its samples, and has the same mean in any order",
    law(
      [problems.chain((problem) => fc.tuple(fc.constant(problem), orderOf(batchOf(entry, problem))))],
      ([problem, order]) => {
        const index = integers(order, [order.length]);
        const moved = replaced(problem, (tensor, name) =>
          batch[name] === undefined ? tensor : tensor.indexSelect(batch[name], index),
        );
        const scale = magnitude(entry, problem, byFunction(problem, "none"));
        expectClose(byFunction(moved, "none"), byFunction(problem, "none").indexSelect(0, index), 1e-13, scale);
        expectClose(byFunction(moved, "mean"), byFunction(problem, "mean"), 1e-13, scale);
      },
    ),
  );

  it(
    "is as exact in float32 as float32 allows",
    law([problems, fc.constantFrom("none", "mean")], (problem, reduction) => {
      const exact = byFunction(problem, reduction);
      const found = byFunction(single(problem), reduction);
      expect(found.dtype).toBe("float32");
      expectClose(found, exact, FEW * EPSILON, magnitude(entry, problem, byFunction(problem, "none")));
    }),
  );

  it(
    "of one sample is that of a batch of one",
    law([problems], (problem) => {
      const first = replaced(problem, (tensor, name) =>
        batch[name] === undefined ? tensor : tensor.narrow(batch[name], 0, 1),
      );
      const alone = entry.unbatched === undefined ? withoutBatch(first, batch) : entry.unbatched(first);
      fc.pre(alone !== null);
      const losses = byFunction(first, "none");
      expectClose(byFunction(alone, "none"), losses.select(0, 0), 1e-13, magnitude(entry, first, losses));
    }),
  );
});

const orderOf = (count: number): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    Array.from({ length: count }, (_, i) => i),
    { minLength: count, maxLength: count },
  );

describe("the table", () => {
  const classes = Object.entries(nn).filter(([name]) => /^[A-Z].*Loss(2d)?$/.test(name) && name !== "Loss");
  const known = Object.values(table).map(({ Class }) => Class as new () => object);

  it.each(classes)("has an entry for %s, or for its base", (_, Class) => {
    expect(known.some((other) => Class === other || Reflect.get(Class, "prototype") instanceof other)).toBe(true);
  });

  it("has found them", () => {
    expect(classes.length).toBeGreaterThanOrEqual(22);
  });
});
