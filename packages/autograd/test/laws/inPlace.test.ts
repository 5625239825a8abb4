import { type DType, sameShape } from "@tapegrad/tensor";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { replay, Tensor, traceGraph } from "../../src/index.ts";
import { stack } from "../../src/ops/index.ts";
import { draws, tensorsOf, withGradients } from "./draws.ts";
import { elementsOf, expectNear, expectSameBits } from "./expect.ts";
import type { AnyFunction } from "./sample.ts";
import { type Call, type Case, callOf, cases, singleCases } from "./samples.ts";

const methods = Tensor.prototype as unknown as Readonly<Record<string, (this: Tensor, ...rest: unknown[]) => Tensor>>;

/** A method as a function of the tensor it is called on. */
const asFunction = (name: string): AnyFunction =>
  ((first: Tensor, ...rest: unknown[]) => methods[name]!.call(first, ...rest)) as AnyFunction;

/** Whether the result has the shape and dtype of the first input, which is a tensor, so that it can take its place. */
function fits({ sample, run }: Case): boolean {
  const [values] = fc.sample(draws(sample), 1);
  const inputs = tensorsOf(sample, values!, "float32");
  const result = run(...inputs);
  return sameShape(result.shape, inputs[0]!.shape) && result.dtype === inputs[0]!.dtype && takesTensorFirst(sample);
}

/** Whether the op is called with the first input first, and not with a number. */
function takesTensorFirst(sample: Case["sample"]): boolean {
  let first: unknown;
  const [values] = fc.sample(draws(sample), 1);
  const inputs = tensorsOf(sample, values!, "float32");
  callOf(sample, ((...args: unknown[]) => {
    first = args[0];
    return inputs[0]!;
  }) as AnyFunction)(...inputs);
  return first === inputs[0];
}

const inPlaceCases = singleCases.filter((one) => `${one.name}_` in methods && fits(one));

/** Value of `compute` at fresh leaves, and the gradients of all of them. */
const run = (one: Case, values: number[][], float: DType, compute: Call): Tensor[] =>
  withGradients(one.sample, compute)(...tensorsOf(one.sample, values, float));

/** Compares values bit for bit, and gradients up to the order in which they were added. */
function expectAlike([value, ...gradients]: Tensor[], [wanted, ...expected]: Tensor[]): void {
  expectSameBits(value!, wanted!);
  expect(gradients.length).toBe(expected.length);
  gradients.forEach((gradient, i) => {
    const relative = gradient.dtype === "float32" ? 2 ** -20 : 1e-14;
    expectNear(elementsOf(gradient), elementsOf(expected[i]!), { relative, scale: "largest" });
  });
}

describe("samples", () => {
  it("are there for every form in place", () => {
    const forms = singleCases.map(({ name }) => name).filter((name) => `${name}_` in methods);
    const known = new Set(inPlaceCases.map(({ name }) => name));
    expect(forms.length).toBeGreaterThan(0);
    expect([...new Set(forms)].filter((name) => !known.has(name))).toEqual([]);
  });
});

describe.each(inPlaceCases)("$label in place", (one) => {
  const { sample, run: outOfPlace, name } = one;
  const overwriting: Call = callOf(sample, asFunction(`${name}_`));

  it("gives the value and the gradients of the op, and counts one change", () => {
    fc.assert(
      fc.property(draws(sample), fc.constantFrom<DType>("float32", "float64"), (values, float) => {
        const expected = run(one, values, float, (x, ...rest) => outOfPlace(x!.mul(1), ...rest));
        const actual = run(one, values, float, (x, ...rest) => {
          const fresh = x!.mul(1);
          const { version } = fresh;
          const result = overwriting(fresh, ...rest);
          expect(result).toBe(fresh);
          expect(fresh.version).toBe(version + 1);
          return fresh;
        });
        expectAlike(actual, expected);
      }),
      { numRuns: 30 },
    );
  });

  it("changes a transposed view and its base alike", () => {
    fc.assert(
      fc.property(draws(sample), (values) => {
        const reversed = (x: Tensor): Tensor => x.permute(x.shape.map((_, d) => x.ndim - 1 - d));
        const expected = run(one, values, "float64", (x, ...rest) =>
          stack([reversed(x!), reversed(outOfPlace(x!, ...rest))]),
        );
        const actual = run(one, values, "float64", (x, ...rest) => {
          const base = stack([reversed(x!), reversed(x!)]);
          const { version } = base;
          overwriting(reversed(base.select(0, 1)), ...rest);
          expect(base.version).toBe(version + 1);
          return base;
        });
        expectAlike(actual, expected);
      }),
      { numRuns: 30 },
    );
  });

  it("replays bit for bit, with its gradients, on data that the trace has not seen", () => {
    const changing = withGradients(sample, (x, ...rest) => overwriting(x!.mul(1), ...rest));
    fc.assert(
      fc.property(draws(sample), draws(sample), (seen, unseen) => {
        const traced = traceGraph(changing, ...tensorsOf(sample, seen, "float32"));
        const fresh = tensorsOf(sample, unseen, "float32");
        const expected = changing(...fresh);
        (replay(traced, ...fresh) as Tensor[]).forEach((result, i) => {
          expectSameBits(result, expected[i]!);
        });
      }),
      { numRuns: 30 },
    );
  });
});

// where() puts the condition second as a method
const asMethods = cases.filter(({ name, sample }) => name in methods && name !== "where" && takesTensorFirst(sample));

describe("every function that starts from a tensor is a method of it", () => {
  it.each(asMethods)("$label", ({ name, sample, run: asOp }) => {
    const method = callOf(sample, asFunction(name));
    fc.assert(
      fc.property(draws(sample), (values) => {
        const inputs = tensorsOf(sample, values, "float32");
        expectSameBits(method(...inputs), asOp(...inputs));
      }),
      { numRuns: 3 },
    );
  });
});
