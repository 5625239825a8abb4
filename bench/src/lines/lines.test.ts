import { expect, it } from "vitest";
import { fingerprints } from "../fingerprint.ts";
import { lines, prepare } from "./index.ts";

it("has lines of different names", () => {
  const names = lines.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

it("has lines that work, on numbers that a seed repeats", () => {
  for (const line of lines.filter(({ name }) => /64x10|tiny MLP|CTC|matmul 64$/.test(name))) {
    const results = (): ReturnType<typeof fingerprints> =>
      fingerprints(
        Object.fromEntries(Object.entries(prepare(line).results()).map(([key, value]) => [key, value.toArray()])),
      );
    const [once, twice] = [results(), results()];
    for (const [, , size] of Object.values(once)) expect(size).toBeGreaterThan(0);
    expect(twice).toEqual(once);
  }
});
