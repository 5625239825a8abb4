import { ones, randn, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import { Generator, manualSeed } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";

const values = (of: Tensor | null | undefined): number[] => Array.from(of?.toArray() ?? []);
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 5));
const gradsOf = (module: nn.AnyModule): Record<string, number[]> =>
  Object.fromEntries(module.namedParameters().map(([name, { grad }]) => [name, values(grad)]));

// all numbers: torch 2.13
describe("models give torch's numbers from a seed to the gradients", () => {
  it("a perceptron with batch normalisation", () => {
    manualSeed(7);
    const model = new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.BatchNorm1d(4), new nn.Linear(4, 2));
    const output = model(randn(5, 3));
    expect(values(output)).toEqual(
      near([
        ...[-0.0640733, -0.3565479, 1.2244768, 0.2229321, -0.9497781],
        ...[0.1575919, 0.3524481, 0.0979899, -0.4584231, 0.3441902],
      ]),
    );
    const loss = new nn.CrossEntropyLoss()(output, [0, 1, 1, 0, 1]);
    expect(loss.item()).toBeCloseTo(0.6203473806381226, 6);
    loss.backward();
    const grads = gradsOf(model);
    expect(grads["0.bias"]).toEqual(near([0.0135961, -0.1046516, 0.010549, 0.1694194]));
    expect(grads["2.weight"]).toEqual(near([0.0029173, -0.0399353, 0.0683553, -0.0306007]));
    expect(grads["3.bias"]).toEqual(near([0.0850132, -0.0850132]));
    const state = model.stateDict();
    expect(values(state["2.running_mean"])).toEqual(near([0.0205803, 0.0069281, 0.0014741, 0.017427]));
    expect(values(state["2.running_var"])).toEqual(near([0.9077681, 0.9021367, 0.9001086, 0.911553]));
    expect(state["2.num_batches_tracked"]?.item()).toBe(1);
  });

  it("a convolutional net", () => {
    manualSeed(1);
    const model = new nn.Sequential(
      ...[new nn.Conv2d(1, 2, 3, { padding: 1 }), new nn.GELU(), new nn.MaxPool2d(2), new nn.Flatten()],
      ...[new nn.LayerNorm(8), new nn.Linear(8, 2)],
    );
    const output = model(randn(1, 1, 4, 4));
    expect(values(output)).toEqual(near([-0.0670326, 0.7140536]));
    output.sum().backward();
    const grads = gradsOf(model);
    expect(grads["0.weight"]?.slice(0, 4)).toEqual(near([-0.1898227, -0.4883045, 1.5367668, -0.6069993]));
    expect(grads["0.bias"]).toEqual(near([-0.2347575, 0.1899931]));
  });
});

describe("convolutions", () => {
  it("pad as they are told, one after the other from one seed", () => {
    manualSeed(2);
    const signal = tensor([[1, 2, 4, 8]]);
    const golden = {
      reflect: [0.4146446, 0.4614636, 0.9524171, 0.0344119],
      replicate: [-0.215393, -0.2106568, 0.0454526, 1.0885319],
      circular: [0.7335144, -0.5486011, -1.1355716, -3.4477124],
    } as const;
    for (const [paddingMode, numbers] of Object.entries(golden)) {
      const layer = new nn.Conv1d(1, 1, 3, { padding: 1, paddingMode: paddingMode as nn.PaddingMode });
      expect(values(layer(signal))).toEqual(near(numbers));
    }
    const same = new nn.Conv1d(1, 1, 4, { padding: "same", paddingMode: "circular" });
    expect(values(same(signal))).toEqual(near([0.6369462, 2.7115326, 2.1013794, 3.4906354]));
  });

  it("the transposed ones can be asked for a size", () => {
    const layer = new nn.ConvTranspose2d(1, 1, 2, { stride: 2 });
    expect(layer(ones(1, 1, 2, 2)).shape).toEqual([1, 1, 4, 4]);
    expect(layer.forward(ones(1, 1, 2, 2), [5, 5]).shape).toEqual([1, 1, 5, 5]);
    expect(() => layer.forward(ones(1, 1, 2, 2), [6, 5])).toThrow(/least\s+\[4, 4\][\s\S]*most\s+\[5, 5\]/);
  });

  it("check what they are made of", () => {
    expect(() => new nn.Conv2d(3, 4, 3, { groups: 2 })).toThrow(/groups must divide/);
    expect(() => new nn.Conv2d(1, 1, [3, 3, 3] as unknown as nn.Size2)).toThrow(/kernelSize must be/);
    expect(() => new nn.Conv2d(1, 1, 3, { padding: "same", stride: 2 })).toThrow(/needs a stride of 1/);
    expect(() => new nn.Conv2d(1, 1, 3, { padding: "some" as "same" })).toThrow(/did you mean "same"/);
    expect(() => new nn.Conv2d(1, 1, 3, { paddings: 1 } as object)).toThrow(/Conv2d: unknown option "paddings"/);
    expect(() => new nn.Linear(2.5, 1)).toThrow(/inFeatures must be a whole number/);
    expect(() => new nn.Linear(2, 1)(ones(3))).toThrow(/linear: input and weight differ/);
  });
});

