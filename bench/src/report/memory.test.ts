import { expect, it } from "vitest";
import type { HostFacts } from "../hostFacts.ts";
import type { MemoryRow } from "../memory.ts";
import { memoryJson, memoryTable } from "./memory.ts";
import { asText } from "./table.ts";

const rows: readonly MemoryRow[] = [
  { name: "MLP", ours: { half: 100e6, all: 101e6 }, torch: { half: 300e6, all: 303e6 } },
  { name: "CNN", ours: { half: 100e6, all: 100e6 }, torch: { cannot: "no module" } },
  { name: "GPT", ours: { half: 100e6, all: 100e6 }, torch: null },
];

it("shows peaks and why there are none", () => {
  expect(asText(memoryTable(rows))).toBe(
    [
      "     tapegrad, half  all steps  PyTorch, half  all steps  / PyTorch",
      "MLP          100 MB     101 MB         300 MB     303 MB       0.33",
      "CNN          100 MB     100 MB          - [1]          -          -",
      "GPT          100 MB     100 MB              -          -          -",
      "",
      "[1] PyTorch: no module",
    ].join("\n"),
  );
});

it("gives peaks in bytes", () => {
  expect(memoryJson(rows, 3000, {} as HostFacts)).toMatchObject({
    steps: 3000,
    memory: { MLP: { ours: { half: 100e6, all: 101e6 }, ratioTorch: 1 / 3 }, CNN: { ratioTorch: null } },
  });
});
