import { expect, it } from "vitest";
import { bestPeer, measureLine } from "./rounds.ts";
import type { Prepared } from "./sides/protocol.ts";
import type { Side } from "./sides/side.ts";

/** A side that answers from lists. */
function side(name: string, times: readonly number[], prepared: Partial<Prepared> | Error = {}): Side {
  const left = [...times];
  return {
    name,
    version: "1",
    runtime: null,
    absent: null,
    prepare: async () => {
      if (prepared instanceof Error) throw prepared;
      return { results: { sum: [1, 1, 1] }, note: null, flops: null, ...prepared };
    },
    time: async () => {
      const time = left.shift();
      if (time === undefined) throw new Error("it has stopped");
      return { time, peak: 1e9 };
    },
    repeat: async () => undefined,
    memory: async () => 0,
    close: () => undefined,
  };
}

const effort = { rounds: 3, budget: 1 };

it("gives the first turn more time than the others", async () => {
  const budgets: number[] = [];
  const ours = side("ours", [1, 1, 1, 1]);
  const time = (budget: number): ReturnType<Side["time"]> => {
    budgets.push(budget);
    return ours.time(budget);
  };
  await measureLine("line", { ours: { ...ours, time }, others: [], folder: "" }, { rounds: 3, budget: 10 });
  expect(budgets).toEqual([50, 10, 10, 10]);
});

it("leaves the first turn out and compares the others round by round", async () => {
  const ours = side("ours", [100, 2, 20, 2], { flops: 4e6 });
  const others = [side("torch", [100, 1, 10, 1]), side("jax-js", [1, 8, 8, 8]), side("tfjs", [1, 4, 40, 4])];
  const row = await measureLine("line", { ours, others, folder: "" }, effort);
  expect(row).toMatchObject({
    ours: { median: 2 },
    others: { torch: { timing: { median: 1 }, ratio: 2 }, tfjs: { ratio: 0.5 } },
    rate: { reached: 2e9, limit: 1e9 },
    differences: [],
  });
  expect(bestPeer(row)?.timing.median).toBe(4);
});

it("goes on without a side that cannot do the line or stops on the way", async () => {
  const others = [side("torch", [1], {}), side("jax-js", [], new Error("it has no such loss"))];
  const row = await measureLine("line", { ours: side("ours", [1, 1, 1, 1]), others, folder: "" }, effort);
  expect(row.others).toEqual({ torch: { cannot: "it has stopped" }, "jax-js": { cannot: "it has no such loss" } });
  expect(bestPeer(row)).toBeNull();
});

it("says whose results differ", async () => {
  const others = [side("torch", [1, 1, 1, 1], { results: { sum: [2, 2, 2] } })];
  const row = await measureLine("line", { ours: side("ours", [1, 1, 1, 1]), others, folder: "" }, effort);
  expect(row.differences).toEqual([expect.stringMatching(/^torch: sum: /)]);
});

it("says where we fail", async () => {
  const row = await measureLine(
    "line",
    { ours: side("ours", [], new Error("broken")), others: [], folder: "" },
    effort,
  );
  expect(row.ours).toEqual({ cannot: "broken" });
});
