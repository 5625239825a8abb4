import { expect, it } from "vitest";
import { median, pairwiseRatio, summarise } from "./statistics.ts";

it("takes medians and spreads", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  expect(summarise([1, 2, 3, 4])).toEqual({ median: 2.5, spread: 0.4 });
});

it("compares round by round, so that a slow round of both changes nothing", () => {
  expect(pairwiseRatio([2, 20, 2], [1, 10, 1])).toBe(2);
});
