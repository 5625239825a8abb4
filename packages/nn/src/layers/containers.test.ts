import { ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { Module } from "../module.ts";
import { Identity, Linear } from "./linear.ts";
import { ModuleDict } from "./moduleDict.ts";
import { ModuleList } from "./moduleList.ts";
import { ParameterDict, ParameterList } from "./parameterList.ts";
import { ReLU, Threshold } from "./rectifiers.ts";
import { Sequential } from "./sequential.ts";

/** Adds a number. */
class Plus extends Module {
  readonly amount: number;
  constructor(amount: number) {
    super();
    this.amount = amount;
  }
  override forward(input: Tensor): Tensor {
    return input.add(this.amount);
  }
}

const names = (module: Module<never, unknown> | Sequential): string[] => module.namedChildren().map(([name]) => name);

describe("Sequential", () => {
  it("calls one after the other, named by position or by key", () => {
    const model = new Sequential(new Plus(1), new Threshold(3, 0), new Plus(10));
    const output: Tensor = model(tensor([1, 2, 3]));
    expect(output.tolist()).toEqual([10, 10, 14]);
    expect(names(model)).toEqual(["0", "1", "2"]);
    const named = new Sequential({ conv: new Plus(1), act: new ReLU() });
    expect(names(named)).toEqual(["conv", "act"]);
    expect(named(tensor([-3, 1])).tolist()).toEqual([0, 2]);
    expect(names(new Sequential(new Map([["b", new Plus(1)]])))).toEqual(["b"]);
    expect(new Sequential()(tensor([5])).tolist()).toEqual([5]);
  });

  it("is a list of layers", () => {
    const [a, b, c, d] = [new Plus(1), new Plus(2), new Plus(3), new Plus(4)];
    const model = new Sequential(a, b);
    model.append(c).insert(1, d);
    expect([...model].map((layer) => (layer as Plus).amount)).toEqual([1, 4, 2, 3]);
    expect([model.length, model.at(0) === a, model.at(-1) === c]).toEqual([4, true, true]);
    expect(model.pop() === c && model.pop(0) === a).toBe(true);
    expect(names(model)).toEqual(["0", "1"]);
    model.set(-1, a).extend([b, c]);
    expect([...model.slice(1)].map((layer) => (layer as Plus).amount)).toEqual([1, 2, 3]);
    expect(() => model.at(4)).toThrow(/index out of range/);
    expect(() => new Sequential((() => 0) as unknown as Plus)).toThrow(/must be a module/);
  });

  it("calls a layer as often as it stands there, and lists it once", () => {
    const twice = new Plus(2);
    const model = new Sequential(twice, new Plus(1), twice);
    expect(model(tensor([0])).item()).toBe(5);
    expect(names(model)).toEqual(["0", "1"]);
    expect(String(model)).toBe("Sequential(\n  (0): Plus()\n  (1): Plus()\n  (2): Plus()\n)");
  });
});

describe("ModuleList", () => {
  it("registers what it holds, by position", () => {
    const list = new ModuleList([new Linear(1, 2), new Linear(2, 3)]);
    list.append(new Linear(3, 1)).insert(0, new Linear(1, 1));
    expect(list.length).toBe(4);
    expect(list.namedParameters().map(([name]) => name)).toEqual([
      ...["0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias", "3.weight", "3.bias"],
    ]);
    let x: Tensor = ones(1);
    for (const layer of list) x = layer(x);
    expect(x.shape).toEqual([1]);
    expect(list.pop(0).outFeatures).toBe(1);
    expect(list.slice(1).length).toBe(2);
    list.set(0, new Linear(5, 5));
    expect(list.at(0).inFeatures).toBe(5);
    expect(() => list.forward()).toThrow(/cannot be called/);
    expect(() => list.append(3 as unknown as Linear)).toThrow(/must be a module/);
  });
});

describe("ModuleDict", () => {
  it("registers what it holds under the very names", () => {
    const modules = new ModuleDict<Module>({ convBlock: new Linear(1, 1), act: new ReLU() });
    modules.set("keys", new Identity());
    expect(modules.keys()).toEqual(["convBlock", "act", "keys"]);
    expect(Object.keys(modules.stateDict())).toEqual(["convBlock.weight", "convBlock.bias"]);
    expect(
      modules
        .get("act")(tensor([-1]))
        .item(),
    ).toBe(0);
    expect([modules.has("act"), modules.size, modules.pop("act") instanceof ReLU, modules.has("act")]).toEqual([
      ...[true, 3, true, false],
    ]);
    expect([...modules].map(([name]) => name)).toEqual(["convBlock", "keys"]);
    expect(modules.values()).toHaveLength(2);
    expect(() => modules.get("nothing")).toThrow(/known\s+\[convBlock, keys\]/);
    expect(() => modules.set("a.b", new ReLU())).toThrow(/without dots/);
    modules.clear();
    expect(modules.size).toBe(0);
  });
});

describe("ParameterList and ParameterDict", () => {
  it("make parameters of tensors, and register them", () => {
    const list = new ParameterList([zeros(2), ones(3)]).append(ones(1));
    expect(list.namedParameters().map(([name]) => name)).toEqual(["0", "1", "2"]);
    expect([list.at(-1).requiresGrad, list.length, [...list].length]).toEqual([true, 3, 3]);
    list.set(0, ones(4));
    expect(list.at(0).shape).toEqual([4]);

    const dict = new ParameterDict({ left: zeros(2) }).set("right", ones(1));
    expect(Object.keys(dict.stateDict())).toEqual(["left", "right"]);
    expect([dict.get("right").requiresGrad, dict.has("up"), dict.size]).toEqual([true, false, 2]);
    expect(dict.pop("left").shape).toEqual([2]);
    expect(dict.entries().map(([name]) => name)).toEqual(["right"]);
    expect(() => dict.get("left")).toThrow(/no parameter has this name/);
  });
});
