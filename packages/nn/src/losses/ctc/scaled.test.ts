import { NDArray } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Sample, samplesOf } from "./batch.ts";
import { occupancyOf, totalOf } from "./lattice.ts";
import { arrive, meet } from "./scaled.ts";

const NEVER = Number.NEGATIVE_INFINITY;

/** A sample of labels over steps with given log-probabilities of each label. */
function sampleOf(targets: readonly number[], rows: readonly (readonly number[])[], classes = rows[0]?.length ?? 2) {
  const logProbs = NDArray.of(rows.flat(), [rows.length, 1, classes], "float64");
  const [sample] = samplesOf(
    "test",
    {
      logProbs,
      targets: NDArray.of([...targets], [1, targets.length], "int32"),
      inputLengths: NDArray.of([rows.length], [1], "int32"),
      targetLengths: NDArray.of([targets.length], [1], "int32"),
    },
    0,
    [],
  );
  return { sample: sample!, logProbs };
}

interface Drawn {
  readonly sample: Sample;
  readonly logProbs: NDArray;
}

const CLASSES = 4;
const samples = (emission: fc.Arbitrary<number>): fc.Arbitrary<Drawn> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: CLASSES - 1 }), { maxLength: 4 }),
      fc.array(fc.array(emission, { minLength: CLASSES, maxLength: CLASSES }), { minLength: 1, maxLength: 12 }),
    )
    .map(([targets, rows]) => sampleOf(targets, rows));

/** Checks what could be computed against the algorithm on logarithms; returns whether it could. */
function couldBe({ sample, logProbs }: Drawn): boolean {
  const arrival = arrive(sample, logProbs);
  if (arrival === null) return false;
  const { total, shares } = occupancyOf(sample.lattice());
  expect(Math.abs(arrival.total - total)).toBeLessThanOrEqual(1e-12 * (1 + Math.abs(total)));
  const factors = meet(arrival, sample.skips);
  if (factors === null) return false;
  shares!.forEach((share, i) => {
    const factor = factors[Math.floor(i / sample.labels.length)]!;
    expect(Math.abs(arrival.there[i]! * factor - share)).toBeLessThanOrEqual(1e-11);
  });
  return true;
}

describe("arrive and meet", () => {
  it("give what the computation on logarithms gives", () => {
    fc.assert(
      fc.property(samples(fc.double({ min: -6, max: 0, noNaN: true })), (drawn) => {
        expect(couldBe(drawn)).toBe(totalOf(drawn.sample.lattice()) > NEVER);
      }),
    );
  });

  it("give that where labels are impossible or far apart, or say that they cannot", () => {
    const moderate = fc.double({ min: -4, max: 0, noNaN: true });
    const emission = fc.oneof(moderate, fc.constantFrom(NEVER, -90, -250, -700, -1e4));
    fc.assert(fc.property(samples(emission), (drawn) => void couldBe(drawn)));
  });

  it("read any sample of a batch, in any layout", () => {
    const values = Array.from({ length: 5 * 3 * CLASSES }, (_, i) => -((i * 7) % 11) / 3);
    const rowMajor = NDArray.of(values, [5, 3, CLASSES], "float64");
    // the same numbers with the classes outermost
    const turned = NDArray.of([...rowMajor.transpose(2, 0, 1).toArray()], [CLASSES, 5, 3], "float64").transpose(
      1,
      2,
      0,
    );
    const lengths = [5, 4, 3];
    for (const logProbs of [rowMajor, turned]) {
      const samples = samplesOf(
        "test",
        {
          logProbs,
          targets: NDArray.of([1, 2, 3, 3, 2, 1], [3, 2], "int32"),
          inputLengths: NDArray.of(lengths, [3], "int32"),
          targetLengths: NDArray.of([2, 2, 2], [3], "int32"),
        },
        0,
        [],
      );
      for (const sample of samples) expect(couldBe({ sample, logProbs })).toBe(true);
      expect(samples.map(({ steps }) => steps)).toEqual(lengths);
    }
  });

  it("say what they find in a small case: 1 in two steps, over blanks", () => {
    const [blank, one] = [Math.log(0.25), Math.log(0.75)];
    const { sample, logProbs } = sampleOf(
      [1],
      [
        [blank, one],
        [blank, one],
      ],
    );
    const arrival = arrive(sample, logProbs)!;
    expect(Math.exp(arrival.total)).toBeCloseTo(0.75 ** 2 + 2 * 0.75 * 0.25, 12);
    const factors = meet(arrival, sample.skips)!;
    const shares = Array.from(arrival.there, (share, i) => share * factors[Math.floor(i / 3)]!);
    expect(shares).toEqual([0.2, 0.8, 0, 0, 0.8, 0.2].map((share) => expect.closeTo(share, 12)));
  });

  it("hold long sequences of small probabilities", () => {
    const rows = Array.from({ length: 600 }, (_, t) => {
      return Array.from({ length: CLASSES }, (_, c) => -2 - ((t * 5 + c * 3) % 7) / 2);
    });
    const targets = Array.from({ length: 150 }, (_, i) => 1 + (i % (CLASSES - 1)));
    const drawn = sampleOf(targets, rows);
    expect(totalOf(drawn.sample.lattice())).toBeLessThan(-700);
    expect(couldBe(drawn)).toBe(true);
  });

  it("leave to logarithms what is hardly possible or not at all, and what are no log-probabilities", () => {
    const rare = [0, -1e6];
    for (const rows of [[rare, rare], [[Number.NaN, 0]], [[0, Number.POSITIVE_INFINITY]], [[NEVER, NEVER]], []]) {
      const { sample, logProbs } = sampleOf([1], rows);
      expect(arrive(sample, logProbs)).toBeNull();
    }
    const repeated = sampleOf(
      [1, 1],
      [
        [0, 0],
        [0, 0],
      ],
    );
    expect(arrive(repeated.sample, repeated.logProbs)).toBeNull();
    expect(totalOf(sampleOf([1], [rare, rare]).sample.lattice())).toBeCloseTo(-1e6 + Math.log(2), 6);
  });
});
