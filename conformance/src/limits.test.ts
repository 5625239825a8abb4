import { tensor } from "tapegrad";
import { describe, expect, it } from "vitest";
import { compare, type Difference } from "./compare.ts";
import { acceptedHere, asRight } from "./limits.ts";
import { float64Tolerance } from "./tolerance.ts";

const ints = (...data: number[]) => ({ t: "int64", shape: [data.length], data }) as const;

describe("calls that torch refuses and we accept", () => {
  const record = { id: "", error: "RuntimeError", message: "expected target dtype to be Long or Byte, but got Int" };

  it("are excused when the only reason is a type that we do not have", () => {
    expect(acceptedHere({ ...record, args: [{ ...ints(1), t: "int32" }] })).toMatch(/one type/);
    expect(acceptedHere({ ...record, error: "TypeError", floats: ["args.0"] })).toMatch(/one number/);
  });

  it("are not excused otherwise", () => {
    expect(acceptedHere({ ...record, args: [ints(1)] })).toBeNull();
    expect(acceptedHere({ ...record, message: "shapes differ", args: [{ ...ints(1), t: "int32" }] })).toBeNull();
    expect(acceptedHere({ ...record, error: "ValueError", message: "delta", floats: ["kwargs.delta"] })).toBeNull();
    expect(acceptedHere(record)).toBeNull();
  });
});

describe("results other than torch's", () => {
  const excused = (name: string, input: object, ...differences: Difference[]) =>
    asRight(name, { id: "", input: input as never, floats: ["args.0"] }, new Set(differences)) !== null;

  it("are as right where torch names one of several equals", () => {
    expect(excused("topk", ints(1, 1, 2), "integers")).toBe(true);
    expect(excused("topk", ints(1, 2, 3), "integers")).toBe(false);
    expect(excused("gather", ints(1, 1, 2), "integers")).toBe(false);
    expect(excused("topk", ints(1, 1, 2), "integers", "fractions")).toBe(false);
  });

  it("may have another dtype where a whole number was a float in Python, but no other values", () => {
    const differenceOf = (value: number) =>
      compare(tensor([value], { dtype: "int32" }), { value: { t: "float64", shape: [1], data: [3] } }, float64Tolerance)
        .mismatch!.difference;
    expect([differenceOf(3), differenceOf(4)]).toEqual(["dtype", "form"]);
    expect(excused("add", ints(1), "dtype")).toBe(true);
    expect(excused("add", ints(1), "form")).toBe(false);
  });
});
