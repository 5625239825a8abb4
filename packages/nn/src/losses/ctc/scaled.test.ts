import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Lattice, occupancyOf, totalOf } from "./lattice.ts";
import { scaledOccupancy, scaledTotal } from "./scaled.ts";

/** A lattice of labels between blanks, over steps with given log-probabilities of each label. */
function latticeOf(targets: readonly number[], rows: readonly (readonly number[])[]): [Lattice, Int32Array] {
  const labels = Int32Array.from([0, ...targets.flatMap((target) => [target, 0])]);
  const emissions = Float64Array.from(rows.flatMap((row) => Array.from(labels, (label) => row[label]!)));
  const skips = Uint8Array.from(labels, (label, s) => Number(s > 1 && label !== labels[s - 2]));
  return [{ steps: rows.length, states: labels.length, skips, emissions, moves: [] }, labels];
}

const CLASSES = 4;
const lattices = (emission: fc.Arbitrary<number>): fc.Arbitrary<[Lattice, Int32Array]> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: CLASSES - 1 }), { maxLength: 4 }),
      fc.array(fc.array(emission, { minLength: CLASSES, maxLength: CLASSES }), { minLength: 1, maxLength: 12 }),
    )
    .map(([targets, rows]) => latticeOf(targets, rows));

const NEVER = Number.NEGATIVE_INFINITY;

function expectExact([lattice, labels]: [Lattice, Int32Array]): void {
  const { total, shares } = scaledOccupancy(lattice, labels);
  expect(scaledTotal(lattice, labels)).toBe(total);
  const exact = occupancyOf(lattice);
  if (exact.shares === null) {
    expect({ total, shares }).toEqual(exact);
    return;
  }
  expect(Math.abs(total - exact.total)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(exact.total)));
  exact.shares.forEach((share, i) => {
    expect(Math.abs(shares![i]! - share)).toBeLessThanOrEqual(1e-11);
  });
}

describe("scaledOccupancy", () => {
  it("is what the computation on logarithms gives", () => {
    fc.assert(fc.property(lattices(fc.double({ min: -6, max: 0, noNaN: true })), expectExact));
  });

  it("is that where labels are impossible, and where probabilities are too far apart to be held, too", () => {
    const moderate = fc.double({ min: -4, max: 0, noNaN: true });
    const emission = fc.oneof(moderate, fc.constantFrom(NEVER, -90, -250, -700, -1e4));
    fc.assert(fc.property(lattices(emission), expectExact));
  });

  it("keeps the likelihood of what is hardly possible", () => {
    const lattice = latticeOf(
      [1],
      [
        [0, -1e6],
        [0, -1e6],
      ],
    );
    expect(scaledTotal(...lattice)).toBeCloseTo(-1e6 + Math.log(2), 6);
    expectExact(lattice);
  });

  it("is the other computation's affair for what are no log-probabilities, and for no steps", () => {
    for (const row of [
      [Number.NaN, 0],
      [0, Number.POSITIVE_INFINITY],
      [NEVER, NEVER],
    ]) {
      const [lattice, labels] = latticeOf([1], [row]);
      expect(scaledTotal(lattice, labels)).toBe(totalOf(lattice));
    }
    expect(scaledTotal(...latticeOf([], []))).toBe(0);
    expect(scaledTotal(...latticeOf([1], []))).toBe(NEVER);
  });
});
