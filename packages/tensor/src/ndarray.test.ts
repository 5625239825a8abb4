import fc from "fast-check";
import scijs, { type NdArray } from "ndarray";
import ops from "ndarray-ops";
import { describe, expect, it } from "vitest";
import { NDArray } from "./ndarray.ts";
import { sizeOf } from "./shape.ts";
import { Storage } from "./storage.ts";
import { forEachIndex } from "./visit.ts";

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 5 });

/** The same elements 0, 1, 2, ... as ours and as theirs. */
function pair(shape: readonly number[]): [NDArray, NdArray] {
  const values = Float64Array.from({ length: sizeOf(shape) }, (_, i) => i);
  return [NDArray.wrap(values, shape), scijs(values, [...shape])];
}

/** The elements of theirs in logical order. */
function elementsOf(array: NdArray): number[] {
  const out: number[] = [];
  forEachIndex(NDArray.fromNdarray(array as unknown as NDArray), (i) => out.push((array.data as Float64Array)[i]!));
  return out;
}

function expectSame(ours: NDArray, theirs: NdArray): void {
  expect(ours.shape).toEqual(theirs.shape);
  expect(ours.size).toBe(theirs.size);
  expect([...ours.toArray()]).toEqual(elementsOf(theirs));
}

/** One step of the view algebra, as both sides do it. */
type Step = (ours: NDArray, theirs: NdArray) => [NDArray, NdArray];

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.array(fc.nat(2), { maxLength: 5 }).map<Step>((starts) => (ours, theirs) => {
    const inside = ours.shape.map((size, i) => Math.min(starts[i] ?? 0, size));
    return [ours.lo(...inside), theirs.lo(...inside)];
  }),
  fc.array(fc.nat(4), { maxLength: 5 }).map<Step>((ends) => (ours, theirs) => {
    const inside = ours.shape.map((size, i) => Math.min(ends[i] ?? size, size));
    return [ours.hi(...inside), theirs.hi(...inside)];
  }),
  fc.array(fc.constantFrom(-2, -1, 1, 2), { minLength: 5, maxLength: 5 }).map<Step>((by) => (ours, theirs) => {
    const each = ours.shape.map((_, i) => by[i]!);
    return [ours.step(...each), theirs.step(...each)];
  }),
  fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5, maxLength: 5 }).map<Step>((order) => (ours, theirs) => {
    const axes = order.filter((axis) => axis < ours.dimension);
    return [ours.transpose(...axes), theirs.transpose(...axes)];
  }),
  fc.nat(4).map<Step>((which) => (ours, theirs) => {
    if (ours.dimension === 0 || ours.shape[which % ours.dimension] === 0) return [ours, theirs];
    const at = ours.shape.map((_, i) => (i === which % ours.dimension ? 0 : null));
    return [ours.pick(...at), theirs.pick(...(at as number[]))];
  }),
);

