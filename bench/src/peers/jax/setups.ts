import { grad, jit, nn, numpy as np } from "@jax-js/jax";
import type { Inputs } from "../../inputs.ts";
import { gptSizes } from "../../lines/gptSizes.ts";
import type { ServedWork } from "../../sides/answerer.ts";
import { causalMask, inputOf, oneHot, weightsOf } from "../arrays.ts";
import type { Setup } from "../setups.ts";
import { arrayOf, disposeTree, finish, fromInput, type JaxArray, numbers, type Tree } from "./library.ts";
import { cnnLoss, crossEntropy, gptLoss, mlpLoss, tinyLoss } from "./models.ts";
import { adam, sgd } from "./optimizers.ts";
import { type Loss, training } from "./training.ts";

type Call = (...args: JaxArray[]) => JaxArray;

/** A function of arrays whose result has a name among those that are compared. */
function call(f: Call, args: Tree, result: string, options: { per?: number; note?: string } = {}): ServedWork {
  const refs = (): JaxArray[] => Object.values(args).map((value) => value.ref);
  return {
    run: () => finish(f(...refs())),
    asynchronous: true,
    per: 1,
    results: async () => ({ [result]: await numbers(f(...refs())) }),
    dispose: () => disposeTree(args),
    ...options,
  };
}

function classes(inputs: Inputs, name: string, count: number): JaxArray {
  const input = inputOf(inputs, name);
  return arrayOf(oneHot(input, count), [input.values.length, count]);
}

const classifier =
  (loss: Loss, rule: Parameters<typeof training>[3]) =>
  (inputs: Inputs): ServedWork => {
    const data = { x: fromInput(inputOf(inputs, "x")), y: classes(inputs, "y", 10) };
    return training(weightsOf(inputs), data, loss, rule);
  };

const reluChain: Call = (x) => {
  let h = x.ref;
  for (let i = 0; i < 8; i++) h = nn.relu(h.add(x.ref));
  x.dispose();
  return np.mean(h);
};

/** Longer chains overflow the stack. */
const ADDS = 1000;

const addChain: Call = (x, one) => {
  let y = x;
  for (let i = 0; i < ADDS; i++) y = y.add(one.ref);
  one.dispose();
  return y.sum();
};

/** What jax-js does, compiled with `jit` wherever it can be. */
export const setups: readonly Setup[] = [
  [
    /^matmul/,
    (inputs) =>
      call(
        jit((a: JaxArray, b: JaxArray) => np.matmul(a, b)),
        { a: fromInput(inputOf(inputs, "a")), b: fromInput(inputOf(inputs, "b")) },
        "product",
      ),
  ],
  [
    /^exp/,
    (inputs) =>
      call(
        jit((x: JaxArray) => np.exp(x)),
        { x: fromInput(inputOf(inputs, "x")) },
        "output",
      ),
  ],
  [
    /^tanh/,
    (inputs) =>
      call(
        jit((x: JaxArray) => np.tanh(x)),
        { x: fromInput(inputOf(inputs, "x")) },
        "output",
      ),
  ],
  [/^relu/, (inputs) => call(jit(grad(reluChain)), { x: fromInput(inputOf(inputs, "x")) }, "gradient")],
  [/^MLP/, classifier(mlpLoss, adam(1e-3))],
  [/^CNN/, classifier(cnnLoss, sgd(0.01, 0.9))],
  [
    /^tiny GPT/,
    (inputs) => {
      const { vocabulary, context } = gptSizes;
      const data = {
        x: classes(inputs, "x", vocabulary),
        y: classes(inputs, "y", vocabulary),
        mask: arrayOf(causalMask(context), [context, context]),
      };
      const weights = weightsOf(inputs, ["tokens.weight", "positions.weight"]);
      return {
        ...training(weights, data, gptLoss, adam(3e-4, 0.01)),
        note: "embedding as a product with one-hot rows",
      };
    },
  ],
  [
    /^cross entropy/,
    (inputs) => {
      const logits = inputOf(inputs, "logits");
      const args = { logits: fromInput(logits), target: classes(inputs, "target", logits.shape[1]!) };
      return call(jit(grad(crossEntropy)), args, "gradient");
    },
  ],
  [/^CTC/, "it has no CTC loss"],
  [
    /^tiny MLP/,
    (inputs) => {
      const data = { x: fromInput(inputOf(inputs, "x")), y: fromInput(inputOf(inputs, "y")) };
      return training(weightsOf(inputs), data, tinyLoss, sgd(0.1));
    },
  ],
  [
    /^chain/,
    (inputs) => {
      const args = { x: fromInput(inputOf(inputs, "x")), one: fromInput(inputOf(inputs, "one")) };
      const note = `a chain of ${ADDS.toLocaleString("en")}, not compiled; longer ones overflow its stack`;
      return call(grad(addChain), args, "gradient", { per: ADDS, note });
    },
  ],
];
