import { type DType, isFloating } from "@tapegrad/tensor";
import fc from "fast-check";
import { describe, it } from "vitest";
import { type BackwardOptions, gradcheck, gradgradcheck, replay, type Tensor, traceGraph } from "../../src/index.ts";
import { draws, leavesOf, tensorsOf, withGradients } from "./draws.ts";
import type { Elements } from "./elements.ts";
import { elementsOf, expectDType, expectNear, expectSameBits, expectShape } from "./expect.ts";
import { type Case, cases } from "./samples.ts";

const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/** The gradients of all inputs that have one, from a fixed gradient of the result. */
function gradients({ sample, run }: Case, values: number[][], float: DType, options: BackwardOptions): Elements[] {
  const inputs = tensorsOf(sample, values, float);
  const [, ...found] = withGradients(sample, run, options)(...inputs);
  const wanted = inputs.filter(({ dtype }, i) => isFloating(dtype) && !sample.inputs[i]!.constant);
  return found.map((gradient, i) => {
    expectShape(gradient.shape, wanted[i]!.shape);
    expectDType(gradient.dtype, wanted[i]!.dtype);
    return elementsOf(gradient);
  });
}

const differentiable = cases.filter(({ sample }) => sample.differentiable ?? true);

describe.each(differentiable)("$label", (one) => {
  const { sample, run } = one;
  const { coarse = false, gradientUlps = 32 } = sample;

  it("has the same gradient whether or not that is recorded, in both precisions", () => {
    fc.assert(
      fc.property(draws(sample), (values) => {
        const exact = gradients(one, values, "float64", { createGraph: true });
        for (const float of ["float32", "float64"] as const) {
          for (const createGraph of [true, false]) {
            const found = gradients(one, values, float, { createGraph });
            found.forEach((gradient, i) => {
              const relative = gradientUlps * EPSILON[float];
              expectNear(gradient, exact[i]!, { relative, scale: "largest" });
            });
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it("replays its gradient on data that the trace has not seen", () => {
    const compute = withGradients(sample, run);
    fc.assert(
      fc.property(draws(sample), draws(sample), (seen, unseen) => {
        const fresh = tensorsOf(sample, unseen, "float32");
        const replayed = (values: number[][]): Tensor[] =>
          replay(traceGraph(compute, ...tensorsOf(sample, values, "float32")), ...fresh) as Tensor[];
        const expected = compute(...fresh);
        const same = replayed(unseen);
        replayed(seen).forEach((result, i) => {
          expectSameBits(result, same[i]!);
          // fused gradients are traced step by step, and so round in other places
          const tolerance = { relative: gradientUlps * EPSILON.float32, scale: "largest" } as const;
          expectNear(elementsOf(result), elementsOf(expected[i]!), tolerance);
        });
      }),
      { numRuns: 20 },
    );
  });

  if (coarse) return;

  it("has the gradient that finite differences give, to second order", () => {
    fc.assert(
      fc.property(draws(sample), (values) => {
        const leaves = leavesOf(sample, values, "float64");
        gradcheck(run, leaves);
        gradgradcheck(run, leaves);
      }),
      { numRuns: 20 },
    );
  });
});
