import { ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { BatchNorm2d } from "./layers/batchNorm.ts";
import { Conv2d } from "./layers/conv.ts";
import { Linear } from "./layers/linear.ts";
import { ReLU } from "./layers/rectifiers.ts";
import { Sequential } from "./layers/sequential.ts";
import { Module } from "./module.ts";
import { Buffer } from "./parameter.ts";

const small = (): Sequential => new Sequential(new Conv2d(1, 2, 3), new BatchNorm2d(2), new ReLU());

const failure = (body: () => unknown): TensorError => {
  try {
    body();
  } catch (error) {
    if (error instanceof TensorError) return error;
  }
  return expect.fail("no TensorError was thrown");
};

describe("stateDict", () => {
  it("has torch's names in torch's order", () => {
    expect(Object.keys(small().stateDict())).toEqual([
      ...["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked"],
    ]);
    expect(Object.keys(new Linear(1, 1).stateDict({ prefix: "head." }))).toEqual(["head.weight", "head.bias"]);
  });

  it("shares elements with the module, without history, or gives the parameters themselves", () => {
    const layer = new Linear(2, 1);
    const { weight } = layer.stateDict() as { weight: Tensor };
    expect(weight.requiresGrad).toBe(false);
    weight.fill_(5);
    expect(layer.weight.tolist()).toEqual([[5, 5]]);
    expect(layer.stateDict({ keepVars: true }).weight).toBe(layer.weight);
  });

  it("leaves out buffers that are not persistent", () => {
    class Positions extends Module {
      readonly table = new Buffer(zeros(3), { persistent: false });
      readonly scale = new Buffer(ones(1));
      override forward(input: Tensor): Tensor {
        return input.add(this.table).mul(this.scale);
      }
    }
    expect(Object.keys(new Positions().stateDict())).toEqual(["scale"]);
  });
});

describe("loadStateDict", () => {
  it("makes a second model the same as the first, from an object or a map", () => {
    const [first, second, third] = [small(), small(), small()];
    first(ones(2, 1, 4, 4));
    expect(second.loadStateDict(first.stateDict())).toEqual({ missingKeys: [], unexpectedKeys: [] });
    third.loadStateDict(new Map(Object.entries(first.stateDict())));
    for (const [name, value] of Object.entries(first.stateDict())) {
      expect(second.stateDict()[name]?.tolist()).toEqual(value.tolist());
      expect(third.stateDict()[name]?.tolist()).toEqual(value.tolist());
    }
    expect(first.stateDict()["1.num_batches_tracked"]?.item()).toBe(1);
  });

  it("converts dtypes and keeps the parameters, with their gradients on", () => {
    const layer = new Linear(1, 1);
    const { weight } = layer;
    layer.loadStateDict({ weight: tensor([[2]], { dtype: "float64" }), bias: tensor([3], { dtype: "int32" }) });
    expect([layer.weight === weight, weight.dtype, weight.requiresGrad]).toEqual([true, "float32", true]);
    expect([weight.item(), layer.bias?.item()]).toEqual([2, 3]);
  });

  it("names everything that does not fit in one error, and changes nothing", () => {
    const model = small();
    const before = Object.values(model.stateDict()).map((value) => value.tolist());
    const { "0.bias": _, ...rest } = small().stateDict();
    const bad = { ...rest, "1.weight": ones(3), "1.bias": 7 as unknown as Tensor, "9.weight": ones(1) };
    const error = failure(() => model.loadStateDict(bad));
    expect(error.code).toBe("state_mismatch");
    expect(error.message).toBe(
      [
        "loadStateDict: the state dict does not fit Sequential",
        "  missing     0.bias",
        "  unexpected  9.weight",
        "  misfits     1.weight is [2] here, [3] in the dict; 1.bias is no tensor",
      ].join("\n"),
    );
    expect(Object.values(model.stateDict()).map((value) => value.tolist())).toEqual(before);
  });

  it("lists long sets of names whole", () => {
    const model = new Sequential(...Array.from({ length: 20 }, () => new Linear(1, 1)));
    const error = failure(() => model.loadStateDict({}));
    expect(error.message).toContain("19.weight, 19.bias");
    expect(error.hint).toContain("strict: false");
  });

  it("reports names and loads the rest when not strict, but never takes other shapes", () => {
    const layer = new Linear(1, 2);
    const report = layer.loadStateDict({ weight: ones(2, 1), extra: ones(1) }, { strict: false });
    expect(report).toEqual({ missingKeys: ["bias"], unexpectedKeys: ["extra"] });
    expect(layer.weight.tolist()).toEqual([[1], [1]]);
    expect(failure(() => layer.loadStateDict({ weight: ones(1, 2) }, { strict: false })).code).toBe("state_mismatch");
  });

  it("does not miss the number of batches, which old files lack", () => {
    const { "1.num_batches_tracked": _, ...old } = small().stateDict();
    expect(small().loadStateDict(old).missingKeys).toEqual([]);
  });
});
