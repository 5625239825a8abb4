import { ones, randn, softmax, tensor, zeros } from "@tapegrad/autograd";
import { afterEach, describe, expect, it } from "vitest";
import {
  binaryCrossEntropyWithLogits,
  CrossEntropyLoss,
  crossEntropy,
  MSELoss,
  mseLoss,
  multilabelSoftMarginLoss,
} from "../index.ts";
import { isStrict, losses } from "./strict.ts";

describe("losses.strict", () => {
  afterEach(() => {
    losses.strict = false;
  });

  it("is what losses do that are not told", () => {
    const [column, row] = [zeros(4, 1), ones(4)];
    const loss = new MSELoss();
    expect(loss(column, row).item()).toBe(1);
    losses.strict = true;
    expect(() => loss(column, row)).toThrow(/differ in shape/);
    expect(() => mseLoss(column, row)).toThrow(/differ in shape/);
    expect(() => crossEntropy(softmax(randn(3, 4), 1), [0, 1, 2])).toThrow(/looks like probabilities/);
  });

  it("gives way to the option, in functions and in classes", () => {
    const [column, row] = [zeros(4, 1), ones(4)];
    expect(() => new MSELoss({ strict: true })(column, row)).toThrow(/differ in shape/);
    losses.strict = true;
    expect(mseLoss(column, row, { strict: false }).item()).toBe(1);
    expect(new MSELoss({ strict: false })(column, row).item()).toBe(1);
    expect(new CrossEntropyLoss({ strict: false })(tensor([[0.25, 0.75]]), [1]).item()).toBeCloseTo(0.4741, 4);
  });

  it("has no other settings", () => {
    expect(() => Object.assign(losses, { strickt: true })).toThrow(TypeError);
    expect(isStrict(null)).toBe(false);
    expect(isStrict(true)).toBe(true);
  });

  it("finds targets that are no probabilities", () => {
    const [logits, wrong] = [tensor([[-1, 2]]), tensor([[0, 2]])];
    for (const loss of [binaryCrossEntropyWithLogits, multilabelSoftMarginLoss, crossEntropy]) {
      expect(loss(logits, wrong).shape).toEqual([]);
      expect(() => loss(logits, wrong, { strict: true })).toThrow(/every target must lie in \[0, 1\][\s\S]*found +2/);
      expect(loss(logits, tensor([[0, 1]]), { strict: true }).shape).toEqual([]);
    }
    expect(() => multilabelSoftMarginLoss(tensor([[0.5, 1]]), wrong, { strict: true })).toThrow(/looks like/);
  });
});
