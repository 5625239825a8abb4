import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";

const read = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8");

it("is the program of the README, and prints what PyTorch prints", async () => {
  expect(read("../../../README.md")).toContain(read("main.ts"));
  const log = vi.spyOn(console, "log").mockImplementation(() => {});
  await import("./main.ts");
  expect(log.mock.calls.map((args) => args.join(" "))).toEqual(["tensor(0.9766)"]);
  log.mockRestore();
});
