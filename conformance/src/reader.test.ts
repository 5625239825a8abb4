import { NDArray } from "@tapegrad/tensor";
import { type Tensor, TensorError } from "tapegrad";
import { describe, expect, it } from "vitest";
import { isTuple, Reader } from "./reader.ts";

const read = (json: Parameters<Reader["value"]>[0], wide = false): Tensor => new Reader(wide).value(json) as Tensor;

describe("Reader", () => {
  it("rounds float32 data before any use, float64 runs included", () => {
    const json = { t: "float32", shape: [2], data: [0.1, -0.0] };
    expect(read(json).dtype).toBe("float32");
    const wide = read(json, true);
    expect(wide.dtype).toBe("float64");
    expect([...wide.toArray()]).toEqual([Math.fround(0.1), -0]);
  });

  it("leaves float64 as it is, and takes int64 as int32", () => {
    expect([...read({ t: "float64", shape: [1], data: [0.1] }, true).toArray()]).toEqual([0.1]);
    const indices = read({ t: "int64", shape: [2], data: [3, -2147483648] }, true);
    expect([indices.dtype, ...indices.toArray()]).toEqual(["int32", 3, -2147483648]);
  });

  it.each([
    { t: "int64", shape: [1], data: [2147483648] },
    { t: "int64", shape: [1], data: ["9007199254740993"] },
    { n: "123456789012345678901" },
    2 ** 40,
  ])("does not pass off integers beyond 32 bits as ours: %j", (json) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ code: "unsupported" }) as TensorError);
  });

  it("takes a large whole number that was a float in Python", () => {
    const { args } = new Reader(false).call({ args: [1e20], floats: ["args.0"] });
    expect(args).toEqual([1e20]);
  });

  it("reads words for numbers that are not finite", () => {
    expect([...read({ t: "float32", shape: [3], data: ["nan", "inf", "-inf"] }).toArray()]).toEqual([
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]);
    expect(new Reader(false).value({ n: "-inf" })).toBe(Number.NEGATIVE_INFINITY);
  });

  it("lays tensors out with the strides and the offset that the fixture names", () => {
    const transposed = read({ t: "float32", shape: [2, 2], data: [1, 2, 3, 4], strides: [1, 2], offset: 3 });
    expect(transposed.array).toMatchObject({ stride: [1, 2], offset: 3 });
    expect([...transposed.array.data]).toEqual([0, 0, 0, 1, 3, 2, 4]);
    const expanded = read({
      t: "bool",
      shape: [2, 3],
      data: [true, true, true, false, false, false],
      strides: [1, 0],
      offset: 0,
    });
    expect(expanded.array.data).toHaveLength(2);
    expect(expanded.tolist()).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
    expect(expanded.array).toBeInstanceOf(NDArray);
  });

  it("makes leaves of the tensors that are named, and keeps every tensor by its path", () => {
    const tensor = { t: "float32", shape: [], data: [1] } as const;
    const reader = new Reader(true, ["kwargs.weight"]);
    reader.call({ input: tensor, args: [[tensor]], kwargs: { weight: tensor } });
    expect([...reader.tensors.keys()]).toEqual(["input", "args.0.0", "kwargs.weight"]);
    expect([...reader.tensors.values()].map(({ requiresGrad }) => requiresGrad)).toEqual([false, false, true]);
  });

  it("tells tuples from lists, and widens dtypes", () => {
    const reader = new Reader(true);
    const tuple = reader.value({ tuple: [1, { dtype: "float32" }, { dtype: "int64" }] });
    expect(tuple).toEqual([1, "float64", "int32"]);
    expect(isTuple(tuple)).toBe(true);
    expect(isTuple(reader.value([1]))).toBe(false);
  });

  it("builds modules and finds functions by torch's names", () => {
    const module = new Reader(false).value({ module: "Linear", args: [2, 3], kwargs: { bias: false } });
    expect(String(module)).toBe("Linear(in_features=2, out_features=3, bias=False)");
    expect(new Reader(false).value({ fn: "nn.functional.leaky_relu" })).toBeTypeOf("function");
    expect(() => new Reader(false).value({ fn: "nn.functional.no_such" })).toThrow(TensorError);
  });
});
