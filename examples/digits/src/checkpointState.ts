import { z } from "zod";
import { type Config, modelKinds } from "./config.ts";
import type { EpochMetrics, Position } from "./train.ts";

/** What a checkpoint holds beside its tensors. */
export interface CheckpointState {
  /** The settings of the run. */
  readonly config: Config;
  /** Which digits it learns from. */
  readonly digest: string;
  /** The epochs that are done. */
  readonly epochs: readonly EpochMetrics[];
  /** How far the current epoch is. */
  readonly position: Position;
  /** Settings of the optimizer's groups, and how many steps each parameter has taken. */
  readonly optimizer: {
    readonly groups: readonly Readonly<Record<string, unknown>>[];
    readonly steps: Readonly<Record<string, number>>;
  };
  readonly scheduler: Readonly<Record<string, unknown>>;
}

const number = z.number(); // finite: JSON knows no other
const count = z.int().min(0);

const schema: z.ZodType<CheckpointState> = z.object({
  config: z.object({
    model: z.enum(modelKinds),
    epochs: z.int().min(1),
    batchSize: z.int().min(1),
    lr: number.positive(),
    seed: count,
  }),
  digest: z.string(),
  epochs: z.array(
    z.object({
      epoch: count,
      trainLoss: number,
      trainAccuracy: number,
      testLoss: number,
      testAccuracy: number,
      learningRate: number,
      seconds: number,
    }),
  ),
  position: z.object({ batch: count, seen: count, lossSum: number, correct: count, seconds: number }),
  optimizer: z.object({
    groups: z.array(z.looseObject({ params: z.array(count) })),
    steps: z.record(z.string(), count),
  }),
  scheduler: z.record(z.string(), z.unknown()),
});

/**
 * Reads the state from its JSON.
 *
 * @returns the state, or in a line what is wrong with the text
 */
export function parseState(text: string): CheckpointState | string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return "its state is not JSON";
  }
  const result = schema.safeParse(json);
  return result.success ? result.data : z.prettifyError(result.error).replaceAll(/\s*\n\s*/g, " ");
}
