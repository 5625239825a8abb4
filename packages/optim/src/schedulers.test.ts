import { zeros } from "@tapegrad/autograd";
import { describe, expect, it } from "vitest";
import goldens from "./__fixtures__/trajectories.json" with { type: "json" };
import { CosineAnnealingLR, LambdaLR, type LRScheduler, SGD, StepLR } from "./index.ts";

const make: Record<"StepLR" | "Cos" | "Lambda", (optimizer: SGD) => LRScheduler> = {
  StepLR: (optimizer) => new StepLR(optimizer, 3, { gamma: 0.5 }),
  Cos: (optimizer) => new CosineAnnealingLR(optimizer, 3, { etaMin: 0.01 }),
  Lambda: (optimizer) => new LambdaLR(optimizer, (epoch) => 0.9 ** epoch),
};
const sgd = (): SGD => new SGD([zeros([1], { requiresGrad: true })], { lr: 0.1 });

describe.each(Object.entries(make))("%s", (name, build) => {
  const expected = goldens[name as keyof typeof make];

  it("sets the rates that torch sets", () => {
    const optimizer = sgd();
    const scheduler = build(optimizer);
    for (const [i, rate] of expected.entries()) {
      if (i > 0) scheduler.step();
      expect(scheduler.getLastLr()[0]).toBeCloseTo(rate, 15);
      expect(optimizer.paramGroups[0]!.lr).toBe(scheduler.getLastLr()[0]);
    }
  });

  it("goes on from a state dict", () => {
    const [first, second] = [sgd(), sgd()];
    const before = build(first);
    for (let i = 0; i < 4; i++) before.step();
    const after = build(second);
    second.loadStateDict(first.stateDict());
    after.loadStateDict(before.stateDict());
    before.step();
    after.step();
    expect(after.getLastLr()).toEqual(before.getLastLr());
    expect(after.stateDict()).toEqual(before.stateDict());
  });
});

describe("schedulers refuse", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["a step size of 0", () => new StepLR(sgd(), 0), /stepSize must be a whole number/],
    ["a misspelt option", () => new CosineAnnealingLR(sgd(), 3, { eta_min: 1 } as object), /did you mean etaMin/],
    ["functions that do not match the groups", () => new LambdaLR(sgd(), []), /one function a group/],
    ["to resume without initial rates", () => new StepLR(sgd(), 3, { lastEpoch: 5 }), /initial learning rate/],
    [
      "a state dict of something else",
      () => new StepLR(sgd(), 3).loadStateDict({ lr: 1 }),
      /not one of this scheduler/,
    ],
  ])("%s", (_, build, words) => {
    expect(build).toThrow(words);
  });
});
