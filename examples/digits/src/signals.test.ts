import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type SignalSource, stopOnSignals } from "./signals.ts";

class FakeProcess extends EventEmitter implements SignalSource {
  readonly exit = vi.fn();
  readonly stdout = { isTTY: true, write: vi.fn() };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

it.each(["SIGINT", "SIGTERM"])("asks to stop at the first %s, and ends at the next", (signal) => {
  const source = new FakeProcess();
  const stop = stopOnSignals(source);
  expect(stop.aborted).toBe(false);
  source.emit(signal);
  expect(stop.aborted).toBe(true);
  vi.advanceTimersByTime(1000);
  expect(source.exit).not.toHaveBeenCalled();
  source.emit(signal);
  expect(source.exit).toHaveBeenCalledExactlyOnceWith(130);
  expect(source.stdout.write).toHaveBeenCalledWith(expect.stringContaining("\x1b[?25h"));
});

it("takes two signals of one press for one", () => {
  const source = new FakeProcess();
  stopOnSignals(source);
  source.emit("SIGINT");
  vi.advanceTimersByTime(50);
  source.emit("SIGINT");
  expect(source.exit).not.toHaveBeenCalled();
});
