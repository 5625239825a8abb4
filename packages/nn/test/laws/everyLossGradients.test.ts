import { grad, gradcheck, gradgradcheck, Tensor } from "@tapegrad/autograd";
import { NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { corners } from "@tapegrad/tensor/testing";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { numbers, type Range } from "./arbitraries.ts";
import { expectClose, expectNumbers, law } from "./compare.ts";
import type { Entry } from "./entry.ts";
import { type Problem, replaced, scattered, single, tracked } from "./problem.ts";
import { table } from "./table.ts";

/** The gradients of a sum of losses, of which no two count alike. */
function gradients({ byFunction }: Entry, problem: Problem, differentiable: readonly string[]): Tensor[] {
  const { of, leaves } = tracked(problem, differentiable);
  const losses = byFunction(of, "none");
  const start = Array.from({ length: losses.numel() }, (_, i) => Math.fround(1 + ((i * 0.618034) % 1)));
  const from = new Tensor(NDArray.of(start, losses.shape, losses.dtype));
  return grad([losses], leaves, [from]) as Tensor[];
}

/** Anything that float32 can be within a range, its ends and corners more often than not. */
const extremesOf = (shape: Shape, { min, max }: Range): fc.Arbitrary<Tensor> => {
  const ends = [min, max, ...corners.filter((x) => x >= min && x <= max)].map(Math.fround);
  const moderate = numbers({ min: Math.max(min, -4), max: Math.min(max, 4) });
  const one = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...ends) }, { weight: 1, arbitrary: moderate });
  const size = sizeOf(shape);
  return fc
    .array(one, { minLength: size, maxLength: size })
    .map((elements) => new Tensor(NDArray.of(elements, shape, "float64")));
};

/** Problems at the ends of float32. */
const extreme = ({ problems, extremes }: Entry): fc.Arbitrary<Problem> =>
  problems.chain((problem) => {
    const names = Object.keys(extremes).filter((name) => problem.tensors[name] !== undefined);
    const wild = names.map((name) => extremesOf(problem.tensors[name]!.shape, extremes[name]!));
    return fc.tuple(...wild).map((tensors) => {
      const changed = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
      return single({ ...problem, tensors: { ...problem.tensors, ...changed } });
    });
  });

describe.each(Object.entries(table))("%s", (_, entry) => {
  const { problems, byFunction, differentiable } = entry;

  it(
    "does not see the memory layout of what it is given, nor do its gradients",
    law([problems], (problem) => {
      const strided = replaced(problem, scattered);
      const losses = byFunction(problem, "none");
      expectClose(byFunction(strided, "none"), losses);
      const dense = gradients(entry, problem, differentiable);
      gradients(entry, strided, differentiable).forEach((gradient, i) => {
        expectClose(gradient, dense[i]!, 1e-12);
      });
    }),
  );

  it(
    "is a number at the ends of float32, and so are its gradients",
    law([extreme(entry)], (problem) => {
      expectNumbers("losses", byFunction(problem, "none"));
      const wild = differentiable.filter((name) => name in entry.extremes);
      gradients(entry, problem, wild).forEach((gradient, i) => {
        expectNumbers(`gradient of ${wild[i]}`, gradient);
      });
    }),
  );

  it(
    "has the gradients that finite differences give, to second order",
    law([problems], (problem) => {
      const distances = entry.corners?.(problem) ?? [];
      fc.pre(distances.every((distance) => distance.abs().gt(1e-3).all().item() === 1));
      const { of, leaves } = tracked(problem, differentiable);
      const names = Object.keys(of.tensors).filter((name) => of.tensors[name]!.requiresGrad);
      const compute = (...given: Tensor[]): Tensor =>
        byFunction(
          replaced(of, (tensor, name) => given[names.indexOf(name)] ?? tensor),
          "none",
        );
      gradcheck(compute, leaves);
      gradgradcheck(compute, leaves);
    }),
  );
});
