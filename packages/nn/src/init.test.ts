import { type Tensor, zeros } from "@tapegrad/autograd";
import { Generator, manualSeed } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import * as init from "./init.ts";

const values = (tensor: Tensor): number[] => Array.from(tensor.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));

describe("the initialisers draw torch's numbers, one after the other", () => {
  it("from the default generator", () => {
    manualSeed(4);
    expect(values(init.truncNormal_(zeros(6), { a: 2, b: 4 }))).toEqual(
      near([2.6606953, 2.9470344, 2.1829138, 2.5074911, 2.014389, 2.0779238]),
    );
    expect(values(init.truncNormal_(zeros(6), { mean: 1, std: 0.5, a: 0, b: 1.2 }))).toEqual(
      near([1.1228144, 0.7746877, 0.4669943, 0.7553638, 0.4410954, 1.0985999]),
    );
    expect(values(init.kaimingNormal_(zeros(2, 3), { mode: "fanOut", nonlinearity: "relu" }))).toEqual(
      near([-2.7639337, -0.2871628, 1.4373558, -1.5766174, 0.8427479, -0.6040776]),
    );
    expect(values(init.orthogonal_(zeros(3, 2), { gain: 2 }))).toEqual(
      near([-1.893311, -0.6436257, 0.6071138, -1.7462441, -0.2163015, 0.7323782]),
    );
    expect(values(init.sparse_(zeros(4, 2), 0.5))).toEqual(
      near([-0.0037195, -0.0141804, -0.0090108, 0, 0, 0, 0, -0.0015592]),
    );
  });

  it("from a generator of their own", () => {
    const generator = new Generator().manualSeed(5);
    expect(values(init.xavierUniform_(zeros(2, 2), { generator }))).toEqual(
      near([0.8089486, -0.9158375, 0.9980929, 0.783658]),
    );
  });
});

describe("the initialisers that do not draw", () => {
  it("fill parameters without a trace on the tape", () => {
    const parameter = zeros([2, 3], { requiresGrad: true });
    expect(init.constant_(parameter, 0.5)).toBe(parameter);
    expect([parameter.isLeaf, values(parameter)]).toEqual([true, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]]);
    expect(init.eye_(parameter).tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(values(init.zeros_(init.ones_(parameter)))).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("make convolutions that pass channels through", () => {
    const weight = init.dirac_(zeros(4, 2, 3), 2);
    expect(weight.sum(2).tolist()).toEqual([
      [1, 0],
      [0, 1],
      [1, 0],
      [0, 1],
    ]);
    expect(weight.select(2, 1).tolist()).toEqual(weight.sum(2).tolist());
  });
});

describe("orthogonal_", () => {
  it.each([
    [2, 5],
    [5, 2],
    [4, 4],
  ])("makes %i x %i matrices with orthonormal rows or columns", (rows, columns) => {
    manualSeed(0);
    const matrix = init.orthogonal_(zeros([rows, columns], { dtype: "float64" }));
    const gram = rows < columns ? matrix.matmul(matrix.t()) : matrix.t().matmul(matrix);
    const size = Math.min(rows, columns);
    expect(values(gram)).toEqual(
      Array.from({ length: size * size }, (_, i) => expect.closeTo(i % (size + 1) ? 0 : 1, 12)),
    );
  });
});

describe("arguments", () => {
  it("are checked", () => {
    expect(() => init.xavierNormal_(zeros(3))).toThrow(/need at least 2 dimensions/);
    expect(() => init.eye_(zeros(3))).toThrow(/only for matrices/);
    expect(() => init.dirac_(zeros(3, 3))).toThrow(/3 to 5 dimensions/);
    expect(() => init.truncNormal_(zeros(3), { a: 2, b: 1 })).toThrow(/a < b/);
    expect(() => init.calculateGain("swish" as "relu")).toThrow(/unknown nonlinearity/);
    expect(() => init.kaimingUniform_(zeros(2, 2), { mode: "fanin" as "fanIn" })).toThrow(/did you mean "fanIn"/);
    expect(init.calculateGain("leakyRelu", 0.2)).toBeCloseTo(1.3867504905630728, 14);
    expect(init.calculateGain("tanh")).toBe(5 / 3);
    expect(init.kaimingNormal_(zeros(0, 2)).shape).toEqual([0, 2]);
  });
});
