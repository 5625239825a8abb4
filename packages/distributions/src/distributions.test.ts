import { gradcheck, gradgradcheck, type Tensor, tensor } from "@tapegrad/autograd";
import { Generator, manualSeed, TensorError } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Bernoulli, Categorical, Distribution, klDivergence, registerKl } from "./index.ts";

const list = (of: Tensor): unknown => of.tolist();
const near = (golden: readonly number[]): unknown[] =>
  golden.map((x) => (Number.isFinite(x) ? expect.closeTo(x, 6) : x));
const flat = (of: Tensor): number[] => [...of.toArray()];

const classes = (): Categorical =>
  new Categorical({
    probs: tensor([
      [1, 2, 3],
      [5, 1, 0],
    ]),
  });
const odds = (): Bernoulli => new Bernoulli({ logits: tensor([[0.3], [-1.2]]) });

// all numbers are those of torch 2.13
describe("Categorical", () => {
  it("knows its probabilities, their logarithms and what follows from them", () => {
    const c = classes();
    expect(flat(c.probs)).toEqual(near([1 / 6, 1 / 3, 1 / 2, 5 / 6, 1 / 6, 0]));
    expect(flat(c.logits)).toEqual(near([-1.7917595, -1.0986123, -Math.LN2, -0.1823216, -1.7917595, -15.9423847]));
    expect(flat(c.entropy())).toEqual(near([1.0114043, 0.4505612]));
    expect(flat(c.perplexity())).toEqual(near([2.7494593, 1.5691926]));
    expect(list(c.mode)).toEqual([2, 0]);
    for (const moment of [c.mean, c.variance, c.stddev]) expect(list(moment)).toEqual([Number.NaN, Number.NaN]);
    expect([c.batchShape, c.eventShape, c.paramShape]).toEqual([[2], [], [2, 3]]);
    expect(new Categorical({ logits: tensor([Number.NEGATIVE_INFINITY, 0]) }).entropy().item()).toBe(-0);
  });

  it("gives the log-probabilities of classes that broadcast against the batch", () => {
    const c = classes();
    expect(flat(c.logProb(tensor([0, 1], { dtype: "int32" })))).toEqual(near([-1.7917595, -1.7917595]));
    const each = c.logProb(tensor([[2], [0]]));
    expect(each.shape).toEqual([2, 2]);
    expect(flat(each)).toEqual(near([-Math.LN2, -15.9423847, -1.7917595, -0.1823216]));
  });

  it("draws torch's classes", () => {
    manualSeed(7);
    const c = classes();
    expect(c.sample().dtype).toBe("int32");
    manualSeed(7);
    expect(list(c.sample())).toEqual([1, 0]);
    expect(list(c.sample([2]))).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(list(c.sample([2, 2]))).toEqual([
      [
        [0, 0],
        [0, 1],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ]);
    expect(list(c.expand([2, 2]).sample())).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it("counts through its classes", () => {
    expect(list(classes().enumerateSupport())).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
    ]);
    expect(list(classes().enumerateSupport({ expand: false }))).toEqual([[0], [1], [2]]);
  });
});

describe("Bernoulli", () => {
  it("knows its probability, the odds and what follows from them", () => {
    const b = new Bernoulli({ probs: tensor([0, 0.25, 0.5, 1]) });
    expect(flat(b.logits)).toEqual(near([-15.9423847, -1.0986123, 0, 15.9423847]));
    expect(flat(b.mean)).toEqual([0, 0.25, 0.5, 1]);
    expect(flat(b.variance)).toEqual([0, 0.1875, 0.25, 0]);
    expect(flat(b.stddev)).toEqual(near([0, Math.sqrt(0.1875), 0.5, 0]));
    expect(flat(b.mode)).toEqual([0, 0, Number.NaN, 1]);
    expect(flat(b.entropy())).toEqual(near([0, 0.5623351, Math.LN2, 0]));
    expect(flat(odds().probs)).toEqual(near([0.5744425, 0.2314752]));
  });

  it("gives the log-probabilities of 0 and 1", () => {
    expect(flat(odds().logProb(tensor([1, 0])))).toEqual(near([-0.5543552, -0.8543552, -1.4632825, -0.2632825]));
  });

  it("draws torch's numbers", () => {
    manualSeed(7);
    for (const draw of [[], [2], [2, 2]]) classes().sample(draw);
    classes().expand([2, 2]).sample();
    expect(list(odds().sample())).toEqual([[1], [0]]);
    expect(list(odds().sample([3]))).toEqual([
      [[0], [1]],
      [[1], [0]],
      [[1], [0]],
    ]);
    expect(list(new Bernoulli({ probs: 0.3 }).sample([4]))).toEqual([0, 0, 0, 0]);
    const fine = new Bernoulli({ probs: tensor(0.3, { dtype: "float64" }) }).sample([3]);
    expect([fine.dtype, list(fine)]).toEqual(["float64", [1, 1, 0]]);
  });

  it("takes a number, and counts to 1", () => {
    expect(list(new Bernoulli({ probs: 0.3 }).enumerateSupport())).toEqual([0, 1]);
    expect(odds().enumerateSupport({ expand: false }).shape).toEqual([2, 1, 1]);
    expect(odds().enumerateSupport().shape).toEqual([2, 2, 1]);
    expect(new Bernoulli({ probs: tensor([true, false]) }).mean.dtype).toBe("float32");
  });
});

describe("every distribution", () => {
  it("prints as torch does", () => {
    expect([String(classes()), String(odds())]).toEqual([
      "Categorical(probs: torch.Size([2, 3]))",
      "Bernoulli(logits: torch.Size([2, 1]))",
    ]);
    expect(String(new Bernoulli({ probs: 0.3 }))).toBe("Bernoulli(probs: 0.30000001192092896)");
    expect(String(new Bernoulli({ probs: tensor([0.5]) }))).toBe("Bernoulli(probs: tensor([0.5000]))");
    expect([classes(), odds()].map(({ support }) => String(support))).toEqual([
      "IntegerInterval(lower_bound=0, upper_bound=2)",
      "Boolean()",
    ]);
    const constraints = [classes(), odds()].map(({ argConstraints }) => Object.values(argConstraints).map(String));
    expect(constraints).toEqual([
      ["Simplex()", "IndependentConstraint(Real(), 1)"],
      ["Interval(lower_bound=0.0, upper_bound=1.0)", "Real()"],
    ]);
  });

  it("draws from a generator of one's own", () => {
    const draws = (seed: number): unknown => {
      const generator = new Generator().manualSeed(seed);
      return [classes().sample([20], { generator }), odds().sample([20], { generator })].map(list);
    };
    manualSeed(0);
    const first = draws(3);
    manualSeed(1);
    expect(draws(3)).toEqual(first);
    expect(draws(4)).not.toEqual(first);
  });

  it("expands without computing anew", () => {
    const probs = tensor([0.2, 0.3], { requiresGrad: true });
    const [narrow, wide] = [new Bernoulli({ probs }), new Bernoulli({ probs }).expand([3, 2])];
    expect(wide).toBeInstanceOf(Bernoulli);
    expect([wide.batchShape, wide.entropy().shape]).toEqual([
      [3, 2],
      [3, 2],
    ]);
    expect(flat(wide.entropy()).slice(4)).toEqual(flat(narrow.entropy()));
    expect(wide.probs.array.storage).toBe(probs.array.storage);
    expect(classes().expand([4, 2]).logits.shape).toEqual([4, 2, 3]);
    expect(() => classes().expand([3])).toThrow("Categorical.expand: the batch does not broadcast");
  });

  it("keeps gradients, also when first looked at while nothing is recorded, but not through draws", () => {
    const logits = tensor([[0.5, -0.25, 1]], { dtype: "float64", requiresGrad: true });
    const c = new Categorical({ logits });
    expect(c.sample([3]).requiresGrad).toBe(false);
    c.probs.select(-1, 0).sum().backward();
    expect(logits.grad?.toArray().some((slope) => slope !== 0)).toBe(true);
    const q = new Categorical({ logits: tensor([0, 1, -1], { dtype: "float64" }) });
    const fn = (z: Tensor): Tensor[] => {
      const p = new Categorical({ logits: z });
      return [p.logProb(tensor([2])), p.entropy(), klDivergence(p, q), klDivergence(q, p)];
    };
    expect(gradcheck(fn, [logits]) && gradgradcheck(fn, [logits])).toBe(true);
    const probs = tensor([0.2, 0.7], { dtype: "float64", requiresGrad: true });
    const odd = (t: Tensor): Tensor[] => {
      const p = new Bernoulli({ probs: t });
      return [p.logProb(tensor([1, 0])), p.entropy(), klDivergence(p, new Bernoulli({ probs: 0.4 }))];
    };
    expect(gradcheck(odd, [probs]) && gradgradcheck(odd, [probs])).toBe(true);
  });

  it("refuses what it cannot be", () => {
    const message = (body: () => unknown): string => {
      try {
        body();
      } catch (error) {
        if (error instanceof TensorError) return `${error.code} ${error.message.replaceAll(/\s+/g, " ")}`;
      }
      return "no TensorError";
    };
    expect([
      message(() => new Categorical()),
      message(() => new Bernoulli({ probs: 0.5, logits: 0 })),
      message(
        () =>
          new Categorical({
            probs: tensor([
              [1, 1],
              [-0.5, 1],
            ]),
          }),
      ),
      message(() => new Categorical({ probs: tensor(0.5) })),
      message(() => new Categorical({ probs: [0.5, 0.5] as unknown as Tensor })),
      message(() => new Categorical({ logits: tensor([Number.NaN, 0]) })),
      message(() => new Bernoulli({ probs: 1.5 })),
      message(() => new Bernoulli({ probs: "x" as unknown as number })),
      message(() => new Bernoulli({ prob: 0.5 } as object)),
      message(() => classes().logProb(tensor([0.5]))),
      message(() => classes().logProb(tensor([3]))),
      message(() => classes().logProb(tensor([0, 1, 2]))),
      message(() => odds().logProb(1 as unknown as Tensor)),
      message(() => classes().cdf(tensor(1))),
      message(() => odds().rsample()),
      message(() => klDivergence(classes(), odds())),
    ]).toMatchInlineSnapshot(`
      [
        "invalid_argument Categorical: give either probs or logits probs false logits false",
        "invalid_argument Bernoulli: give either probs or logits probs true logits true",
        "invalid_argument Categorical: probs must satisfy Simplex() probs [2, 2] found [-1, 2]",
        "invalid_shape Categorical: probs needs a dimension for the classes probs []",
        "invalid_argument Categorical: probs must be a tensor probs object hint: tensor(...) makes one",
        "invalid_argument Categorical: logits must satisfy IndependentConstraint(Real(), 1) logits [2] found [NaN, NaN]",
        "invalid_argument Bernoulli: probs must satisfy Interval(lower_bound=0.0, upper_bound=1.0) probs [] found 1.5",
        "invalid_argument Bernoulli: probs must be a tensor or a number probs string",
        "invalid_option Bernoulli: unknown option "prob" known probs, logits, validateArgs hint: did you mean probs?",
        "invalid_argument Categorical.logProb: value must satisfy IntegerInterval(lower_bound=0, upper_bound=2) value [1] found 0.5",
        "invalid_argument Categorical.logProb: value must satisfy IntegerInterval(lower_bound=0, upper_bound=2) value [1] found 3",
        "shape_mismatch Categorical.logProb: shapes do not broadcast left [3] right [2] hint: counted from the end, sizes must be equal or one of them 1",
        "invalid_argument Bernoulli.logProb: the value must be a tensor value number hint: tensor(...) makes one",
        "unsupported Categorical: this distribution has no cdf hint: torch has none either",
        "unsupported Bernoulli: this distribution has no rsample hint: torch has none either",
        "unsupported klDivergence: there is no formula for these two p Categorical q Bernoulli hint: registerKl adds one",
      ]
    `);
    expect(new Bernoulli({ probs: 1.5, validateArgs: false }).mean.item()).toBe(1.5);
    expect(list(new Bernoulli({ probs: 0.5, validateArgs: false }).logProb(tensor([0.5])))).toEqual(near([-Math.LN2]));
  });
});

describe("klDivergence", () => {
  it("gives torch's numbers, infinite where only q excludes", () => {
    const q = new Categorical({ logits: tensor([[0, 1, -1]]) });
    expect(flat(klDivergence(classes(), q))).toEqual(near([0.5628682, 0.790378]));
    expect(flat(klDivergence(q, classes()))).toEqual(near([0.3993454, Number.POSITIVE_INFINITY]));
    const [p, r] = [tensor([0, 1, 0.3, 0.3, 0]), tensor([0.2, 0.2, 0, 1, 0])].map((probs) => new Bernoulli({ probs }));
    const infinite = Number.POSITIVE_INFINITY;
    expect(flat(klDivergence(p!, r!))).toEqual(near([0.2231434, 1.6094378, infinite, infinite, 0]));
  });

  it("takes the formula of the nearest classes, and of these the latest", () => {
    class Coin extends Bernoulli {}
    const [coin, plain] = [new Coin({ probs: 0.5 }), new Bernoulli({ probs: 0.5 })];
    expect(klDivergence(coin, plain).item()).toBe(0); // by inheritance
    registerKl(Distribution, Coin, () => tensor(1));
    expect(klDivergence(classes(), coin).item()).toBe(1);
    expect(klDivergence(coin, coin).item()).toBe(0);
    registerKl(Coin, Bernoulli, () => tensor(2));
    expect(klDivergence(coin, coin).item()).toBe(2);
    registerKl(Coin, Coin, () => tensor(3));
    registerKl(Coin, Coin, () => tensor(4));
    expect(
      [klDivergence(coin, coin), klDivergence(coin, plain), klDivergence(plain, coin)].map((kl) => kl.item()),
    ).toEqual([4, 2, 0]);
  });
});

const weights = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 });
const categorical = weights.map((w) => new Categorical({ probs: tensor(w, { dtype: "float64" }) }));

