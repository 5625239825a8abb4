import { gradcheck, gradgradcheck, replay, softmax, type Tensor, tensor, traceGraph } from "@tapegrad/autograd";
import { allClose } from "@tapegrad/tensor/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CrossEntropyLoss, type CrossEntropyLossOptions, crossEntropy } from "./crossEntropyLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => expect.closeTo(x, 6));
const matrix = (rows: readonly (readonly number[])[]): Tensor =>
  tensor(rows.flat(), { dtype: "float64" }).reshape(rows.length, rows[0]!.length);

const logits = matrix([
  [1, -2, 0.5],
  [0.25, 3, -1],
  [2, 2, -4],
]);
const probabilities = matrix([
  [0.2, 0.3, 0.5],
  [1, 0, 0],
  [0.1, 0.8, 0.1],
]);
const classes = [2, 0, 1];
const weight = tensor([0.5, 2, 1], { dtype: "float64" });

// torch 2.13, float64: the loss of each row, and the mean
const golden: readonly [
  target: readonly number[] | Tensor,
  options: CrossEntropyLossOptions,
  each: number[],
  mean: number,
][] = [
  [classes, {}, [1.004597, 2.829036, 0.694386], 1.50934],
  [classes, { labelSmoothing: 0.3 }, [1.204597, 2.679036, 1.294386], 1.726006],
  [classes, { weight }, [1.004597, 1.414518, 1.388772], 1.087968],
  [classes, { weight, labelSmoothing: 0.3 }, [1.529827, 1.555325, 1.815175], 1.400093],
  [classes, { ignoreIndex: 0 }, [1.004597, 0, 0.694386], 0.849491],
  [classes, { ignoreIndex: 0, labelSmoothing: 0.3 }, [1.204597, 0, 1.294386], 1.249491],
  [classes, { ignoreIndex: 0, weight }, [1.004597, 0, 1.388772], 0.79779],
  [classes, { ignoreIndex: 0, weight, labelSmoothing: 0.3 }, [1.529827, 0, 1.815175], 1.115001],
  [probabilities, {}, [1.654597, 2.829036, 1.294386], 1.926006],
  [probabilities, { labelSmoothing: 0.3 }, [1.659597, 2.679036, 1.714386], 2.017673],
  [probabilities, { weight }, [2.655516, 1.414518, 1.815175], 1.961737],
  [probabilities, { weight, labelSmoothing: 0.3 }, [2.68547, 1.555325, 2.113658], 2.118151],
];

