import { readFileSync } from "node:fs";
import fc from "fast-check";
import { afterEach, describe, expect, it } from "vitest";
import type { DType } from "./dtype.ts";
import { TensorError } from "./errors.ts";
import { getPrintOptions, type PrintOptionChanges, setPrintOptions } from "./format/options.ts";
import { formatNDArray } from "./format.ts";
import { NDArray } from "./ndarray.ts";

/** A number in the fixture; what JSON cannot say is written as text. */
type Written = number | boolean | "nan" | "inf" | "-inf" | "-0";

interface Case {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data?: readonly Written[];
  /** Element i is ((i·a + b) mod m − c) / d. */
  readonly pattern?: readonly [a: number, b: number, m: number, c: number, d: number];
  readonly options?: Omit<PrintOptionChanges, "threshold"> & { readonly threshold?: Written };
  readonly requiresGrad?: boolean;
  readonly gradFn?: string;
  readonly text: readonly string[];
}

const fixture: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync(new URL("./__fixtures__/format.json", import.meta.url), "utf8"),
);

const words: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
  "-0": -0,
};

function parse(value: Written): number {
  return typeof value === "string" ? words[value]! : Number(value);
}

function arrayOfCase({ shape, dtype, data = [], pattern }: Case): NDArray {
  if (pattern === undefined) return NDArray.of(data.map(parse), shape, dtype);
  const [a, b, m, c, d] = pattern;
  const size = shape.reduce((product, n) => product * n, 1);
  return NDArray.of(
    Array.from({ length: size }, (_, i) => (((i * a + b) % m) - c) / d),
    shape,
    dtype,
  );
}

afterEach(() => setPrintOptions({ profile: "default" }));

describe("formatNDArray", () => {
  it.each(fixture.cases)("prints as torch: $name", (sample) => {
    const { threshold, ...options } = sample.options ?? {};
    setPrintOptions({ ...options, threshold: threshold === undefined ? undefined : parse(threshold) });
    expect(formatNDArray(arrayOfCase(sample), sample)).toBe(sample.text.join("\n"));
  });

  it("prints a view as the copy of it", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.infiniteStream(fc.integer()), (shape, flip, picks) => {
        setPrintOptions({ threshold: 30, edgeitems: 2 });
        const size = shape.reduce((product, n) => product * n, 1);
        const array = NDArray.of(
          Array.from({ length: size }, (_, i) => Math.sin(i)),
          shape,
          "float64",
        );
        const order = shape.map((_, i) => i).sort((a, b) => (picks.next().value ?? a) - b);
        const view = array.transpose(...order).step(flip ? -1 : 2);
        expect(formatNDArray(view)).toBe(formatNDArray(view.copy()));
        const wide = view.expand([3, ...view.shape]);
        expect(formatNDArray(wide)).toBe(formatNDArray(wide.copy()));
      }),
    );
  });

  it("reads only what it shows", () => {
    const data = new Float32Array(1_000_000);
    let reads = 0;
    const counting = new Proxy(data, {
      get(target, key) {
        if (typeof key === "string" && /^[0-9]+$/.test(key)) reads++;
        return Reflect.get(target, key);
      },
    });
    expect(formatNDArray(NDArray.wrap(counting, [100, 100, 100], "float32"))).toContain("...");
    expect(reads).toBe(6 ** 3);
  });
});

describe("setPrintOptions", () => {
  it("has torch's defaults and profiles", () => {
    expect(getPrintOptions()).toEqual({ precision: 4, threshold: 1000, edgeitems: 3, linewidth: 80, sciMode: null });
    setPrintOptions({ profile: "short" });
    expect(getPrintOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80, sciMode: null });
    setPrintOptions({ profile: "full" });
    expect(getPrintOptions()).toMatchObject({ precision: 4, threshold: Number.POSITIVE_INFINITY, edgeitems: 3 });
  });

  it("keeps what is not named, but for sciMode", () => {
    setPrintOptions({ precision: 7, sciMode: true });
    expect(getPrintOptions()).toMatchObject({ precision: 7, sciMode: true });
    setPrintOptions({ linewidth: 20 });
    expect(getPrintOptions()).toMatchObject({ precision: 7, linewidth: 20, sciMode: null });
  });

  it("takes back what getPrintOptions gave", () => {
    setPrintOptions({ precision: 3, threshold: 5, edgeitems: 1, linewidth: 44, sciMode: false });
    const saved = getPrintOptions();
    setPrintOptions({ profile: "default" });
    setPrintOptions(saved);
    expect(getPrintOptions()).toEqual(saved);
  });

  it.each<[PrintOptionChanges]>([
    [{ precision: -1 }],
    [{ precision: 1.5 }],
    [{ precision: Number.POSITIVE_INFINITY }],
    [{ edgeitems: -1 }],
    [{ edgeitems: Number.NaN }],
    [{ threshold: Number.NaN }],
    [{ linewidth: Number.NaN }],
    [JSON.parse('{ "sciMode": "always" }')],
    [JSON.parse('{ "sci_mode": true }')],
    [JSON.parse('{ "profile": "long" }')],
    [JSON.parse('{ "profile": "toString" }')],
  ])("refuses %o and changes nothing", (changes) => {
    const before = getPrintOptions();
    expect(() => setPrintOptions(changes)).toThrow(TensorError);
    expect(() => setPrintOptions(changes)).toThrow(expect.objectContaining({ code: "invalid_option" }));
    expect(getPrintOptions()).toEqual(before);
  });
});
