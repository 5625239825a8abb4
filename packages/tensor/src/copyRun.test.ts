import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { copyElements } from "#platform";
import { copyRun, fillRun } from "./copyRun.ts";
import { setNumThreads } from "./threads/team.ts";

const LENGTH = 5000;
const kinds = [Float32Array, Float64Array, Int32Array, Uint8Array] as const;

const ways = { "an array": ArrayBuffer, "shared memory": SharedArrayBuffer };

describe.each(Object.entries(ways))("from %s", (_from, From) => {
  describe.each(Object.entries(ways))("to %s", (_to, To) => {
    const place = fc.record({
      kind: fc.constantFrom(...kinds),
      count: fc.oneof(fc.nat(40), fc.nat(LENGTH)),
      toAt: fc.nat(100),
      fromAt: fc.nat(100),
    });

    it.each(Object.entries({ copyRun, copyElements }))("%s moves these elements and no others", (_name, copy) => {
      fc.assert(
        fc.property(place, ({ kind, count, toAt, fromAt }) => {
          const made = (buffer: ArrayBufferLike): InstanceType<typeof kind> => new kind(buffer as ArrayBuffer, 64);
          const bytes = 64 + kind.BYTES_PER_ELEMENT * (LENGTH + 200);
          const [to, from] = [made(new To(bytes)), made(new From(bytes))];
          for (let i = 0; i < from.length; i++) from[i] = i % 251;
          to.fill(252);
          copy(to, toAt, from, fromAt, count);
          const expected = Array.from(to, (_, i) => (i < toAt || i >= toAt + count ? 252 : from[fromAt + i - toAt]!));
          expect([...to]).toEqual(expected);
        }),
      );
    });
  });
});

describe("with threads", () => {
  afterAll(() => setNumThreads(1));

  it("long runs are the same", () => {
    setNumThreads(2);
    const [to, from] = [new Float32Array(LENGTH), Float32Array.from({ length: LENGTH }, (_, i) => Math.sqrt(i))];
    copyRun(to, 3, from, 5, LENGTH - 5);
    expect([...to.subarray(3, LENGTH - 2)]).toEqual([...from.subarray(5)]);
  });

  it.each(Object.entries(ways))("one number is written to these elements of %s and no others", (_name, Buffer) => {
    setNumThreads(2);
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.nat(100), fc.nat(LENGTH), (kind, at, count) => {
        const to = new kind(new Buffer(kind.BYTES_PER_ELEMENT * (LENGTH + 200)) as ArrayBuffer);
        to.fill(252);
        fillRun(to, 7, at, count);
        expect([...to]).toEqual(Array.from(to, (_, i) => (i < at || i >= at + count ? 252 : 7)));
      }),
    );
  });
});