describe("dropout", () => {
  it("draws torch's masks in training, and passes everything in evaluation", () => {
    manualSeed(3);
    const [dropout, channels, alpha] = [new nn.Dropout(0.4), new nn.Dropout2d(), new nn.AlphaDropout(0.3)];
    const scaled = 1 / (1 - 0.4);
    expect(values(dropout(ones(8)))).toEqual(near([1, 1, 0, 1, 0, 0, 1, 1].map((kept) => kept * scaled)));
    expect(values(channels(ones(1, 4, 1, 2)))).toEqual([2, 2, 0, 0, 2, 2, 0, 0]);
    expect(values(alpha(tensor([0, 1, 2, 3, 4, 5])))).toEqual(
      near([0.4540921, 1.3150446, -1.0595483, 3.0369499, 3.8979025, 4.7588549]),
    );
    const x = ones(3);
    expect([dropout.eval()(x), alpha.eval()(x)].map((same) => same.tolist())).toEqual([x.tolist(), x.tolist()]);
    expect(() => new nn.Dropout(1.5)).toThrow(/must lie in \[0, 1\]/);
  });

  it("takes a generator of its own", () => {
    const make = (): number[] => values(new nn.Dropout(0.5, { generator: new Generator().manualSeed(9) })(ones(20)));
    manualSeed(0);
    const first = make();
    manualSeed(1);
    expect(make()).toEqual(first);
  });
});

describe("layers that work in place", () => {
  it("overwrite their input, and the gradient is right all the same", () => {
    const inplace = { inplace: true } as const;
    const pairs: [nn.Module, nn.Module][] = [
      [new nn.ReLU(inplace), new nn.ReLU()],
      [new nn.SiLU(inplace), new nn.SiLU()],
      [new nn.ELU(2, inplace), new nn.ELU(2)],
    ];
    for (const [over, apart] of pairs) {
      const [x, y] = [tensor([-1, 0.5], { requiresGrad: true }), tensor([-1, 0.5], { requiresGrad: true })];
      const hidden = x.mul(2);
      const output = over(hidden);
      expect(output).toBe(hidden);
      output.sum().backward();
      const expected = apart(y.mul(2));
      expected.sum().backward();
      expect(values(hidden)).toEqual(values(expected));
      expect(values(x.grad)).toEqual(values(y.grad));
    }
  });

  it("refuse leaves that require gradients", () => {
    expect(() => new nn.ReLU({ inplace: true })(ones([2], { requiresGrad: true }))).toThrow(/leaf/);
  });
});

