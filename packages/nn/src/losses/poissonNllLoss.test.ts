import { gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { PoissonNLLLoss, type PoissonNLLLossOptions, poissonNllLoss } from "./poissonNllLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => (Number.isNaN(x) ? x : expect.closeTo(x, 4)));
const double = (list: readonly number[], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const input = [-2, 0, 0.5, 3];
const target = [0, 1, 2.5, 10];

describe("poissonNllLoss", () => {
  const eps = 0.01;
  // torch 2.13; where the target is 0 Stirling's logarithm gives it the gradient NaN
  it.each([
    [
      { full: true },
      [0.1353353, 1, 1.566532, 5.181619],
      [0.1353353, 0, -0.8512787, 10.08554],
      [Number.NaN, 0, 0.6162907, -0.6474149],
    ],
    [{}, [0.1353353, 1, 0.3987213, -9.914463], [0.1353353, 0, -0.8512787, 10.08554], [2, 0, -0.5, -3]],
    [
      { logInput: false, full: true, eps },
      [2, 4.60517, 3.351172, 7.076681],
      [1, -99, -3.901961, -2.322259],
      [Number.NaN, 4.60517, 1.789635, 1.250645],
    ],
    [
      { logInput: false, eps },
      [2, 4.60517, 2.183361, -8.019401],
      [1, -99, -3.901961, -2.322259],
      [-0.6981347, 4.60517, 0.6733446, -1.10194],
    ],
  ] as [PoissonNLLLossOptions, number[], number[], number[]][])(
    "gives torch's numbers, %o",
    (options, each, dx, dt) => {
      const rates = options.logInput === false ? input.map(Math.abs) : input;
      const [x, t] = [double(rates, true), double(target, true)];
      const losses = poissonNllLoss(x, t, { ...options, reduction: "none" });
      expect(values(losses)).toEqual(near(each));
      losses.sum().backward();
      expect(values(x.grad)).toEqual(near(dx));
      expect(values(t.grad)).toEqual(near(dt));
      const total = each.reduce((a, b) => a + b, 0);
      expect(poissonNllLoss(x, t, options).item()).toBeCloseTo(total / 4, 5);
      expect(new PoissonNLLLoss(options)(x, t).item()).toBeCloseTo(total / 4, 5);
      expect(new PoissonNLLLoss({ ...options, sizeAverage: false })(x, t).item()).toBeCloseTo(total, 5);
    },
  );

  it("adds 1e-8 to a rate of 0 by default", () => {
    const loss = poissonNllLoss(double([0, 0]), double([0, 1]), { logInput: false, reduction: "none" });
    expect(values(loss)).toEqual([0, expect.closeTo(18.420680743952367, 12)]);
  });

  it("has the gradients that finite differences give, to second order", () => {
    const [x, t] = [double([0.3, 1.2, 2], true), double([1.5, 3, 7], true)];
    for (const options of [{}, { full: true }, { logInput: false, full: true }]) {
      expect(gradcheck((a, b) => poissonNllLoss(a, b, options), [x, t])).toBe(true);
      expect(gradgradcheck((a, b) => poissonNllLoss(a, b, options), [x, t])).toBe(true);
    }
  });

  it("leaves targets up to 1 out of Stirling's formula, and takes whole numbers", () => {
    const [x, t] = [tensor([0.5, 0.5, 0.5]), tensor([0, 1, 4])];
    const more = poissonNllLoss(x, t, { full: true, reduction: "none" }).sub(
      poissonNllLoss(x, t, { reduction: "none" }),
    );
    expect(values(more)).toEqual(near([0, 0, 3.15726]));
    expect(values(poissonNllLoss(x, t.int(), { full: true, reduction: "none" }))).toEqual(
      values(poissonNllLoss(x, t, { full: true, reduction: "none" })),
    );
    expect(poissonNllLoss(x.int(), t.int()).dtype).toBe("float32");
    expect(poissonNllLoss(x, t.double()).dtype).toBe("float64");
  });

  it("is as exact in float32 as float32 can be, though the terms cancel", () => {
    const [x, t] = [tensor([4.6051702, 88, -90]), tensor([100, 2, 1e6])];
    const losses = poissonNllLoss(x, t, { full: true, reduction: "none" });
    expect(values(losses)).toEqual(
      values(poissonNllLoss(x.double(), t.double(), { full: true, reduction: "none" }).float()),
    );
    expect(values(losses).every(Number.isFinite)).toBe(true);
  });

  it("says what is wrong", () => {
    const [x, t] = [tensor([0.5, 1]), tensor([1, 2])];
    const truth = t.sub(1).bool();
    expect(() => poissonNllLoss(x, tensor([1, 2, 3]))).toThrow(/poissonNllLoss: .*do not broadcast/);
    expect(() => poissonNllLoss(x, t, { reduction: "batch" as "sum" })).toThrow(/poissonNllLoss: unknown reduction/);
    expect(() => poissonNllLoss(x, truth, { full: true })).toThrow(/poissonNllLoss: truth values have no difference/);
    expect(() => poissonNllLoss(x.bool(), t, { logInput: false })).toThrow(/truth values/);
    expect(() => poissonNllLoss(x.bool(), truth)).toThrow(/truth values/);
    expect(poissonNllLoss(x.bool(), t, { reduction: "sum" }).item()).toBeCloseTo(2 * Math.E - 3, 5);
    expect(poissonNllLoss(x, truth, { reduction: "sum" }).item()).toBeCloseTo(Math.exp(0.5) + Math.E - 1, 5);
    expect(poissonNllLoss(x, tensor([-2, 2])).item()).toBeCloseTo((Math.exp(0.5) + 1 + Math.E - 2) / 2, 5);
    expect(() => poissonNllLoss(x, tensor([-2, 2]), { strict: true })).toThrow(
      /poissonNllLoss: counts are not negative\s+found +-2/,
    );
    expect(() => poissonNllLoss(x, t.unsqueeze(1), { strict: true })).toThrow(/differ in shape/);
    expect(poissonNllLoss(x, tensor([0, 2]), { strict: true }).item()).toBeGreaterThan(0);
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
  expect(codeOf(() => poissonNllLoss(tensor([1]), tensor([-1]), { strict: true }))).toBe("invalid_argument");
  expect(codeOf(() => poissonNllLoss(tensor([1]), tensor([1]).bool(), { full: true }))).toBe("invalid_dtype");
});
