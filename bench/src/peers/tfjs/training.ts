import { type Optimizer, type Scalar, type Tensor, tensor, tidy, variable } from "@tensorflow/tfjs";
import type { ServedWork } from "../../sides/answerer.ts";
import { changeOf, type Weight } from "../arrays.ts";
import type { Data, Weights } from "./models.ts";

/** How a model is trained. */
export interface Training {
  readonly weights: readonly Weight[];
  readonly data: Data;
  readonly lossOf: (weights: Weights, data: Data) => Tensor;
  readonly optimizer: Optimizer;
  /** What is left of every parameter before a step, as in AdamW, which the library does not have. @defaultValue 1 */
  readonly keep?: number;
}

/** A training step. */
export function training({ weights, data, lossOf, optimizer, keep = 1 }: Training): ServedWork {
  const variables = weights.map(({ values, shape }) => {
    const start = tensor(values, [...shape]);
    const made = variable(start);
    start.dispose();
    return made;
  });
  const model: Weights = Object.fromEntries(weights.map(({ name }, i) => [name, variables[i]!]));
  const step = (): Scalar => {
    if (keep !== 1) for (const one of variables) one.assign(tidy(() => one.mul(keep)));
    return optimizer.minimize(() => lossOf(model, data) as Scalar, true, variables)!;
  };
  const run = (): void => step().dispose();
  return {
    run,
    asynchronous: false,
    per: 1,
    results: () => {
      run();
      run();
      const loss = step();
      const value = loss.dataSync();
      loss.dispose();
      return {
        loss: value,
        change: changeOf(
          weights,
          variables.map((one) => one.dataSync()),
        ),
      };
    },
    dispose: () => {
      optimizer.dispose();
      for (const one of [...variables, ...Object.values(data)]) one.dispose();
    },
  };
}
