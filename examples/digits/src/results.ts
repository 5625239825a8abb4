import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { refuse } from "./problem.ts";
import type { EpochMetrics } from "./train.ts";

/** Where a run puts its results. */
export interface Results {
  readonly folder: string;
  readonly model: string;
  readonly metrics: string;
  readonly report: string;
  readonly checkpoint: string;
}

/**
 * The files of a run in a folder, which need not be there yet.
 *
 * @throws Problem when they could not be written; nothing is touched
 */
export function resultsIn(folder: string): Results {
  const results = {
    folder,
    model: join(folder, "model.safetensors"),
    metrics: join(folder, "metrics.jsonl"),
    report: join(folder, "report.html"),
    checkpoint: join(folder, "checkpoint.safetensors"),
  };
  const { folder: _, ...files } = results;
  let nearest = folder;
  while (!existsSync(nearest) && nearest !== dirname(nearest)) nearest = dirname(nearest);
  const complain = (path: string, reason: string): never =>
    refuse(
      "the results cannot be written",
      [
        ["path", path],
        ["reason", reason],
      ],
      "--out names a folder for them",
    );
  if (!statSync(nearest).isDirectory()) complain(nearest, "it is a file, not a folder");
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch {
    complain(nearest, "permission denied");
  }
  for (const file of Object.values(files)) {
    if (existsSync(file) && !statSync(file).isFile()) complain(file, "it is not a file");
  }
  return results;
}

/** Makes the folder of the results, if need be. */
export function makeFolder({ folder }: Results): void {
  mkdirSync(folder, { recursive: true });
}

/** Writes a text file whole or not at all. */
export function writeText(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text, { flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** A line of JSON an epoch. */
export function metricsLines(epochs: readonly EpochMetrics[]): string {
  return epochs
    .map(({ epoch, trainLoss, testLoss, testAccuracy, learningRate, seconds }) => {
      const rounded = Math.round(seconds * 1000) / 1000;
      return `${JSON.stringify({ epoch, trainLoss, testLoss, testAccuracy, learningRate, seconds: rounded })}\n`;
    })
    .join("");
}
