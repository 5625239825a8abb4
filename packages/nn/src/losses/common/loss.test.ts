import { ones, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import * as losses from "../index.ts";
import { Loss } from "./loss.ts";
import { fromLegacy, reduce } from "./reduction.ts";

const weight = tensor([1, 2, 3]);

describe("options that are tensors", () => {
  it.each([
    [losses.MSELoss, { weight }, ["weight"]],
    [losses.L1Loss, { weight }, ["weight"]],
    [losses.HuberLoss, { weight }, ["weight"]],
    [losses.BCELoss, { weight }, ["weight"]],
    [losses.BCEWithLogitsLoss, { weight, posWeight: weight }, ["weight", "pos_weight"]],
    [losses.BCEWithLogitsLoss, { posWeight: weight }, ["pos_weight"]],
    [losses.CrossEntropyLoss, { weight }, ["weight"]],
    [losses.NLLLoss, { weight }, ["weight"]],
    [losses.MultiMarginLoss, { weight }, ["weight"]],
    [losses.MultiLabelSoftMarginLoss, { weight }, ["weight"]],
    [losses.SmoothL1Loss, {}, []],
  ] as [new (options: object) => Loss, object, string[]][])("of %s are buffers", (Class, options, keys) => {
    const loss = new Class(options);
    expect(Object.keys(loss.stateDict())).toEqual(keys);
    expect(Object.keys(new Class({}).stateDict())).toEqual([]);
  });

  it("of LinearCrossEntropyLoss are buffers", () => {
    expect(Object.keys(new losses.LinearCrossEntropyLoss(2, 3, { weight }).stateDict())).toEqual([
      "weight",
      "linear.weight",
    ]);
    expect(Object.keys(new losses.LinearCrossEntropyLoss(2, 3).stateDict())).toEqual(["linear.weight"]);
  });

  it("count as they are, after the module has been converted or loaded too", () => {
    const loss = new losses.MSELoss({ weight, reduction: "sum" });
    const x = tensor([1, 1, 1]);
    expect(loss(x, x.mul(0)).item()).toBe(6);
    loss.loadStateDict(new Map([["weight", ones(3)]]));
    expect(loss(x, x.mul(0)).item()).toBe(3);
    loss.double();
    expect(loss(x.double(), x.double().mul(0)).dtype).toBe("float64");
    expect(loss.reduction).toBe("sum");
  });
});

describe("deprecated options", () => {
  it.each([
    losses.L1Loss,
    losses.MSELoss,
    losses.SmoothL1Loss,
    losses.CrossEntropyLoss,
    losses.NLLLoss,
    losses.NLLLoss2d,
    losses.PoissonNLLLoss,
    losses.KLDivLoss,
    losses.BCELoss,
    losses.BCEWithLogitsLoss,
    losses.MarginRankingLoss,
    losses.HingeEmbeddingLoss,
    losses.MultiLabelMarginLoss,
    losses.MultiLabelSoftMarginLoss,
    losses.MultiMarginLoss,
    losses.SoftMarginLoss,
    losses.CosineEmbeddingLoss,
    losses.TripletMarginLoss,
  ])("are known to %s", (Class) => {
    expect(new Class({ sizeAverage: false }).reduction).toBe("sum");
    expect(new Class({ reduce: false }).reduction).toBe("none");
    expect(new Class({ sizeAverage: true, reduction: "sum" }).reduction).toBe("mean");
  });

  it.each([losses.HuberLoss, losses.GaussianNLLLoss, losses.CTCLoss, losses.TripletMarginWithDistanceLoss])(
    "are not known to %s",
    (Class) => {
      expect(() => new Class({ sizeAverage: false } as object)).toThrow(/unknown option "sizeAverage"/);
      expect(() => new Class({ reduce: false } as object)).toThrow(/unknown option "reduce"/);
    },
  );

  // torch.nn._reduction.legacy_get_string
  it.each([
    [null, null, "sum"],
    [undefined, undefined, "sum"],
    [true, null, "mean"],
    [false, null, "sum"],
    [null, true, "mean"],
    [null, false, "none"],
    [undefined, false, "none"],
    [true, undefined, "mean"],
    [true, true, "mean"],
    [true, false, "none"],
    [false, true, "sum"],
    [false, false, "none"],
  ] as const)("sizeAverage %s and reduce %s stand for a reduction", (sizeAverage, reduce, expected) => {
    const given = { ...(sizeAverage !== undefined && { sizeAverage }), ...(reduce !== undefined && { reduce }) };
    expect(fromLegacy(given, "sum")).toBe(expected);
  });
});

class Power extends Loss<{ readonly exponent?: number; readonly reduction?: "half" | "mean"; readonly strict?: null }> {
  static override readonly name: string = "Power";
  constructor(options: { readonly exponent?: number; readonly reduction?: "half" | "mean" } = {}) {
    super(options, { exponent: 2, reduction: "mean", strict: null }, [], { reductions: ["half", "mean"] });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return input
      .sub(target)
      .pow(this.options.exponent ?? 0)
      .mean();
  }
}

describe("a loss of one's own", () => {
  it("says which reductions it knows, and has its options at hand", () => {
    expect(new Power({ reduction: "half" }).reduction).toBe("half");
    expect(new Power({ exponent: 3 })(tensor([3]), tensor([1])).item()).toBe(8);
    expect(() => new Power({ reduction: "sum" as "half" })).toThrow(
      /Power: unknown reduction\s+reduction +"sum"\s+known +\[half, mean\]/,
    );
    expect(new Power({ sizeAverage: true } as object).reduction).toBe("mean");
    expect(Loss.name).toBe("Loss");
    expect(Array.from(new Power().namedBuffers())).toEqual([]);
  });
});

it("losses are kept, averaged or added up", () => {
  const x = tensor([1, 2, 6]);
  expect(reduce(x, "none")).toBe(x);
  expect(reduce(x, "mean").item()).toBe(3);
  expect(reduce(x, "sum").item()).toBe(9);
});
