import {
  grad,
  gradcheck,
  gradgradcheck,
  logSoftmax,
  replay,
  type Tensor,
  tensor,
  traceGraph,
} from "@tapegrad/autograd";
import { ulpDistance } from "@tapegrad/tensor/testing";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CTCLoss, type CTCLossOptions, ctcLoss } from "./ctcLoss.ts";

const values = (of: Tensor): number[] => Array.from(of.toArray());
const near = (golden: readonly number[]): unknown[] => golden.map((x) => (Number.isNaN(x) ? x : expect.closeTo(x, 6)));

/** Scores without a pattern, [T, N, C]. */
const scoresOf = (...shape: number[]): Tensor => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(Float64Array.from({ length: size }, (_, i) => 2 * Math.sin(1.7 * i))).reshape(shape);
};
const logProbs = logSoftmax(scoresOf(5, 3, 4), 2);
const targets = [
  [1, 2, 3],
  [2, 2, 1],
  [3, 1, 1],
];
const steps = [5, 4, 3];
const { POSITIVE_INFINITY: infinity, NaN: nan } = Number;

// torch 2.13: the loss of each sample, the mean, the sum of the absolute gradients of each, and the gradients of the second step
const golden: readonly [CTCLossOptions, number[], number[], number, number[], number[]][] = [
  [
    {},
    [3, 2, 1],
    [5.7385688, 5.2770541, 2.1158069],
    2.2223967,
    [4.2642801, 4.5411845, 2.3505187],
    [-0.1456762, -0.0323509, -0.019438, 0.197465, -0.4324661, 0.0280703, -0.0208389, 0.4252347].concat([
      0.0253404, 0.0150442, 0.051469, -0.0918535,
    ]),
  ],
  [
    { blank: 3 },
    [2, 1, 0],
    [4.1671008, 4.7349106, 4.6548854],
    3.8244488,
    [4.1699831, 3.9242613, 4.1627069],
    [0.7112546, -0.2092915, 0.0043264, -0.5062895, 0.5255953, 0.0280703, -0.025716, -0.5279495].concat([
      0.2673312, 0.0150442, 0.051469, -0.3338443,
    ]),
  ],
  [
    { zeroInfinity: true },
    [3, 3, 3],
    [5.7385688, 5.858988, 0],
    1.2886174,
    [4.2642801, 5.1826673, 0],
    [-0.1456762, -0.0323509, -0.019438, 0.197465, -0.4744047, 0.0280703, 0.0210998, 0.4252347, 0, 0, 0, 0],
  ],
  [
    {},
    [3, 3, 3],
    [5.7385688, 5.858988, infinity],
    infinity,
    [4.2642801, 5.1826673, nan],
    [-0.1456762, -0.0323509, -0.019438, 0.197465, -0.4744047, 0.0280703, 0.0210998, 0.4252347, nan, nan, nan, nan],
  ],
];

