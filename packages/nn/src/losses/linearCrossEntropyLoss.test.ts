import { gradcheck, gradgradcheck, randn, replay, type Tensor, tensor, traceGraph } from "@tapegrad/autograd";
import { manualSeed, NDArray } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Linear } from "../layers/linear.ts";
import { crossEntropy } from "./crossEntropyLoss.ts";
import {
  LinearCrossEntropyLoss,
  linearCrossEntropy,
  type LinearCrossEntropyFunctionOptions as Options,
} from "./linearCrossEntropyLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const double = (data: readonly (readonly number[])[] | readonly number[], requiresGrad = false): Tensor =>
  tensor(data, { dtype: "float64", requiresGrad });

const inputs = (requiresGrad = false): [input: Tensor, linearWeight: Tensor, linearBias: Tensor] => [
  double(
    [
      [0.5, -1],
      [1, 2],
      [-0.25, 0.75],
    ],
    requiresGrad,
  ),
  double(
    [
      [1, 0],
      [0.5, -1],
      [-2, 1],
      [0.25, 0.25],
    ],
    requiresGrad,
  ),
  double([0.1, -0.2, 0.3, 0], requiresGrad),
];
const weight = double([1, 0.5, 2, 1]);
const classes = [3, -100, 1];

// torch 2.13: the loss of each row, the mean, and the gradients of that for input, linear weight and bias
const golden: readonly [Options, each: number[], mean: number, slopes: number[][]][] = [
  [
    {},
    [1.8733213, 0, 3.0275487],
    2.450435,
    [
      [0.1453419, -0.3386088, 0, 0, -0.825332, 0.8301907],
      [0.0640241, -0.1127801, 0.2433006, -0.605547, -0.075627, 0.2348307, -0.2316978, 0.4834964],
      [0.2196567, -0.2270731, 0.3502064, -0.3427901],
    ],
  ],
  [
    { weight },
    [1.8733213, 0, 1.5137743],
    2.2580637,
    [
      [0.1937892, -0.4514783, 0, 0, -0.5502213, 0.5534605],
      [0.0955442, -0.1809097, 0.2451037, -0.5695045, -0.0451182, 0.1459541, -0.2955297, 0.6044601],
      [0.2521608, 0.0144245, 0.2440706, -0.5106558],
    ],
  ],
  [
    { labelSmoothing: 0.2 },
    [1.8570713, 0, 2.7900487],
    2.32356,
    [
      [0.1765919, -0.3198588, 0, 0, -0.769082, 0.7239407],
      [0.0577741, -0.1065301, 0.2120506, -0.524297, -0.081877, 0.2410807, -0.1879478, 0.3897464],
      [0.1696567, -0.1770731, 0.3002064, -0.2927901],
    ],
  ],
  [
    { weight, labelSmoothing: 0.2 },
    [2.0120293, 0, 1.5234679],
    2.3569982,
    [
      [0.3194673, -0.4835986, 0, 0, -0.5294433, 0.4834922],
      [0.0873093, -0.1702284, 0.2274065, -0.5206011, -0.0754493, 0.2038792, -0.2392664, 0.4869503],
      [0.200959, 0.0600843, 0.166985, -0.4280283],
    ],
  ],
];