describe("crossEntropy", () => {
  it.each(golden)("gives torch's numbers (%#)", (target, options, each, mean) => {
    expect(values(crossEntropy(logits, target, { ...options, reduction: "none" }))).toEqual(near(each));
    expect(crossEntropy(logits, target, options).item()).toBeCloseTo(mean, 5);
    const sum = each.reduce((a, b) => a + b, 0);
    expect(crossEntropy(logits, target, { ...options, reduction: "sum" }).item()).toBeCloseTo(sum, 5);
    expect(new CrossEntropyLoss(options)(logits, target).item()).toBeCloseTo(mean, 5);
  });

  it.each(golden)("has the gradients that finite differences give, to second order (%#)", (target, options) => {
    const z = tensor(logits, { requiresGrad: true });
    const loss = (x: Tensor): Tensor => crossEntropy(x, target, options);
    expect(gradcheck(loss, [z])).toBe(true);
    expect(gradgradcheck(loss, [z])).toBe(true);
  });

  it("has gradients for probabilities and weights too", () => {
    const [p, w] = [tensor(probabilities, { requiresGrad: true }), tensor(weight, { requiresGrad: true })];
    const loss = (target: Tensor, each: Tensor): Tensor =>
      crossEntropy(logits, target, { weight: each, labelSmoothing: 0.2, reduction: "none" });
    expect(gradcheck(loss, [p, w])).toBe(true);
    expect(gradcheck((each) => crossEntropy(logits, classes, { weight: each, labelSmoothing: 0.2 }), [w])).toBe(true);
  });

  it("takes extra dimensions, none, and no batch", () => {
    const images = logits.t().reshape(1, 3, 3); // [N, C, d]: each place is a row of logits
    const each = values(crossEntropy(logits, classes, { reduction: "none" }));
    expect(values(crossEntropy(images, [classes], { reduction: "none" }))).toEqual(each);
    expect(values(crossEntropy(images.unsqueeze(2), [[classes]], { reduction: "none" }))).toEqual(each);
    expect(crossEntropy(logits.select(0, 0), 2).item()).toBe(each[0]);
    expect(crossEntropy(logits.select(0, 0), [2]).item()).toBe(each[0]);
    expect(values(crossEntropy(logits, Int32Array.from(classes), { reduction: "none" }))).toEqual(each);
    expect(crossEntropy(logits.narrow(0, 0, 0), tensor([], { dtype: "int32" })).item()).toBeNaN();
  });

  it("does not see strides", () => {
    const turned = matrix(logits.t().tolist() as number[][]).t();
    expect(crossEntropy(turned, classes).item()).toBe(crossEntropy(logits, classes).item());
  });

  it("is sound for every finite logit: the truth rounded to float32, with finite gradients", () => {
    const extreme = fc.constantFrom(0, 1, -30, 88, 750, -1e4, 1e30, 3e38, -3e38);
    const rows = fc.array(fc.tuple(extreme, extreme, extreme), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(rows, fc.boolean(), (list, byProbability) => {
        const z = tensor(list, { requiresGrad: true });
        const oneHot = tensor(list.map((_, i) => [0, 1, 2].map((c) => (c === i % 3 ? 1 : 0))));
        const target = byProbability ? oneHot : list.map((_, i) => i % 3);
        const losses = crossEntropy(z, target, { reduction: "none" });
        const truth = crossEntropy(
          z.detach().double(),
          list.map((_, i) => i % 3),
          { reduction: "none" },
        );
        expect(allClose(values(losses), values(truth).map(Math.fround), { rtol: 1e-6, atol: 1e-6 })).toBe(true);
        losses.sum().backward();
        expect(values(z.grad!).every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it("does not change when a number is added to all logits, and is entropy where they are the truth", () => {
    const row = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(row, fc.integer({ min: -9, max: 9 }), (list, shift) => {
        const z = matrix([list]);
        expect(crossEntropy(z.add(shift), [1]).item()).toBeCloseTo(crossEntropy(z, [1]).item(), 9);
        const p = softmax(z, 1);
        expect(crossEntropy(z, p).item()).toBeCloseTo(-p.mul(p.log()).sum().item(), 9);
      }),
    );
  });

  it("of class numbers is that of one-hot probabilities", () => {
    const oneHot = matrix([
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ]);
    for (const labelSmoothing of [0, 0.25, 1]) {
      const byProbability = crossEntropy(logits, oneHot, { labelSmoothing, reduction: "none" });
      expect(values(crossEntropy(logits, classes, { labelSmoothing, reduction: "none" }))).toEqual(
        near(values(byProbability)),
      );
    }
  });

  it("replays on targets that the trace has not seen, ignored ones among them", () => {
    const target = tensor(classes, { dtype: "int32" });
    const other = tensor([1, -100, 2], { dtype: "int32" });
    const loss = (z: Tensor, t: Tensor): Tensor => crossEntropy(z, t, { labelSmoothing: 0.1, weight });
    const recorded = traceGraph(loss, logits, target);
    expect((replay(recorded, logits.mul(2), other) as Tensor).item()).toBe(loss(logits.mul(2), other).item());
  });

  it("says what is wrong with the target", () => {
    const message = (body: () => unknown): string => {
      try {
        body();
      } catch (error) {
        return String(error);
      }
      return "nothing";
    };
    expect(message(() => crossEntropy(logits.narrow(0, 0, 2).narrow(1, 0, 2), [0]))).toBe(
      [
        "TensorError: crossEntropy: target does not match input",
        "  input   [2, 2]",
        "  target  [1]",
        "  hint: class numbers for this input have the shape [2]",
      ].join("\n"),
    );
    expect(message(() => crossEntropy(logits, [0, 3, 1]))).toMatch(/target +3\n +position +1\n +classes +3/);
    expect(message(() => crossEntropy(logits, [0, -1, 1]))).toMatch(/classes run from 0 to 2/);
    expect(message(() => crossEntropy(logits, [0, 0.5, 1]))).toMatch(/indices must be whole numbers/);
    expect(message(() => crossEntropy(logits, tensor([0, 1, 2])))).toMatch(/indices must be int32/);
    expect(message(() => crossEntropy(logits, probabilities.int()))).toMatch(/holds probabilities/);
    expect(message(() => crossEntropy(logits, probabilities, { ignoreIndex: 1 }))).toMatch(/ignoreIndex does not go/);
  });

  it("says what is wrong with the options", () => {
    const call = (options: object): unknown => crossEntropy(logits, classes, options);
    expect(() => call({ reduction: "average" })).toThrow(/unknown reduction/);
    expect(() => call({ labelSmoothing: 1.5 })).toThrow(/between 0 and 1/);
    expect(() => call({ weight: tensor([1, 2], { dtype: "float64" }) })).toThrow(/one element for each class/);
    expect(() => call({ weight: tensor([1, 2, 3]) })).toThrow(/same dtype/);
    expect(() => call({ label_smoothing: 0.1 })).toThrow(/did you mean labelSmoothing/);
    expect(() => new CrossEntropyLoss({ reduction: "Mean" as "mean" })).toThrow(/did you mean "mean"/);
    expect(() => new CrossEntropyLoss({ weight: [1, 2, 3] as unknown as Tensor })).toThrow(/made from a tensor/);
    expect(() => crossEntropy(tensor([[1, 2]]).int(), [0])).toThrow(/input must be floating-point/);
  });

  it("when strict, finds probabilities in the place of logits, and batches of which nothing counts", () => {
    expect(() => crossEntropy(softmax(logits, 1), classes, { strict: true })).toThrow(/looks like probabilities/);
    expect(() => crossEntropy(logits, [1, 1, 1], { strict: true, ignoreIndex: 1 })).toThrow(/every target is ignored/);
    expect(crossEntropy(logits, [1, 1, 1], { ignoreIndex: 1 }).item()).toBeNaN();
    expect(crossEntropy(logits, classes, { strict: true }).item()).toBeCloseTo(1.50934, 5);
  });

  it("when strict, suspects rows of at least two numbers that sum to 1, none of them negative", () => {
    const strictly = (input: Tensor, target: readonly number[]): number =>
      crossEntropy(input, target, { strict: true }).item();
    expect(() => strictly(matrix([[0.25, 0.75]]), [0])).toThrow(/looks like probabilities/);
    expect(() => strictly(matrix([[0, 1]]), [0])).toThrow(/looks like probabilities/);
    expect(() => strictly(tensor([0.5, 0.5]), [0])).toThrow(/looks like probabilities/);
    expect(strictly(matrix([[1], [1]]), [0, 0])).toBe(0);
    expect(strictly(tensor([1]), [0])).toBe(0);
    expect(strictly(matrix([[-1, 2]]), [1])).toBeCloseTo(0.0485874, 6);
    expect(strictly(matrix([[0.5, 0.6]]), [1])).toBeCloseTo(0.6443967, 6);
    const none = logits.narrow(0, 0, 0);
    expect(crossEntropy(none, none, { strict: true, reduction: "sum" }).item()).toBe(0);
  });

  it("takes a smoothing below 0 for none, as torch does", () => {
    const options = { labelSmoothing: -1, reduction: "none" } as const;
    for (const target of [classes, probabilities]) {
      const plain = crossEntropy(logits, target, { reduction: "none" });
      expect(values(crossEntropy(logits, target, options))).toEqual(values(plain));
    }
  });
});

describe("CrossEntropyLoss", () => {
  it("keeps its weight as a buffer, which goes where the module goes", () => {
    const loss = new CrossEntropyLoss({ weight: tensor([1, 2, 3]) });
    expect(Object.keys(loss.stateDict())).toEqual(["weight"]);
    loss.double();
    expect(loss.weight?.dtype).toBe("float64");
    loss.loadStateDict({ weight: tensor([0.5, 2, 1]) });
    expect(loss(logits, classes).item()).toBeCloseTo(1.087968, 5);
    expect(new CrossEntropyLoss().weight).toBeNull();
  });

  it("takes the deprecated options as torch maps them", () => {
    const reductions = [
      new CrossEntropyLoss({ sizeAverage: true }),
      new CrossEntropyLoss({ sizeAverage: false, reduction: "none" }),
      new CrossEntropyLoss({ reduce: true }),
      new CrossEntropyLoss({ reduce: false, sizeAverage: true }),
      new CrossEntropyLoss({ reduce: null, sizeAverage: null, reduction: "sum" }),
    ].map(({ reduction }) => reduction);
    expect(reductions).toEqual(["mean", "sum", "mean", "none", "sum"]);
  });
});
