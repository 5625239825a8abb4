import { tensor } from "tapegrad";
import { describe, expect, it } from "vitest";
import { compare } from "./compare.ts";
import { drawnTolerance, float32Tolerance, float64Tolerance, largestError, scaleOf } from "./tolerance.ts";

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const truth = (...data: number[]) => ({ t: "float64", shape: [data.length], data }) as const;

describe("largestError", () => {
  it("is relative to the largest finite magnitude, which counts as 0.001 at least", () => {
    expect(scaleOf([1, -8, inf, nan])).toBe(8);
    expect(scaleOf([0, 1e-9])).toBe(1e-3);
    expect(largestError([1, 8.5], [1, 8])).toEqual({ error: 0.0625, at: 1 });
  });

  it("is infinite where only one of two numbers is finite", () => {
    expect(largestError([nan, inf, -inf], [nan, inf, -inf]).error).toBe(0);
    for (const [got, want] of [
      [1, nan],
      [nan, 1],
      [inf, 1],
      [inf, -inf],
      [nan, inf],
    ] as const) {
      expect(largestError([got], [want]).error).toBe(inf);
    }
  });
});

describe("compare", () => {
  const passes = (got: unknown, want: Parameters<typeof compare>[1], tolerance = float64Tolerance): boolean =>
    compare(got, want, tolerance).mismatch === null;
  const single = (x: number) => tensor([x], { dtype: "float32" });
  const double = (x: number) => tensor([x], { dtype: "float64" });

  it("allows 1e-5 in float32 and 1e-9 in float64, and no more", () => {
    const value = truth(1);
    const dtypes = { ...value, t: "float32" } as const;
    expect(passes(single(1 + 0.9e-5), { value, dtypes }, float32Tolerance(undefined))).toBe(true);
    expect(passes(single(1 + 1.2e-5), { value, dtypes }, float32Tolerance(undefined))).toBe(false);
    expect(passes(double(1 + 0.9e-9), { value })).toBe(true);
    expect(passes(double(1 + 1.2e-9), { value })).toBe(false);
  });

  it("is looser by err32, and by what torch's own float32 result is off", () => {
    const value = truth(1);
    const dtypes = { ...value, t: "float32" } as const;
    expect(passes(single(1.001), { value, dtypes }, float32Tolerance(2e-3))).toBe(true);
    const torch32 = { ...dtypes, data: [1.0001] } as const;
    expect(passes(single(0.99991), { value, dtypes, torch32 }, float32Tolerance(undefined))).toBe(true);
    expect(passes(single(0.9998), { value, dtypes, torch32 }, float32Tolerance(undefined))).toBe(false);
  });

  it("lets elements agree with torch's float32 result only where the two truths disagree on what is finite", () => {
    const value = truth(1e39);
    const torch32 = { t: "float32", shape: [1], data: ["inf"] } as const;
    expect(passes(single(inf), { value, dtypes: torch32, torch32 }, float32Tolerance("nonfinite"))).toBe(true);
    expect(passes(single(inf), { value, dtypes: torch32, torch32 }, float32Tolerance(undefined))).toBe(false);
    expect(passes(single(0), { value, dtypes: torch32, torch32 }, float32Tolerance("nonfinite"))).toBe(false);
  });

  it("wants the dtype, the shape and every integer exactly; torch's int64 is int32", () => {
    expect(passes(single(1), { value: truth(1) })).toBe(false);
    expect(passes(tensor(1, { dtype: "float64" }), { value: truth(1) })).toBe(false);
    const value = { t: "int64", shape: [2], data: [1, 2] } as const;
    expect(passes(tensor([1, 2], { dtype: "int32" }), { value })).toBe(true);
    expect(passes(tensor([1, 3], { dtype: "int32" }), { value })).toBe(false);
    expect(passes(tensor([1, 2]), { value })).toBe(false);
  });

  it("goes through lists, tuples and objects with several results", () => {
    const want = { tuple: [truth(1), truth(2)], names: ["values", "indices"] };
    expect(passes({ indices: double(2), values: double(1) }, { value: want })).toBe(true);
    expect(passes([double(1), double(2)], { value: want })).toBe(true);
    expect(passes([double(2), double(1)], { value: want })).toBe(false);
    expect(passes([double(1)], { value: want })).toBe(false);
    expect(passes(double(1), { value: want })).toBe(false);
  });

  it("compares what is no tensor too", () => {
    expect(passes(3, { value: 3 })).toBe(true);
    expect(passes(4, { value: 3 })).toBe(false);
    expect(passes(nan, { value: { n: "nan" } })).toBe(true);
    expect(passes("float32", { value: { dtype: "float32" } })).toBe(true);
    expect(passes("int32", { value: { dtype: "float32" } })).toBe(false);
    expect(passes(null, { value: null })).toBe(true);
    expect(passes(1, { value: true })).toBe(false);
  });
});

describe("drawnTolerance", () => {
  it("is zero for uniform arithmetic, and a few ulps where a logarithm or a cosine is taken", () => {
    for (const fn of [
      "torch.rand",
      "torch.randint",
      "torch.randperm",
      "nn.Linear",
      "nn.init.kaiming_uniform_",
      "distributions.Uniform",
    ]) {
      expect(drawnTolerance(fn).float32).toBe(0);
    }
    for (const fn of [
      "torch.randn",
      "Tensor.exponential_",
      "nn.init.trunc_normal_",
      "nn.Embedding",
      "distributions.Normal",
    ]) {
      expect(drawnTolerance(fn).float32).toBe(4 * 2 ** -23);
    }
  });
});
