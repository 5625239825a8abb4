import { loadSafetensors, type NamedTensors, saveSafetensors, type Tensor, TensorError, tensor } from "tapegrad";
import { type CheckpointState, parseState } from "./checkpointState.ts";
import { type Config, flagOf } from "./config.ts";
import { makeModel } from "./model.ts";
import { refuse } from "./problem.ts";
import type { Training } from "./train.ts";

const FORMAT = "tapegrad digits checkpoint, version 1";

/** A checkpoint as it was read, not yet held against a run. */
export interface Checkpoint {
  readonly path: string;
  readonly state: CheckpointState;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/**
 * Saves all that a run needs to go on as if it had never stopped: weights, the optimizer's state, the scheduler's, the
 * generator's (now, and when the epoch began), the sums of the epoch so far, and the metrics of those before.
 *
 * @param digest which digits the run learns from
 */
export function saveCheckpoint(path: string, training: Training, digest: string): void {
  const { config, epochs, position, model, optimizer, scheduler, generator, epochStart } = training;
  const { state, param_groups: groups } = optimizer.stateDict();
  const tensors: Record<string, Tensor> = {
    "generator.now": tensor(Int32Array.from(generator.getState())),
    "generator.epoch_start": tensor(Int32Array.from(epochStart)),
  };
  const steps: Record<string, number> = {};
  for (const [name, value] of Object.entries(model.stateDict())) tensors[`model.${name}`] = value;
  for (const [number, values] of Object.entries(state)) {
    for (const [name, value] of Object.entries(values)) {
      if (typeof value === "number") steps[number] = value;
      else tensors[`optimizer.${number}.${name}`] = value;
    }
  }
  const rest: CheckpointState = {
    config,
    digest,
    epochs,
    position,
    optimizer: { groups, steps },
    scheduler: scheduler.stateDict(),
  };
  saveSafetensors(path, tensors, { format: FORMAT, state: JSON.stringify(rest) });
}

/**
 * Reads a checkpoint.
 *
 * @throws Problem when it cannot be read or is something else
 */
export function readCheckpoint(path: string): Checkpoint {
  const { tensors, metadata } = readFile(path);
  const hint = "--resume takes the checkpoint.safetensors that an interrupted run has left";
  if (metadata.format !== FORMAT) {
    refuse(
      "this file is not a checkpoint of this command",
      [["file", path], ...list("holds", describe(tensors))],
      hint,
    );
  }
  const state = parseState(metadata.state ?? "");
  if (typeof state !== "string") return { path, state, tensors };
  return refuse(
    "the checkpoint is damaged",
    [
      ["file", path],
      ["reason", state],
    ],
    hint,
  );
}

/**
 * Checks that what was typed, and the data, are those of the checkpoint's run.
 *
 * @throws Problem that lists every contradiction, and what does not fit if the model is another
 */
export function checkAgreement({ path, state, tensors }: Checkpoint, typed: Partial<Config>, digest: string): void {
  const { config } = state;
  const facts: [string, string][] = [];
  for (const [name, flag] of Object.entries(flagOf) as [keyof Config, string][]) {
    const wanted = typed[name];
    if (wanted !== undefined && wanted !== config[name])
      facts.push([flag, `${wanted}, but the checkpoint was made with ${config[name]}`]);
  }
  if (digest !== state.digest) facts.push(["--data", "other digits than the checkpoint was made with"]);
  if (facts.length === 0) return;
  if (typed.model !== undefined && typed.model !== config.model) {
    const needed = makeModel(typed.model).stateDict();
    facts.push(...misfits(describe(needed, "model."), describe(ofModel(tensors))));
  }
  refuse(
    "the checkpoint belongs to another run",
    [["file", path], ...facts],
    "leave these flags out to go on with that run, or leave out --resume to start anew",
  );
}

/**
 * Puts a fresh run where the interrupted one was.
 *
 * @throws Problem that lists the keys and shapes that do not fit
 */
export function restore(training: Training, { path, state, tensors }: Checkpoint): void {
  const { model, optimizer, scheduler, generator } = training;
  const expected = describe(model.stateDict(), "model.");
  [...model.parameters()].forEach((parameter, i) => {
    for (const name of ["exp_avg", "exp_avg_sq"]) expected.set(`optimizer.${i}.${name}`, kindOf(parameter));
  });
  const now = tensor(Int32Array.from(generator.getState()));
  for (const name of ["now", "epoch_start"]) expected.set(`generator.${name}`, kindOf(now));
  const problems = misfits(expected, describe(tensors));
  if (state.epochs.length >= state.config.epochs || state.position.batch > training.batches) {
    problems.push([
      "position",
      `epoch ${state.epochs.length + 1}, batch ${state.position.batch} of ${training.batches}`,
    ]);
  }
  if (problems.length > 0) refuse("the checkpoint does not fit the model", [["file", path], ...problems]);

  const moments: Record<string, Record<string, Tensor | number>> = {};
  for (const [number, step] of Object.entries(state.optimizer.steps)) {
    moments[number] = {
      step,
      exp_avg: tensors[`optimizer.${number}.exp_avg`]!,
      exp_avg_sq: tensors[`optimizer.${number}.exp_avg_sq`]!,
    };
  }
  const weights = Object.entries(ofModel(tensors)).map(([name, value]) => [name.slice("model.".length), value]);
  try {
    model.loadStateDict(Object.fromEntries(weights));
    optimizer.loadStateDict({ state: moments, param_groups: state.optimizer.groups });
    scheduler.loadStateDict(state.scheduler);
    training.epochStart = Uint8Array.from(tensors["generator.epoch_start"]!.toArray());
    for (const bytes of [training.epochStart, Uint8Array.from(tensors["generator.now"]!.toArray())]) {
      generator.setState(bytes);
    }
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    refuse("the checkpoint is damaged", [
      ["file", path],
      ["reason", error.message],
    ]);
  }
  training.position = { ...state.position };
  training.epochs.push(...state.epochs);
}

function readFile(path: string): NamedTensors {
  try {
    return loadSafetensors(path);
  } catch (error) {
    if (!(error instanceof TensorError)) throw error;
    return refuse(
      "the checkpoint cannot be read",
      [
        ["file", path],
        ["reason", error.message.split("\n")[0]!.replace(/^\w+: /, "")],
      ],
      error.hint,
    );
  }
}

type Kinds = Map<string, string>;

function kindOf({ dtype, shape }: Tensor): string {
  return `${dtype} [${shape.join(", ")}]`;
}

function describe(tensors: Readonly<Record<string, Tensor>>, prefix = ""): Kinds {
  return new Map(Object.entries(tensors).map(([name, value]) => [prefix + name, kindOf(value)]));
}

function ofModel(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).filter(([name]) => name.startsWith("model.")));
}

/** What is missing, what is too much, and what has another shape. */
function misfits(expected: Kinds, found: Kinds): [string, string][] {
  const missing = new Map([...expected].filter(([name]) => !found.has(name)));
  const unexpected = new Map([...found].filter(([name]) => !expected.has(name)));
  const different = new Map<string, string>();
  for (const [name, kind] of expected) {
    const other = found.get(name);
    if (other !== undefined && other !== kind) different.set(name, `${other}, needed ${kind}`);
  }
  return [...list("missing", missing), ...list("unexpected", unexpected), ...list("different", different)];
}

function list(title: string, kinds: Kinds): [string, string][] {
  return [...kinds].map(([name, kind]) => [title, `${name}  ${kind}`]);
}