describe("laws", () => {
  it("probabilities sum to one, and their logarithms are the logits", () => {
    fc.assert(
      fc.property(categorical, (p) => {
        const each = p.logProb(p.enumerateSupport());
        expect(each.exp().sum().item()).toBeCloseTo(1, 12);
        expect(flat(new Categorical({ logits: p.logits.add(3) }).probs)).toEqual(
          flat(p.probs).map((x) => expect.closeTo(x, 12)),
        );
      }),
    );
  });

  it("entropy is the expected surprise, and largest when all are alike", () => {
    fc.assert(
      fc.property(categorical, (p) => {
        const surprise = p.logProb(p.enumerateSupport()).neg().mul(p.probs).sum().item();
        expect(p.entropy().item()).toBeCloseTo(surprise, 12);
        expect(p.perplexity().item()).toBeLessThanOrEqual(3 + 1e-12);
      }),
    );
  });

  it("divergence is not negative, and 0 from oneself", () => {
    fc.assert(
      fc.property(categorical, categorical, (p, q) => {
        expect(klDivergence(p, q).item()).toBeGreaterThanOrEqual(-1e-15);
        expect(klDivergence(p, p).item()).toBe(0);
      }),
    );
  });

  it("a Bernoulli is a Categorical of two", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (x) => {
        const b = new Bernoulli({ probs: tensor(x, { dtype: "float64" }) });
        const c = new Categorical({ probs: tensor([1 - x, x], { dtype: "float64" }) });
        expect(b.entropy().item()).toBeCloseTo(c.entropy().item(), 10);
        expect(b.logProb(tensor(1)).item()).toBeCloseTo(c.logProb(tensor(1)).item(), 10);
      }),
    );
  });
});
