import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatExponent, formatFixed, formatFloat } from "./float.ts";

/** Exact value of a finite double times 10^power, as a fraction of two whole numbers. */
function exactly(x: number, power: number): [numerator: bigint, denominator: bigint] {
  let [significand, doublings] = [x, 0];
  while (!Number.isInteger(significand)) [significand, doublings] = [significand * 2, doublings + 1];
  const ten = 10n ** BigInt(Math.abs(power));
  const denominator = 2n ** BigInt(doublings);
  return power < 0 ? [BigInt(significand), denominator * ten] : [BigInt(significand) * ten, denominator];
}

/** Whether `digits` is the whole number nearest to x·10^power, the even one of two. */
function isNearest(digits: bigint, x: number, power: number): boolean {
  const [numerator, denominator] = exactly(x, power);
  const distance = 2n * (digits * denominator - numerator);
  const size = distance < 0n ? -distance : distance;
  return size < denominator || (size === denominator && digits % 2n === 0n);
}

const doubles = (): fc.Arbitrary<number> =>
  fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.tuple(fc.integer(), fc.integer({ min: 0, max: 40 })).map(([n, halvings]) => n / 2 ** halvings),
    fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: -30, max: 30 })).map(([n, p]) => n * 10 ** p),
  );
const precisions = (): fc.Arbitrary<number> => fc.integer({ min: 0, max: 40 });

describe("formatFixed", () => {
  it.each([
    [0.03125, 4, "0.0312"],
    [0.09375, 4, "0.0938"],
    [2.5, 0, "2"],
    [3.5, 0, "4"],
    [-0.5, 0, "-0"],
    [0.125, 2, "0.12"],
    [0.99995, 4, "1.0000"],
    [9.99996, 4, "10.0000"],
    [1e23, 0, "99999999999999991611392"],
    [-0, 2, "-0.00"],
    [5e-324, 3, "0.000"],
    [0.1, 30, "0.100000000000000005551115123126"],
    [Number.NaN, 4, "nan"],
    [Number.POSITIVE_INFINITY, 4, "inf"],
    [Number.NEGATIVE_INFINITY, 4, "-inf"],
  ])("writes %d with %d decimals as Python does", (x, precision, text) => {
    expect(formatFixed(x, precision)).toBe(text);
  });

  it("rounds to the nearest, halves to even", () => {
    fc.assert(
      fc.property(doubles(), precisions(), (x, precision) => {
        const text = formatFixed(x, precision);
        const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
        expect(match?.[3]?.length ?? 0).toBe(precision);
        expect(match?.[1] === "-").toBe(x < 0 || Object.is(x, -0));
        expect(isNearest(BigInt(`${match?.[2]}${match?.[3] ?? ""}`), Math.abs(x), precision)).toBe(true);
      }),
    );
  });
});

describe("formatExponent", () => {
  it.each([
    [0, 4, "0.0000e+00"],
    [-0, 0, "-0e+00"],
    [1, 4, "1.0000e+00"],
    [12.5, 0, "1e+01"],
    [2.5, 0, "2e+00"],
    [3.5, 0, "4e+00"],
    [9.99996, 4, "1.0000e+01"],
    [9.99994, 4, "9.9999e+00"],
    [1e23, 4, "1.0000e+23"],
    [1e23, 16, "9.9999999999999992e+22"],
    [1e100, 2, "1.00e+100"],
    [5e-324, 4, "4.9407e-324"],
    [1.7976931348623157e308, 3, "1.798e+308"],
    [-1.5e-7, 1, "-1.5e-07"],
    [Number.NaN, 4, "nan"],
    [Number.NEGATIVE_INFINITY, 4, "-inf"],
  ])("writes %d with %d decimals as Python does", (x, precision, text) => {
    expect(formatExponent(x, precision)).toBe(text);
  });

  it("rounds to the nearest, halves to even, one digit before the point", () => {
    fc.assert(
      fc.property(
        doubles().filter((x) => x !== 0),
        precisions(),
        (x, precision) => {
          const match = /^-?([1-9])(?:\.([0-9]+))?e([-+][0-9]{2,3})$/.exec(formatExponent(x, precision));
          expect(match?.[2]?.length ?? 0).toBe(precision);
          const power = precision - Number(match?.[3]);
          expect(isNearest(BigInt(`${match?.[1]}${match?.[2] ?? ""}`), Math.abs(x), power)).toBe(true);
        },
      ),
    );
  });
});

describe("formatFloat", () => {
  it.each([
    [0, "0.0"],
    [-0, "-0.0"],
    [1, "1.0"],
    [-2.5, "-2.5"],
    [100, "100.0"],
    [0.1, "0.1"],
    [Math.fround(0.1), "0.10000000149011612"],
    [0.0001, "0.0001"],
    [0.00012345, "0.00012345"],
    [0.00001, "1e-05"],
    [0.000015, "1.5e-05"],
    [123456789012345.6, "123456789012345.6"],
    [1e15, "1000000000000000.0"],
    [9999999999999998, "9999999999999998.0"],
    [1e16, "1e+16"],
    [1.5e16, "1.5e+16"],
    [1e23, "1e+23"],
    [1e100, "1e+100"],
    [5e-324, "5e-324"],
    [Number.NaN, "nan"],
    [Number.POSITIVE_INFINITY, "inf"],
    [Number.NEGATIVE_INFINITY, "-inf"],
  ])("writes %d as Python's repr does", (x, text) => {
    expect(formatFloat(x)).toBe(text);
  });

  it("reads back as the same number", () => {
    fc.assert(
      fc.property(doubles(), (x) => {
        expect(Number(formatFloat(x))).toBe(x);
        expect(formatFloat(x)).toMatch(/[.e]/);
      }),
    );
  });
});
