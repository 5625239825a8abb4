import { gradcheck, gradgradcheck, ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { CosineEmbeddingLoss, cosineEmbeddingLoss } from "./cosineEmbeddingLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (list: number[] | number[][], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const first = [
  [1, 2],
  [0, 0],
  [3, -1],
  [1, 1],
];
const second = [
  [2, 0.5],
  [1, 1],
  [1, 0.2],
  [1, 0],
];
const labels = tensor([1, -1, -1, -1]).int();

describe("cosineEmbeddingLoss", () => {
  // torch 2.13
  it.each([
    [
      {},
      [0.3492086, 0, 0.8682431, Math.SQRT1_2],
      [-0.3037026, 0.1518513, Math.SQRT1_2, Math.SQRT1_2, 0.0496139, 0.1488417, 0.3535534, -0.3535534],
      [0.0893243, -0.3572972, 0, 0, 0.0954113, -0.4770567, 0, Math.SQRT1_2],
    ],
    [
      { margin: 0.8 },
      [0.3492086, 0, 0.0682431, 0],
      [-0.3037026, 0.1518513, 0, 0, 0.0496139, 0.1488417, 0, 0],
      [0.0893243, -0.3572972, 0, 0, 0.0954113, -0.4770567, 0, 0],
    ],
  ])("gives torch's numbers and gradients, %o", (options, each, dx, dy) => {
    const [x, y] = [double(first, true), double(second, true)];
    const losses = cosineEmbeddingLoss(x, y, labels, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    const small = (slope: number): number => (Math.abs(slope) > 1e5 ? slope / 1e6 : slope); // next to the vector of zeros
    expect(values(x.grad).map(small)).toEqual(near(dx));
    expect(values(y.grad)).toEqual(near(dy));
    const total = each.reduce((a, b) => a + b, 0);
    expect(cosineEmbeddingLoss(x, y, labels, options).item()).toBeCloseTo(total / 4, 6);
    expect(new CosineEmbeddingLoss(options)(x, y, labels).item()).toBeCloseTo(total / 4, 6);
    expect(new CosineEmbeddingLoss({ ...options, sizeAverage: false })(x, y, labels).item()).toBeCloseTo(total, 6);
  });

  it("takes vectors without a batch", () => {
    const [x, y] = [double(first[0]!), double(second[0]!)];
    expect(cosineEmbeddingLoss(x, y, tensor(-1)).item()).toBeCloseTo(0.6507914, 6);
    expect(cosineEmbeddingLoss(x, y, tensor(1), { reduction: "none" }).shape).toEqual([]);
  });

  it("has the gradients that finite differences give, to second order", () => {
    const [x, y] = [double([first[0]!, first[2]!], true), double([second[0]!, second[2]!], true)];
    for (const margin of [0, 0.5]) {
      const loss = (a: Tensor, b: Tensor): Tensor => cosineEmbeddingLoss(a, b, tensor([1, -1]), { margin });
      expect(gradcheck(loss, [x, y])).toBe(true);
      expect(gradgradcheck(loss, [x, y])).toBe(true);
    }
  });

  it("does not see the lengths of vectors, in float32 from the smallest to the largest", () => {
    for (const scale of [1e-2, 1e10, 1e18, 1e37]) {
      const x = tensor(first[0]!).mul(scale).requiresGrad_();
      const loss = cosineEmbeddingLoss(x, tensor(second[0]!).mul(scale), tensor(1));
      expect(loss.item()).toBeCloseTo(0.3492086, 6);
      loss.backward();
      expect(values(x.grad).every(Number.isFinite)).toBe(true);
    }
    expect(cosineEmbeddingLoss(zeros(2), zeros(2), tensor(1)).item()).toBe(1);
  });

  it("broadcasts, knows no other labels than two, and takes every dtype", () => {
    const t = tensor([1, -1, 0, 2]);
    expect(values(cosineEmbeddingLoss(ones(1, 3), ones(4, 3), t, { reduction: "none" }))).toEqual(near([0, 1, 0, 0]));
    expect(cosineEmbeddingLoss(ones(1, 3), ones(1, 3), t, { reduction: "none" }).shape).toEqual([4]);
    expect(cosineEmbeddingLoss(ones(2, 3).bool(), ones(2, 3).int(), tensor([1, 1]).bool()).item()).toBeCloseTo(0, 6);
    expect(cosineEmbeddingLoss(ones(2, 3).int(), ones(2, 3).int(), tensor([1, 1])).dtype).toBe("float32");
    expect(cosineEmbeddingLoss(ones(2, 3), ones(2, 3).double(), tensor([1, 1])).dtype).toBe("float64");
  });

  it("says what is wrong", () => {
    const x = ones(2, 3);
    const loss = (a: Tensor, b: Tensor, t: Tensor, options = {}): Tensor => cosineEmbeddingLoss(a, b, t, options);
    expect(() => loss(x, x, ones(2, 1))).toThrow(
      /cosineEmbeddingLoss: there is one label for each pair of vectors[\s\S]*target +\[2, 1\]\s+hint: labels \[N\] go with/,
    );
    for (const [a, b, t] of [
      [x, ones(3), ones(2)],
      [ones(3), x, ones(2)],
      [x, x, tensor(1)],
      [ones(2, 3, 4), ones(2, 3, 4), ones(2)],
      [ones(3), ones(3), ones(1)],
    ] as const) {
      expect(() => loss(a, b, t)).toThrow(
        /cosineEmbeddingLoss: inputs and target do not go together\s+input1 +\[[\s\S]*input2 +\[[\s\S]*hint: labels/,
      );
    }
    expect(() => loss(x, ones(2, 4), ones(2))).toThrow(/cosineEmbeddingLoss: .*do not broadcast/);
    expect(() => loss(x, x, ones(3))).toThrow(/cosineEmbeddingLoss: .*do not broadcast/);
    expect(() => loss(x, x, [1, 1] as unknown as Tensor)).toThrow(/target must be a tensor/);
    expect(() => loss(x, x, ones(2), { reduction: "x" })).toThrow(/cosineEmbeddingLoss: unknown reduction/);
    expect(() => loss(x, x, zeros(2), { strict: true })).toThrow(/every target must be −1 or 1/);
    expect(() => loss(x, ones(1, 3), ones(2), { strict: true })).toThrow(/input1 and input2 differ in shape/);
    expect(loss(x, x, ones(2), { strict: true }).item()).toBeCloseTo(0, 6);
  });
});

const codeOf = (wrong: () => unknown): string => {
  try {
    wrong();
  } catch (error) {
    return (error as TensorError).code;
  }
  return "none";
};

it("throws errors that programs can tell apart", () => {
  expect(codeOf(() => cosineEmbeddingLoss(ones(2, 3), ones(2, 3), ones(2, 1)))).toBe("invalid_shape");
  expect(codeOf(() => cosineEmbeddingLoss(ones(2, 3), ones(2, 3), ones(2, 3)))).toBe("invalid_shape");
  expect(codeOf(() => cosineEmbeddingLoss(ones(3), ones(3), ones(3)))).toBe("invalid_shape");
});
