import { fail, NDArray, Storage, sameShape } from "@tapegrad/tensor";
import { type Interpreter, withInterpreter } from "../context.ts";
import { assign, overwrite } from "../inplace.ts";
import { type AnyOpSpec, apply, execute } from "../op.ts";
import { Tensor } from "../tensor.ts";

/** One recorded step: an op applied to values, a tensor made from nothing, or a value written over another. Values are numbered. */
export type TraceStep =
  | {
      readonly kind: "apply";
      readonly spec: AnyOpSpec;
      readonly inputs: readonly number[];
      readonly attrs: unknown;
      readonly output: number;
      /** Auxiliary arrays, which a recorded backward may read. */
      readonly auxiliaries: readonly number[];
    }
  | { readonly kind: "create"; readonly value: Tensor; readonly output: number }
  | { readonly kind: "write"; readonly target: number; readonly source: number };

/** What a function did, as data: which ops, in which order, on which values. */
export interface Trace {
  /** The steps, in order. */
  readonly steps: readonly TraceStep[];
  /** The numbers of the inputs. */
  readonly inputs: readonly number[];
  /** The numbers of the results. */
  readonly outputs: readonly number[];
  /** Values that were there before: parameters, buffers, numbers in the code. A replay reads, and writes, them as they are then. */
  readonly constants: ReadonlyMap<number, Tensor>;
  /** Shapes of the inputs, which a replay must have too. */
  readonly shapes: readonly (readonly number[])[];
  /** Whether the function gave one tensor rather than a list. */
  readonly single: boolean;
}

/** Numbers values by their arrays and writes down every step that goes through the one door. */
class Recorder implements Interpreter {
  readonly steps: TraceStep[] = [];
  readonly constants: Map<number, Tensor> = new Map();
  readonly #numbers = new Map<NDArray, number>();

  /** A new number for a value. */
  define(array: NDArray): number {
    const number = this.#numbers.size;
    this.#numbers.set(array, number);
    return number;
  }

  /** The number of a value; one that was never computed here is a constant. */
  number(value: Tensor): number {
    const known = this.#numbers.get(value.array);
    if (known !== undefined) return known;
    const number = this.define(value.array);
    this.constants.set(number, value);
    return number;
  }

  apply(spec: AnyOpSpec, inputs: readonly Tensor[], attrs: unknown): Tensor {
    const numbers = inputs.map((input) => this.number(input));
    const arrays: NDArray[] = [];
    const output = execute(spec, inputs, attrs, arrays);
    const auxiliaries = arrays.map((array) => this.define(array));
    this.steps.push({ kind: "apply", spec, inputs: numbers, attrs, output: this.define(output.array), auxiliaries });
    return output;
  }

  created(tensor: Tensor): void {
    this.steps.push({ kind: "create", value: copyOf(tensor), output: this.define(tensor.array) });
  }

  wrote(target: Tensor, source: Tensor): void {
    this.steps.push({ kind: "write", target: this.number(target), source: this.number(source) });
  }
}

/**
 * Runs `fn` once and records what it does. The record can be replayed on other inputs of the same shapes, drawn, or exported.
 *
 * Branches taken in the code, and numbers drawn at random, are fixed by this run.
 *
 * @param fn     a function of tensors
 * @param inputs what it is run on
 */
export function traceGraph(fn: (...inputs: Tensor[]) => Tensor | readonly Tensor[], ...inputs: Tensor[]): Trace {
  const recorder = new Recorder();
  const numbers = inputs.map((input) => recorder.define(input.array));
  const result = withInterpreter(recorder, () => fn(...inputs));
  const single = result instanceof Tensor;
  const outputs = (single ? [result] : [...result]).map((output) => recorder.number(output));
  const { steps, constants } = recorder;
  return { steps, inputs: numbers, outputs, constants, shapes: inputs.map(({ shape }) => shape), single };
}

/**
 * Carries out a trace on other inputs, with all that the traced function does to tensors that it did not make. On inputs that take the same branches the result equals that of the traced function bit for bit.
 *
 * @throws TensorError `shape_mismatch` when the inputs do not have the traced shapes
 */
export function replay(traced: Trace, ...inputs: Tensor[]): Tensor | Tensor[] {
  if (inputs.length !== traced.inputs.length || inputs.some((input, i) => !sameShape(input.shape, traced.shapes[i]!))) {
    fail("shape_mismatch", "replay", "the inputs do not have the traced shapes", {
      traced: traced.shapes,
      given: inputs.map(({ shape }) => shape),
    });
  }
  const values = new Map<number, Tensor>(traced.constants);
  traced.inputs.forEach((number, i) => {
    values.set(number, inputs[i]!);
  });
  for (const step of traced.steps) {
    if (step.kind === "apply") {
      const operands = step.inputs.map((number) => values.get(number)!);
      values.set(
        step.output,
        step.auxiliaries.length > 0 ? withAuxiliaries(step, operands, values) : apply(step.spec, operands, step.attrs),
      );
    } else if (step.kind === "create") values.set(step.output, copyOf(step.value));
    else {
      const source = values.get(step.source)!;
      assign("replay", values.get(step.target)!, (before) => overwrite(before, source));
    }
  }
  const outputs = traced.outputs.map((number) => values.get(number)!);
  return traced.single ? outputs[0]! : outputs;
}

type ApplyStep = Extract<TraceStep, { kind: "apply" }>;

/** Carries out a step whose auxiliary arrays later steps may read. */
function withAuxiliaries(step: ApplyStep, operands: readonly Tensor[], values: Map<number, Tensor>): Tensor {
  const arrays: NDArray[] = [];
  const output = execute(step.spec, operands, step.attrs, arrays);
  step.auxiliaries.forEach((number, i) => {
    values.set(number, new Tensor(arrays[i]!));
  });
  return output;
}

/** A tensor of the same layout with elements of its own. */
function copyOf({ array }: Tensor): Tensor {
  const storage = new Storage(array.storage.array.slice());
  return new Tensor(new NDArray(storage, array.shape, array.stride, array.offset, array.dtype));
}
