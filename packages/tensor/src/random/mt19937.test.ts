import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MT19937 } from "./mt19937.ts";

const seeded = (seed: bigint): MT19937 => {
  const engine = new MT19937(() => 0n);
  engine.init(seed);
  return engine;
};

describe("MT19937", () => {
  it("gives the numbers of the authors' own program", () => {
    const engine = seeded(5489n);
    expect([engine.u32(), engine.u32(), engine.u32()]).toEqual([3499211612, 581869302, 3890346734]);
    for (let i = 3; i < 9999; i++) engine.i32();
    expect(engine.u32()).toBe(4123659995); // the 10,000th, as the C++ standard demands
  });

  it("joins two draws to 64 bits, the high word first", () => {
    const [words, pairs] = [seeded(7n), seeded(7n)];
    for (let i = 0; i < 1000; i++) expect(pairs.u64()).toBe(BigInt(words.u32()) * 2n ** 32n + BigInt(words.u32()));
  });

  it("takes the low bits for uniform numbers", () => {
    const [words, floats] = [seeded(7n), seeded(7n)];
    for (let i = 0; i < 1000; i++) {
      expect(floats.uniform24()).toBe((words.u32() % 2 ** 24) / 2 ** 24);
      expect(floats.uniform53()).toBe(Number(words.u64() % 2n ** 53n) / 2 ** 53);
    }
  });

  it("fills as it draws one by one, wherever it stands", () => {
    fc.assert(
      fc.property(fc.nat(1300), fc.nat(1300), fc.nat(5), fc.boolean(), (skip, count, start, wide) => {
        const [one, many] = [seeded(11n), seeded(11n)];
        for (let i = 0; i < skip; i++) if (one.i32() !== many.i32()) expect.unreachable();
        const expected = Array.from({ length: count }, () => (wide ? one.uniform53() : one.uniform24()));
        const x = wide ? new Float64Array(start + count + 1) : new Float32Array(start + count + 1);
        if (x instanceof Float64Array) many.fillUniform53(x, start, start + count);
        else many.fillUniform24(x, start, start + count);
        expect(Array.from(x)).toEqual([...new Array<number>(start).fill(0), ...expected, 0]);
        expect([many.left, many.next, many.i32()]).toEqual([one.left, one.next, one.i32()]);
      }),
      { numRuns: 60 },
    );
  });

  it("asks for a seed when none was given, once, and not before a number is drawn", () => {
    let asked = 0;
    const engine = new MT19937(() => {
      asked++;
      return 5489n;
    });
    expect(asked).toBe(0);
    expect(engine.u32()).toBe(3499211612);
    for (let i = 0; i < 2000; i++) engine.i32();
    expect(asked).toBe(1);
  });
});
