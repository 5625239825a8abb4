import { exp, gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import { manualSeed } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { AdaptiveLogSoftmaxWithLoss } from "./adaptiveLogSoftmaxWithLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const rows = tensor(Float64Array.from({ length: 40 }, (_, i) => Math.sin(i))).reshape(5, 8);
const classes = [0, 3, 9, 1, 6];

const make = (): AdaptiveLogSoftmaxWithLoss => {
  manualSeed(3);
  return new AdaptiveLogSoftmaxWithLoss(8, 10, [2, 6], { divValue: 2, headBias: true });
};

describe("AdaptiveLogSoftmaxWithLoss", () => {
  // torch 2.13, with torch.manual_seed(3)
  it("gives torch's numbers and gradients, from torch's own weights", () => {
    const model = make();
    const { output, loss } = model(rows.float(), classes);
    expect(values(output)).toEqual(near([-1.7392432, -3.1431527, -2.6215868, -1.3940072, -2.612421]));
    expect(loss.item()).toBeCloseTo(2.3020821, 5);
    expect(values(model.logProb(rows.float()).select(0, 0))).toEqual(
      near([-1.7392431, -1.2021024, -3.1584425, -2.7033687, -3.1846223, -2.3917096, -2.5270467, -2.6779504]).concat(
        near([-2.671936, -2.7531018]),
      ),
    );
    expect(values(model.predict(rows.float()))).toEqual([1, 0, 0, 1, 1]);
    loss.backward();
    const sums = model.namedParameters().map(([name, { grad }]) => [name, grad!.abs().sum().item()]);
    expect(sums).toEqual([
      ["head.weight", expect.closeTo(3.742906, 5)],
      ["head.bias", expect.closeTo(0.26126, 5)],
      ["tail.0.0.weight", expect.closeTo(0.680518, 5)],
      ["tail.0.1.weight", expect.closeTo(0.458636, 5)],
      ["tail.1.0.weight", expect.closeTo(0.891849, 5)],
      ["tail.1.1.weight", expect.closeTo(0.215334, 5)],
    ]);
  });

  it("has probabilities that add up to one, and agree with what it gives for a class", () => {
    const model = make().double();
    const all = model.logProb(rows);
    expect(values(exp(all).sum(1))).toEqual(near([1, 1, 1, 1, 1]));
    for (let label = 0; label < 10; label++) {
      const { output } = model(rows, new Array(5).fill(label));
      expect(values(output)).toEqual(values(all.select(1, label)).map((x) => expect.closeTo(x, 12)));
    }
    const { output } = model(rows, classes);
    expect(values(output)).toEqual(classes.map((label, n) => expect.closeTo(all.array.get(n, label), 12)));
  });

  it("predicts the most likely class, in the shortlist, in the tails, or in both", () => {
    const model = make().double();
    const predictions = (...bias: number[]): number[] => {
      model.head.bias!.data.copy_(tensor(bias, { dtype: "float64" }));
      const found = model.predict(rows);
      expect(values(found)).toEqual(values(model.logProb(rows).argmax(1)));
      expect(found.dtype).toBe("int32");
      return values(found);
    };
    expect(predictions(9, 9, 0, 0).every((label) => label < 2)).toBe(true);
    expect(predictions(-9, -9, 0, 9).every((label) => label >= 6)).toBe(true);
    const mixed = predictions(0, 0, 0.9, 1.2);
    expect([mixed.some((label) => label < 2), mixed.some((label) => label >= 2)]).toEqual([true, true]);
  });

  it("predicts with the tails for those rows alone that may be in one", () => {
    const model = make().double();
    const seen: number[] = [];
    for (const cluster of model.tail) cluster.registerForwardHook((_, [input]) => void seen.push(input.shape[0]!));
    model.head.bias!.data.copy_(tensor([9, 9, 0, 0], { dtype: "float64" }));
    model.predict(rows);
    expect(seen).toEqual([]);
    model.head.bias!.data.copy_(tensor([1, 1, 1, 1.2], { dtype: "float64" }));
    const inHead = values(model.head(rows).argmax(1)).filter((label) => label < model.shortlistSize).length;
    model.predict(rows);
    expect(inHead).toBeGreaterThan(0);
    expect(seen).toEqual(Array.from(model.tail, () => rows.shape[0]! - inHead));
  });

  it("takes one row, and computes only the clusters that are needed", () => {
    const model = make().double();
    const { output, loss } = model(rows.select(0, 1), 3);
    const [batched] = values(model(rows.narrow(0, 1, 1), [3]).output);
    expect([output.shape, output.item(), loss.item()]).toEqual([[], batched, -batched!]);
    loss.backward();
    const missing = model.namedParameters().flatMap(([name, { grad }]) => (grad === null ? [name] : []));
    expect(missing).toEqual(["tail.1.0.weight", "tail.1.1.weight"]);
    const nothing = model(rows.narrow(0, 0, 0), []);
    expect([nothing.output.shape, nothing.loss.item()]).toEqual([[0], Number.NaN]);
  });

  it("has the gradients that finite differences give, to second order", () => {
    const model = make().double();
    const x = tensor(rows, { requiresGrad: true });
    expect(gradcheck((a) => model(a, classes).loss, [x])).toBe(true);
    expect(gradgradcheck((a) => model(a, classes).loss, [x])).toBe(true);
    expect(gradcheck((a) => model.logProb(a), [x])).toBe(true);
  });

  it("prints as torch does, and has its sizes", () => {
    expect(String(new AdaptiveLogSoftmaxWithLoss(8, 10, [2, 6], { headBias: true }))).toBe(
      [
        "AdaptiveLogSoftmaxWithLoss(",
        "  (head): Linear(in_features=8, out_features=4, bias=True)",
        "  (tail): ModuleList(",
        "    (0): Sequential(",
        "      (0): Linear(in_features=8, out_features=2, bias=False)",
        "      (1): Linear(in_features=2, out_features=4, bias=False)",
        "    )",
        "    (1): Sequential(",
        "      (0): Linear(in_features=8, out_features=0, bias=False)",
        "      (1): Linear(in_features=0, out_features=4, bias=False)",
        "    )",
        "  )",
        ")",
      ].join("\n"),
    );
    const { cutoffs, shortlistSize, nClusters, headSize, head } = new AdaptiveLogSoftmaxWithLoss(8, 10, [2, 6]);
    expect({ cutoffs, shortlistSize, nClusters, headSize }).toEqual({
      cutoffs: [2, 6, 10],
      shortlistSize: 2,
      nClusters: 2,
      headSize: 4,
    });
    expect(head.bias).toBeNull();
  });

  it("draws its parameters anew, the head first", () => {
    const model = make();
    const first = Object.values(model.stateDict()).map((entry) => values(entry.clone()));
    manualSeed(3);
    model.resetParameters();
    expect(Object.values(model.stateDict()).map(values)).toEqual(first);
    model.resetParameters();
    expect(Object.values(model.stateDict()).every((entry, i) => values(entry)[0] !== first[i]![0])).toBe(true);
  });

  it("says what is wrong", () => {
    for (const cutoffs of [[], [0, 3], [3, 3], [4, 2], [2, 10], [1.5]]) {
      expect(() => new AdaptiveLogSoftmaxWithLoss(8, 10, cutoffs)).toThrow(/the cutoffs do not divide the classes/);
    }
    expect(() => new AdaptiveLogSoftmaxWithLoss(8, 10, [9])).not.toThrow();
    expect(() => new AdaptiveLogSoftmaxWithLoss(8, 10, [2], { divvalue: 2 } as object)).toThrow(
      /did you mean divValue/,
    );
    const model = make().double();
    expect(() => model(rows, [0, 3, 10, 1, 6])).toThrow(/no class\n +target +10\n +position +2\n +classes +10/);
    expect(() => model(rows, [0, 3, -1, 1, 6])).toThrow(/a target is no class/);
    expect(() => model(rows, [0, 3])).toThrow(/target does not match input/);
    expect(() => model(rows, 3)).toThrow(/target does not match input/);
    expect(() => model(rows.select(0, 0), [3])).toThrow(/target does not match input/);
    expect(() => model(rows.unsqueeze(0), [[3]])).toThrow(/target does not match input/);
    expect(() => model([1] as unknown as Tensor, [3])).toThrow(/input must be a tensor/);
    expect(() => model.logProb(rows.select(0, 0))).toThrow(/logProb: the input must be a matrix/);
    expect(() => model.predict(rows.select(0, 0))).toThrow(/predict: the input must be a matrix/);
  });
});
