import { expect, it, vi } from "vitest";
import { time } from "./measure.ts";

it("goes on where a run is shorter than the clock can tell", async () => {
  let now = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => now);
  let runs = 0;
  const run = (): void => {
    runs += 1;
    if (runs % 1000 === 0) now += 1; // a clock of steps of one millisecond, and runs of a microsecond
  };
  try {
    expect(await time({ run, asynchronous: false, per: 1 }, 20)).toBeCloseTo(0.001, 2);
  } finally {
    clock.mockRestore();
  }
});
