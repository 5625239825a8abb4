import { setImmediate } from "node:timers/promises";
import { data, type Generator, manualSeed, nn, optim, randint, type Tensor, zeros } from "tapegrad";
import type { Config } from "./config.ts";
import { type DigitsFile, SIDE } from "./data.ts";
import { countEqual, type Evaluation, evaluate } from "./evaluate.ts";
import { makeModel } from "./model.ts";
import { refuse } from "./problem.ts";

/** How an epoch went. */
export interface EpochMetrics {
  /** 1 for the first. */
  readonly epoch: number;
  /** Mean loss of the training digits, each taken when it was learned from. */
  readonly trainLoss: number;
  /** Share of the training digits that were read correctly, likewise. */
  readonly trainAccuracy: number;
  readonly testLoss: number;
  readonly testAccuracy: number;
  /** The rate during the epoch. */
  readonly learningRate: number;
  readonly seconds: number;
}

/** How far the current epoch is, and its sums so far. */
export interface Position {
  /** Batches that are done. */
  batch: number;
  /** Digits in them. */
  seen: number;
  /** Sum of their losses. */
  lossSum: number;
  /** How many of them were read correctly. */
  correct: number;
  seconds: number;
}

/** Who watches a run, and may end it. */
export interface Watch {
  /** Called after each batch. */
  readonly onBatch?: (training: Training) => void;
  /** Called after each epoch. */
  readonly onEpoch?: (metrics: EpochMetrics, training: Training) => void;
  /** Ends the run after the batch at hand. */
  readonly stop?: AbortSignal;
}

/** A model with all that changes while it learns; a checkpoint holds the same. */
export class Training {
  readonly config: Config;
  /** The default generator: it draws weights, orders and dropout. */
  readonly generator: Generator;
  readonly model: nn.Module;
  readonly criterion: nn.CrossEntropyLoss;
  readonly optimizer: optim.AdamW;
  readonly scheduler: optim.CosineAnnealingLR;
  /** The epochs that are done. */
  readonly epochs: EpochMetrics[] = [];
  position: Position = startOfEpoch();
  /** The generator's state when the epoch began; it gives the epoch's order again. */
  epochStart: Uint8Array;
  /** What the model makes of the test digits, after the last epoch. */
  evaluation: Evaluation | null = null;
  readonly #loader: data.DataLoader<[images: Tensor, labels: Tensor]>;
  readonly #digits: DigitsFile;

  constructor(config: Config, digits: DigitsFile) {
    this.config = config;
    this.generator = manualSeed(config.seed);
    this.model = makeModel(config.model);
    this.criterion = new nn.CrossEntropyLoss();
    this.optimizer = new optim.AdamW(this.model.parameters(), { lr: config.lr });
    this.scheduler = new optim.CosineAnnealingLR(this.optimizer, config.epochs);
    const train = new data.TensorDataset(framed(digits.train.images), digits.train.labels);
    this.#loader = new data.DataLoader(train, { batchSize: config.batchSize, shuffle: true });
    this.#digits = digits;
    this.epochStart = this.generator.getState();
  }

  /** Batches in an epoch. */
  get batches(): number {
    return this.#loader.length;
  }

  /**
   * Trains to the end, or until it is stopped; called again, it goes on.
   *
   * @returns whether it came to the end
   * @throws Problem when the loss is no longer a number
   */
  async run(watch: Watch = {}): Promise<boolean> {
    while (this.epochs.length < this.config.epochs) {
      if (!(await this.#epoch(watch))) return false;
    }
    return true;
  }

  async #epoch({ onBatch, onEpoch, stop }: Watch): Promise<boolean> {
    const { model, scheduler, position } = this;
    const start = performance.now() - 1000 * position.seconds;
    const seconds = (): number => (performance.now() - start) / 1000;
    model.train();
    for (const [images, labels] of this.#rest()) {
      this.#step(this.#shown(images), labels);
      position.seconds = seconds();
      onBatch?.(this);
      await setImmediate(); // signals are seen, and progress is drawn
      if (stop?.aborted) return false;
    }

    this.evaluation = evaluate(model, this.criterion, this.#digits.test);
    const metrics = {
      epoch: this.epochs.length + 1,
      trainLoss: position.lossSum / position.seen,
      trainAccuracy: position.correct / position.seen,
      testLoss: this.evaluation.loss,
      testAccuracy: this.evaluation.accuracy,
      learningRate: scheduler.getLastLr()[0]!,
      seconds: seconds(),
    };
    scheduler.step();
    this.epochs.push(metrics);
    this.position = startOfEpoch();
    onEpoch?.(metrics, this);
    return true;
  }

  /** The batches of the epoch that are not done yet. */
  *#rest(): Iterable<readonly [images: Tensor, labels: Tensor]> {
    const { generator } = this;
    const { batch: done } = this.position;
    const now = generator.getState();
    if (done === 0) this.epochStart = now;
    else generator.setState(this.epochStart);
    let index = 0;
    for (const batch of this.#loader) {
      // the loader has drawn the order: on with the state that the interrupted run had reached
      if (index === 0 && done > 0) generator.setState(now);
      if (index++ >= done) yield batch;
    }
  }

  /** Framed images as the model gets to see them: the net that reads strokes must find them anywhere. */
  #shown(images: Tensor): Tensor {
    const [down, right] = this.config.model === "cnn" ? randint(3, [2]).toArray() : [1, 1];
    return images.narrow(2, down!, SIDE).narrow(3, right!, SIDE);
  }

  #step(images: Tensor, labels: Tensor): void {
    const { model, criterion, optimizer, position } = this;
    optimizer.zeroGrad();
    const scores = model(images);
    const loss = criterion(scores, labels);
    loss.backward();
    optimizer.step();

    const count = labels.numel();
    position.batch += 1;
    position.seen += count;
    position.lossSum += loss.item() * count;
    position.correct += countEqual(scores.argmax(1), labels);
    if (!Number.isFinite(position.lossSum)) {
      const at = `epoch ${this.epochs.length + 1}, batch ${position.batch}`;
      refuse(
        `the loss is no longer a number (${at})`,
        [["loss", String(loss.item())]],
        "a smaller --lr keeps it finite",
      );
    }
  }
}

/** Images in an empty frame of one pixel: room to move. */
function framed(images: Tensor): Tensor {
  const frame = zeros([images.size(0), 1, SIDE + 2, SIDE + 2]);
  frame.narrow(2, 1, SIDE).narrow(3, 1, SIDE).copy_(images);
  return frame;
}

function startOfEpoch(): Position {
  return { batch: 0, seen: 0, lossSum: 0, correct: 0, seconds: 0 };
}
