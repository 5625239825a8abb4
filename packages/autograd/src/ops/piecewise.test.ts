import { describe, expect, it } from "vitest";
import { tensor, zeros } from "../creation.ts";
import { grad } from "../engine.ts";
import { gradcheck, gradgradcheck } from "../gradcheck.ts";
import type { Tensor } from "../tensor.ts";
import * as ops from "./activation.ts";
import { reshape, strideOver } from "./shape.ts";

const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const leaf = (values: readonly number[]): Tensor => tensor(Float64Array.from(values), { requiresGrad: true });

/** Equal to a few units in the last place; infinities and NaN as they are, and the sign of 0 unless it is free. */
function expectNear(found: Tensor, wanted: readonly number[], tolerance = 4e-14, anyZero = false): void {
  const values = [...found.toArray()];
  const near = wanted.map((want, i) => {
    const close = Math.abs(values[i]! - want) <= tolerance * Math.abs(want);
    return close && (anyZero || want !== 0) ? want : values[i];
  });
  expect(near).toEqual(wanted);
}

type Expected = readonly [values: readonly number[], gradients: readonly number[]];

/** What the options in the names of the rows below mean. */
const variants: Readonly<Record<string, (input: Tensor) => Tensor>> = {
  "leakyRelu slope 1.5": (x) => ops.leakyRelu(x, { negativeSlope: 1.5 }),
  "hardtanh -2 3": (x) => ops.hardtanh(x, { minVal: -2, maxVal: 3 }),
  "hardshrink 1": (x) => ops.hardshrink(x, { lambd: 1 }),
  "softshrink 1": (x) => ops.softshrink(x, { lambd: 1 }),
  "threshold 0.5 7": (x) => ops.threshold(x, 0.5, 7),
};

const named = (name: string): ((input: Tensor) => Tensor) =>
  variants[name] ?? (ops as unknown as Record<string, (input: Tensor) => Tensor>)[name]!;

const inputs = [0, 3, -3, 6, 0.5, -0.5, 1, -1, inf, nan];

/** What torch gives for `inputs` in float64; its vector loop where that and its loop of single elements differ, at NaN. */
const rows: Readonly<Record<string, Expected>> = {
  relu: [
    [0, 3, 0, 6, 0.5, 0, 1, 0, inf, nan],
    [0, 1, 0, 1, 1, 0, 1, 0, 1, 1],
  ],
  leakyRelu: [
    [0, 3, -0.03, 6, 0.5, -0.005, 1, -0.01, inf, nan],
    [0.01, 1, 0.01, 1, 1, 0.01, 1, 0.01, 1, 0.01],
  ],
  "leakyRelu slope 1.5": [
    [0, 3, -4.5, 6, 0.5, -0.75, 1, -1.5, inf, nan],
    [1.5, 1, 1.5, 1, 1, 1.5, 1, 1.5, 1, 1.5],
  ],
  relu6: [
    [0, 3, 0, 6, 0.5, 0, 1, 0, 6, nan],
    [0, 1, 0, 0, 1, 0, 1, 0, 0, 0],
  ],
  hardtanh: [
    [0, 1, -1, 1, 0.5, -0.5, 1, -1, 1, nan],
    [1, 0, 0, 0, 1, 1, 0, 0, 0, 0],
  ],
  "hardtanh -2 3": [
    [0, 3, -2, 3, 0.5, -0.5, 1, -1, 3, nan],
    [1, 0, 0, 0, 1, 1, 1, 1, 0, 0],
  ],
  hardsigmoid: [
    [0.5, 1, 0, 1, 0.5833333333333334, 0.4166666666666667, 0.6666666666666666, 0.3333333333333333, 1, nan],
    [0.1666666716337204, 0, 0, 0, 0.1666666716337204, 0.1666666716337204, 0.1666666716337204, 0.1666666716337204, 0, 0],
  ],
  hardswish: [
    [0, 3, -0, 6, 0.2916666666666667, -0.20833333333333334, 0.6666666666666666, -0.3333333333333333, inf, nan],
    [0.5, 1, 0, 1, 0.6666666666666666, 0.33333333333333337, 0.8333333333333333, 0.16666666666666669, 1, nan],
  ],
  hardshrink: [
    [0, 3, -3, 6, 0, 0, 1, -1, inf, nan],
    [0, 1, 1, 1, 0, 0, 1, 1, 1, 0],
  ],
  "hardshrink 1": [
    [0, 3, -3, 6, 0, 0, 0, 0, inf, nan],
    [0, 1, 1, 1, 0, 0, 0, 0, 1, 0],
  ],
  softshrink: [
    [0, 2.5, -2.5, 5.5, 0, 0, 0.5, -0.5, inf, nan],
    [0, 1, 1, 1, 0, 0, 1, 1, 1, 0],
  ],
  "softshrink 1": [
    [0, 2, -2, 5, 0, 0, 0, 0, inf, nan],
    [0, 1, 1, 1, 0, 0, 0, 0, 1, 0],
  ],
  "threshold 0.5 7": [
    [7, 3, 7, 6, 7, 7, 1, 7, inf, nan],
    [0, 1, 0, 1, 0, 0, 1, 0, 1, 1],
  ],
};

