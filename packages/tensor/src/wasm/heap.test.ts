import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import { NDArray } from "../ndarray.ts";
import { Storage } from "../storage.ts";
import { setNumThreads } from "../threads/team.ts";
import { type Block, endOfHeap, giveBlock, poisonFreed, residentBytes, takeBlock, useResidence } from "./heap.ts";
import { launch } from "./launch.ts";
import { isShared, SLACK } from "./scratch.ts";

/** A block, which must be there. */
function take(length: number, dtype: "float32" | "int32" = "float32"): Block {
  const block = takeBlock(dtype, length);
  if (block === null) return expect.unreachable("there is no block");
  return block;
}

/** An array that lives in the kernels' memory. */
function resident(values: readonly number[]): NDArray {
  const array = NDArray.own([values.length], "float32");
  expect(array.storage.block).not.toBeNull();
  array.storage.overwrite(Float32Array.from(values));
  return array;
}

const numbers = (length: number, start = 0): number[] => Array.from({ length }, (_, i) => start + i);

/** Makes the memory grow. */
function grow(): void {
  const version = take(600).elements;
  let bytes = 2 ** 20;
  while (version.length > 0 && bytes < 2 ** 29) {
    launch((frame) => void frame.workspace(bytes));
    bytes *= 2;
  }
}

/** Has garbage collected until something is so, or for a while. */
async function collectUntil(done: () => boolean): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let i = 0; i < 50 && !done(); i++) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

afterEach(() => {
  useResidence(true);
  poisonFreed(false);
});

