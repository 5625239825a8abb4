import { isFloating, TensorError } from "@tapegrad/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad, replay, type Tensor, traceGraph } from "../../src/index.ts";
import * as ops from "../../src/ops/index.ts";
import { draws, leavesOf, scattered, spread, tensorsOf } from "./draws.ts";
import type { Elements } from "./elements.ts";
import { elementsOf, expectDType, expectNear, expectSameBits, expectShape } from "./expect.ts";
import type { Sample } from "./sample.ts";
import { cases } from "./samples.ts";

const PRECISION = { float32: 2 ** -23, float64: 1e-12 } as const;

const elements = ({ inputs }: Sample, values: number[][]): Elements[] =>
  inputs.map(({ shape }, i) => ({ values: values[i]!, shape }));

/** Compares a result with its definition. */
function expectDefined(result: Tensor, sample: Sample, values: number[][], float: "float32" | "float64"): void {
  const { dtype = float, ulps = 4, scale = "largest" } = sample;
  expectDType(result.dtype, dtype);
  const single = dtype === "float32" || float === "float32"; // float64 may come of what float32 held
  const relative = single ? ulps * PRECISION.float32 : PRECISION.float64;
  expectNear(elementsOf(result), sample.define(...elements(sample, values)), { relative, scale });
}

/** The sample on shapes without elements; those that it names, or the leading size of the first input, 0 wherever it stands. */
function emptied(sample: Sample): Sample {
  const { inputs, empty } = sample;
  const first = inputs[0]!.shape;
  const shared = (shape: readonly number[]): boolean => shape.length === first.length && shape[0] === first[0];
  return {
    ...sample,
    inputs: inputs.map((input, i) => {
      const { shape } = input;
      return { ...input, shape: empty?.[i] ?? (shape.length > 0 && shared(shape) ? [0, ...shape.slice(1)] : shape) };
    }),
  };
}

describe("samples", () => {
  it("are there for every function of the op surface that gives tensors", () => {
    const known = new Set<string>(cases.map(({ name }) => name));
    const unknown = Object.entries(ops).filter(([name, op]) => typeof op === "function" && !known.has(name));
    expect(unknown.map(([name]) => name).sort()).toEqual(["allclose", "equal", "slice"]);
  });
});

describe.each(cases)("$label", ({ sample, run }) => {
  const { differentiable = true, seesLayout, empty } = sample;

  it("means what its definition says", () => {
    fc.assert(
      fc.property(draws(sample), (values) => {
        for (const float of ["float32", "float64"] as const) {
          expectDefined(run(...tensorsOf(sample, values, float)), sample, values, float);
        }
      }),
    );
  });

  it(seesLayout ? `takes any memory layout, which changes ${seesLayout}` : "does not see the memory layout", () => {
    fc.assert(
      fc.property(draws(sample), (values) => {
        const inputs = tensorsOf(sample, values, "float64");
        const [strided, dense] = [run(...inputs.map(scattered)), run(...inputs)];
        if (seesLayout === undefined) expectSameBits(strided, dense);
        else if (seesLayout === "draws") expectShape(strided.shape, dense.shape);
        else expectNear(elementsOf(strided), elementsOf(dense), { relative: PRECISION.float64, scale: "largest" });
      }),
    );
  });

  it("replays bit for bit on data that the trace has not seen", () => {
    fc.assert(
      fc.property(draws(sample), draws(sample), (seen, unseen) => {
        const traced = traceGraph(run, ...tensorsOf(sample, seen, "float32"));
        const fresh = tensorsOf(sample, unseen, "float32");
        expectSameBits(replay(traced, ...fresh) as Tensor, run(...fresh));
      }),
    );
  });

  it(empty === null ? "refuses empty inputs" : "takes empty inputs, and gives them gradients", () => {
    const small = emptied(sample);
    fc.assert(
      fc.property(draws(small), (values) => {
        const leaves = leavesOf(small, values, "float64");
        if (empty === null) {
          expect(() => run(...leaves)).toThrow(TensorError);
          return;
        }
        const result = run(...leaves);
        expectDefined(result, small, values, "float64");
        if (!result.requiresGrad) return;
        const wanted = leaves.filter((leaf) => leaf.requiresGrad);
        const gradients = grad(result, wanted, [spread(result)], { allowUnused: true });
        gradients.forEach((gradient, i) => {
          if (gradient !== null) expectShape(gradient.shape, wanted[i]!.shape);
        });
      }),
      { numRuns: 3 },
    );
  });

  if (differentiable) return;

  it("has no gradient", () => {
    fc.assert(
      fc.property(draws(sample), (values) => {
        const leaves = leavesOf(sample, values, "float64");
        expect(leaves.some((leaf) => isFloating(leaf.dtype) && !leaf.requiresGrad)).toBe(false);
        expect(run(...leaves).requiresGrad).toBe(false);
      }),
      { numRuns: 3 },
    );
  });
});
