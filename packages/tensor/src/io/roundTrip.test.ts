import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DType, dtypes } from "../dtype.ts";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

const elements: Readonly<Record<DType, fc.Arbitrary<number>>> = {
  float32: fc.float(),
  float64: fc.double(),
  int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  bool: fc.constantFrom(0, 1),
};

/** Row-major arrays of every dtype, 0-d and empty ones too. */
const rowMajor = (): fc.Arbitrary<NDArray> =>
  fc
    .tuple(fc.constantFrom(...dtypes), fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }))
    .chain(([dtype, shape]) => {
      const length = shape.reduce((product, n) => product * n, 1);
      return fc
        .array(elements[dtype], { minLength: length, maxLength: length })
        .map((values) => NDArray.of(values, shape, dtype));
    });

/** Views of them: with dimensions in another order, steps, cut edges, stride 0. */
const views = (): fc.Arbitrary<NDArray> =>
  fc
    .tuple(rowMajor(), fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 4 }), fc.boolean())
    .map(([array, picks, expand]) => {
      const order = array.shape.map((_, i) => i).sort((a, b) => picks[a]! - picks[b]!);
      const turned = array.transpose(...order);
      const cut = turned.lo(...turned.shape.map((n, i) => Math.min(n, picks[i]! & 1)));
      const stepped = cut.step(...cut.shape.map((n, i) => (n === 0 ? 1 : [1, 2, -1, -2][picks[i]!]!)));
      return expand ? stepped.expand([2, ...stepped.shape]) : stepped;
    });

function expectSame(actual: NDArray | undefined, expected: NDArray): void {
  expect(actual?.shape).toEqual(expected.shape);
  expect(actual?.dtype).toBe(expected.dtype);
  expect(actual?.toArray()).toEqual(expected.toArray());
}

/** What a decoder may do with any bytes: return, or throw a TensorError `file_format`. */
function expectNoCrash(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void {
  try {
    decode(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(TensorError);
    expect(error).toMatchObject({ code: "file_format" });
  }
}

/** Bytes replaced, put in and taken out, at places that lean to the beginning, where the header is. */
const damage = (): fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> =>
  fc
    .array(
      fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.integer({ min: 0, max: 4 }),
        fc.uint8Array({ maxLength: 3 }),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((edits) => (bytes) => {
      let out = bytes;
      for (const [place, removed, added] of edits) {
        const at = Math.floor(place ** 2 * out.length);
        out = Uint8Array.of(...out.subarray(0, at), ...added, ...out.subarray(at + removed));
      }
      return out;
    });

describe("safetensors", () => {
  const content = fc.record({
    tensors: fc.dictionary(fc.string({ unit: "grapheme" }), views(), { maxKeys: 4, noNullPrototype: true }),
    metadata: fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), {
      noNullPrototype: true,
    }),
  });

  it("gives back what was written: any dtype, shape and view, any names", () => {
    fc.assert(
      fc.property(content, ({ tensors, metadata }) => {
        const bytes = encodeSafetensors(tensors, metadata);
        const read = decodeSafetensors(bytes);
        expect(read.metadata).toEqual(metadata);
        expect([...read.tensors.keys()].sort()).toEqual(Object.keys(tensors).sort());
        for (const [name, array] of Object.entries(tensors)) expectSame(read.tensors.get(name), array);
        expect(encodeSafetensors(read.tensors, read.metadata)).toEqual(bytes);
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
      }),
    );
  });

  it("refuses every file that was cut off", () => {
    fc.assert(
      fc.property(
        content,
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        ({ tensors, metadata }, part) => {
          const bytes = encodeSafetensors(tensors, metadata);
          expect(() => decodeSafetensors(bytes.subarray(0, Math.floor(part * bytes.length)))).toThrow(TensorError);
        },
      ),
    );
  });

  it("does not crash on damaged files", () => {
    fc.assert(
      fc.property(content, damage(), ({ tensors, metadata }, harm) => {
        const bytes = encodeSafetensors(tensors, metadata);
        const length = new DataView(bytes.buffer).getUint32(0, true);
        const header = harm(bytes.subarray(8, 8 + length));
        expectNoCrash(decodeSafetensors, harm(bytes));
        const start = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
        expectNoCrash(decodeSafetensors, Uint8Array.of(...start, ...header, ...bytes.subarray(8 + length)));
      }),
    );
  });

  it("does not crash on arbitrary bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => expectNoCrash(decodeSafetensors, bytes)));
  });
});

describe("npy", () => {
  it("gives back what was written: any dtype, shape and view", () => {
    fc.assert(fc.property(views(), (array) => expectSame(decodeNpy(encodeNpy(array)), array)));
  });

  it("refuses every file that was cut off", () => {
    fc.assert(
      fc.property(views(), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (array, part) => {
        const bytes = encodeNpy(array);
        expect(() => decodeNpy(bytes.subarray(0, Math.floor(part * bytes.length)))).toThrow(TensorError);
      }),
    );
  });

  it("does not crash on damaged files", () => {
    fc.assert(
      fc.property(views(), damage(), (array, harm) => {
        const bytes = encodeNpy(array);
        expectNoCrash(decodeNpy, harm(bytes));
        const text = harm(bytes.subarray(10, 60));
        expectNoCrash(decodeNpy, Uint8Array.of(...bytes.subarray(0, 10), ...text, ...bytes.subarray(10 + text.length)));
      }),
    );
  });
});
