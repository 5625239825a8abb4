import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, cpus } from "node:os";
import type { DigitsFile } from "./data.ts";
import type { ReportData } from "./report/data.ts";
import { seconds } from "./report/text.ts";
import type { Training } from "./train.ts";

/** How long the parts of a run took, in seconds. */
export interface Timings {
  /** From the start of the process to the first batch. */
  readonly start: number;
  readonly training: number;
}

/** The configuration of a run, the versions of what it ran on, and its timings, for the report. */
export function factsOf(
  training: Training,
  digits: DigitsFile,
  dataPath: string,
  timings: Timings,
): ReportData["facts"] {
  const { config, optimizer } = training;
  const { weightDecay, betas } = optimizer.defaults;
  return [
    [
      "Run",
      [
        ["model", config.model],
        ["epochs", String(config.epochs)],
        ["batch size", String(config.batchSize)],
        ["optimizer", `AdamW, betas ${betas.join(" and ")}, weight decay ${weightDecay}`],
        ["learning rate", `${config.lr}, falling to 0 along half a cosine`],
        ["seed", String(config.seed)],
      ],
    ],
    [
      "Data",
      [
        ["file", dataPath],
        ["training digits", digits.train.labels.numel().toLocaleString("en")],
        ["test digits", digits.test.labels.numel().toLocaleString("en")],
        ["SHA-256", `${digits.digest.slice(0, 16)}…`],
      ],
    ],
    [
      "Software and time",
      [
        ["tapegrad", version("tapegrad")],
        ["Node.js", process.versions.node],
        ["system", `${process.platform} ${process.arch}`],
        ["processor", `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} threads`],
        ["start-up", seconds(timings.start)],
        ["training", seconds(timings.training)],
      ],
    ],
  ];
}

function version(name: string): string {
  const path = createRequire(import.meta.url).resolve(`${name}/package.json`);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
