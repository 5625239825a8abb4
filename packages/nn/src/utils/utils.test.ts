import { ones, type Tensor, tensor } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import { Linear } from "../layers/linear.ts";
import { clipGradNorm_, clipGradValue_, parametersToVector, vectorToParameters } from "./index.ts";

const values = (of: Tensor | null): number[] => Array.from(of?.toArray() ?? []);

function withGradients(): [Tensor, Tensor, Tensor] {
  const [a, b, unused] = [ones(3), ones(2), ones(1)];
  a.grad = tensor([3, 0, 4]);
  b.grad = tensor([12, 0]);
  return [a, b, unused];
}

describe("clipGradNorm_", () => {
  // torch 2.13
  it.each([
    [6.5, 2, 13, [1.5, 0, 2], [6, 0]],
    [6, Number.POSITIVE_INFINITY, 12, [1.5, 0, 2], [6, 0]],
    [100, 1, 19, [3, 0, 4], [12, 0]],
  ])("scales all gradients to a norm of %d (p = %d)", (maxNorm, normType, norm, first, second) => {
    const parameters = withGradients();
    expect(clipGradNorm_(parameters, maxNorm, { normType }).item()).toBeCloseTo(norm, 5);
    expect(values(parameters[0].grad)).toEqual(first.map((x) => expect.closeTo(x, 5)));
    expect(values(parameters[1].grad)).toEqual(second.map((x) => expect.closeTo(x, 5)));
  });

  it("reports norms that are not finite, if asked, before it changes anything", () => {
    const parameters = withGradients();
    parameters[0].grad = tensor([1, Number.POSITIVE_INFINITY, 0]);
    expect(() => clipGradNorm_(parameters, 1, { errorIfNonfinite: true })).toThrow(/not finite/);
    expect(values(parameters[1].grad)).toEqual([12, 0]);
    expect(clipGradNorm_(parameters, 1).item()).toBe(Number.POSITIVE_INFINITY);
    expect(values(parameters[1].grad)).toEqual([0, 0]);
    expect(clipGradNorm_([], 1).item()).toBe(0);
    expect(() => clipGradNorm_([], 1, { normtype: 2 } as object)).toThrow(/did you mean normType/);
  });
});

describe("clipGradValue_", () => {
  it("keeps every element inside its bounds", () => {
    const parameters = withGradients();
    clipGradValue_(parameters, 3.5);
    expect(parameters.map(({ grad }) => values(grad))).toEqual([[3, 0, 3.5], [3.5, 0], []]);
    clipGradValue_(parameters[0], 1);
    expect(values(parameters[0].grad)).toEqual([1, 0, 1]);
  });
});

describe("parametersToVector and vectorToParameters", () => {
  it("are each other's inverses, and the first is recorded", () => {
    const [layer, other] = [new Linear(3, 2), new Linear(3, 2)];
    const vector = parametersToVector(layer.parameters());
    expect(vector.shape).toEqual([8]);
    vectorToParameters(vector, other.parameters());
    expect(values(parametersToVector(other.parameters()))).toEqual(values(vector));
    vector.square().sum().backward();
    expect(values(layer.weight.grad)).toEqual(values(layer.weight.detach().mul(2)));
    expect(() => vectorToParameters(ones(7), other.parameters())).toThrow(/parameters\s+8/);
  });
});
