import type { Config } from "../config.ts";
import type { Evaluation } from "../evaluate.ts";
import type { EpochMetrics } from "../train.ts";

/** All that the report shows. */
export interface ReportData {
  readonly config: Config;
  readonly epochs: readonly EpochMetrics[];
  /** What the trained model makes of the test digits. */
  readonly evaluation: Evaluation;
  /** Ink from 0 to 1 of each test digit, row by row. */
  readonly images: readonly (readonly number[])[];
  /** How many digits the model has learned from. */
  readonly trained: number;
  /** Numbers that were learned. */
  readonly parameters: number;
  /** The model as it prints itself. */
  readonly model: string;
  /** The tape of one step in the language of Graphviz. */
  readonly graph: string;
  /** Facts about the run: settings, versions, timings. */
  readonly facts: readonly (readonly [title: string, facts: readonly (readonly [name: string, value: string])[]])[];
}
