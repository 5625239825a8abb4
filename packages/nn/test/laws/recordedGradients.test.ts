import { grad, type Tensor, tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { expectClose, law } from "./compare.ts";
import { tracked } from "./problem.ts";
import { table } from "./table.ts";

// where a gradient is recorded it is composed of ops; otherwise many come out of one pass
describe.each(Object.entries(table))("%s", (_, { problems, byFunction, differentiable }) => {
  it(
    "has the same gradients, recorded or not",
    law([problems, fc.constantFrom("none", "mean", "sum")], (problem, reduction) => {
      const { of, leaves } = tracked(problem, differentiable);
      const losses = byFunction(of, reduction);
      const start = Array.from({ length: losses.numel() }, (_, i) => 1 + ((i * 0.618034) % 1));
      const from = tensor(start, { dtype: losses.dtype as "float64" }).reshape(losses.shape);
      const plain = grad([losses], leaves, [from], { retainGraph: true }) as Tensor[];
      const recorded = grad([losses], leaves, [from], { createGraph: true }) as Tensor[];
      recorded.forEach((gradient, i) => {
        expectClose(gradient, plain[i]!);
      });
    }),
  );
});
