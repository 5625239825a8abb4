import { k, NDArray } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BatchArrays, sampleOf } from "./batch.ts";
import { occupancyOf, totalOf } from "./lattice.ts";

const NEVER = Number.NEGATIVE_INFINITY;
const CLASSES = 4;

/** A batch of one: labels over steps with given log-probabilities of each label. */
function batchOf(targets: readonly number[], rows: readonly (readonly number[])[]): BatchArrays {
  return {
    logProbs: NDArray.of(rows.flat(), [rows.length, 1, rows[0]!.length], "float64"),
    targets: NDArray.of([...targets], [1, targets.length], "int32"),
    inputLengths: NDArray.of([rows.length], [1], "int32"),
    targetLengths: NDArray.of([targets.length], [1], "int32"),
  };
}

const batches = (emission: fc.Arbitrary<number>): fc.Arbitrary<BatchArrays> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: CLASSES - 1 }), { maxLength: 4 }),
      fc.array(fc.array(emission, { minLength: CLASSES, maxLength: CLASSES }), { minLength: 1, maxLength: 12 }),
    )
    .map(([targets, rows]) => batchOf(targets, rows));

/** Checks what could be computed of each sample against the algorithm on logarithms; returns how many could. */
function couldBe(form: "js" | "wasm", batch: BatchArrays): number {
  const { logProbs, targets, inputLengths, targetLengths } = batch;
  const [most, count, classes] = logProbs.shape as [number, number, number];
  const [losses, gradient] = [NDArray.zeros([count], "float64"), NDArray.zeros(logProbs.shape, "float64")];
  k.ctc[form]!(losses, gradient, logProbs, targets, inputLengths, targetLengths, 0);
  let done = 0;
  for (let n = 0; n < count; n++) {
    const loss = losses.get(n);
    if (Number.isNaN(loss)) continue;
    done++;
    const { labels, lattice } = sampleOf(batch, n, 0, []);
    const { total, shares } = occupancyOf(lattice);
    expect(Math.abs(loss + total)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(total)));
    for (let t = 0; t < most; t++) {
      const occupied = new Float64Array(classes);
      const inside = t < lattice.steps;
      if (inside) for (const [s, label] of labels.entries()) occupied[label]! += shares![t * labels.length + s]!;
      for (let c = 0; c < classes; c++) {
        const expected = inside ? Math.exp(logProbs.get(t, n, c)) - occupied[c]! : 0;
        if (!(Math.abs(gradient.get(t, n, c) - expected) <= 1e-11)) {
          expect({ t, n, c, slope: gradient.get(t, n, c) }).toEqual({ t, n, c, slope: expected });
        }
      }
    }
  }
  return done;
}

describe.each(["js", "wasm"] as const)("scaled probabilities in %s", (form) => {
  it("give what the computation on logarithms gives", () => {
    fc.assert(
      fc.property(batches(fc.double({ min: -6, max: 0, noNaN: true })), (batch) => {
        expect(couldBe(form, batch) > 0).toBe(totalOf(sampleOf(batch, 0, 0, []).lattice) > NEVER);
      }),
    );
  });

  it("give that where labels are impossible or far apart, or say that they cannot", () => {
    const moderate = fc.double({ min: -4, max: 0, noNaN: true });
    const emission = fc.oneof(moderate, fc.constantFrom(NEVER, -90, -250, -700, -1e4));
    fc.assert(fc.property(batches(emission), (batch) => void couldBe(form, batch)));
  });

  it("read any sample of a batch, in any layout", () => {
    const values = Array.from({ length: 5 * 3 * CLASSES }, (_, i) => -((i * 7) % 11) / 3);
    const rowMajor = NDArray.of(values, [5, 3, CLASSES], "float64");
    // the same numbers with the classes outermost
    const outermost = NDArray.of([...rowMajor.transpose(2, 0, 1).toArray()], [CLASSES, 5, 3], "float64");
    for (const logProbs of [rowMajor, outermost.transpose(1, 2, 0)]) {
      const batch = {
        logProbs,
        targets: NDArray.of([1, 2, 3, 3, 2, 1], [3, 2], "int32"),
        inputLengths: NDArray.of([5, 4, 3], [3], "int32"),
        targetLengths: NDArray.of([2, 2, 2], [3], "int32"),
      };
      expect(couldBe(form, batch)).toBe(3);
      expect(couldBe(form, { ...batch, targets: batch.targets.reshaped([6])! })).toBe(3);
    }
  });

  it("hold long sequences of small probabilities, of many labels and of few", () => {
    const rows = Array.from({ length: 600 }, (_, t) => {
      return Array.from({ length: CLASSES }, (_, c) => -2 - ((t * 5 + c * 3) % 7) / 2);
    });
    for (const length of [0, 1, 2, 150, 151, 400, 599, 600]) {
      const batch = batchOf(
        Array.from({ length }, (_, i) => 1 + (i % (CLASSES - 1))),
        rows,
      );
      expect(totalOf(sampleOf(batch, 0, 0, []).lattice)).toBeLessThan(-700);
      expect(couldBe(form, batch)).toBe(1);
    }
  });

  it("leave to logarithms what is hardly possible or not at all, and what are no log-probabilities", () => {
    const rare = [0, -1e6];
    const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
    for (const rows of [[rare, rare], [[nan, 0]], [[0, infinity]], [[NEVER, NEVER]]]) {
      expect(couldBe(form, batchOf([1], rows))).toBe(0);
    }
    for (const labels of [
      [1, 1],
      [1, 2, 1],
    ]) {
      const batch = batchOf(labels, [
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(couldBe(form, batch)).toBe(0);
    }
    expect(couldBe(form, { ...batchOf([1], [rare]), inputLengths: NDArray.zeros([1], "int32") })).toBe(0);
    expect(totalOf(sampleOf(batchOf([1], [rare, rare]), 0, 0, []).lattice)).toBeCloseTo(-1e6 + Math.log(2), 6);
  });
});
