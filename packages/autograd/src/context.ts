import { fail, type NDArray, type Shape } from "@tapegrad/tensor";
import type { Node } from "./node.ts";
import type { AnyOpSpec } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** Something that stands in for eager execution: it sees every op that goes through the one door. */
export interface Interpreter {
  /** Carries out, or records, one op. */
  apply(spec: AnyOpSpec, inputs: readonly Tensor[], attrs: unknown): Tensor;
  /** Told of a tensor that was made from nothing: zeros, data, drawn numbers. */
  created(tensor: Tensor): void;
  /** Told after `target` was overwritten in place with `source`. */
  wrote(target: Tensor, source: Tensor): void;
}

/** Something that measures eager execution. */
export interface Watcher {
  /** Runs an op. */
  op(spec: AnyOpSpec, inputs: readonly Tensor[], run: () => Tensor): Tensor;
  /** Runs the step of backward through a node. */
  step(node: Node, run: () => void): void;
  /** Told of every array that is made. */
  allocated(array: NDArray): void;
  /** Runs a stretch of the program. */
  measure<T>(name: string, phase: "region", shapes: readonly Shape[], run: () => T): T;
}

/** The only mutable state of the package: whether ops are recorded, and who interprets them. */
export interface Context {
  /** Whether ops on tensors that require gradients leave a node on the tape. */
  recording: boolean;
  /** Whether new tensors are inference tensors, which can never be recorded. */
  inference: boolean;
  /** Who carries out ops; null: eager execution. */
  interpreter: Interpreter | null;
  /** Who measures them; null: nobody. */
  watcher: Watcher | null;
}

/** The current context. Change it through the functions below, which put it back. */
export const context: Context = { recording: true, inference: false, interpreter: null, watcher: null };

/** Runs `body` under a changed context and restores the former one, whatever happens. */
export function withContext<T>(where: string, change: Partial<Context>, body: () => T): T {
  const { recording, inference, interpreter, watcher } = context;
  if (change.recording !== undefined) context.recording = change.recording;
  if (change.inference !== undefined) context.inference = change.inference;
  if (change.interpreter !== undefined) context.interpreter = change.interpreter;
  if (change.watcher !== undefined) context.watcher = change.watcher;
  try {
    const result = body();
    if (result instanceof Promise) {
      fail(
        "invalid_argument",
        where,
        "the function is asynchronous",
        {},
        "its mode would end at the first await: keep the function synchronous",
      );
    }
    return result;
  } finally {
    context.recording = recording;
    context.inference = inference;
    context.interpreter = interpreter;
    context.watcher = watcher;
  }
}

/** Runs `body` without recording: its results do not require gradients (torch.no_grad). */
export function noGrad<T>(body: () => T): T {
  return withContext("noGrad", { recording: false }, body);
}

/** Runs `body` with recording on, inside {@link noGrad} too (torch.enable_grad). */
export function enableGrad<T>(body: () => T): T {
  return withContext("enableGrad", { recording: true, inference: false }, body);
}

/** Runs `body` without recording; its new tensors can never take part in a recorded computation (torch.inference_mode). */
export function inferenceMode<T>(body: () => T): T {
  return withContext("inferenceMode", { recording: false, inference: true }, body);
}

/** Whether ops are being recorded (torch.is_grad_enabled). */
export function isGradEnabled(): boolean {
  return context.recording;
}

/** Switches recording on or off from here on (torch.set_grad_enabled). Prefer {@link noGrad}, which puts it back. */
export function setGradEnabled(on: boolean): void {
  context.recording = on;
}

/** Runs `body` with ops carried out by `interpreter`. */
export function withInterpreter<T>(interpreter: Interpreter | null, body: () => T): T {
  return withContext("withInterpreter", { interpreter }, body);
}
