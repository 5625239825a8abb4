import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { defaultGenerator, fillNormal, fillUniform, Generator, manualSeed, randomInt64, type Seed } from "./index.ts";

const fixture = JSON.parse(readFileSync(new URL("./__fixtures__/state.json", import.meta.url), "utf8")) as {
  state: string;
  next: number[];
};
const torchState = Uint8Array.from(atob(fixture.state), (c) => c.charCodeAt(0));

/** Bytes as text, which compares far faster. */
const text = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

const rand = (generator: Generator, n: number): number[] => {
  const out = NDArray.zeros([n]);
  fillUniform(out, 0, 1, generator);
  return Array.from(out.data);
};
const randn = (generator: Generator, n: number): number[] => {
  const out = NDArray.zeros([n]);
  fillNormal(out, 0, 1, generator);
  return Array.from(out.data);
};

describe("seeds", () => {
  it("starts from torch's default seed", () => {
    const generator = new Generator();
    expect(generator.initialSeed()).toBe(67280421310721);
    expect(rand(generator, 3)).toEqual(rand(new Generator().manualSeed(67280421310721), 3));
  });

  it("counts only the low 32 bits, and negative seeds from the top", () => {
    const five = rand(new Generator().manualSeed(5), 8);
    expect(rand(new Generator().manualSeed(2 ** 32 + 5), 8)).toEqual(five);
    expect(rand(new Generator().manualSeed(5n + (123n << 32n)), 8)).toEqual(five);
    expect(rand(new Generator().manualSeed(6), 8)).not.toEqual(five);
    expect(new Generator().manualSeed(-1).initialSeed()).toBe(2n ** 64n - 1n);
    expect(new Generator().manualSeed(-(2n ** 63n)).initialSeed()).toBe(2n ** 63n);
    expect(new Generator().manualSeed(7n).initialSeed()).toBe(7);
  });

  it.each([0.5, Number.NaN, Infinity, 2 ** 53, 2n ** 64n, -(2n ** 63n) - 1n] as Seed[])("refuses %s", (seed) => {
    expect(() => new Generator().manualSeed(seed)).toThrow(TensorError);
  });

  it("forgets the waiting normal number with a new seed", () => {
    const generator = new Generator().manualSeed(0);
    randn(generator, 1);
    expect(generator.nextNormal).not.toBeNull();
    expect(randn(generator.manualSeed(0), 4)).toEqual(randn(new Generator().manualSeed(0), 4));
  });

  it("seeds itself from the system", () => {
    const [a, b] = [Generator.unseeded(), Generator.unseeded()];
    expect(rand(a, 4)).not.toEqual(rand(b, 4));
    expect(a.initialSeed()).not.toBe(b.initialSeed());
    const seed = a.seed();
    expect(a.initialSeed()).toBe(seed);
    expect(rand(a, 4)).toEqual(rand(new Generator().manualSeed(seed), 4));
  });

  it("has a default generator that manualSeed seeds", () => {
    expect(manualSeed(0)).toBe(defaultGenerator);
    expect(rand(defaultGenerator, 4)).toEqual([0.49625659, 0.768221796, 0.0884774327, 0.132030487].map(Math.fround));
    defaultGenerator.seed();
  });

  it("draws 64-bit integers as torch's random_", () => {
    const generator = new Generator().manualSeed(42);
    // torch.manual_seed(42); torch.empty((), dtype=torch.int64).random_()
    expect([randomInt64(generator), randomInt64(generator)]).toEqual([6909045637428952499n, 8314211556539077902n]);
  });
});

describe("state", () => {
  it("is torch's own, byte for byte", () => {
    const generator = new Generator().manualSeed(123);
    rand(generator, 700);
    randn(generator, 3);
    expect(text(generator.getState())).toBe(fixture.state);
  });

  it("goes on where torch's stopped", () => {
    const generator = new Generator().setState(torchState);
    expect(generator.initialSeed()).toBe(123);
    expect([...randn(generator, 5), ...rand(generator, 3)]).toEqual(fixture.next.map(Math.fround));
  });

  it("goes on where it stopped, in a clone too", () => {
    fc.assert(
      fc.property(fc.nat(1300), fc.nat(20), fc.maxSafeInteger(), (skip, normals, seed) => {
        const generator = new Generator({ bernoulli: "mkl" }).manualSeed(seed);
        rand(generator, skip);
        randn(generator, normals);
        const twin = generator.clone();
        const third = new Generator().setState(generator.getState());
        const expected = [...randn(generator, 3), ...rand(generator, 3)];
        expect([...randn(twin, 3), ...rand(twin, 3)]).toEqual(expected);
        expect([...randn(third, 3), ...rand(third, 3)]).toEqual(expected);
        expect(twin.bernoulli).toBe("mkl");
        expect(text(twin.getState())).toBe(text(third.getState()));
      }),
      { numRuns: 30 },
    );
  });

  it("keeps what torch keeps beside it: the waiting float32 number", () => {
    const bytes = torchState.slice();
    bytes.set([0, 0, 0xc0, 0x3f, 1], 5048); // 1.5, valid
    expect(text(new Generator().setState(bytes).getState())).toBe(text(bytes));
  });

  const broken: [string, (bytes: Uint8Array) => Uint8Array][] = [
    ["too few bytes", (bytes) => bytes.subarray(0, 5048)],
    ["too many bytes", () => new Uint8Array(5057)],
    ["no seed", (bytes) => bytes.fill(0, 12, 16)],
    ["nothing left", (bytes) => bytes.fill(0, 8, 12)],
    ["a place behind the words", (bytes) => bytes.fill(255, 16, 20)],
    ["more left than there is", (bytes) => bytes.fill(0x70, 8, 9).fill(0x02, 9, 10)],
  ];
  it.each(broken)("refuses %s, and stays as it was", (_, damage) => {
    const generator = new Generator().manualSeed(1);
    const before = generator.getState();
    expect(() => generator.setState(damage(torchState.slice()))).toThrow(/setState/);
    expect(text(generator.getState())).toBe(text(before));
  });

  it("reads a state inside a larger buffer", () => {
    const buffer = new Uint8Array(6000);
    buffer.set(torchState, 17);
    expect(text(new Generator().setState(buffer.subarray(17, 17 + 5056)).getState())).toBe(fixture.state);
  });
});
