import { describe, expect, it } from "vitest";
import { expJet, logJet } from "./jet.ts";

const near = (list: readonly number[]): unknown[] => list.map((x) => expect.closeTo(x, 12));
/** Coefficients without a pattern, for k directions, where those of a jet begin. */
const drawn = (k: number, from = 0): Float64Array =>
  Float64Array.from({ length: from + 2 ** k }, (_, i) => Math.sin(1 + 2.3 * i));

describe("jets", () => {
  it("of an exponential are sums over partitions", () => {
    const n = drawn(3);
    const out = new Float64Array(8);
    expJet(out, n, 0);
    const [, a, b, ab, c, ac, bc, abc] = n as unknown as number[];
    const all = abc! + ab! * c! + ac! * b! + bc! * a! + a! * b! * c!;
    expect(Array.from(out)).toEqual(near([1, a!, b!, ab! + a! * b!, c!, ac! + a! * c!, bc! + b! * c!, all]));
  });

  it("count partitions where all coefficients are 1: Bell's numbers", () => {
    for (const [k, count] of [1, 1, 2, 5, 15, 52].entries()) {
      const out = new Float64Array(2 ** k);
      expJet(out, new Float64Array(2 ** k).fill(1), 0);
      expect(out.at(-1)).toBe(count);
      const back = new Float64Array(2 ** k);
      logJet(back, 0, out);
      expect(Array.from(back)).toEqual([0, ...new Array(2 ** k - 1).fill(1)]);
    }
  });

  it("of logarithms undo those of exponentials, wherever they stand", () => {
    for (const k of [1, 2, 3, 4]) {
      const n = drawn(k, 3);
      const power = new Float64Array(2 ** k);
      expJet(power, n, 3);
      const back = new Float64Array(2 ** k + 7).fill(9);
      logJet(back, 5, power);
      expect(Array.from(back.subarray(6, 5 + 2 ** k))).toEqual(near(Array.from(n.subarray(4))));
      expect([...back.subarray(0, 6), ...back.subarray(5 + 2 ** k)]).toEqual(new Array(8).fill(9));
    }
  });
});