describe("embedding", () => {
  it("draws torch's rows, leaves the padding at zero, and takes plain lists", () => {
    manualSeed(3);
    new nn.Dropout(0.4)(ones(8));
    new nn.Dropout2d()(ones(1, 4, 1, 2));
    new nn.AlphaDropout(0.3)(ones(6));
    const layer = new nn.Embedding(4, 3, { paddingIdx: -3 });
    expect(layer.paddingIdx).toBe(1);
    expect(values(layer.weight).slice(0, 9)).toEqual(
      near([0.495189, -0.164317, -0.6779622, 0, 0, 0, -0.3921502, 0.1519149, -1.1837332]),
    );
    layer([1, 2, 2]).sum().backward();
    expect(values(layer.weight.grad)).toEqual([0, 0, 0, 0, 0, 0, 2, 2, 2, 0, 0, 0]);
    expect(layer([[0], [3]]).shape).toEqual([2, 1, 3]);
  });

  it("can be made from rows that are there", () => {
    const rows = tensor([
      [1, 2],
      [3, 4],
    ]);
    const frozen = nn.Embedding.fromPretrained(rows);
    expect([frozen([1]).tolist(), frozen.weight.requiresGrad, frozen.numEmbeddings]).toEqual([[[3, 4]], false, 2]);
    expect(nn.Embedding.fromPretrained(rows, { freeze: false }).weight.requiresGrad).toBe(true);
    expect(String(frozen)).toBe("Embedding(2, 2)");
  });

  it("says which options are not available", () => {
    expect(() => new nn.Embedding(2, 2, { maxNorm: 1 as unknown as null })).toThrow(/not available[\s\S]*maxNorm/);
    expect(() => new nn.Embedding(2, 2, { paddingIdx: 2 })).toThrow(/not a row of the table/);
  });
});

describe("normalisation", () => {
  it("averages over all batches without a momentum", () => {
    const layer = new nn.BatchNorm1d(2, { momentum: null });
    layer(tensor([1, 2, 3, 6]).reshape(2, 2));
    layer(tensor([0, 2, 4, 8]).reshape(2, 2));
    expect(values(layer.runningMean)).toEqual(near([2, 4.5]));
    expect(values(layer.runningVar)).toEqual(near([5, 13]));
    expect(layer.numBatchesTracked?.item()).toBe(2);
  });

  it("uses the running statistics in evaluation, and leaves them alone", () => {
    const layer = new nn.BatchNorm2d(1, { affine: false, eps: 1e-12 }).eval();
    layer.loadStateDict({ running_mean: tensor([2]), running_var: tensor([4]) });
    expect(values(layer(tensor([4, 8]).reshape(1, 1, 1, 2)))).toEqual(near([1, 3]));
    expect([layer.runningMean?.item(), layer.numBatchesTracked?.item()]).toEqual([2, 0]);
    layer.resetRunningStats();
    expect([layer.runningMean?.item(), layer.runningVar?.item()]).toEqual([0, 1]);
  });

  it("of instances takes inputs without a batch", () => {
    const layer = new nn.InstanceNorm1d(2, { affine: true, trackRunningStats: true });
    const output = layer(tensor([1, 2, 4, 0, 0, 3]).reshape(2, 3));
    expect(values(output)).toEqual(near([-1.0690415, -0.2672603, 1.3363019, -0.707105, -0.707105, 1.4142101]));
    expect(values(layer.runningMean)).toEqual(near([0.2333333, 0.1]));
    expect(values(layer.runningVar)).toEqual(near([1.1333333, 1.1999999]));
  });

  it("checks its input and settings", () => {
    expect(() => new nn.BatchNorm2d(2)(zeros(2, 2))).toThrow(/BatchNorm2d: the input must have 4 dimensions/);
    expect(() => new nn.BatchNorm1d(2, { eps: 0 })(zeros(2, 2))).toThrow(/eps must be above 0/);
    expect(() => new nn.GroupNorm(3, 4)).toThrow(/groups must divide/);
    expect(() => new nn.LayerNorm(3)(zeros(2, 4))).toThrow(/normalizedShape/);
  });
});

describe("Bilinear", () => {
  it("draws and gives torch's numbers", () => {
    manualSeed(6);
    const layer = new nn.Bilinear(2, 3, 2);
    expect(values(layer.bias)).toEqual(near([0.1884358, 0.3807712]));
    expect(values(layer(randn(1, 2), randn(1, 3)))).toEqual(near([-0.7354017, 1.067524]));
  });
});
