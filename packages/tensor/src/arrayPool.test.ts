import { beforeEach, describe, expect, it } from "vitest";
import { dropKept, giveBack, keptBytes, takeArray } from "./arrayPool.ts";
import { dtypes } from "./dtype.ts";

beforeEach(() => dropKept());

describe("takeArray", () => {
  it("gives new arrays of zeros where none was given back", () => {
    for (const dtype of dtypes) {
      const array = takeArray(dtype, 100);
      expect([...array]).toEqual(new Array(100).fill(0));
    }
    expect(takeArray("int32", 0)).toEqual(new Int32Array(0));
  });

  it("gives back arrays of the same dtype and length, each once", () => {
    const floats = [takeArray("float32", 100), takeArray("float32", 100)];
    const integers = takeArray("int32", 100);
    for (const array of [...floats, integers]) giveBack(array);
    expect(takeArray("float32", 99)).not.toBe(floats[0]);
    expect(takeArray("float64", 100)).toBeInstanceOf(Float64Array);
    expect(new Set([takeArray("float32", 100), takeArray("float32", 100)])).toEqual(new Set(floats));
    expect(takeArray("float32", 100)).not.toBe(floats[0]);
    expect(takeArray("int32", 100)).toBe(integers);
    expect(keptBytes()).toBe(0);
  });
});

describe("giveBack", () => {
  it("leaves parts of larger buffers alone, and memory that threads share", () => {
    const whole = new Float32Array(200);
    giveBack(whole.subarray(0, 100));
    giveBack(whole.subarray(100));
    giveBack(new Float32Array(new SharedArrayBuffer(400)) as unknown as Float32Array<ArrayBuffer>);
    expect(keptBytes()).toBe(0);
  });

  it("leaves arrays alone whose buffer has gone elsewhere", () => {
    const array = new Float32Array(100);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    giveBack(array);
    expect(keptBytes()).toBe(0);
    expect(takeArray("float32", 100).length).toBe(100);
  });

  it("keeps no more than its room, and drops what was not asked for the longest", () => {
    const length = 2 ** 20;
    const arrays = Array.from({ length: 15 }, (_, i) => new Float32Array(length + i));
    for (const array of arrays) giveBack(array);
    const lively = takeArray("float32", length);
    expect(lively === arrays[0]).toBe(true);
    giveBack(lively);
    for (let i = 0; i < 3; i++) giveBack(new Float64Array(length));
    expect(keptBytes()).toBeLessThanOrEqual(64 * 2 ** 20);
    expect(takeArray("float32", length) === arrays[0]).toBe(true);
    expect(takeArray("float32", length + 1) === arrays[1]).toBe(false);
  });
});
