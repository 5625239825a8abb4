import { ones, type Tensor, tensor, zeros } from "@tapegrad/autograd";
import { TensorError } from "@tapegrad/tensor";
import { describe, expect, it } from "vitest";
import { Linear } from "./layers/linear.ts";
import { ReLU } from "./layers/rectifiers.ts";
import { Sequential } from "./layers/sequential.ts";
import { Module } from "./module.ts";
import type { AnyModule } from "./moduleBase.ts";
import { Buffer, Parameter } from "./parameter.ts";

class Net extends Module {
  readonly inputLayer = new Linear(2, 3);
  scale = new Parameter(ones(3));
  readonly #relu = new ReLU();
  lastShape: readonly number[] = [];
  readonly head: Linear;
  runningMean = new Buffer(zeros(3));
  counter = this.registerBuffer("counter", tensor(0), { persistent: false });

  constructor(outputs = 2) {
    super();
    this.head = new Linear(3, outputs, { bias: false });
  }

  override forward(input: Tensor): Tensor {
    const hidden = this.#relu(this.inputLayer(input)).mul(this.scale);
    this.lastShape = hidden.shape;
    return this.head(hidden);
  }
}

class Pair extends Module<[a: Tensor, b: Tensor, factor?: number], [sum: Tensor, difference: Tensor]> {
  override forward(a: Tensor, b: Tensor, factor = 1): [Tensor, Tensor] {
    return [a.add(b).mul(factor), a.sub(b).mul(factor)];
  }
}

const names = (pairs: readonly (readonly [string, unknown])[]): string[] => pairs.map(([name]) => name);

