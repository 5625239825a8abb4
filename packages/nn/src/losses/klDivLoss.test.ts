import { gradcheck, gradgradcheck, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import type { TensorError } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KLDivLoss, klDiv } from "./klDivLoss.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => (Number.isNaN(x) ? x : expect.closeTo(x, 5)));
const double = (list: number[] | number[][], requiresGrad = false): Tensor =>
  tensor(list, { dtype: "float64", requiresGrad });

const logits = [
  [0.5, 0.3, 0.2],
  [0.2, 0.3, 0.5],
].map((row) => row.map(Math.log));

describe("klDiv", () => {
  // torch 2.13; the gradient for a target of 0 is NaN
  it.each([
    [
      [
        [0.9, 0.1, 0],
        [0.1, 0.7, 0.2],
      ],
      false,
      [0.529008, -0.1098612, 0, -0.0693147, 0.5931085, -0.1832581],
      [-0.9, -0.1, 0, -0.1, -0.7, -0.2],
      [1.587787, -0.0986123, Number.NaN, 0.3068528, 1.847298, 0.0837093],
    ],
    [
      [
        [0.9, 0.05, 0.05],
        [0.1, 0.7, 0.2],
      ].map((row) => row.map(Math.log)),
      true,
      [0.529008, -0.089588, -0.0693147, -0.0693147, 0.5931085, -0.1832581],
      [-0.9, -0.05, -0.05, -0.1, -0.7, -0.2],
      [1.429008, -0.039588, -0.0193147, 0.0306853, 1.293109, 0.0167419],
    ],
  ])("gives torch's numbers and gradients (%#)", (targets, logTarget, each, dx, dt) => {
    const [x, t] = [double(logits, true), double(targets, true)];
    const parts = klDiv(x, t, { logTarget, reduction: "none" });
    expect(values(parts)).toEqual(near(each));
    parts.sum().backward();
    expect(values(x.grad)).toEqual(near(dx));
    expect(values(t.grad)).toEqual(near(dt));
    const total = each.reduce((a, b) => a + b, 0);
    expect(klDiv(x, t, { logTarget }).item()).toBeCloseTo(total / 6, 5);
    expect(klDiv(x, t, { logTarget, reduction: "batchmean" }).item()).toBeCloseTo(total / 2, 5);
    expect(new KLDivLoss({ logTarget, reduction: "batchmean" })(x, t).item()).toBeCloseTo(total / 2, 5);
    expect(new KLDivLoss({ logTarget, sizeAverage: false })(x, t).item()).toBeCloseTo(total, 5);
  });

  it("divides by the first size of the input for batchmean", () => {
    const t = double([0.2, 0.3, 0.5]);
    const total = klDiv(double(logits), t, { reduction: "sum" }).item();
    expect(klDiv(double(logits), t, { reduction: "batchmean" }).item()).toBe(total / 2);
    expect(klDiv(t.log(), double(logits).exp(), { reduction: "batchmean" }).item()).toBeCloseTo(
      klDiv(t.log(), double(logits).exp(), { reduction: "sum" }).item() / 3,
    );
    expect(klDiv(tensor(-0.5), tensor(0.4), { reduction: "batchmean" }).item()).toBeCloseTo(-0.1665163, 6);
    expect(klDiv(zeros(0, 3), zeros(0, 3), { reduction: "batchmean" }).item()).toBeNaN();
  });

  it("has the gradients that finite differences give, to second order", () => {
    const [x, t] = [double(logits, true), double([[0.7, 0.1, 0.2]], true)];
    for (const logTarget of [false, true]) {
      const loss = (a: Tensor, b: Tensor): Tensor => klDiv(a, b, { logTarget, reduction: "batchmean" });
      expect(gradcheck(loss, [x, t])).toBe(true);
      expect(gradgradcheck(loss, [x, t])).toBe(true);
    }
  });

  it("is a divergence: not negative, and 0 for equals", () => {
    const row = fc.array(fc.double({ min: -20, max: 20, noNaN: true }), { minLength: 3, maxLength: 3 });
    fc.assert(
      fc.property(row, row, (a, b) => {
        const [q, p] = [double([a]).logSoftmax(1), double([b]).logSoftmax(1)];
        const divergence = klDiv(q, p.exp(), { reduction: "batchmean" }).item();
        expect(divergence).toBeGreaterThan(-1e-12);
        expect(klDiv(q, p, { reduction: "batchmean", logTarget: true }).item()).toBeCloseTo(divergence, 10);
        expect(klDiv(p, p.exp(), { reduction: "batchmean" }).item()).toBeCloseTo(0, 10);
      }),
    );
  });

  it("is silent about classes without probability", () => {
    const q = tensor([Number.NEGATIVE_INFINITY, 0], { requiresGrad: true });
    expect(values(klDiv(q, tensor([0.5, 0.5]), { reduction: "none" }))).toEqual(near([Infinity, Math.log(0.5) / 2]));
    const p = tensor([Number.NEGATIVE_INFINITY, 0]);
    expect(values(klDiv(tensor([-1, -2]), p, { logTarget: true, reduction: "none" }))).toEqual([Number.NaN, 2]);
    expect(values(klDiv(tensor([-1, -2]), tensor([0, 1]), { reduction: "none" }))).toEqual([0, 2]);
  });

  it("says what is wrong", () => {
    const [x, t] = [tensor([-1, -2]), tensor([0.4, 0.6])];
    expect(() => klDiv(x, tensor([1, 2, 3]))).toThrow(/klDiv: .*do not broadcast/);
    expect(() => klDiv(x, t.int())).toThrow(/klDiv: target must be floating-point/);
    expect(() => klDiv(x.int(), t)).toThrow(/klDiv: input must be floating-point/);
    expect(() => klDiv(x, t, { reduction: "batchMean" as "sum" })).toThrow(/did you mean "batchmean"/);
    expect(() => new KLDivLoss({ reduction: "average" as "sum" })).toThrow(
      /KLDivLoss: unknown reduction\s+reduction +"average"\s+known +\[none, mean, sum, batchmean\]/,
    );
    expect(() => new KLDivLoss({ reduction: null } as unknown as object)).toThrow(/unknown reduction/);
  });

  it("refuses the classic mistakes when strict", () => {
    const [x, t] = [tensor([Math.log(0.5), Math.log(0.5)]), tensor([0.4, 0.6])];
    const strict = { strict: true, reduction: "sum" } as const;
    expect(klDiv(x, t, strict).item()).toBeCloseTo(0.0201355, 6);
    expect(klDiv(x, t.log(), { ...strict, logTarget: true }).item()).toBeCloseTo(0.0201355, 6);
    expect(klDiv(tensor([0, -Infinity]), tensor([1, 0]), { strict: true, reduction: "none" }).shape).toEqual([2]);
    expect(() => klDiv(x, t, { strict: true })).toThrow(
      /"mean" divides by the number of classes as well\s+reduction +mean\s+hint: use "batchmean"/,
    );
    expect(() => klDiv(t, t, strict)).toThrow(
      /log-probabilities are not positive\s+input +\[2\]\s+found +0.4\d*\s+hint: apply logSoftmax, or log\(\)/,
    );
    expect(() => klDiv(x, t, { ...strict, logTarget: true })).toThrow(
      /log-probabilities are not positive\s+target +\[2\]\s+found +0.4\d*\s+hint: for probabilities leave logTarget false/,
    );
    for (const wrong of [t.log(), t.mul(3), t.mul(Number.NaN)]) {
      expect(() => klDiv(x, wrong, strict)).toThrow(
        /every target must lie in \[0, 1\]\s+found +[-\dN][\s\S]*hint: for log-probabilities pass \{ logTarget: true \}/,
      );
    }
    expect(() => klDiv(x.unsqueeze(0), t, strict)).toThrow(/differ in shape/);
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
  expect(codeOf(() => klDiv(tensor([-1]), tensor([1]), { strict: true }))).toBe("invalid_option");
  expect(codeOf(() => klDiv(tensor([1]), tensor([1]), { strict: true, reduction: "sum" }))).toBe("invalid_argument");
  expect(codeOf(() => klDiv(tensor([-1]), tensor([2]), { strict: true, reduction: "sum" }))).toBe("invalid_argument");
});
