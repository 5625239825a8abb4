import { expect, it } from "vitest";
import type { HostFacts } from "../hostFacts.ts";
import type { Row } from "../rounds.ts";
import { asJson } from "./json.ts";

const host = { cpu: "a processor" } as HostFacts;
const timing = (median: number): { median: number; spread: number } => ({ median, spread: 0.1 });

it("gives times and ratios, and null with a remark where there are none", () => {
  const row: Row = {
    name: "line",
    ours: timing(2),
    others: {
      torch: { timing: timing(1), ratio: 2.1, note: null },
      "jax-js": { timing: timing(4), ratio: 0.5, note: "by hand" },
      tfjs: { cannot: "it lacks a kernel" },
    },
    rate: { reached: 2e9, limit: 8e9 },
    differences: [],
  };
  expect(asJson([row], host)).toMatchObject({
    host,
    lines: {
      line: {
        ours: 2,
        torch: 1,
        peers: { "jax-js": 4, tfjs: null },
        ratioTorch: 2.1,
        ratioBestPeer: 0.5,
        fasterThanBestPeer: 2,
        gflops: 2,
        limitGflops: 8,
        equal: true,
        remarks: { "jax-js": "by hand", tfjs: "it lacks a kernel" },
      },
    },
  });
});

it("has nothing to compare where we fail", () => {
  const row: Row = { name: "line", ours: { cannot: "broken" }, others: {}, rate: null, differences: [] };
  expect(asJson([row], host)).toMatchObject({
    lines: { line: { ours: null, torch: null, ratioTorch: null, ratioBestPeer: null, remarks: { ours: "broken" } } },
  });
});
