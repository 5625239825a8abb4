import { gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { L1Loss, l1Loss } from "./l1Loss.ts";
import { MSELoss, mseLoss } from "./mseLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const input = tensor([1, -2, 0.5, 4]);
const target = tensor([0, 2, 0.5, 3]);
const weight = tensor([1, 0.5, 2, 3]);

// by hand
describe.each([
  ["mseLoss", mseLoss, MSELoss, [1, 16, 0, 1], [1, 8, 0, 3]],
  ["l1Loss", l1Loss, L1Loss, [1, 4, 0, 1], [1, 2, 0, 3]],
] as const)("%s", (_, loss, Class, each, weighted) => {
  const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);

  it("reduces as it is told, weights included", () => {
    expect(values(loss(input, target, { reduction: "none" }))).toEqual(each);
    expect(loss(input, target).item()).toBe(sum(each) / 4);
    expect(loss(input, target, { reduction: "sum" }).item()).toBe(sum(each));
    expect(values(loss(input, target, { reduction: "none", weight }))).toEqual(weighted);
    expect(loss(input, target, { reduction: "sum", weight }).item()).toBe(sum(weighted));
    expect(loss(input, target, { weight }).item()).toBeCloseTo(sum(weighted) / 6.5, 6);
    expect(new Class()(input, target).item()).toBe(sum(each) / 4);
    expect(new Class({ weight, reduction: "sum" })(input, target).item()).toBe(sum(weighted));
    expect(new Class({ sizeAverage: false })(input, target).item()).toBe(sum(each));
  });

  it("has the gradients that finite differences give, to second order", () => {
    const [x, y] = [
      tensor(input.double(), { requiresGrad: true }),
      tensor(target.double().add(0.1), { requiresGrad: true }),
    ];
    const double = weight.double();
    for (const options of [{}, { weight: double }, { reduction: "none" as const }]) {
      expect(gradcheck((a, b) => loss(a, b, options), [x, y])).toBe(true);
      expect(gradgradcheck((a, b) => loss(a, b, options), [x, y])).toBe(true);
    }
  });

  it("broadcasts as torch does, but not when strict", () => {
    const column = input.unsqueeze(1);
    expect(loss(column, target, { reduction: "none" }).shape).toEqual([4, 4]);
    expect(() => loss(column, target, { strict: true })).toThrow(/differ in shape[\s\S]*\[4, 1\]/);
    expect(() => loss(input, tensor([1, 2, 3]))).toThrow(/do not broadcast/);
    expect(() => loss(column, target, { weight })).toThrow(/input and weight must have the same shape/);
  });

  it("says what is wrong", () => {
    expect(() => loss(input.int(), target.int())).toThrow(/floating-point/);
    expect(() => loss(input, [1, 2, 3, 4] as unknown as Tensor)).toThrow(/target must be a tensor/);
    expect(() => loss(input, target, { reduction: "batchmean" as "mean" })).toThrow(/unknown reduction/);
    expect(loss(input, target.int()).dtype).toBe("float32");
    expect(loss(input, target.double()).dtype).toBe("float64");
  });
});

describe("dtypes that the two treat differently, as torch does", () => {
  it("squares differences to truth values, but has no absolute ones", () => {
    expect(mseLoss(input, target.bool()).item()).toBe((1 + 9 + 0.25 + 9) / 4);
    expect(() => l1Loss(input, target.bool())).toThrow(/truth values have no difference/);
  });

  it("has gradient 0 for equal elements in l1Loss", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    l1Loss(x, tensor([1, 5]), { reduction: "sum" }).backward();
    expect(values(x.grad!)).toEqual([0, -1]);
  });
});