describe("a module", () => {
  it("is called like a function, and is an instance of its class with its private fields", () => {
    const net = new Net();
    const output: Tensor = net(ones(4, 2));
    expect(output.shape).toEqual([4, 2]);
    expect(net.lastShape).toEqual([4, 3]);
    expect(typeof net).toBe("function");
    expect(net).toBeInstanceOf(Net);
    expect(net).toBeInstanceOf(Module);
    expect(net.constructor.name).toBe("Net");
    expect(output.tolist()).toEqual(net.forward(ones(4, 2)).tolist());
  });

  it("takes any arguments and gives any result", () => {
    const [sum, difference] = new Pair()(tensor([3]), tensor([1]), 2);
    expect([sum.item(), difference.item()]).toEqual([8, 4]);
  });

  it("may have properties that functions have: name, length", () => {
    class Named extends Net {
      override readonly name = "first";
      override readonly length = 7;
    }
    const named = new Named();
    expect([named.name, named.length]).toEqual(["first", 7]);
  });

  it("registers parameters, buffers and submodules in order, under torch's names", () => {
    const net = new Net();
    expect(names([...net.members()])).toEqual(["input_layer", "scale", "head", "running_mean", "counter"]);
    expect(names(net.namedParameters())).toEqual(["scale", "input_layer.weight", "input_layer.bias", "head.weight"]);
    expect(names(net.namedParameters({ recurse: false, prefix: "net" }))).toEqual(["net.scale"]);
    expect(names(net.namedBuffers())).toEqual(["running_mean", "counter"]);
    expect(names(net.namedChildren())).toEqual(["input_layer", "head"]);
    expect(names(net.namedModules())).toEqual(["", "input_layer", "head"]);
    expect(net.parameters()).toHaveLength(4);
    expect(net.parameters({ recurse: false }).map((each) => each === net.scale)).toEqual([true]);
    expect(net.buffers().map((each) => each === net.runningMean || each === net.counter)).toEqual([true, true]);
    expect(net.children().map((each) => each === net.inputLayer || each === net.head)).toEqual([true, true]);
  });

  it("lists shared parameters and modules once, unless told otherwise", () => {
    class Tied extends Module {
      readonly first = new Linear(2, 2);
      readonly second = new Linear(2, 2, { bias: false });
      readonly again = this.first;
      constructor() {
        super();
        this.second.weight = this.first.weight;
      }
      override forward(input: Tensor): Tensor {
        return this.again(this.second(this.first(input)));
      }
    }
    const tied = new Tied();
    expect(names(tied.namedParameters())).toEqual(["first.weight", "first.bias"]);
    expect(names(tied.namedModules())).toEqual(["", "first", "second"]);
    expect(names(tied.namedChildren())).toEqual(["first", "second"]);
    expect(names(tied.namedParameters({ removeDuplicate: false }))).toEqual([
      ...["first.weight", "first.bias", "second.weight", "again.weight", "again.bias"],
    ]);
    expect(Object.keys(tied.stateDict())).toHaveLength(5);
  });

  it("is found again by name", () => {
    const model = new Sequential({ body: new Net(), activation: new ReLU() });
    expect(model.getSubmodule("")).toBe(model);
    expect(model.getSubmodule("body.head")).toBeInstanceOf(Linear);
    expect(model.getParameter("body.input_layer.bias").shape).toEqual([3]);
    expect(model.getBuffer("body.running_mean").shape).toEqual([3]);
    expect(() => model.getParameter("body.haed.weight")).toThrow(/missing\s+haed[\s\S]*known\s+\[input_layer, head\]/);
    expect(() => model.getBuffer("body.scale")).toThrow(TensorError);
  });

  it("registers by name, and refuses names that cannot be", () => {
    const net = new Net();
    const weight = new Parameter(ones(1));
    expect(net.registerParameter("extra", weight)).toBe(weight);
    expect(Reflect.get(net, "extra")).toBe(weight);
    expect(net.registerParameter("none", null)).toBeNull();
    net.registerModule("tail", new ReLU());
    expect(names([...net.members()]).slice(-2)).toEqual(["extra", "tail"]);
    expect(() => net.registerParameter("forward", weight)).toThrow(/another property of this name/);
    expect(() => net.registerBuffer("a.b", ones(1))).toThrow(/without dots/);
    expect(() => net.registerModule("", new ReLU())).toThrow(/without dots/);
    expect(() => net.registerModule("f", (() => 0) as unknown as ReLU)).toThrow(/neither a parameter/);
  });

  it("switches between training and evaluation, innermost modules included", () => {
    const model = new Sequential(new Net(), new ReLU());
    const modes = (): boolean[] => model.modules().map((module) => module.training);
    expect(modes()).toEqual([true, true, true, true, true]);
    expect(model.eval()).toBe(model);
    expect(modes()).toEqual([false, false, false, false, false]);
    model.train();
    expect(modes()).toEqual([true, true, true, true, true]);
  });

  it("applies a function to submodules first", () => {
    const order: string[] = [];
    const model = new Sequential(new Sequential(new ReLU()), new Linear(1, 1));
    model.apply((module: AnyModule) => void order.push(module.constructor.name));
    expect(order).toEqual(["ReLU", "Sequential", "Linear", "Sequential"]);
  });

  it("forgets gradients, and stops and starts them", () => {
    const net = new Net();
    net(ones(1, 2)).sum().backward();
    expect(net.parameters().every(({ grad }) => grad !== null)).toBe(true);
    net.zeroGrad({ setToNone: false });
    expect(net.scale.grad?.tolist()).toEqual([0, 0, 0]);
    net.zeroGrad();
    expect(net.parameters().every(({ grad }) => grad === null)).toBe(true);
    net.requiresGrad_(false);
    expect(net(ones(1, 2)).requiresGrad).toBe(false);
    net.requiresGrad_();
    expect(net(ones(1, 2)).requiresGrad).toBe(true);
  });

  it("converts its floating-point tensors in place, and no others", () => {
    const net = new Net();
    const { scale } = net;
    net.registerBuffer("steps", tensor([1], { dtype: "int32" }));
    expect(net.double()).toBe(net);
    expect(net.scale).toBe(scale);
    expect(net.parameters().map(({ dtype }) => dtype)).toEqual(["float64", "float64", "float64", "float64"]);
    expect(net.buffers().map(({ dtype }) => dtype)).toEqual(["float64", "float64", "int32"]);
    expect(net(ones([1, 2], { dtype: "float64" })).dtype).toBe("float64");
    expect(net.float().scale.dtype).toBe("float32");
    expect(() => net.to("int32")).toThrow(/floating-point dtypes only/);
  });
});
