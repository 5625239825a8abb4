import { ones, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { messageOf } from "../../../test/messages/messageOf.ts";
import {
  checkAllBroadcast,
  checkBinaryLogits,
  checkErrors,
  checkLogProbabilities,
  checkNumbers,
  checkPositive,
  checkProbabilities,
  checkSameDType,
  checkSameShape,
  checkSigns,
  checkTargetProbabilities,
} from "./checks.ts";
import { difference } from "./difference.ts";
import { floatType } from "./floats.ts";

const x = tensor([0, 1]);

describe("probabilities", () => {
  it("are those of the tensor, and not those that share its memory", () => {
    const columns = tensor([
      [0.5, 7],
      [1, -7],
    ]);
    checkProbabilities("f", "input", columns.select(1, 0));
    expect(messageOf(() => checkProbabilities("f", "input", columns.t()))).toMatch(/index: 2 \| value: 7 \|/);
    const rows = tensor([7, 0, 1, 7]);
    checkProbabilities("f", "input", rows.narrow(0, 1, 2));
    expect(messageOf(() => checkProbabilities("f", "input", rows.narrow(0, 1, 3)))).toMatch(/index: 2 \| value: 7 \|/);
    expect(messageOf(() => checkProbabilities("f", "input", rows.narrow(0, 0, 2)))).toMatch(/index: 0 \| value: 7 \|/);
  });

  it("as targets may be off by a rounding above 1, but not below 0", () => {
    checkTargetProbabilities("f", tensor([0, 1, 1 + 1e-5], { dtype: "float64" }));
    const found = (target: number): string => messageOf(() => checkTargetProbabilities("f", tensor([0.5, target])));
    expect(found(-1e-7)).toMatch(/every target must lie in \[0, 1\]/);
    expect(found(1.0001)).toMatch(/every target must lie in \[0, 1\]/);
    expect(found(Number.NaN)).toBe("invalid_argument | f: every target must lie in [0, 1] | found: NaN");
  });

  it("as logarithms may be off by a rounding above 0", () => {
    checkLogProbabilities("f", "input", tensor([-1, 0, 1e-5], { dtype: "float64" }), "cure");
    expect(messageOf(() => checkLogProbabilities("f", "input", tensor([-1, 2e-5]), "cure"))).toMatch(/not positive/);
  });

  it("are suspected of logits where there are at least two, all within 0 and 1", () => {
    const suspected = (input: Tensor): boolean => messageOf(() => checkBinaryLogits("f", input)) !== "no error";
    expect(suspected(tensor([0, 1]))).toBe(true);
    expect(suspected(tensor([0.5]))).toBe(false);
    expect(suspected(tensor([]))).toBe(false);
    expect(suspected(tensor([0.5, -0.1]))).toBe(false);
    expect(suspected(tensor([0.5, 1.1]))).toBe(false);
    expect(suspected(tensor([-0.5, 1.1]))).toBe(false);
  });
});

describe("shapes", () => {
  it("of all must broadcast against each other, and be one when strict", () => {
    checkAllBroadcast("f", { a: ones(2, 1), b: ones(1, 3), c: ones(3) }, false);
    checkAllBroadcast("f", { a: ones(2, 3), b: ones(2, 3) }, true);
    expect(messageOf(() => checkAllBroadcast("f", { a: ones(2), b: ones(2), c: ones(3) }, false))).toMatch(
      /^shape_mismatch \| f: shapes do not broadcast \| left: \[2\] \| right: \[3\]/,
    );
    expect(messageOf(() => checkAllBroadcast("f", { a: ones(2), b: ones(2), c: ones(1) }, true))).toMatch(
      /^shape_mismatch \| f: a and b and c differ in shape \| a: \[2\] \| b: \[2\] \| c: \[1\]/,
    );
  });

  it("must be that of the first", () => {
    checkSameShape("f", { a: ones(2), b: ones(2), c: ones(2) });
    expect(messageOf(() => checkSameShape("f", { a: ones(2), b: ones(2), c: ones(3) }))).toBe(
      "shape_mismatch | f: a and c must have the same shape | a: [2] | c: [3]",
    );
    expect(messageOf(() => checkSameShape("f", { a: ones(2), b: 1 as never }))).toMatch(/b must be a tensor/);
  });
});

describe("dtypes", () => {
  it("must be one", () => {
    checkSameDType("f", { a: x, b: x, c: x });
    expect(messageOf(() => checkSameDType("f", { a: x, b: x, c: x.double() }))).toBe(
      "invalid_dtype | f: a and b and c must have the same dtype | a: float32 | b: float32 | c: float64",
    );
  });

  it("of differences are those in which the two meet", () => {
    checkErrors("f", x.int(), x);
    expect(messageOf(() => checkErrors("f", x.int(), x.bool()))).toMatch(/input - target must be floating-point/);
    checkNumbers("f", { a: x.int(), b: x });
    expect(messageOf(() => checkNumbers("f", { a: x, b: x.bool() }))).toMatch(/convert b with \.float\(\)$/);
    expect(floatType(x.int())).toBe("float32");
    expect(floatType(x.bool(), x.int())).toBe("float32");
    expect(floatType(x.int(), x.double())).toBe("float64");
    expect(difference(x, tensor(1, { dtype: "float64" })).dtype).toBe("float64");
    expect(difference(tensor(1, { dtype: "float64" }), x).dtype).toBe("float64");
    expect(difference(x, x.bool()).tolist()).toEqual([0, 0]);
  });
});

it("labels are −1 and 1, options above 0", () => {
  checkSigns("f", tensor([-1, 1, 1]));
  expect(messageOf(() => checkSigns("f", tensor([-1, 0.5])))).toMatch(/found: 0\.5/);
  checkPositive("f", { margin: 1e-9 });
  expect(messageOf(() => checkPositive("f", { margin: 1, eps: 0 }))).toBe(
    "invalid_option | f: eps must be above 0 | eps: 0",
  );
  expect(messageOf(() => checkPositive("f", { margin: Number.NaN }))).toMatch(/margin must be above 0/);
});