describe("linearCrossEntropy", () => {
  describe.each([null, { batchChunkSize: 1 }, { batchChunkSize: 2 }, { batchChunkSize: 9 }, {}])(
    "with %j",
    (options) => {
      it.each(golden)("gives torch's numbers and gradients (%#)", (given, each, mean, slopes) => {
        const [x, w, linearBias] = inputs(true);
        const all = { ...given, linearBias, options };
        expect(values(linearCrossEntropy(x, w, classes, { ...all, reduction: "none" }))).toEqual(near(each));
        const sum = each.reduce((a, b) => a + b, 0);
        expect(linearCrossEntropy(x, w, classes, { ...all, reduction: "sum" }).item()).toBeCloseTo(sum, 6);
        const loss = linearCrossEntropy(x, w, classes, all);
        expect(loss.item()).toBeCloseTo(mean, 6);
        loss.backward();
        expect([x, w, linearBias].map(({ grad }) => values(grad!))).toEqual(slopes.map(near));
      });
    },
  );

  it.each([null, { batchChunkSize: 2 }])("has the gradients of finite differences, to second order (%j)", (options) => {
    const [x, w, linearBias] = inputs(true);
    const each = tensor(weight, { requiresGrad: true });
    for (const settings of [{}, { labelSmoothing: 0.3, reduction: "none" }, { ignoreIndex: 1 }] as const) {
      const loss = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor =>
        linearCrossEntropy(a, b, [3, 0, 1], { ...settings, linearBias: c, weight: d, options });
      expect(gradcheck(loss, [x, w, linearBias, each])).toBe(true);
      expect(gradgradcheck(loss, [x, w, linearBias, each])).toBe(true);
    }
    const plain = (a: Tensor, b: Tensor): Tensor => linearCrossEntropy(a, b, [3, 0, 1], { options });
    expect(gradgradcheck(plain, [x, w])).toBe(true);
  });

  it("gives each gradient alone as it gives all", () => {
    const all = [...inputs(true), tensor(weight, { requiresGrad: true })];
    const loss = ([x, w, linearBias, each]: readonly Tensor[]): Tensor =>
      linearCrossEntropy(x!, w!, classes, { linearBias: linearBias!, weight: each!, labelSmoothing: 0.1, options: {} });
    loss(all).backward();
    for (const [i, one] of all.entries()) {
      const alone = all.map((other) => (other === one ? tensor(one, { requiresGrad: true }) : other.detach()));
      loss(alone).backward();
      expect(values(alone[i]!.grad!)).toEqual(values(one.grad!));
    }
  });

  it("is crossEntropy of the linear layer, whatever the rows that are taken at once", () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 9 }),
      classes: fc.integer({ min: 1, max: 20 }),
      batchChunkSize: fc.integer({ min: 1, max: 10 }),
      seed: fc.nat(),
      ignoreIndex: fc.constantFrom(-100, 0),
    });
    fc.assert(
      fc.property(sizes, ({ rows, classes: count, batchChunkSize, seed, ignoreIndex }) => {
        manualSeed(seed);
        const [x, layer] = [randn(rows, 3), new Linear(3, count)];
        const target = Array.from({ length: rows }, (_, i) => (i * 7 + seed) % count);
        const settings = { reduction: "none", ignoreIndex } as const;
        const own = { ...settings, linearBias: layer.bias, options: { batchChunkSize } };
        const expected = crossEntropy(layer(x), target, settings);
        expect(values(linearCrossEntropy(x, layer.weight, target, own))).toEqual(
          values(expected).map((v) => expect.closeTo(v, 5)),
        );
      }),
    );
  });

  it("never holds the logits of many rows, forward or backward", () => {
    const [rows, count] = [64, 500];
    const [x, w] = [randn(rows, 4).requiresGrad_(), randn(count, 4).requiresGrad_()];
    const zeros = vi.spyOn(NDArray, "zeros");
    const target = Array.from({ length: rows }, (_, i) => i);
    linearCrossEntropy(x, w, target, { options: { batchChunkSize: 4 } }).backward();
    const largest = Math.max(...zeros.mock.calls.map(([shape]) => shape.reduce((a, b) => a * b, 1)));
    zeros.mockRestore();
    expect(largest).toBe(4 * count);
    expect(x.grad!.shape).toEqual([rows, 4]);
  });

  it("takes a large vocabulary piece by piece without being told", () => {
    const [rows, count] = [40, 150_000]; // 6 million logits
    const [x, w] = [randn(rows, 1), randn(count, 1)];
    const zeros = vi.spyOn(NDArray, "zeros");
    const loss = linearCrossEntropy(x, w, new Int32Array(rows));
    const largest = Math.max(...zeros.mock.calls.map(([shape]) => shape.reduce((a, b) => a * b, 1)));
    zeros.mockRestore();
    expect(largest).toBe(27 * count);
    expect(loss.item()).toBeGreaterThan(0);
  });

  it("takes one row, more dimensions, and probabilities", () => {
    const [x, w, linearBias] = inputs();
    const options = { batchChunkSize: 2 };
    const one = linearCrossEntropy(x.select(0, 0), w, 3, { linearBias, reduction: "none", options });
    expect([one.shape, one.item()]).toEqual([[], expect.closeTo(1.8733213, 6)]);
    expect(linearCrossEntropy(x.select(0, 0), w, [3], { linearBias, options }).item()).toBeCloseTo(1.8733213, 6);
    const layer = w.reshape(2, 2, 2); // two classes, at two places
    const logits = x.matmul(w.t()).add(linearBias).reshape(3, 2, 2);
    const places = [
      [0, 1],
      [1, 1],
      [0, 0],
    ];
    const bias = linearBias.reshape(2, 2);
    expect(linearCrossEntropy(x, layer, places, { linearBias: bias, options }).item()).toBe(
      crossEntropy(logits, places).item(),
    );
    const shares = double([0.1, 0.2, 0.3, 0.4]).expand(3, 4);
    expect(linearCrossEntropy(x, w, shares, { options }).item()).toBe(crossEntropy(x.matmul(w.t()), shares).item());
    expect(linearCrossEntropy(x.narrow(0, 0, 0), w, [], { options }).item()).toBeNaN();
    expect(linearCrossEntropy(x, w, [9, 9, 9], { ignoreIndex: 9, options }).item()).toBeNaN();
    expect(linearCrossEntropy(x, w, [9, 9, 9], { ignoreIndex: 9, weight, options }).item()).toBeNaN();
  });

  it("does not see strides, and replays on targets that the trace has not seen", () => {
    const [x, w] = inputs();
    const int = (list: number[]): Tensor => tensor(list, { dtype: "int32" });
    const loss = (a: Tensor, b: Tensor, y: Tensor): Tensor =>
      linearCrossEntropy(a, b, y, { weight, options: { batchChunkSize: 2 } });
    const turned = [x, w].map((matrix) => matrix.t().contiguous().t()) as [Tensor, Tensor];
    expect(loss(...turned, int(classes)).item()).toBeCloseTo(loss(x, w, int(classes)).item(), 12);
    const recorded = traceGraph(loss, x, w, int(classes));
    const other = int([0, 2, -100]);
    expect((replay(recorded, x.neg(), w, other) as Tensor).item()).toBe(loss(x.neg(), w, other).item());
  });

  it("says what is wrong", () => {
    const [x, w] = inputs();
    const call =
      (input: Tensor, linearWeight: Tensor, target: Tensor | number[], options: object = {}): (() => Tensor) =>
      () =>
        linearCrossEntropy(input, linearWeight, target, options);
    const shares = double([1, 0, 0, 0]).expand(3, 4);
    expect(call(x.unsqueeze(0), w, classes)).toThrow(/input must have one or two dimensions/);
    expect(call(x, w.select(0, 0), classes)).toThrow(/linear weight needs two dimensions/);
    expect(call(x, w.t(), classes)).toThrow(/differ in their last dimension/);
    expect(call(x, w, classes, { linearBias: double([1, 2, 3]) })).toThrow(/bias and weight do not match[\s\S]*\[4\]$/);
    expect(call(x.select(0, 0), w.reshape(2, 2, 2), [0, 1])).toThrow(/needs an input with a batch/);
    expect(call(x, w, shares, { ignoreIndex: -100 })).toThrow(/ignoreIndex does not go with probabilities/);
    const options = { batchChunkSize: 2 };
    expect(call(x, w, [3, 4, 1], { options })).toThrow(/no class\n +target +4\n +position +1\n +classes +4/);
    expect(call(x, w, [3, -1, 1], { options })).toThrow(/classes run from 0 to 3/);
    expect(call(x, w, [3, 1], { options })).toThrow(/target does not match input/);
    expect(call(x, w.float(), classes, { options })).toThrow(/same dtype/);
    expect(call(x.int(), w.int(), classes, { options })).toThrow(/floating-point/);
    expect(call(x, w, classes, { options, weight: double([1, 2]) })).toThrow(/one element for each class/);
    expect(call(x, w, classes, { options, weight: weight.float() })).toThrow(/same dtype/);
    expect(call(x, w, classes, { options, labelSmoothing: 1.5 })).toThrow(/between 0 and 1/);
    expect(call(x, w, [1, 1, 1], { options, strict: true, ignoreIndex: 1 })).toThrow(/every target is ignored/);
    expect(call(x, w, classes, { options, label_smoothing: 0.1 })).toThrow(/did you mean labelSmoothing/);
    expect(call(x, w, classes, { options: { chunkSize: 2 } })).toThrow(/unknown option "chunkSize"/);
  });
});

