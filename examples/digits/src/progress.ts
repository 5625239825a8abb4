import { styleText } from "node:util";
import { MultiBar } from "cli-progress";
import type { EpochMetrics, Training } from "./train.ts";

/** Shows how a run gets on. */
export interface Progress {
  /** After each batch. */
  batch(training: Training): void;
  /** After each epoch. */
  epoch(metrics: EpochMetrics, training: Training): void;
  /** Leaves the terminal as it was. */
  stop(): void;
}

/** Where to write. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Progress that fits the output: a bar in a terminal, a line an epoch elsewhere, nothing when quiet. */
export function progressFor(out: Output, quiet: boolean): Progress {
  if (quiet) return { batch: () => {}, epoch: () => {}, stop: () => {} };
  return isTerminal(out) ? bar(out) : lines(out);
}

/** Whether a person watches: CI services may offer a terminal, too. */
export function isTerminal(out: Output): boolean {
  return out.isTTY === true && !process.env.CI;
}

function lines(out: Output): Progress {
  return {
    batch: () => {},
    epoch: (metrics, training) => out.write(`${summary(metrics, training)}\n`),
    stop: () => {},
  };
}

/** A bar that spans all epochs, below a line for each that is done. */
function bar(out: Output): Progress {
  const bars = new MultiBar({
    stream: out as NodeJS.WriteStream,
    hideCursor: true,
    gracefulExit: false, // the program sees to signals itself
    clearOnComplete: true,
    fps: 12,
    format: (_, { progress }, { text }: { readonly text: string }) =>
      ` ${meter(progress, out.columns ?? 80, text.length)} ${text}`,
  });
  const start = performance.now();
  let before: number | null = null;
  let line: ReturnType<MultiBar["create"]> | null = null;
  return {
    batch: (training) => {
      const { config, batches, epochs, position } = training;
      const done = epochs.length * batches + position.batch;
      const total = config.epochs * batches;
      before ??= done - 1; // where a resumed run has begun
      const seconds = (performance.now() - start) / 1000;
      const rate = (done - before) / seconds;
      const text = [
        `epoch ${count(Math.min(epochs.length + 1, config.epochs), config.epochs)}`,
        `batch ${count(position.batch, batches)}`,
        `loss ${(position.lossSum / position.seen).toFixed(4)}`,
        `accuracy ${percent(position.correct / position.seen)}`,
        `${Math.round(rate * config.batchSize).toLocaleString("en")} samples/s`,
        `ETA ${clock((total - done) / rate)}`,
      ].join("  ");
      if (line === null) line = bars.create(total, done, { text });
      else line.update(done, { text });
    },
    epoch: (metrics, training) => {
      bars.log(`${summary(metrics, training)}\n`);
    },
    stop: () => {
      if (line === null) return;
      bars.update();
      bars.stop();
    },
  };
}

/** The bar itself, as wide as the terminal leaves room for. */
function meter(progress: number, columns: number, textLength: number): string {
  const width = Math.max(0, Math.min(30, columns - textLength - 3));
  const full = Math.round(width * progress);
  return styleText("cyan", "━".repeat(full)) + styleText("gray", "─".repeat(width - full));
}

function summary(
  { epoch, trainLoss, testLoss, testAccuracy, learningRate, seconds }: EpochMetrics,
  { config }: Training,
): string {
  return [
    `epoch ${count(epoch, config.epochs)}`,
    `train loss ${trainLoss.toFixed(4)}`,
    `test loss ${testLoss.toFixed(4)}`,
    `test accuracy ${percent(testAccuracy)}`,
    `lr ${learningRate.toPrecision(3)}`,
    `${seconds.toFixed(1)} s`,
  ].join("  ");
}

function count(value: number, of: number): string {
  return `${String(value).padStart(String(of).length)}/${of}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`.padStart(8);
}

function clock(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
