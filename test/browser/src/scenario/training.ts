import { cat, data, manualSeed, nn, optim, randint, randn, type Tensor } from "tapegrad";
import { type Packed, pack } from "../packed.ts";

/** What a training run left behind. */
export interface Training {
  /** The loss of each step. */
  readonly losses: readonly number[];
  /** All parameters and buffers in the end. */
  readonly state: Packed;
}

type Model = nn.Module<[input: Tensor], Tensor>;

const SAMPLES = 128;
const CLASSES = 5;

/** A perceptron with three layers, SGD with momentum, batches in random order. `stepped` is called after each step. */
export function trainMlp(stepped: () => void): Training {
  manualSeed(0);
  const model = new nn.Sequential(
    new nn.Linear(24, 64),
    new nn.Tanh(),
    new nn.Linear(64, 32),
    new nn.ReLU(),
    new nn.Linear(32, CLASSES),
  );
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.05, momentum: 0.9, weightDecay: 1e-4 });
  return train(model, optimizer, randn(SAMPLES, 24), stepped);
}

/** A convolutional net with batch normalisation and dropout, AdamW on a cosine. `stepped` is called after each step. */
export function trainCnn(stepped: () => void): Training {
  manualSeed(1);
  const model = new nn.Sequential(
    new nn.Conv2d(1, 8, 3, { padding: 1 }),
    new nn.BatchNorm2d(8),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(8, 16, 3, { padding: 1 }),
    new nn.GELU(),
    new nn.AvgPool2d(2),
    new nn.Flatten(),
    new nn.Dropout(0.25),
    new nn.Linear(64, 32),
    new nn.LayerNorm(32),
    new nn.Linear(32, CLASSES),
  );
  const optimizer = new optim.AdamW(model.parameters(), { lr: 0.01 });
  return train(model, optimizer, randn(SAMPLES, 1, 8, 8), stepped);
}

function train(model: Model, optimizer: optim.Optimizer, inputs: Tensor, stepped: () => void): Training {
  const labels = randint(0, CLASSES, [SAMPLES]);
  const batches = new data.DataLoader(new data.TensorDataset(inputs, labels), { batchSize: 32, shuffle: true });
  const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 });
  const scheduler = new optim.CosineAnnealingLR(optimizer, 5);
  const losses: number[] = [];
  for (let epoch = 0; epoch < 5; epoch++) {
    for (const [input, target] of batches) {
      optimizer.zeroGrad();
      const loss = criterion(model(input!), target!);
      loss.backward();
      nn.utils.clipGradNorm_(model.parameters(), 1);
      optimizer.step();
      losses.push(loss.item());
      stepped();
    }
    scheduler.step();
  }
  const state = Object.values(model.stateDict()).map((tensor) => tensor.flatten().float());
  return { losses, state: pack(cat(state)) };
}
