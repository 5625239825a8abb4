import { cat, nn, noGrad, optim, randint, randn, type Tensor } from "tapegrad";
import { GPT, gptFlops } from "./gpt.ts";
import { gptSizes } from "./gptSizes.ts";
import type { Line, Work } from "./line.ts";

const F = nn.functional;

interface Training {
  readonly model: nn.Module;
  readonly optimizer: { zeroGrad(): void; step(): unknown };
  readonly x: Tensor;
  readonly y: Tensor;
  /** @defaultValue cross entropy */
  readonly lossOf?: (output: Tensor, y: Tensor) => Tensor;
  readonly flops?: number;
}

/**
 * A training step. What sides must agree on is the loss after three of them, and how far the parameters have gone: all in one
 * vector, since single ones, whose gradient is nothing but rounding, go where they like under Adam.
 */
function training({
  model,
  optimizer,
  x,
  y,
  lossOf = (output, t) => F.crossEntropy(output, t),
  flops,
}: Training): Work {
  const run = (): Tensor => {
    optimizer.zeroGrad();
    const loss = lossOf(model(x), y);
    loss.backward();
    optimizer.step();
    return loss;
  };
  const parameters = model.parameters();
  const named = Object.entries(model.stateDict()).map(([name, value]) => [`model.${name}`, value] as const);
  const results = (): Record<string, Tensor> => {
    const before = noGrad(() => parameters.map((parameter) => parameter.clone()));
    run();
    run();
    const loss = run();
    const moved = noGrad(() => cat(parameters.map((parameter, i) => parameter.sub(before[i]!).reshape(-1))));
    return { loss, change: moved };
  };
  return { run, inputs: { x, y, ...Object.fromEntries(named) }, results, ...(flops === undefined ? {} : { flops }) };
}

/** Three linear layers on flattened digits. */
export const mlp: Line = {
  name: "MLP 784-256-128-10, Adam",
  trains: true,
  setup: () => {
    const [x, y] = [randn(64, 784), randint(10, [64])];
    const layers = [
      new nn.Linear(784, 256),
      new nn.ReLU(),
      new nn.Linear(256, 128),
      new nn.ReLU(),
      new nn.Linear(128, 10),
    ];
    const model = new nn.Sequential(...layers);
    const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3 });
    // the first layer has no gradient of its input
    const flops = 2 * 64 * (2 * 784 * 256 + 3 * 256 * 128 + 3 * 128 * 10);
    return training({ model, optimizer, x, y, flops });
  },
};

/** Two convolutions with pooling, and a linear layer. */
export const cnn: Line = {
  name: "CNN 28x28, SGD momentum",
  trains: true,
  setup: () => {
    const [x, y] = [randn(64, 1, 28, 28), randint(10, [64])];
    const block = (from: number, to: number): nn.Module[] => [
      new nn.Conv2d(from, to, 3, { padding: 1 }),
      new nn.ReLU(),
      new nn.MaxPool2d(2),
    ];
    const model = new nn.Sequential(...block(1, 8), ...block(8, 16), new nn.Flatten(), new nn.Linear(784, 10));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
    const flops = 2 * 64 * (2 * 28 * 28 * 8 * 9 + 3 * 14 * 14 * 16 * 72 + 3 * 784 * 10);
    return training({ model, optimizer, x, y, flops });
  },
};

/** A small language model: {@link GPT}. */
export const gpt: Line = {
  name: "tiny GPT, AdamW",
  trains: true,
  setup: () => {
    const { batch, context, vocabulary } = gptSizes;
    const [x, y] = [randint(vocabulary, [batch, context]), randint(vocabulary, [batch * context])];
    const model = new GPT();
    const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-4 });
    return training({ model, optimizer, x, y, flops: gptFlops });
  },
};

/** Sixteen hidden units on sixteen points: what a step costs when the numbers cost nothing. */
export const tinyMlp: Line = {
  name: "tiny MLP 2-16-1",
  trains: true,
  setup: () => {
    const x = randn(16, 2);
    const y = x.select(1, 0).mul(x.select(1, 1)).gt(0).float().unsqueeze(1);
    const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
    const optimizer = new optim.SGD(model.parameters(), { lr: 0.1 });
    return training({ model, optimizer, x, y, lossOf: (output, t) => F.binaryCrossEntropyWithLogits(output, t) });
  },
};