describe("ctcLoss", () => {
  it.each(golden)("gives torch's numbers and gradients (%#)", (options, lengths, each, mean, sums, slopes) => {
    const x = tensor(logProbs, { requiresGrad: true });
    const losses = ctcLoss(x, targets, steps, lengths, { ...options, reduction: "none" });
    expect(values(losses)).toEqual(near(each));
    losses.sum().backward();
    expect(values(x.grad!.abs().sum([0, 2]))).toEqual(near(sums));
    expect(values(x.grad!.select(0, 1))).toEqual(near(slopes));
    expect(ctcLoss(x, targets, steps, lengths, options).item()).toBeCloseTo(mean, 6);
    expect(new CTCLoss(options)(x, targets, steps, lengths).item()).toBeCloseTo(mean, 6);
    const sum = new CTCLoss({ ...options, reduction: "sum" })(x, targets, steps, lengths);
    expect(sum.item()).toBeCloseTo(
      each.reduce((a, b) => a + b, 0),
      6,
    );
  });

  it("takes targets one after the other, lengths of every form, and no batch", () => {
    const each = values(ctcLoss(logProbs, targets, steps, [3, 2, 1], { reduction: "none" }));
    const int = (list: number[]): Tensor => tensor(list, { dtype: "int32" });
    const forms = [
      ctcLoss(logProbs, [1, 2, 3, 2, 2, 3], Int32Array.from(steps), int([3, 2, 1]), { reduction: "none" }),
      ctcLoss(logProbs, Int32Array.of(1, 2, 3, 2, 2, 3), int(steps).unsqueeze(1), [3, 2, 1], { reduction: "none" }),
      ctcLoss(logProbs, tensor(targets).add(0.7), steps, [3, 2, 1], { reduction: "none" }), // cut off, as in torch
    ];
    for (const form of forms) expect(values(form)).toEqual(each);
    const first = logProbs.select(1, 0);
    for (const [length, labels] of [
      [5, [1, 2, 3]],
      [[5], [[1, 2, 3]]],
    ] as const) {
      const one = ctcLoss(first, labels, length, [3], { reduction: "none" });
      expect([one.shape, one.item()]).toEqual([[], each[0]]);
    }
  });

  it("does not see strides, nor what stands beyond the lengths", () => {
    const turned = logProbs.transpose(0, 2).contiguous().transpose(0, 2);
    const padded = [
      [1, 2, 3],
      [2, 2, 99],
      [3, -1, 7],
    ];
    const expected = ctcLoss(logProbs, targets, steps, [3, 2, 1]).item();
    expect(ctcLoss(turned, padded, steps, [3, 2, 1]).item()).toBe(expected);
    const backwards = tensor(logProbs.flip([0])).flip([0]);
    const x = tensor(turned, { requiresGrad: true });
    const [y, z] = [x.transpose(0, 2), backwards.requiresGrad_()];
    const slopeOf = (a: Tensor): Tensor => grad(ctcLoss(a, targets, steps, [3, 2, 1]), [a])[0]!;
    expect(values(slopeOf(y.transpose(0, 2)))).toEqual(values(slopeOf(z)));
  });

  it("is the sum over all alignments", () => {
    const cases = fc.record({
      scores: fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 15, maxLength: 15 }),
      length: fc.integer({ min: 0, max: 5 }),
      labels: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 3 }),
      blank: fc.integer({ min: 0, max: 2 }),
    });
    fc.assert(
      fc.property(cases, ({ scores, length, labels, blank }) => {
        const wanted = labels.filter((label) => label !== blank);
        const x = logSoftmax(tensor(scores, { dtype: "float64" }).reshape(5, 3), 1);
        const loss = ctcLoss(x, [wanted], length, wanted.length, { reduction: "sum", blank });
        expect(loss.item()).toBeCloseTo(-Math.log(byBruteForce(x, length, wanted, blank)), 9);
      }),
    );
  });

  it("has the gradients that finite differences give, of the scores before the log-softmax, to third order", () => {
    const scores = scoresOf(4, 2, 3).requiresGrad_();
    const loss = (a: Tensor, steps: number[]): Tensor =>
      ctcLoss(logSoftmax(a, 2), [1, 1, 2], steps, [2, 1], { reduction: "none", zeroInfinity: true });
    expect(gradcheck((a) => loss(a, [4, 3]), [scores])).toBe(true);
    expect(gradgradcheck((a) => loss(a, [4, 3]), [scores])).toBe(true);
    const slope = (a: Tensor): Tensor =>
      grad(loss(a, [3, 2]).square().sum(), [a], undefined, { createGraph: true })[0]!;
    expect(gradgradcheck(slope, [scoresOf(3, 2, 3).requiresGrad_()])).toBe(true);
  });

  it("has a gradient that is differentiated as it stands, of raw scores too", () => {
    const scores = scoresOf(3, 1, 3).requiresGrad_();
    expect(gradgradcheck((a) => ctcLoss(a, [[1, 2]], [3], [2]), [scores])).toBe(true);
  });

  it("has zeros in place of infinity and NaN when told so, in second derivatives too", () => {
    const x = tensor(logProbs, { requiresGrad: true });
    const second = (count: number, zeroInfinity: boolean): number[] => {
      const labels = targets.slice(0, count);
      const batch = x.narrow(1, 0, count);
      const lengths = [5, 3, 3].slice(0, count);
      const loss = ctcLoss(batch, labels, lengths, [1, 3, 3].slice(0, count), { reduction: "sum", zeroInfinity });
      const [slope] = grad(loss, [x], undefined, { createGraph: true });
      const [curvature] = grad(slope!.square().sum(), [x]);
      return values(curvature!.abs().sum([0, 2]));
    };
    const [alone] = second(1, false);
    expect(alone).toBeGreaterThan(0.1);
    expect(second(3, true)).toEqual([alone, 0, 0]);
    expect(second(3, false)).toEqual([alone, nan, nan]);
  });

  it("gives zero gradients beyond the input lengths, and for no steps at all", () => {
    const x = tensor(logProbs, { requiresGrad: true });
    const losses = ctcLoss(x, [1, 2], [2, 0, 0], [1, 0, 1], { reduction: "none" });
    expect(values(losses)).toEqual([expect.closeTo(0.440409, 6), 0, infinity]);
    losses.sum().backward();
    expect(values(x.grad!.narrow(0, 2, 3)).every((slope) => slope === 0)).toBe(true);
    expect(values(x.grad!.narrow(1, 1, 2)).every((slope) => slope === 0)).toBe(true);
    expect(values(x.grad!.narrow(0, 0, 2).select(1, 0)).every((slope) => slope !== 0)).toBe(true);
  });

  it("is sound at extremes: labels that cannot be, scores that are huge", () => {
    const never = Number.NEGATIVE_INFINITY;
    const sure = tensor([
      [0, never, never],
      [never, 0, never],
      [0, never, never],
    ]).requiresGrad_();
    const loss = ctcLoss(sure, [[1]], 3, 1);
    loss.backward();
    expect([loss.item(), ...values(sure.grad!)]).toEqual(new Array(10).fill(0));
    const huge = tensor([
      [3e38, -3e38, 0],
      [-3e38, 1e38, 1e-40],
    ]).requiresGrad_();
    const far = ctcLoss(huge, [[2]], 2, 1);
    far.backward();
    expect(far.item()).toBe(Math.fround(-3e38));
    expect(values(huge.grad!).some(Number.isNaN)).toBe(false);
  });

  it("is exact in float32: the truth, rounded", () => {
    const single = logProbs.float().requiresGrad_();
    const truth = tensor(single.detach().double(), { requiresGrad: true });
    const [a, b] = [single, truth].map((x) => ctcLoss(x, targets, steps, [3, 2, 1], { reduction: "none" }));
    a!.sum().backward();
    b!.sum().backward();
    const off = (x: Tensor, y: Tensor): number =>
      Math.max(...values(x).map((value, i) => ulpDistance(value, Math.fround(values(y)[i]!), "float32")));
    expect(off(a!, b!)).toBe(0);
    expect(off(single.grad!, truth.grad!)).toBeLessThanOrEqual(1);
  });

  it("replays on targets and lengths that the trace has not seen, backward included", () => {
    const int = (list: number[]): Tensor => tensor(list, { dtype: "int32" });
    const slope = (x: Tensor, y: Tensor, s: Tensor, t: Tensor): Tensor => {
      const leaf = x.clone().detach().requiresGrad_();
      return grad(ctcLoss(leaf, y, s, t), [leaf])[0]!;
    };
    const recorded = traceGraph(slope, logProbs, int([1, 2, 3, 2, 2, 3]), int(steps), int([3, 2, 1]));
    const other = [logProbs.mul(2), int([1, 1, 2, 3, 1, 1]), int([4, 4, 5]), int([2, 1, 3])] as const;
    expect(values(replay(recorded, ...other) as Tensor)).toEqual(values(slope(...other)));
  });

  it("says what is wrong", () => {
    const call =
      (change: { x?: Tensor; y?: unknown; s?: unknown; t?: unknown } = {}, options: object = {}): (() => unknown) =>
      () =>
        ctcLoss(
          change.x ?? logProbs,
          (change.y ?? targets) as number[],
          (change.s ?? steps) as number[],
          (change.t ?? [3, 2, 1]) as number[],
          options,
        );
    expect(call({ s: [6, 4, 3] })).toThrow(/input length does not fit\n +inputLength +6\n +position +0\n +steps +5/);
    expect(call({ s: [5, -1, 3] })).toThrow(/input length does not fit\n +inputLength +-1\n +position +1/);
    expect(call({ s: [5, 4] })).toThrow(/inputLengths must have one length for each sample/);
    expect(call({ s: tensor([5, 4, 3]) })).toThrow(/must be int32/);
    expect(call({ t: [3, -2, 1] })).toThrow(/target length is below 0\n +targetLength +-2\n +position +1/);
    expect(call({ t: [4, 2, 1] })).toThrow(
      /targets are shorter than their lengths say\n +targets +\[3, 3\]\n +longest +4/,
    );
    expect(call({ t: [3, 2] })).toThrow(/targetLengths must have one length for each sample/);
    expect(call({ y: [1, 2, 3, 2, 2] })).toThrow(/not as many targets as their lengths say[\s\S]*sum of lengths +6/);
    expect(call({ y: [1, 2, 3, 2, 2, 3, 1] })).toThrow(/not as many targets as their lengths say/);
    expect(call({ y: [[1, 2, 3]] })).toThrow(/a row of targets for each sample/);
    expect(call({ y: [targets] })).toThrow(/one or two dimensions/);
    expect(call({ y: 1 })).toThrow(/one or two dimensions/);
    expect(call({ y: [1, 2, 4, 2, 2, 3] })).toThrow(
      /no label\n +target +4\n +classes +4\n +hint: labels run from 0 to 3/,
    );
    expect(call({ y: [1, 2, -1, 2, 2, 3] })).toThrow(/a target is no label/);
    expect(call({ x: logProbs.narrow(1, 0, 0) })).toThrow(/must be a non-empty array/);
    expect(call({ x: logProbs.select(1, 0).select(1, 0) })).toThrow(/non-empty array of two or three dimensions/);
    expect(call({ x: logProbs.unsqueeze(0) })).toThrow(/non-empty array of two or three dimensions/);
    expect(call({ x: logProbs.int() })).toThrow(/logProbs must be floating-point/);
    for (const blank of [-1, 4, 0.5]) expect(call({}, { blank })).toThrow(/the blank is no label/);
    expect(call({}, { zero_infinity: true })).toThrow(/did you mean zeroInfinity/);
    expect(call({ x: logProbs.neg() }, { strict: true })).toThrow(/not positive[\s\S]*apply logSoftmax/);
    expect(call({}, { strict: true })).not.toThrow();
    expect(() => new CTCLoss({ sizeAverage: true } as object)).toThrow(/unknown option "sizeAverage"/);
  });
});

/** The probability of the labels: over all sequences of steps, those that come to them when repetitions and blanks go. */
function byBruteForce(x: Tensor, length: number, labels: readonly number[], blank: number): number {
  const classes = x.shape[1]!;
  let total = 0;
  for (let code = 0; code < classes ** length; code++) {
    const path = Array.from({ length }, (_, t) => Math.floor(code / classes ** t) % classes);
    const read = path.filter((label, t) => label !== blank && label !== path[t - 1]);
    if (read.join() !== labels.join()) continue;
    total += Math.exp(path.reduce((sum, label, t) => sum + x.array.get(t, label), 0));
  }
  return total;
}
