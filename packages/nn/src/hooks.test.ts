import { noGrad, ones, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { Identity, Linear } from "./layers/linear.ts";
import { Module } from "./module.ts";

/** A layer y = 2a + 3b for inputs [a, b]. */
const weighted = (): Linear => {
  const layer = new Linear(2, 1, { bias: false });
  layer.loadStateDict({ weight: tensor([[2, 3]]) });
  return layer;
};

const input = (): Tensor => tensor([[1, 2]], { requiresGrad: true });
const lists = (gradients: readonly (Tensor | null)[]): unknown[] => gradients.map((grad) => grad?.tolist() ?? null);

describe("forward hooks", () => {
  it("see arguments and results, and may replace both", () => {
    const layer = weighted();
    const log: unknown[] = [];
    const pre = layer.registerForwardPreHook((module, [x]) => {
      log.push([module === layer, x.tolist()]);
      return [x.mul(10)];
    });
    const post = layer.registerForwardHook((_, [x], y) => {
      log.push([x.tolist(), y.tolist()]);
      return y.add(1);
    });
    expect(layer(input()).tolist()).toEqual([[81]]);
    expect(log).toEqual([
      [true, [[1, 2]]],
      [[[10, 20]], [[80]]],
    ]);
    pre.remove();
    expect(layer(input()).tolist()).toEqual([[9]]);
    post.remove();
    expect(layer(input()).tolist()).toEqual([[8]]);
  });

  it("run in the order of registration, prepended ones first", () => {
    const layer = weighted();
    const log: string[] = [];
    layer.registerForwardHook(() => void log.push("a"));
    layer.registerForwardHook(() => void log.push("b"));
    layer.registerForwardHook(() => void log.push("c"), { prepend: true });
    layer(input());
    expect(log).toEqual(["c", "a", "b"]);
  });
});

describe("backward hooks", () => {
  it("see this module's gradients only, as in torch", () => {
    const layer = weighted();
    const log: unknown[] = [];
    layer.registerFullBackwardPreHook((_, gradOutput) => void log.push(["pre", lists(gradOutput)]));
    layer.registerFullBackwardHook((_, gradInput, gradOutput) => void log.push([lists(gradInput), lists(gradOutput)]));
    const x = input();
    layer(x).mul(x.sum()).sum().backward(); // x has a second way to the result
    expect(log).toEqual([
      ["pre", [[[3]]]],
      [[[[6, 9]]], [[[3]]]],
    ]);
    expect(x.grad?.tolist()).toEqual([[14, 17]]);
    expect(layer.weight.grad?.tolist()).toEqual([[3, 6]]);
  });

  it("may replace the gradient of the argument and that of the result", () => {
    const layer = weighted();
    const x = input();
    const handle = layer.registerFullBackwardHook((_, [gradInput]) => [gradInput?.mul(10) ?? null]);
    layer(x).sum().backward();
    expect(x.grad?.tolist()).toEqual([[20, 30]]);
    handle.remove();
    const y = input();
    layer.registerFullBackwardPreHook((_, [gradOutput]) => [gradOutput?.mul(5) ?? null]);
    layer(y).sum().backward();
    expect(y.grad?.tolist()).toEqual([[10, 15]]);
  });

  it("run where no argument requires gradients, and again for each backward pass", () => {
    const layer = weighted();
    const log: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInput, gradOutput) => void log.push([lists(gradInput), lists(gradOutput)]));
    const loss = layer(tensor([[1, 2]])).sum();
    loss.backward(null, { retainGraph: true });
    loss.backward();
    expect(log).toEqual([
      [[null], [[[1]]]],
      [[null], [[[1]]]],
    ]);
    noGrad(() => layer(input()));
    expect(log).toHaveLength(2);
  });

  it("tell a module's result from its argument where they are the same tensor", () => {
    const layer = new Identity();
    const log: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInput, gradOutput) => void log.push([lists(gradInput), lists(gradOutput)]));
    const x = tensor([2], { requiresGrad: true });
    layer(x).mul(x).sum().backward();
    expect(log).toEqual([[[[2]], [[2]]]]);
    expect(x.grad?.tolist()).toEqual([4]);
  });

  it("wait for all arguments, whose gradients they cannot replace", () => {
    class Product extends Module<[a: Tensor, b: Tensor]> {
      override forward(a: Tensor, b: Tensor): Tensor {
        return a.mul(b);
      }
    }
    const product = new Product();
    const log: unknown[] = [];
    product.registerFullBackwardHook((_, gradInput) => void log.push(lists(gradInput)));
    const [a, b] = [ones([1], { requiresGrad: true }), tensor([3], { requiresGrad: true })];
    product(a, b).sum().backward();
    expect(log).toEqual([[[3], [1]]]);
    product.registerFullBackwardHook((_, gradInput) => gradInput);
    expect(() => product(a, b).sum().backward()).toThrow(/only the gradient of a single argument/);
  });
});