describe("NDArray", () => {
  it("has the view algebra of scijs ndarray", () => {
    fc.assert(
      fc.property(shapes, fc.array(steps, { maxLength: 4 }), (shape, path) => {
        let [ours, theirs] = pair(shape);
        for (const step of path) {
          [ours, theirs] = step(ours, theirs);
          expectSame(ours, theirs);
        }
      }),
    );
  });

  it("reads and writes the elements that scijs ndarray reads and writes", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }), fc.nat(), (shape, seed) => {
        const [ours, theirs] = pair(shape);
        const [flipped, their] = [ours.step(...shape.map(() => -1)), theirs.step(...shape.map(() => -1))];
        const at = shape.map((size, i) => (seed >> i) % size);
        expect(flipped.index(...at)).toBe(their.index(...at));
        expect(flipped.get(...at)).toBe(their.get(...at));
        expect(flipped.set(...at, 7)).toBe(7);
        expect(theirs.data).toBe(ours.data);
        expect(their.get(...at)).toBe(7);
      }),
    );
  });

  it("is taken by ndarray-ops as it is: transposed, expanded, 0-d", () => {
    const a = NDArray.of([1, 2, 3, 4, 5, 6], [2, 3]);
    const out = NDArray.zeros([3, 2]);
    ops.add(
      out as unknown as NdArray,
      a.transpose(1, 0) as unknown as NdArray,
      NDArray.of([10], []).expand([3, 2]) as unknown as NdArray,
    );
    expect([...out.toArray()]).toEqual([11, 14, 12, 15, 13, 16]);
    const scalar = NDArray.zeros([]);
    ops.assigns(scalar as unknown as NdArray, 5);
    expect(scalar.get()).toBe(5);
  });

  it("takes a scijs ndarray and hands one out without a copy", () => {
    const theirs = scijs(new Float32Array([1, 2, 3, 4]), [2, 2]).transpose(1, 0);
    const ours = NDArray.fromNdarray(theirs);
    expect(ours.data).toBe(theirs.data);
    expect([...ours.toArray()]).toEqual([1, 3, 2, 4]);
    expect(NDArray.fromNdarray(ours)).toBe(ours);
    expect(NDArray.fromNdarray(scijs(new Uint8Array([1, 255]))).dtype).toBe("int32");
    expect([...NDArray.fromNdarray(scijs([1.5, 2])).toArray()]).toEqual([1.5, 2]);
  });

  it("shares its storage with every view, whatever the way there", () => {
    const a = NDArray.of([0, 1, 2, 3, 4, 5, 6, 7], [2, 2, 2]);
    const views = [
      a.select(1, 0),
      a.slice(0, 0, 2),
      a.expand([3, 2, 2, 2]),
      a.diagonal(0, 0, 2),
      a.windows(2, 1, 1),
      a.reshaped([4, 2])!,
    ];
    for (const view of views) expect(view.storage).toBe(a.storage);
  });

  it("takes eight dimensions", () => {
    const shape = [2, 1, 2, 1, 2, 1, 2, 2];
    const a = NDArray.wrap(
      Float32Array.from({ length: 32 }, (_, i) => i),
      shape,
    );
    expect(a.transpose(7, 6, 5, 4, 3, 2, 1, 0).get(1, 0, 0, 1, 0, 0, 0, 1)).toBe(a.get(1, 0, 0, 0, 1, 0, 0, 1));
  });

  it("finds strides for a new shape exactly where no copy is needed", () => {
    fc.assert(
      fc.property(shapes, fc.array(steps, { maxLength: 2 }), fc.nat(), (shape, path, seed) => {
        let [ours, theirs] = pair(shape);
        for (const step of path) [ours, theirs] = step(ours, theirs);
        const to = regroup(ours.shape, seed);
        const view = ours.reshaped(to);
        if (view !== null) expect([...view.toArray()]).toEqual([...ours.toArray()]);
        else expect(ours.isContiguous).toBe(false);
      }),
    );
  });

  it.each([1, -1, 9, 0])("takes the diagonal at offset %i", (offset) => {
    const a = NDArray.wrap(
      Int32Array.from({ length: 12 }, (_, i) => i),
      [3, 4],
    );
    const expected = [0, 1, 2].flatMap((i) => (i + offset >= 0 && i + offset < 4 ? [4 * i + i + offset] : []));
    expect([...a.diagonal(offset).toArray()]).toEqual(expected);
  });

  it("refuses a shape that does not hold the elements, and a diagonal of one dimension", () => {
    expect(() => NDArray.wrap(new Float32Array(3), [2, 2])).toThrow(/does not hold/);
    expect(() => NDArray.zeros([2, 2]).diagonal(0, 1, 1)).toThrow(/must differ/);
  });
});

/** Another shape with as many elements: neighbours merged, or a dimension split. */
function regroup(shape: readonly number[], seed: number): number[] {
  const merged: number[] = [];
  shape.forEach((size, i) => {
    if (merged.length > 0 && (seed >> i) % 2 === 1) merged.push(merged.pop()! * size);
    else merged.push(size);
  });
  const last = merged.at(-1);
  if (seed % 3 === 0 && last !== undefined && last % 2 === 0 && last > 0) merged.splice(-1, 1, 2, last / 2);
  return merged;
}

describe("Storage", () => {
  it("makes a large array of zeros when somebody asks for it", () => {
    for (const dtype of ["float32", "float64", "int32", "bool"] as const) {
      const storage = Storage.of(dtype, 2 ** 16);
      expect(storage.elements).toBe(null);
      const { array } = storage;
      expect(array.length).toBe(2 ** 16);
      expect(array.every((x) => x === 0)).toBe(true);
      expect(storage.array).toBe(array);
      expect(storage.overwritten).toBe(array);
    }
    expect(Storage.of("float32", 8).elements).toEqual(new Float32Array(8));
  });

  it("takes all elements at once, in an array of its own", () => {
    const storage = Storage.of("float32", 2 ** 16);
    const source = new Float32Array(2 ** 16).fill(3);
    storage.overwrite(source);
    source[0] = 4;
    expect(storage.array[0]).toBe(3);
    const { array } = storage;
    storage.overwrite(source);
    expect(storage.array).toBe(array);
    expect(array[0]).toBe(4);
  });

  it("has room to write to, without promises of what is there", () => {
    const storage = Storage.of("float64", 2 ** 16);
    const { overwritten } = storage;
    expect(overwritten).toBeInstanceOf(Float64Array);
    expect(overwritten.length).toBe(2 ** 16);
    expect(storage.array).toBe(overwritten);
  });
});
