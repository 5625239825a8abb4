import { expect, it } from "vitest";
import { differences, fingerprint, fingerprints } from "./fingerprint.ts";

const values = Array.from({ length: 1000 }, (_, i) => ((i * i * 7919) % 1009) / 1009 - 0.4);

it("does not mind rounding", () => {
  const rounded = Float32Array.from(values);
  expect(differences(fingerprints({ values }), fingerprints({ values: rounded }))).toEqual([]);
});

it("sees another order, another scale, a shift and what is no number", () => {
  const others = {
    order: values.toReversed(),
    scale: values.map((x) => 1.01 * x),
    shift: values.map((x) => x + 0.01),
    nan: values.with(3, Number.NaN),
  };
  for (const other of Object.values(others)) {
    expect(differences({ x: fingerprint(values) }, { x: fingerprint(other) })).toHaveLength(1);
  }
});

it("compares what both sides have, and wants that to be something", () => {
  const ours = fingerprints({ loss: [1], gradient: values });
  expect(differences(ours, fingerprints({ loss: [1] }))).toEqual([]);
  expect(differences(ours, fingerprints({ loss: [2] }))).toEqual([
    "loss: [1.000000, 1.000000, 1.000000] here, [2.000000, 2.000000, 2.000000] there",
  ]);
  expect(differences(ours, {})).toHaveLength(1);
});
