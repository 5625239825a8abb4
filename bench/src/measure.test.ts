import { expect, it } from "vitest";
import { lines, prepare } from "./lines.ts";
import { median, summarise } from "./measure.ts";
import { asJson, duration, type Row, table } from "./table.ts";

it("takes medians and spreads", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2])]).toEqual([2, 2.5]);
  expect(summarise([1, 2, 3, 4])).toEqual({ median: 2.5, spread: 0.4 });
});

it("writes times as a reader wants them", () => {
  expect([123.4, 1.5, 0.25, 0.0125, 0.00000075].map(duration)).toEqual([
    "123 ms",
    "1.50 ms",
    "250 us",
    "12.50 us",
    "1 ns",
  ]);
});

it("shows what was measured, and what could not be", () => {
  const timing = { median: 2, spread: 0.1 };
  const rows: Row[] = [
    { name: "with", ours: timing, torch: { median: 1, spread: 0 }, ratioTorch: 2, flops: 4e6 },
    { name: "without", ours: timing, torch: null, ratioTorch: null, flops: null },
  ];
  expect(table(rows)).toMatch(/with +2\.00 ms +±10 % +1\.00 ms +±0 % +2\.00 +2 GFLOP\/s/);
  expect(table(rows)).toMatch(/without +2.00 ms +±10 % +- +-$/);
  expect(asJson(rows)).toMatchObject({
    lines: { with: { ours: 2, torch: 1, ratioTorch: 2 }, without: { torch: null } },
  });
});

it("has lines that work, on numbers that a seed repeats", () => {
  for (const line of lines.filter(({ name }) => /64x10|tiny|matmul 64$/.test(name))) {
    const [once, twice] = [prepare(line).check(), prepare(line).check()];
    expect(Number.isFinite(once)).toBe(true);
    expect(twice).toBe(once);
  }
});
