import { blockUntilReady, jit, valueAndGrad } from "@jax-js/jax";
import type { ServedWork } from "../../sides/answerer.ts";
import { changeOf, type Weight } from "../arrays.ts";
import { arrayOf, disposeTree, type JaxArray, numbers, refTree, type Tree } from "./library.ts";
import type { Rule } from "./optimizers.ts";

/** A model's loss on given data; uses its arguments up. */
export type Loss = (parameters: Tree, data: Tree) => JaxArray;

interface Step {
  readonly parameters: Tree;
  readonly state: Tree;
  readonly loss: JaxArray;
}

/** A training step as one compiled function of parameters, optimizer state and data. */
export function training(weights: readonly Weight[], data: Tree, loss: Loss, rule: Rule): ServedWork {
  const differentiated = valueAndGrad(loss);
  const step = jit((parameters: Tree, state: Tree, given: Tree) => {
    const [value, gradients] = differentiated(refTree(parameters), given) as [JaxArray, Tree];
    const [moved, next] = rule.step(parameters, gradients, state);
    return { parameters: moved, state: next, loss: value };
  });
  let parameters: Tree = Object.fromEntries(weights.map(({ name, values, shape }) => [name, arrayOf(values, shape)]));
  let state = rule.start(parameters);
  const run = async (): Promise<number> => {
    const next = step(parameters, state, refTree(data)) as unknown as Step;
    ({ parameters, state } = next);
    const [value] = (await next.loss.data()) as Float32Array;
    await blockUntilReady(parameters);
    return value!;
  };
  return {
    run,
    asynchronous: true,
    per: 1,
    results: async () => {
      await run();
      await run();
      const value = await run();
      const now = await Promise.all(weights.map(({ name }) => numbers(parameters[name]!.ref)));
      return { loss: [value], change: changeOf(weights, now) };
    },
    dispose: () => {
      for (const tree of [parameters, state, data]) disposeTree(tree);
      step.dispose();
    },
  };
}