describe("takeBlock", () => {
  it("gives places of their own, aligned, with slack behind them", () => {
    useResidence("small too");
    const lengths = fc.array(fc.tuple(fc.integer({ min: 1, max: 3000 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(lengths, (program) => {
        const held: Block[] = [];
        for (const [length, drop] of program) {
          if (drop && held.length > 0) giveBlock(held.splice(length % held.length, 1)[0]!);
          else held.push(take(length));
          const sorted = [...held].sort((a, b) => a.pointer - b.pointer);
          for (const [i, { pointer, content, elements }] of sorted.entries()) {
            expect(pointer % 64).toBe(0);
            expect(elements.length).toBe(content.length);
            const next = sorted[i + 1]?.pointer ?? endOfHeap();
            expect(pointer + 4 * content.length + SLACK).toBeLessThanOrEqual(next);
          }
        }
        for (const block of held) giveBlock(block);
      }),
    );
  });

  it("gives again what was given back, to arrays of the same dtype and length", () => {
    const block = take(700);
    giveBlock(block);
    giveBlock(block); // which does nothing
    expect(take(700, "int32")).not.toBe(block);
    expect(take(701)).not.toBe(block);
    expect(take(700)).toBe(block);
    expect(take(700)).not.toBe(block);
  });

  it("gives nothing to small arrays, to other dtypes, where it is switched off, and when the arena is full", () => {
    expect([takeBlock("float32", 100), takeBlock("float64", 1000), takeBlock("bool", 1000)]).toEqual([
      null,
      null,
      null,
    ]);
    useResidence(false);
    expect(takeBlock("float32", 1000)).toBeNull();
    useResidence(true);
    const length = 2 ** 21;
    const before = residentBytes();
    const blocks = Array.from({ length: 40 }, () => takeBlock("float32", length));
    expect(blocks[0]).not.toBeNull();
    expect(blocks.at(-1)).toBeNull();
    expect(NDArray.own([length], "float32").storage.block).toBeNull();
    for (const block of blocks) if (block !== null) giveBlock(block);
    expect(residentBytes()).toBe(before);
    const other = take(2 ** 22 + 1); // neighbours were joined
    giveBlock(other);
  });

  it("gets back what was lost", async () => {
    const before = residentBytes();
    for (let i = 0; i < 10; i++) NDArray.own([5000 + i], "float32");
    expect(residentBytes()).toBeGreaterThan(before + 10 * 20_000);
    await collectUntil(() => residentBytes() <= before);
    expect(residentBytes()).toBeLessThanOrEqual(before);
  });

  it("gets back results that nobody holds, and leaves the others as they are", async () => {
    const length = 2 ** 18;
    const before = residentBytes();
    const held: { readonly array: NDArray; readonly value: number }[] = [];
    const make = (value: number): NDArray => {
      const array = NDArray.unfilled([length], "float32");
      launch((frame) => void frame.write(array)); // which gives it its place
      array.storage.overwritten.fill(value);
      return array;
    };
    for (let round = 1; round <= 4; round++) {
      for (let i = 0; i < 24; i++) {
        const array = make(100 * round + i);
        if (i % 8 === 0) held.push({ array, value: 100 * round + i });
      }
      const live = held.filter(({ array }) => array.storage.block !== null).length;
      await collectUntil(() => residentBytes() <= before + live * 4 * (length + 64));
      for (const { array, value } of held) expect([array.get(0), array.get(length - 1)]).toEqual([value, value]);
    }
    expect(held.filter(({ array }) => array.storage.block !== null).length).toBeGreaterThan(6);
    const { storage } = held[0]!.array;
    storage.claim();
    expect(storage.block).not.toBeNull(); // it is there for whoever claims it
    storage.moveOut();
    expect(held[0]!.array.get(5)).toBe(held[0]!.value);
  });
});

describe("an array in the kernels' memory", () => {
  const values = numbers(600);

  it("moves out when its typed array is asked for, which then stays its own", () => {
    const array = resident(values);
    const { data } = array;
    expect(array.storage.block).toBeNull();
    expect([...data]).toEqual(values);
    data[3] = -1;
    expect(array.get(3)).toBe(-1);
    const other = resident(numbers(600, 7));
    expect([...data].slice(0, 5)).toEqual([0, 1, 2, -1, 4]);
    expect(other.storage.readable[0]).toBe(7);
  });

  it("is read, claimed and copied as any other", () => {
    const array = resident(values);
    expect([...array.toArray()]).toEqual(values);
    expect([...array.view([3], [-2], 10).toArray()]).toEqual([10, 8, 6]);
    expect(array.storage.length).toBe(600);
    expect(array.storage.block).not.toBeNull();
    array.storage.claim();
    expect(array.storage.block).toBeNull();
    expect([...array.copy().data]).toEqual(values);
  });

  it("stays what it is when the memory grows, and when threads come to share it", () => {
    const array = resident(values);
    grow();
    expect([...array.toArray()]).toEqual(values);
    setNumThreads(2);
    try {
      expect(isShared()).toBe(true);
      expect([...array.toArray()]).toEqual(values);
      grow();
      expect([...array.data]).toEqual(values);
    } finally {
      setNumThreads(1);
    }
  });

  it("is poisoned when it is given back, where tests ask for that", () => {
    poisonFreed(true);
    const { storage } = resident(values);
    const { elements } = storage.block!;
    storage.giveBack();
    expect(elements[5]).toBeNaN();
    expect(storage.exposedArray[5]).toBeNaN();
    const indices = Storage.own("int32", 600);
    const places = indices.block!.elements;
    indices.giveBack();
    expect(places[0]).toBeGreaterThan(2 ** 30);
  });
});

describe("a launch", () => {
  it("uses what lives in the kernels' memory where it is, unless that is written and something else, too", () => {
    const [x, y] = [resident(numbers(600)), resident(numbers(600))];
    const ends = x.view([100], [1], 500);
    launch((frame) => {
      const base = x.storage.block!.pointer;
      expect(frame.read(x)).toBe(base);
      expect(frame.span(x.view([3], [-2], 10))).toBe(base + 40);
      expect(frame.read(ends)).toBe(base + 2000);
      expect(frame.copy(x)).not.toBe(base);
      expect(frame.modify(x)).not.toBe(base); // it is read
      const other = y.storage.block!.pointer;
      expect(frame.modify(y)).toBe(other);
      expect(frame.read(y)).not.toBe(other); // it is written
      expect(frame.read(x.view([3], [2], 0))).not.toBe(base); // it has gaps
    });
    launch((frame) => expect(frame.modify(ends)).toBe(x.storage.block!.pointer + 2000));
    launch((frame) => expect(frame.modify(x.view([96], [1], 0))).not.toBe(x.storage.block!.pointer));
    launch((frame) => expect(frame.modify(x.view([96], [1], 0), 4)).toBe(x.storage.block!.pointer));
    expect([...x.toArray()]).toEqual(numbers(600));
  });
});