describe("LinearCrossEntropyLoss", () => {
  it("has torch's parameters, state and print", () => {
    const loss = new LinearCrossEntropyLoss(5, 10, {
      outFeatures: [4, 3],
      bias: true,
      weight: tensor(new Array(10).fill(1)),
    });
    const shapes = Object.entries(loss.stateDict()).map(([name, { shape }]) => [name, shape]);
    expect(shapes).toEqual([
      ["weight", [10]],
      ["linear.weight", [120, 5]],
      ["linear.bias", [120]],
    ]);
    expect(String(new LinearCrossEntropyLoss(5, 10, { outFeatures: [4, 3], options: { batchChunkSize: 4 } }))).toBe(
      [
        "LinearCrossEntropyLoss(",
        "  in_features=5, num_classes=10, out_features=(4, 3), bias=False, reduction=mean, ignore_index=None, label_smoothing=0.0, " +
          "options=LinearCrossEntropyOptions(allow_retain_graph=False, batch_chunk_size=4, chunking_method='auto', acc_policy='auto', acc_dtype=None)",
        "  (linear): Linear(in_features=5, out_features=120, bias=False)",
        ")",
      ].join("\n"),
    );
  });

  it("draws its weight as a linear layer does, and computes with it", () => {
    manualSeed(5);
    const layer = new Linear(2, 6, { dtype: "float64", bias: true });
    manualSeed(5);
    const settings = { bias: true, dtype: "float64", outFeatures: [2], ignoreIndex: 2, labelSmoothing: 0.1 } as const;
    const loss = new LinearCrossEntropyLoss(2, 3, { ...settings, reduction: "sum", weight: double([1, 2, 3]) });
    expect(values(loss.linear.weight)).toEqual(values(layer.weight));
    const [x] = inputs();
    const target = [
      [0, 1],
      [2, 1],
      [1, 0],
    ];
    const expected = crossEntropy(layer(x).reshape(3, 3, 2), target, {
      reduction: "sum",
      ignoreIndex: 2,
      labelSmoothing: 0.1,
      weight: double([1, 2, 3]),
    });
    expect(loss(x, target).item()).toBeCloseTo(expected.item(), 12);
    const chunked = new LinearCrossEntropyLoss(2, 6, { dtype: "float64", options: { batchChunkSize: 1 } });
    expect(chunked(x, [5, 0, 1]).item()).toBeCloseTo(crossEntropy(chunked.linear(x), [5, 0, 1]).item(), 12);
  });

  it("says what is wrong", () => {
    expect(() => new LinearCrossEntropyLoss(3, 2, { weight: tensor([1, 1, 1]) })).toThrow(/one element for each class/);
    for (const labelSmoothing of [2, -0.1]) {
      expect(() => new LinearCrossEntropyLoss(3, 2, { labelSmoothing })).toThrow(/between 0 and 1/);
    }
    expect(() => new LinearCrossEntropyLoss(3, -2)).toThrow(/numClasses must be a whole number/);
    expect(() => new LinearCrossEntropyLoss(3, 2, { outFeature: [1] } as object)).toThrow(/did you mean outFeatures/);
    expect(() => new LinearCrossEntropyLoss(3, 2, { sizeAverage: true } as object)).toThrow(/unknown option/);
  });
});
