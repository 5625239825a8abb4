import { describe, expect, it } from "vitest";
import { grad, linear, replay, type Tensor, tensor, toDot, traceGraph, zeros } from "../index.ts";

const close = (traced: Tensor, eager: Tensor): void => expect(traced.tolist()).toEqual(eager.tolist());

describe("traceGraph and replay", () => {
  it("give what the function gives on data that the trace has not seen", () => {
    const f = (x: Tensor, y: Tensor): Tensor => x.mul(y).exp().sum(1).log().sub(x.mean());
    const traced = traceGraph(f, tensor([[1, 2]]), tensor([[0.5, 0.25]]));
    const [x, y] = [tensor([[-1, 0.3]]), tensor([[2, 0.7]])];
    close(replay(traced, x, y) as Tensor, f(x, y));
    expect(traced.steps.map((step) => step.kind === "apply" && step.spec.name)).toEqual([
      "mul",
      "exp",
      "sum",
      "log",
      "mean",
      "sub",
    ]);
  });

  it("hold for changes in place, in views too", () => {
    const f = (x: Tensor): Tensor => {
      const y = x.mul(2);
      y.select(0, 1).add_(x.select(0, 0));
      y.mul_(3);
      return y;
    };
    const traced = traceGraph(f, tensor([1, 2]));
    for (const x of [tensor([5, 7]), tensor([-1, 0.5])]) close(replay(traced, x) as Tensor, f(x));
  });

  it("hold for a function that differentiates", () => {
    const f = (x: Tensor): Tensor => {
      const z = x.detach().requiresGrad_();
      return grad(z.mul(z).sigmoid().sum(), [z])[0]!;
    };
    const traced = traceGraph(f, tensor([1, 2]));
    const x = tensor([0.3, -4]);
    close(replay(traced, x) as Tensor, f(x));
  });

  it("start tensors that the function makes from what they were", () => {
    const f = (x: Tensor): Tensor => {
      const total = zeros(2);
      total.add_(x).mul_(2);
      return total.clone();
    };
    const traced = traceGraph(f, tensor([1, 2]));
    for (const x of [tensor([5, 7]), tensor([1, 1])]) close(replay(traced, x) as Tensor, f(x));
  });

  it("change what lives outside as the function does", () => {
    const state = zeros(1);
    const f = (x: Tensor): Tensor => state.add_(x).clone();
    const traced = traceGraph(f, tensor([1]));
    expect((replay(traced, tensor([10])) as Tensor).tolist()).toEqual([11]);
    expect(state.tolist()).toEqual([11]);
  });

  it("hold for fused gradients", () => {
    const weight = tensor(
      [
        [1, -2],
        [0.5, 3],
      ],
      { requiresGrad: true },
    );
    const f = (x: Tensor): Tensor => grad(linear(x, weight).relu().sum(), [weight])[0]!;
    const traced = traceGraph(f, tensor([[1, 2]]));
    const x = tensor([[-3, 0.5]]);
    close(replay(traced, x) as Tensor, f(x));
  });

  it("let gradients flow through a replay", () => {
    const traced = traceGraph((x) => x.mul(x).sum(), tensor([1, 2]));
    const x = tensor([3, 4], { requiresGrad: true });
    (replay(traced, x) as Tensor).backward();
    expect(x.grad!.tolist()).toEqual([6, 8]);
  });

  it("refuse inputs of another shape", () => {
    const traced = traceGraph((x) => x.exp(), tensor([1, 2]));
    expect(() => replay(traced, tensor([1]))).toThrow(/traced shapes/);
  });
});

describe("toDot", () => {
  it("draws the tape with the names of leaves", () => {
    const weight = tensor([1, 2], { requiresGrad: true });
    const text = toDot(weight.mul(3).sum(), { names: [["weight", weight]] });
    expect(text).toContain("digraph");
    expect(text).toContain("weight\\n[2]");
    expect(text.match(/ -> /g)).toHaveLength(3);
  });
});
