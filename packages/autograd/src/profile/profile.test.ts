import { inspect } from "node:util";
import { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { randn, type Tensor, tensor } from "../index.ts";
import { Profile, profile, recordFunction } from "./profile.ts";
import type { ProfileEvent } from "./profiler.ts";

const step = (x: Tensor): Tensor => {
  const y = x.matmul(x).exp().add(1).add(2);
  y.sum().backward();
  return y;
};

describe("profile", () => {
  it("counts the calls of ops, forward and backward, and gives what the function returned", () => {
    const x = randn([4, 4], { requiresGrad: true });
    const measured = profile(() => step(x));
    expect(measured.result.shape).toEqual([4, 4]);
    const calls = measured.rows().map(({ name, calls, backwardCalls }) => [name, calls, backwardCalls]);
    expect(calls.sort()).toEqual([
      ["add", 2, 2],
      ["exp", 1, 1],
      ["matmul", 1, 1],
      ["sum", 1, 1],
    ]);
  });

  it("has parts that add up, and counts what is inside of backward once", () => {
    const x = randn([8, 8], { requiresGrad: true });
    const { events, duration, ...measured } = profile(() => step(x));
    expect(measured.result.requiresGrad).toBe(true);
    const rows = new Profile(null, events, duration).rows();
    for (const { forward, backward, total, share } of rows) {
      expect(total).toBeCloseTo(forward + backward, 9);
      expect(share).toBeCloseTo(total / duration, 9);
    }
    expect(rows.reduce((sum, { total }) => sum + total, 0)).toBeLessThanOrEqual(duration);
    expect(rows.find(({ name }) => name === "exp")!.bytes).toBeGreaterThanOrEqual(4 * 64);
  });

  it("measures nothing else, and stops when the function throws", () => {
    const fails = (): Tensor => {
      tensor([1]).add(1);
      return tensor([1, 2]).add(tensor([1, 2, 3]));
    };
    expect(() => profile(fails)).toThrow(TensorError);
    tensor([1]).exp();
    expect(profile(() => 3).events).toEqual([]);
    expect(() => profile(async () => 3)).toThrow(/asynchronous/);
  });

  it("shows named stretches in the trace, which do not count as ops", () => {
    const measured = profile(() => recordFunction("my block", () => tensor([1, 2]).exp()));
    expect(measured.rows().map(({ name }) => name)).toEqual(["exp"]);
    const { traceEvents } = JSON.parse(measured.chromeTrace()) as { traceEvents: Record<string, unknown>[] };
    expect(traceEvents.map(({ name, ph, cat, args }) => ({ name, ph, cat, args }))).toEqual([
      { name: "exp", ph: "X", cat: "forward", args: { shapes: "[2]", bytes: 8 } },
      { name: "my block", ph: "X", cat: "region", args: { shapes: "", bytes: 8 } },
    ]);
    expect(recordFunction("unseen", () => 5)).toBe(5);
  });

  it("says what regions took outside of ops and of regions within them", () => {
    const at = (name: string, phase: ProfileEvent["phase"], depth: number, duration: number): ProfileEvent => {
      return { name, phase, start: 0, duration, bytes: 0, depth, shapes: [] };
    };
    const events = [
      at("add", "forward", 2, 3),
      at("inner", "region", 1, 4),
      at("mul", "forward", 1, 2),
      at("outer", "region", 0, 10),
      at("inner", "region", 0, 1),
    ];
    const measured = new Profile(null, events, 20);
    expect(measured.regions()).toEqual([
      { name: "outer", calls: 1, total: 10, own: 4 },
      { name: "inner", calls: 2, total: 5, own: 2 },
    ]);
    expect(measured.table()).toMatch(
      /\noutside of ops .*75\.0 %\n {2}in outer +1 +4\.000 ms +20\.0 %\n {2}in inner +2 /,
    );
  });

  it("is its table in the console", () => {
    const measured = new Profile(null, [], 1);
    expect(inspect(measured)).toBe(String(measured));
    expect(inspect({ measured })).toContain("outside of ops");
  });

  const event = (name: string, phase: ProfileEvent["phase"], start: number, duration: number): ProfileEvent => {
    return { name, phase, start, duration, bytes: 1536, depth: 0, shapes: [] };
  };

  it("prints a table", () => {
    const events = [
      event("matmul", "forward", 0, 2),
      event("relu", "forward", 2, 0.5),
      event("matmul", "backward", 3, 4),
    ];
    expect(String(new Profile(null, events, 10))).toBe(
      [
        "op              calls   forward  backward     total   average   share    bytes",
        "-".repeat(78),
        "matmul              1  2.000 ms  4.000 ms  6.000 ms  6.000 ms  60.0 %  3.00 KB",
        "relu                1  500.0 us    0.0 us  500.0 us  500.0 us   5.0 %  1.50 KB",
        "outside of ops                             3.500 ms            35.0 %",
        "-".repeat(78),
        "10.000 ms in all",
      ].join("\n"),
    );
  });

  it("sorts and shortens the table, and refuses what it does not know", () => {
    const measured = new Profile(null, [event("a", "forward", 0, 1), event("b", "forward", 1, 2)], 4);
    expect(measured.table({ rowLimit: 1 })).toMatch(/^b [\s\S]*others \(1\) .*25\.0 %/m);
    expect(measured.table({ sortBy: "calls" })).toContain("outside of ops");
    expect(() => measured.table({ rowLimit: 0 })).toThrow(/rowLimit/);
    expect(() => measured.table({ sort: "total" } as never)).toThrow(/sortBy/);
  });
});
