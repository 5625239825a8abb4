import { tensor } from "tapegrad";
import { describe, expect, it } from "vitest";
import { bind } from "./bind.ts";
import { camelCase, parseTable } from "./signature.ts";

/** The arguments that one line of the table makes of a call of torch's. */
const bound = (lines: string, args: readonly unknown[], kwargs: Readonly<Record<string, unknown>> = {}) => {
  const [[name, forms] = ["", []]] = parseTable(lines);
  return bind(name, forms, args, new Map(Object.entries(kwargs)));
};

describe("the table of names", () => {
  it("spells names in camelCase, and leaves trailing underscores", () => {
    expect(["cross_entropy", "atleast_1d", "kaiming_uniform_", "batchmean", "_random_samples"].map(camelCase)).toEqual([
      "crossEntropy",
      "atleast1d",
      "kaimingUniform_",
      "batchmean",
      "_randomSamples",
    ]);
  });

  it("moves what stands in braces to a trailing options object, however torch was given it", () => {
    const line = "avg_pool1d(input, kernel_size, { stride, ceil_mode })";
    const expected = { ours: "avgPool1d", args: ["x", 2, { stride: 3, ceilMode: true }] };
    expect(bound(line, ["x", 2, 3, true])).toEqual(expected);
    expect(bound(line, ["x"], { kernel_size: 2, ceil_mode: true, stride: 3 })).toEqual(expected);
    expect(bound(line, ["x", 2], { stride: null }).args).toEqual(["x", 2]);
  });

  it("leaves a gap where a positional argument is not given but an option is", () => {
    expect(bound("sum(input, dim, { keepdim })", ["x"], { keepdim: true }).args).toEqual([
      "x",
      undefined,
      { keepdim: true },
    ]);
  });

  it("refuses arguments that have no counterpart, and never drops them", () => {
    for (const kwargs of [{ out: 1 }, { dim: 0, p: 1 }]) {
      expect(() => bound("sum(input, dim)", ["x"], kwargs)).toThrow(
        expect.objectContaining({ code: "unsupported" }) as Error,
      );
    }
    expect(() => bound("sum(input, dim)", ["x", 0, true])).toThrow(/no counterpart/);
    expect(() => bound("to(input, dtype, copy=False) -> to(input, dtype)", ["x", "float32", true])).toThrow(/copy/);
    expect(bound("to(input, dtype, copy=False) -> to(input, dtype)", ["x", "float32", false]).args).toEqual([
      "x",
      "float32",
    ]);
    expect(() => bind("no_line", [], ["x"], new Map([["dim", 0]]))).toThrow(/option dim/);
  });

  it("chooses an overload by the kinds of the arguments", () => {
    const lines =
      "std(input, unbiased:bool) -> std(input, dim, { correction: unbiased })\nstd(input, dim, { correction })";
    expect(bound(lines, ["x", false]).args).toEqual(["x", undefined, { correction: 0 }]);
    expect(bound(lines, ["x", 1]).args).toEqual(["x", 1]);
    const maximum = "max(input, other:tensor) -> maximum(input, other)\nmax(input, dim)";
    expect(bound(maximum, ["x", tensor(1)]).ours).toBe("maximum");
  });

  it("gathers and spreads lists of arguments", () => {
    expect(bound("ones(*size, { dtype })", [2, 3]).args).toEqual([[2, 3]]);
    expect(bound("ones(*size, { dtype }) -> ones(size, { dtype })", [[2, 3]], { dtype: "int32" }).args).toEqual([
      [2, 3],
      { dtype: "int32" },
    ]);
    expect(bound("block_diag(*tensors) -> blockDiag(...tensors)", ["a", "b"]).args).toEqual(["a", "b"]);
  });

  it("knows methods, open option objects and values that None does not stand for", () => {
    expect(bound("max(input, dim) -> input.max(dim)", ["x", 1])).toEqual({ ours: ".max", args: ["x", 1] });
    expect(bound("SGD(params, { ** })", ["p"], { weight_decay: 1, unknown: 2 }).args).toEqual([
      "p",
      { weightDecay: 1, unknown: 2 },
    ]);
    expect(bound("BatchNorm1d(num_features, { momentum! })", [3, null]).args).toEqual([3, { momentum: null }]);
  });
});
