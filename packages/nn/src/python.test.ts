import { describe, expect, it } from "vitest";
import { python, pythonFloat } from "./python.ts";

describe("python", () => {
  it("writes values as Python's repr does", () => {
    const values = [null, undefined, true, false, 3, 0.1, 1e-5, "tanh", [3], [3, 4], [2, null], []];
    const wanted = [
      "None",
      "None",
      "True",
      "False",
      "3",
      "0.1",
      "1e-05",
      "'tanh'",
      "(3,)",
      "(3, 4)",
      "(2, None)",
      "()",
    ];
    expect(values.map(python)).toEqual(wanted);
  });

  it("writes floats with a point or an exponent of two digits", () => {
    const values = [1, 0, -0, -2.5, 1e-4, 0.00012, 1e15, 1e16, 1.5e300, 1e-5, 5e-324, 1 / 3];
    const wanted = [
      ...["1.0", "0.0", "-0.0", "-2.5", "0.0001", "0.00012", "1000000000000000.0", "1e+16", "1.5e+300", "1e-05"],
      ...["5e-324", "0.3333333333333333"],
    ];
    expect(values.map(pythonFloat)).toEqual(wanted);
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null].map(pythonFloat)).toEqual([
      ...["nan", "inf", "-inf", "None"],
    ]);
  });
});
