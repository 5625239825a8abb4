import { relative } from "node:path";
import { saveSafetensors, TensorError, toDot } from "tapegrad";
import { checkAgreement, readCheckpoint, restore, saveCheckpoint } from "./checkpoint.ts";
import { PROGRAM, readArguments, type Settings } from "./cli.ts";
import { defaults } from "./config.ts";
import { type DigitsFile, readDigits, SIDE } from "./data.ts";
import { factsOf } from "./facts.ts";
import { makeModel } from "./model.ts";
import { Problem } from "./problem.ts";
import { type Output, progressFor } from "./progress.ts";
import type { ReportData } from "./report/data.ts";
import { makeFolder, metricsLines, type Results, resultsIn, writeText } from "./results.ts";
import { matrixText, resultLine } from "./summary.ts";
import { Training } from "./train.ts";

/** What the command runs in. */
export interface Host {
  /** The caller's folder, which relative paths start from. */
  readonly folder: string;
  readonly out: Output;
  readonly err: Output;
  /** Ends the run after the batch at hand. */
  readonly stop: AbortSignal;
}

/**
 * The whole command: trains, or goes on training, and writes the results.
 *
 * @param args the command line, without the program's name
 * @returns the exit code: 0 done, 2 something is wrong with what was given, 130 interrupted
 */
export async function run(args: readonly string[], host: Host): Promise<number> {
  try {
    const settings = readArguments(args, host.folder, (text) => host.out.write(text));
    return settings === null ? 0 : await work(settings, host);
  } catch (error) {
    const expected = error instanceof Problem || (error instanceof TensorError && error.code === "io");
    if (!expected) throw error;
    host.err.write(`error: ${error.message}\n`);
    return 2;
  }
}

async function work(
  { typed, data, out, resume, quiet, places }: Settings,
  { folder, out: output, err, stop }: Host,
): Promise<number> {
  // everything is checked before anything is written
  const digits = readDigits(data);
  const results = resultsIn(out);
  const checkpoint = resume === null ? null : readCheckpoint(resume);
  if (checkpoint !== null) checkAgreement(checkpoint, typed, digits.digest);
  const training = new Training(checkpoint?.state.config ?? { ...defaults, ...typed }, digits);
  if (checkpoint !== null) restore(training, checkpoint);

  makeFolder(results);
  if (!quiet) output.write(`${opening(training, digits, resume)}\n`);
  const progress = progressFor(output, quiet);
  const started = performance.now();
  let finished: boolean;
  try {
    finished = await training.run({
      stop,
      onBatch: progress.batch,
      onEpoch: (metrics) => {
        progress.epoch(metrics, training);
        writeText(results.metrics, metricsLines(training.epochs));
      },
    });
  } finally {
    progress.stop();
  }

  const place = shown(results, folder);
  if (!finished) {
    saveCheckpoint(results.checkpoint, training, digits.digest);
    const command = ["--resume", place.checkpoint, ...places].map(quoted).join(" ");
    err.write(
      `interrupted in epoch ${training.epochs.length + 1}, after batch ${training.position.batch} of ${training.batches}; go on with\n  ${PROGRAM} ${command}\n`,
    );
    return 130;
  }

  const trained = training.epochs.reduce((sum, { seconds }) => sum + seconds, 0);
  saveSafetensors(results.model, training.model.stateDict());
  writeText(results.metrics, metricsLines(training.epochs));
  const { renderReport } = await import("./report/html.ts"); // its drawing libraries take long to load
  const timings = { start: started / 1000, training: trained };
  writeText(
    results.report,
    await renderReport(reportOf(training, digits, factsOf(training, digits, shownPath(data, folder), timings))),
  );
  if (!quiet) output.write(`\n${matrixText(training.evaluation!)}\n\n`);
  output.write(`${resultLine(training.evaluation!)}, ${trained.toFixed(1)} s of training\n`);
  output.write(`${place.report}\n${place.model}\n${place.metrics}\n`);
  return 0;
}

function opening({ config, model, batches }: Training, { train, test }: DigitsFile, resume: string | null): string {
  const { epochs, batchSize, lr, seed } = config;
  const parameters = parameterCount(model).toLocaleString("en");
  const first = `${resume === null ? "training" : "going on with"} ${config.model === "cnn" ? "a" : "an"} ${config.model} of ${parameters} parameters on ${train.labels.numel().toLocaleString("en")} digits, testing on ${test.labels.numel()}`;
  return `${first}\n${counted(epochs, "epoch", "epochs")} of ${counted(batches, "batch", "batches")} of ${batchSize}, learning rate ${lr}, seed ${seed}`;
}

function counted(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}

function reportOf(training: Training, digits: DigitsFile, facts: ReportData["facts"]): ReportData {
  const { config, epochs, evaluation, model } = training;
  const pixels = digits.test.images.toArray();
  const size = SIDE * SIDE;
  return {
    config,
    epochs,
    evaluation: evaluation!,
    images: evaluation!.labels.map((_, i) => [...pixels.subarray(i * size, (i + 1) * size)]),
    trained: digits.train.labels.numel(),
    parameters: parameterCount(model),
    model: String(model),
    graph: graphOf(training, digits),
    facts,
  };
}

/** The tape of a step, taken from a second model, so that the trained one stays as it is. */
function graphOf({ config, criterion }: Training, { train }: DigitsFile): string {
  const model = makeModel(config.model);
  const count = Math.min(config.batchSize, train.labels.numel());
  const loss = criterion(model(train.images.narrow(0, 0, count)), train.labels.narrow(0, 0, count));
  return toDot(loss, { names: model.namedParameters() });
}

function parameterCount(model: Training["model"]): number {
  return [...model.parameters()].reduce((sum, parameter) => sum + parameter.numel(), 0);
}

function shown(results: Results, folder: string): Results {
  return Object.fromEntries(
    Object.entries(results).map(([name, path]) => [name, shownPath(path, folder)]),
  ) as unknown as Results;
}

/** A path as the caller would write it. */
function shownPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("..") ? path : short;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w./=:@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
