import { readFileSync } from "node:fs";
import { data, manualSeed, nn, noGrad, optim, type Tensor, tensor } from "tapegrad";

/** What is recorded of the run: the same numbers, under the same names, as by digits_mlp.py. */
export interface Run {
  /** The first four elements of each parameter, as drawn. */
  readonly initial: Readonly<Record<string, readonly number[]>>;
  readonly first_batch_labels: readonly number[];
  /** A loss a step. */
  readonly losses: readonly number[];
  readonly test_accuracy_per_epoch: readonly number[];
  readonly final_weight_norms: Readonly<Record<string, number>>;
}

/**
 * Trains a digit classifier: digits_mlp.py, line for line.
 *
 * @param path a CSV file of 64 pixels and a label a line
 */
export function digitsMlp(path: string): Run {
  const rows = tensor(
    readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(",").map(Number)),
  );
  const [images, labels] = [rows.narrow(1, 0, 64).div(16), rows.select(1, 64).to("int32")];
  const train = new data.TensorDataset(images.narrow(0, 0, 1437), labels.narrow(0, 0, 1437));
  const [testImages, testLabels] = [images.narrow(0, 1437, 360), labels.narrow(0, 1437, 360)];

  manualSeed(0);
  const model = new nn.Sequential(
    new nn.Linear(64, 64),
    new nn.ReLU(),
    new nn.Dropout(0.1),
    new nn.Linear(64, 32),
    new nn.ReLU(),
    new nn.Linear(32, 10),
  );
  const criterion = new nn.CrossEntropyLoss({ labelSmoothing: 0.05 });
  const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3, weightDecay: 1e-2 });
  const scheduler = new optim.CosineAnnealingLR(optimizer, 12);
  const loader = new data.DataLoader(train, { batchSize: 32, shuffle: true });

  const initial = byName(model, (p) => p.detach().flatten().narrow(0, 0, 4).tolist() as number[]);
  const losses: number[] = [];
  const accuracies: number[] = [];
  let firstBatch: number[] | null = null;
  for (let epoch = 0; epoch < 12; epoch++) {
    model.train();
    for (const [x, y] of loader) {
      firstBatch ??= y.tolist() as number[];
      optimizer.zeroGrad();
      const loss = criterion(model(x), y);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
    scheduler.step();
    model.eval();
    noGrad(() => {
      accuracies.push(model(testImages).argmax(1).eq(testLabels).float().mean().item());
    });
  }
  return {
    initial,
    first_batch_labels: firstBatch ?? [],
    losses,
    test_accuracy_per_epoch: accuracies,
    final_weight_norms: byName(model, (p) => p.detach().double().norm().item()),
  };
}

function byName<T>(model: nn.Sequential, value: (parameter: Tensor) => T): Record<string, T> {
  return Object.fromEntries([...model.namedParameters()].map(([name, parameter]) => [name, value(parameter)]));
}
