import { describe, expect, it } from "vitest";
import { remember } from "./remember.ts";

describe("remember", () => {
  const counted = (): { readonly f: (a: number, b: readonly number[]) => number[]; calls(): number } => {
    let calls = 0;
    const f = remember((a: number, b: readonly number[]) => {
      calls++;
      return [a, ...b];
    });
    return { f, calls: () => calls };
  };

  it("makes a result once for the same numbers", () => {
    const { f, calls } = counted();
    const first = f(1, [2, 3]);
    expect(first).toEqual([1, 2, 3]);
    expect(f(1, [2, 3])).toBe(first);
    expect(f(1, [2, 4])).toEqual([1, 2, 4]);
    expect(calls()).toBe(2);
  });

  it("forgets the oldest, and makes it anew", () => {
    const { f, calls } = counted();
    for (let i = 0; i < 257; i++) f(i, [0]);
    f(1, [0]);
    expect(calls()).toBe(257);
    expect(f(0, [0])).toEqual([0, 0]);
    expect(calls()).toBe(258);
  });
});
