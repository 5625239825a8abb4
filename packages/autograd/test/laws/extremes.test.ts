import { corners, ulpOf } from "@tapegrad/tensor/testing";
import { describe, expect, it } from "vitest";
import { logcumsumexp, logSoftmax, logsumexp, softmax, softmin, type Tensor } from "../../src/index.ts";
import { spread, tensorOf } from "./draws.ts";
import type { InputSample } from "./sample.ts";
import { singleCases } from "./samples.ts";

/** Ends of float32, and for truth values both of them. */
const cornersOf = ({ dtype }: InputSample): readonly number[] => (dtype === "bool" ? [0, 1] : corners);

/** Every combination of one element of each list. */
const combinations = (lists: readonly (readonly number[])[]): number[][] =>
  lists.reduce<number[][]>((all, list) => all.flatMap((some) => list.map((value) => [...some, value])), [[]]);

/**
 * NaN, infinite or zero alike, with the same sign; other numbers within some units in the last place of `largest`. The very
 * smallest, of which few digits are left, may vanish.
 */
function alike(actual: number, expected: number, ulps: number, largest: number): boolean {
  if (Number.isNaN(expected) || expected === 0 || !Number.isFinite(expected)) return Object.is(actual, expected);
  if (actual === 0 && Math.abs(expected) < 2 ** -143) return Object.is(actual, 0) === expected > 0;
  return Math.sign(actual) === Math.sign(expected) && Math.abs(actual - expected) <= ulps * ulpOf(largest);
}

const elementwise = singleCases.filter(
  ({ sample: { scalar, inputs } }) =>
    scalar !== undefined && inputs.every(({ dtype = "float32" }) => dtype === "float32" || dtype === "bool"),
);

describe.each(elementwise)("$label", ({ sample, run }) => {
  const { inputs, scalar, extremes = scalar!, dtype = "float32", ulps = 4, scale = "element" } = sample;
  const lists = combinations(inputs.map(cornersOf));
  const expected = lists.map((values) =>
    dtype === "float32" ? Math.fround(extremes(...values)) : extremes(...values),
  );

  // once in pieces that no fast kernel is launched for, once in one that is large enough for all of them
  it.each([
    ["few", 16],
    ["many", Math.max(lists.length, 1024)],
  ])("keeps its meaning at the ends of float32, %s elements at a time", (_, size) => {
    const wrong: unknown[] = [];
    for (let from = 0; from < lists.length; from += size) {
      const places = Array.from({ length: size }, (_, i) => (from + i) % lists.length);
      const columns = inputs.map(({ dtype = "float32" }, n) =>
        tensorOf(
          places.map((i) => lists[i]![n]!),
          [size],
          dtype,
        ),
      );
      const results = run(...columns).toArray();
      places.forEach((place, i) => {
        const result = expected[place]!;
        const largest =
          scale === "element" ? result : Math.max(...[result, ...lists[place]!].filter(Number.isFinite).map(Math.abs));
        if (alike(results[i]!, result, ulps, largest)) return;
        wrong.push({ of: lists[place], value: results[i], expected: expected[place] });
      });
    }
    expect(wrong.slice(0, 5)).toEqual([]);
  });
});

/** Large magnitudes, whose exponentials overflow, in lines of three and in one that a fast kernel is launched for. */
const LINES = [
  [1e4, -1e4, 1e4],
  [3.4e38, -3.4e38, 1],
  [-3.4e38, -3.3e38, -3.4e38],
  Array.from({ length: 1024 }, (_, i) => (i % 3 === 0 ? 3e38 : -(2 ** (i % 128)))),
];

describe.each(LINES.map((line) => ({ name: `${line.length} numbers up to ${Math.max(...line)}`, line })))(
  "along $name",
  ({ line }) => {
    const input = (): Tensor => tensorOf(line, [line.length], "float32").requiresGrad_();
    const finite = (result: Tensor): boolean => result.toArray().every(Number.isFinite);

    it.each([
      ["softmax", (x: Tensor) => softmax(x, 0)],
      ["softmin", (x: Tensor) => softmin(x, 0)],
      ["logsumexp", (x: Tensor) => logsumexp(x, 0)],
      ["logcumsumexp", (x: Tensor) => logcumsumexp(x, 0)],
      // between the ends of float32 the difference itself overflows
      ["logSoftmax", (x: Tensor) => logSoftmax(x.mul(0.25), 0)],
    ] as const)("%s stays finite, and so does its gradient", (_, op) => {
      const x = input();
      const result = op(x);
      expect(finite(result)).toBe(true);
      result.backward(spread(result));
      expect(finite(x.grad!)).toBe(true);
    });

    it("softmax still adds up to 1", () => {
      expect(softmax(input(), 0).sum().item()).toBeCloseTo(1, 5);
    });
  },
);
