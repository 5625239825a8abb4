import { gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { binaryCrossEntropyWithLogits } from "./bceWithLogitsLoss.ts";
import { MultiLabelSoftMarginLoss, multilabelSoftMarginLoss } from "./multiLabelSoftMarginLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (data: readonly (readonly number[])[] | readonly number[], requiresGrad = false): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad });

const rows = [
  [0.1, 0.2, 0.4, 0.8],
  [1, -1, 0.5, 0.3],
  [0, 2, 1, -3],
];
const target = double([
  [1, 0, 0, 1],
  [0.2, 0.5, 1, 0],
  [0, 0, 0, 0],
]);
const weight = double([1, 2, 0.5, 3]);

describe("multilabelSoftMarginLoss", () => {
  // torch 2.13: the loss of each row, and the gradient of their sum
  it.each([
    [
      {},
      [0.6816629, 0.8137389, 1.0454811],
      [-0.1187552, 0.1374585, 0.1496719, -0.0775064, 0.1327646, -0.0577646, -0.0943852, 0.1436106].concat([
        0.125, 0.2201993, 0.1827646, 0.0118565,
      ]),
    ],
    [
      { weight },
      [0.952621, 1.3849723, 1.437349],
      [-0.1187552, 0.274917, 0.074836, -0.2325191, 0.1327646, -0.1155293, -0.0471926, 0.4308319].concat([
        0.125, 0.4403985, 0.0913823, 0.0355694,
      ]),
    ],
  ])("gives torch's numbers and gradients, to second order (%#)", (options, each, slopes) => {
    const x = double(rows, true);
    const losses = multilabelSoftMarginLoss(x, target, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad!)).toEqual(near(slopes));
    const sum = each.reduce((a, b) => a + b, 0);
    expect(multilabelSoftMarginLoss(x, target, options).item()).toBeCloseTo(sum / 3, 6);
    expect(new MultiLabelSoftMarginLoss(options)(x, target).item()).toBeCloseTo(sum / 3, 6);
    expect(new MultiLabelSoftMarginLoss({ ...options, reduction: "sum" })(x, target).item()).toBeCloseTo(sum, 6);
    const t = tensor(target, { requiresGrad: true });
    expect(gradcheck((a, b) => multilabelSoftMarginLoss(a, b, options), [x, t])).toBe(true);
    expect(gradgradcheck((a, b) => multilabelSoftMarginLoss(a, b, options), [x, t])).toBe(true);
  });

  it("is the mean of binary cross entropies", () => {
    const x = double(rows);
    expect(multilabelSoftMarginLoss(x, target).item()).toBeCloseTo(binaryCrossEntropyWithLogits(x, target).item(), 12);
  });

  it("takes any number of dimensions, and broadcasts as torch does, but not when strict", () => {
    const x = double(rows);
    const shape = (input: Tensor, of: Tensor, options: { weight?: Tensor } = {}): readonly number[] =>
      multilabelSoftMarginLoss(input, of, { ...options, reduction: "none" }).shape;
    expect(shape(x.select(0, 0), target.select(0, 0))).toEqual([]);
    expect(shape(x.unsqueeze(1), target.unsqueeze(1))).toEqual([3, 1]);
    expect(shape(x, target.select(0, 0))).toEqual([3]);
    expect(shape(x.select(0, 0), target)).toEqual([4]); // summed over the rows: the last dimension of the input
    expect(shape(x.select(0, 0), target.select(0, 0), { weight: target })).toEqual([4]);
    expect(multilabelSoftMarginLoss(x.narrow(1, 0, 0), target.narrow(1, 0, 0)).item()).toBeNaN();
    expect(() => multilabelSoftMarginLoss(x, target.select(0, 0), { strict: true })).toThrow(/differ in shape/);
  });

  it("is finite for every finite logit, with gradients within 1/C", () => {
    const corners = [0, -0, 1e-40, 88.8, -88.8, 1e4, -1e4, 1e38, -1e38];
    for (const t of [0, 0.3, 1]) {
      const x = tensor(corners, { requiresGrad: true });
      const loss = multilabelSoftMarginLoss(x, tensor(corners.map(() => t)));
      loss.backward();
      expect(Number.isFinite(loss.item())).toBe(true);
      expect(values(x.grad!).every((slope) => Math.abs(slope) <= Math.fround(1 / 9))).toBe(true);
    }
  });

  it("says what is wrong, and takes integers for targets", () => {
    const x = tensor(rows);
    const yes = tensor(rows.map((row) => row.map((score) => Number(score > 0))));
    expect(multilabelSoftMarginLoss(x, yes.int()).item()).toBe(multilabelSoftMarginLoss(x, yes).item());
    expect(() => multilabelSoftMarginLoss(x, yes.bool())).toThrow(/truth values have no difference/);
    expect(() => multilabelSoftMarginLoss(x.int(), yes)).toThrow(/input must be floating-point/);
    expect(() => multilabelSoftMarginLoss(tensor(1), tensor(0))).toThrow(/needs a dimension for the classes/);
    expect(() => multilabelSoftMarginLoss(x, tensor([1, 0, 1]))).toThrow(/do not broadcast/);
    expect(() => multilabelSoftMarginLoss(x, yes, { weight: tensor([1, 2]) })).toThrow(/do not broadcast/);
    expect(() => multilabelSoftMarginLoss(x, yes, { weights: x } as object)).toThrow(/did you mean weight\?/);
    expect(Object.keys(new MultiLabelSoftMarginLoss({ weight: tensor([1]) }).stateDict())).toEqual(["weight"]);
  });
});
