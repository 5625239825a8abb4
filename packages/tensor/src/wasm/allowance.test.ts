import { expect, it } from "vitest";
import { Allowance } from "./allowance.ts";

const MB = 2 ** 20;

it("grants more to programs whose results are found dead, up to a limit, and no more to others", () => {
  let collections = 0;
  const allowance = new Allowance(() => void collections++);
  const takeAll = (): number => {
    let taken = 0;
    for (; allowance.covers(MB); taken++) allowance.take(MB);
    return taken;
  };
  expect(takeAll()).toBe(16);
  for (let i = 0; i < 16; i++) allowance.give(MB);
  expect(takeAll()).toBe(16);
  const amounts = [16, 32, 48, 48];
  for (const [i, amount] of amounts.entries()) {
    for (let j = 0; j < amount; j++) allowance.found(MB);
    expect(takeAll()).toBe(amounts[i + 1] ?? 48);
    expect(collections).toBe(i + 3);
    expect(allowance.covers(MB)).toBe(false);
  }
});

it("does not start the collector again and again for what is held", () => {
  let collections = 0;
  const allowance = new Allowance(() => void collections++);
  while (allowance.covers(MB)) allowance.take(MB);
  for (let i = 0; i < 100; i++) {
    allowance.found(MB);
    while (allowance.covers(MB)) allowance.take(MB);
  }
  expect(collections).toBeLessThan(10);
});

it("grants no more where there was enough", () => {
  const allowance = new Allowance();
  for (let i = 0; i < 100; i++) {
    allowance.take(10 * MB);
    allowance.found(10 * MB);
  }
  expect([allowance.covers(16 * MB), allowance.covers(17 * MB)]).toEqual([true, false]);
});
