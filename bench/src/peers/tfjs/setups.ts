import { exp, grad, losses, matMul, type Optimizer, type Tensor, tanh, tensor, tidy, train } from "@tensorflow/tfjs";
import type { Input, Inputs } from "../../inputs.ts";
import { gptSizes } from "../../lines/gptSizes.ts";
import type { ServedWork } from "../../sides/answerer.ts";
import { causalMask, inputOf, oneHot, weightsOf } from "../arrays.ts";
import type { Setup } from "../setups.ts";
import type { Data, Weights } from "./models.ts";
import { gptLoss, mlpLoss, tinyLoss } from "./models.ts";
import { training } from "./training.ts";

const fromInput = ({ values, shape }: Input): Tensor => tensor(Float32Array.from(values), [...shape]);

const classes = (inputs: Inputs, name: string, count: number): Tensor => {
  const input = inputOf(inputs, name);
  return tensor(oneHot(input, count), [input.values.length, count]);
};

/** A function of tensors whose result has a name among those that are compared. */
function call(f: (...args: Tensor[]) => Tensor, args: readonly Tensor[], result: string, per = 1): ServedWork {
  const compute = (): Tensor => tidy(() => f(...args));
  return {
    run: () => compute().dispose(),
    asynchronous: false,
    per,
    results: () => {
      const value = compute();
      const numbers = value.dataSync();
      value.dispose();
      return { [result]: numbers };
    },
    dispose: () => {
      for (const one of args) one.dispose();
    },
  };
}

const named = (inputs: Inputs, ...names: string[]): Tensor[] => names.map((name) => fromInput(inputOf(inputs, name)));

function trained(
  inputs: Inputs,
  lossOf: (weights: Weights, data: Data) => Tensor,
  optimizer: Optimizer,
  count: number | null,
): ServedWork {
  const y = count === null ? fromInput(inputOf(inputs, "y")) : classes(inputs, "y", count);
  return training({ weights: weightsOf(inputs), data: { x: fromInput(inputOf(inputs, "x")), y }, lossOf, optimizer });
}

function gpt(inputs: Inputs): ServedWork {
  const { vocabulary, context } = gptSizes;
  const [lr, decay] = [3e-4, 0.01];
  const data = {
    x: classes(inputs, "x", vocabulary),
    y: classes(inputs, "y", vocabulary),
    mask: tensor(causalMask(context), [context, context]),
  };
  const weights = weightsOf(inputs, ["tokens.weight", "positions.weight"]);
  const optimizer = train.adam(lr, 0.9, 0.999, 1e-8);
  const work = training({ weights, data, lossOf: gptLoss, optimizer, keep: 1 - lr * decay });
  return { ...work, note: "embedding as a product with one-hot rows; AdamW as decay by hand and Adam" };
}

const ADDS = 100_000;

/** What TensorFlow.js does. */
export const setups: readonly Setup[] = [
  [/^matmul/, (inputs) => call((a, b) => matMul(a!, b!), named(inputs, "a", "b"), "product")],
  [/^exp/, (inputs) => call((x) => exp(x!), named(inputs, "x"), "output")],
  [/^tanh/, (inputs) => call((x) => tanh(x!), named(inputs, "x"), "output")],
  [
    /^relu/,
    (inputs) => {
      const chain = (x: Tensor): Tensor => {
        let h = x;
        for (let i = 0; i < 8; i++) h = h.add(x).relu();
        return h.mean();
      };
      return call(grad(chain), named(inputs, "x"), "gradient");
    },
  ],
  [/^MLP/, (inputs) => trained(inputs, mlpLoss, train.adam(1e-3, 0.9, 0.999, 1e-8), 10)],
  [/^CNN/, "its wasm backend lacks the kernel Conv2DBackpropFilter"],
  [/^tiny GPT/, gpt],
  [
    /^cross entropy/,
    (inputs) => {
      const targets = classes(inputs, "target", inputOf(inputs, "logits").shape[1]!);
      const gradient = grad((logits: Tensor) => losses.softmaxCrossEntropy(targets, logits));
      const work = call(gradient, named(inputs, "logits"), "gradient");
      return {
        ...work,
        dispose: () => {
          work.dispose?.();
          targets.dispose();
        },
      };
    },
  ],
  [/^CTC/, "it has no CTC loss"],
  [/^tiny MLP/, (inputs) => trained(inputs, tinyLoss, train.sgd(0.1), null)],
  [
    /^chain/,
    (inputs) => {
      const [x, one] = named(inputs, "x", "one");
      const chain = (start: Tensor): Tensor => {
        let y = start;
        for (let i = 0; i < ADDS; i++) y = y.add(one!);
        return y;
      };
      return call(grad(chain), [x!], "gradient", ADDS);
    },
  ],
];
