import { expect, it } from "vitest";
import type { Row } from "../rounds.ts";
import { asText, duration, tableOf } from "./table.ts";

const timing = (median: number): { median: number; spread: number } => ({ median, spread: 0.1 });

const rows: readonly Row[] = [
  {
    name: "all",
    ours: timing(2),
    others: {
      torch: { timing: timing(1), ratio: 2, note: null },
      "jax-js": { timing: timing(5), ratio: 0.4, note: null },
      tfjs: { timing: timing(4), ratio: 0.5, note: "by hand" },
    },
    rate: { reached: 2e9, limit: 8e9 },
    differences: [],
  },
  {
    name: "alone",
    ours: timing(2),
    others: { torch: { cannot: "no" }, "jax-js": { cannot: "no" }, tfjs: { cannot: "no" } },
    rate: null,
    differences: [],
  },
  { name: "broken", ours: { cannot: "it broke" }, others: {}, rate: null, differences: [] },
];

it("writes times as a reader wants them", () => {
  expect([123.4, 1.5, 0.25, 0.0125, 0.00000075].map(duration)).toEqual([
    "123 ms",
    "1.50 ms",
    "250 us",
    "12.50 us",
    "1 ns",
  ]);
});

it("shows what was measured, and what could not be with the reason", () => {
  expect(asText(tableOf(rows, ["torch", "jax-js", "tfjs"]))).toBe(
    [
      "             tapegrad        PyTorch         jax-js               tfjs  / PyTorch   / best peer  of limit",
      "all     2.00 ms ±10 %  1.00 ms ±10 %  5.00 ms ±10 %  4.00 ms ±10 % [1]       2.00  0.50 (2.0 x)      25 %",
      "alone   2.00 ms ±10 %          - [2]          - [3]              - [4]          -             -",
      "broken      fails [5]              -              -                  -          -             -",
      "",
      "[1] tfjs: by hand",
      "[2] PyTorch: no",
      "[3] jax-js: no",
      "[4] tfjs: no",
      "[5] tapegrad: it broke",
    ].join("\n"),
  );
});
