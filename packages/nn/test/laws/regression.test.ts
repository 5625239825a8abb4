import { exp, grad, minimum, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { F } from "../../src/index.ts";
import { boxes, doubles, numbers, positives, reals, weights } from "./arbitraries.ts";
import { expectAtLeast, expectClose, law } from "./compare.ts";

const { gaussianNllLoss, huberLoss, l1Loss, mseLoss, poissonNllLoss, smoothL1Loss } = F;
const each = { reduction: "none" } as const;

const pairs = boxes.chain((shape) => fc.tuple(reals(shape), reals(shape)));

describe("distances", () => {
  it(
    "smooth L1 is Huber over beta",
    law([pairs, positives], ([x, t], beta) => {
      expectClose(smoothL1Loss(x, t, { ...each, beta }), huberLoss(x, t, { ...each, delta: beta }).div(beta));
    }),
  );

  it(
    "smooth L1 nears L1 as beta nears 0, by no more than half of beta, and is L1 at 0",
    law([pairs, numbers({ min: 0, max: 1e-3 })], ([x, t], beta) => {
      const gap = l1Loss(x, t, each).sub(smoothL1Loss(x, t, { ...each, beta }));
      expectAtLeast(gap, gap.mul(0));
      expectAtLeast(gap.mul(0).add(beta / 2), gap);
      expectClose(smoothL1Loss(x, t, { ...each, beta: 0 }), l1Loss(x, t, each));
    }),
  );

  it(
    "Huber becomes half of MSE as delta grows",
    law([pairs, numbers({ min: 8, max: 100 })], ([x, t], delta) => {
      expectClose(huberLoss(x, t, { ...each, delta }), mseLoss(x, t, each).div(2));
    }),
  );

  it(
    "Huber is never above half of MSE, nor above delta times L1",
    law([pairs, positives], ([x, t], delta) => {
      const bound = minimum(mseLoss(x, t, each).div(2), l1Loss(x, t, each).mul(delta));
      expectAtLeast(bound, huberLoss(x, t, { ...each, delta }));
    }),
  );

  it(
    "none of them cares which is the input and which the target",
    law([pairs, positives], ([x, t], delta) => {
      for (const fn of [l1Loss, mseLoss, smoothL1Loss]) expectClose(fn(x, t, each), fn(t, x, each), 0);
      expectClose(huberLoss(x, t, { ...each, delta }), huberLoss(t, x, { ...each, delta }), 0);
    }),
  );

  it(
    "with weights their mean is that of rows repeated",
    law([reals([2, 3]), reals([2, 3]), fc.integer({ min: 1, max: 3 })], (x, t, times) => {
      const weight = doubles([1, 1, 1, times, times, times], [2, 3]);
      const rows = (of: Tensor): Tensor => of.indexSelect(0, [0, ...Array.from({ length: times }, () => 1)]);
      for (const fn of [l1Loss, mseLoss]) expectClose(fn(x, t, { weight }), fn(rows(x), rows(t)));
    }),
  );
});

describe("Gaussian NLL", () => {
  it(
    "at variance 1 is half of MSE",
    law([pairs], ([x, t]) => {
      expectClose(gaussianNllLoss(x, t, x.mul(0).add(1), each), mseLoss(x, t, each).div(2));
      expectClose(gaussianNllLoss(x, t, 1, each), mseLoss(x, t, each).div(2));
    }),
  );

  it(
    "is that of the error in units of the standard deviation, plus its logarithm",
    law([boxes.chain((shape) => fc.tuple(reals(shape), reals(shape), weights(shape)))], ([x, t, variance]) => {
      const scale = variance.sqrt();
      const inUnits = gaussianNllLoss(x.div(scale), t.div(scale), 1, each);
      expectClose(gaussianNllLoss(x, t, variance, each), inUnits.add(scale.log()));
    }),
  );

  it(
    "in full is minus the logarithm of a density that sums to one",
    law([reals([]), weights([])], (mean, variance) => {
      const step = 1 / 64;
      const count = 64 * 40;
      const points = doubles(
        Float64Array.from({ length: count }, (_, i) => (i - count / 2) * step),
        [count],
      );
      const density = exp(
        gaussianNllLoss(mean.expand([count]), points, variance.expand([count]), { ...each, full: true }).neg(),
      );
      expect(density.sum().item() * step).toBeCloseTo(1, 9);
    }),
  );

  it(
    "takes a variance below eps for eps",
    law([pairs, numbers({ min: 0, max: 0.5 })], ([x, t], variance) => {
      expectClose(gaussianNllLoss(x, t, variance, { ...each, eps: 0.5 }), gaussianNllLoss(x, t, 0.5, each));
    }),
  );
});

describe("Poisson NLL", () => {
  const counts = boxes.chain((shape) => fc.tuple(reals(shape), reals(shape, { min: 0, max: 9 })));

  it(
    "takes rates and their logarithms alike",
    law([counts, fc.boolean()], ([x, t], full) => {
      const ofRate = poissonNllLoss(exp(x), t, { ...each, logInput: false, eps: 0, full });
      expectClose(poissonNllLoss(x, t, { ...each, full }), ofRate);
    }),
  );

  it(
    "is least where the rate is the target",
    law([boxes.chain((shape) => fc.tuple(reals(shape), weights(shape)))], ([x, t]) => {
      const least = t.log().requiresGrad_();
      const slope = grad([poissonNllLoss(least, t, { reduction: "sum" })], [least])[0]!;
      expectClose(slope, slope.mul(0));
      expectAtLeast(poissonNllLoss(x, t, each), poissonNllLoss(least.detach(), t, each));
    }),
  );

  it(
    "in full adds what the input has no part in: nearly ln t! for counts above 1, else nothing",
    law([reals([]), fc.integer({ min: 0, max: 30 })], (x, count) => {
      const t = doubles([count], []);
      const added = poissonNllLoss(x, t, { ...each, full: true })
        .sub(poissonNllLoss(x, t, each))
        .item();
      let factorial = 0;
      for (let i = 2; i <= count; i++) factorial += Math.log(i);
      if (count <= 1) expect(added).toBe(0);
      else expect(Math.abs(added - factorial)).toBeLessThan(1 / (12 * count) + 1e-9);
    }),
  );
});
