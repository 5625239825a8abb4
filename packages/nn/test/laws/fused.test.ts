import { grad, gradgradcheck, type Tensor } from "@tapegrad/autograd";
import { broadcastShapes, sizeOf } from "@tapegrad/tensor";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import type { ElementLoss } from "../../src/losses/common/elementLoss.ts";
import {
  absoluteErrors,
  divergences,
  logDivergences,
  logitErrors,
  squaredErrors,
} from "../../src/losses/common/elementLosses.ts";
import type { Reduction } from "../../src/losses/common/reduction.ts";
import { composedSoftmaxPick, softmaxPick } from "../../src/losses/common/softmaxPick.ts";
import { boxes, chances, doubles, reals, wholes } from "./arbitraries.ts";
import { expectClose, law, scaleOf } from "./compare.ts";

const reductions = fc.constantFrom<Reduction>("none", "mean", "sum");

/** Precisions, and how far results of two ways of computing may differ in them. */
const precisions = fc.constantFrom(
  { dtype: "float64", tolerance: 1e-14 } as const,
  {
    dtype: "float32",
    tolerance: 2e-6,
  } as const,
);

const elementLosses: readonly (readonly [name: string, loss: ElementLoss, target: typeof reals])[] = [
  ["squared errors", squaredErrors, reals],
  ["absolute errors", absoluteErrors, reals],
  ["cross entropy of yes and no from logits", logitErrors, chances],
  ["divergences", divergences, chances],
  ["divergences from logarithms", logDivergences, reals],
];

/** A loss and its gradients from a gradient of its own. */
function derive(loss: () => Tensor, inputs: readonly Tensor[], seed: number): Tensor[] {
  const output = loss();
  const own = doubles(
    Array.from({ length: output.numel() }, (_, i) => ((seed + 7 * i) % 11) / 4 - 1),
    output.shape,
  );
  return [output.detach(), ...grad([output], inputs, [own.to(output.dtype)])];
}

function expectSame(fused: readonly Tensor[], composed: readonly Tensor[], tolerance: number): void {
  for (const [i, result] of fused.entries()) expectClose(result, composed[i]!, tolerance, 4 * scaleOf(...composed));
}

/** Two shapes that broadcast. */
const shapePairs = boxes.chain((shape) =>
  fc
    .array(fc.boolean(), { minLength: shape.length, maxLength: shape.length })
    .map((kept) => [shape, shape.map((size, d) => (kept[d] ? size : 1))] as const),
);

describe("in one pass", () => {
  it.each(elementLosses)("%s are what their composed definition is, with all gradients", (_name, loss, targets) => {
    const samples = shapePairs.chain(([shape, other]) => fc.tuple(reals(shape), targets(other)));
    law([samples, reductions, precisions, fc.nat()], ([x, t], reduction, { dtype, tolerance }, seed) => {
      const [input, target] = [x, t].map((tensor) => tensor.to(dtype).requiresGrad_()) as [Tensor, Tensor];
      const inputs = [input, target];
      expectSame(
        derive(() => loss(input, target, reduction), inputs, seed),
        derive(() => loss.composed(input, target, reduction), inputs, seed),
        tolerance * sizeOf(broadcastShapes("law", input.shape, target.shape)),
      );
    })();
  });

  it.each(elementLosses.slice(2))("%s have true second derivatives", (_name, loss, targets) => {
    const samples = boxes.chain((shape) => fc.tuple(reals(shape), targets(shape)));
    fc.assert(
      fc.property(samples, reductions, ([x, t], reduction) =>
        gradgradcheck(
          (input: Tensor, target: Tensor) => loss(input, target, reduction),
          [x.requiresGrad_(), t.clone().requiresGrad_()],
        ),
      ),
      { numRuns: 20 },
    );
  });

  const classified = fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 20 }), fc.boolean())
    .chain(([batch, classes, unbatched]) =>
      fc.tuple(reals(unbatched ? [classes] : [batch, classes]), wholes(unbatched ? [] : [batch], 0, classes - 1)),
    );

  it(
    "cross entropy is what its composed definition is, with its gradient, and whatever is ignored",
    law(
      [classified, reductions, precisions, fc.nat({ max: 3 })],
      ([x, target], reduction, { dtype, tolerance }, seed) => {
        const input = x.to(dtype).requiresGrad_();
        const counted = target.toArray().some((index) => index !== seed);
        if (reduction === "mean" && !counted) return; // NaN, of both
        expectSame(
          derive(() => softmaxPick(input, target, seed, reduction), [input], seed),
          derive(() => composedSoftmaxPick(input, target, seed, reduction), [input], seed),
          tolerance * target.numel(),
        );
      },
    ),
  );
});