describe.each(Object.entries(rows))("%s", (name, [values, gradients]) => {
  const op = named(name);
  const smooth = [0.3, -0.7, 1.7, -2.2, 5];

  it("has torch's values and gradients, at the edges too", () => {
    const x = leaf(inputs);
    const y = op(x);
    expectNear(y, values);
    const [gradient] = grad([y], [x], [tensor(new Float64Array(inputs.length).fill(1))]);
    expectNear(gradient!, gradients, 1e-12, true);
  });

  it("has the gradients that finite differences give, to second order", () => {
    expect(gradcheck(op, [leaf(smooth)])).toBe(true);
    expect(gradgradcheck(op, [leaf(smooth)])).toBe(true);
  });

  it("takes float32, strides, single numbers and nothing", () => {
    const exact = op(tensor(Float64Array.from(smooth, Math.fround))).toArray();
    expect(op(tensor(smooth)).dtype).toBe("float32");
    expectNear(op(tensor(smooth)), [...exact], 1e-5);
    const backwards = strideOver(tensor(smooth), 0, 4, 5, -1);
    expect([...op(backwards).toArray()]).toEqual([...op(tensor(smooth)).toArray()].reverse());
    expect(op(tensor(0.5)).shape).toEqual([]);
    expect(op(zeros(2, 0)).shape).toEqual([2, 0]);
  });
});

it("relu and hardtanh keep integers", () => {
  const x = tensor([-3, 2], { dtype: "int32" });
  expect([ops.relu(x).dtype, ops.relu(x).tolist()]).toEqual(["int32", [0, 2]]);
  expect([ops.relu6(x).dtype, ops.hardtanh(x).tolist()]).toEqual(["int32", [-1, 1]]);
  expect(ops.hardsigmoid(x).dtype).toBe("float32");
});

it("relu has a second gradient of zeros, as torch", () => {
  const x = leaf([1, -1]);
  const [slope] = grad([ops.relu(x)], [x], [leaf([1, 1])], { createGraph: true });
  expect(grad([slope!], [x], [leaf([1, 1])])[0]!.tolist()).toEqual([0, 0]);
});

describe("prelu", () => {
  const data = Array.from({ length: 12 }, (_, i) => ((i * 7) % 12) - 5.5);
  const shaped = (shape: readonly number[]): Tensor => reshape(tensor(new Float64Array(data)), shape).requiresGrad_();

  it.each<[string, readonly number[], readonly number[]]>([
    ["one weight, a vector", [12], [0.25]],
    ["one weight, images", [1, 3, 2, 2], [0.25]],
    ["a weight for each channel", [2, 3, 2], [0.25, -1, 0.5]],
    ["a weight for each column", [4, 3], [0.25, -1, 0.5]],
  ])("%s", (_, shape, weights) => {
    const [input, weight] = [shaped(shape), leaf(weights)];
    const inner = shape.slice(2).reduce((a, b) => a * b, 1);
    const slope = (i: number): number => weights[Math.floor(i / inner) % weights.length]!;
    expect([...ops.prelu(input, weight).toArray()]).toEqual(
      data.map((value, i) => (value > 0 ? value : value * slope(i))),
    );
    expect(gradcheck(ops.prelu, [input, weight])).toBe(true);
    expect(gradgradcheck(ops.prelu, [input, weight])).toBe(true);
  });

  it("refuses weights that are not one for each channel", () => {
    expect(() => ops.prelu(leaf(data), leaf([1, 2]))).toThrow(/one number or one for each channel/);
    expect(() => ops.prelu(leaf(data), tensor([1]))).toThrow(/one floating-point dtype/);
  });
});

it.each([
  ["hardtanh", () => ops.hardtanh(zeros(1), { minVal: 2, maxVal: 1 })],
  ["softshrink", () => ops.softshrink(zeros(1), { lambd: -1 })],
])("%s refuses options outside their domain", (name, call) => {
  expect(call).toThrow(new RegExp(`^${name}: `));
});
