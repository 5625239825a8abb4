import {
  atFirstUse,
  type Describe,
  type DType,
  describer,
  fail,
  isFloating,
  NDArray,
  type Shape,
} from "@tapegrad/tensor";
import type { BackwardContext } from "./backwardContext.ts";
import { context, type Watcher } from "./context.ts";
import { making } from "./making.ts";
import { Node, Saved } from "./node.ts";
import { onStaleView, Tensor } from "./tensor.ts";

export { BackwardContext } from "./backwardContext.ts";

/** Shape and dtype of a value. */
export interface Meta {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tuple like `I`, with `T` in every place. */
export type Each<I extends readonly unknown[], T> = { readonly [K in keyof I]: T };

/** Gives the gradient for one input; what it returns has the output's broadcast shape or the input's own. */
export type InputGradient<A> = Gradients<A>["ofInput"];

/** Written as methods, whose parameters TypeScript compares both ways, so that every op is an {@link AnyOpSpec}. */
interface Gradients<A> {
  ofInput(ctx: BackwardContext<A>): Tensor | null;
  ofInputs(ctx: BackwardContext<A>, input: number): Tensor | null;
}

/** The declaration of an op: everything that eager execution, differentiation, tracing and drawing need to know of it. */
export interface OpSpec<I extends readonly Tensor[] = readonly Tensor[], A = unknown> {
  readonly name: string;
  /** Output shape and dtype from those of the inputs: the only place where an op checks its arguments. */
  infer(inputs: Each<I, Meta>, attrs: A): Meta;
  /** Raw arrays in; fills `out`, which has the inferred shape, and the auxiliaries, which are absent when nothing is recorded. */
  forward?(out: NDArray, inputs: Each<I, NDArray>, attrs: A, aux: readonly NDArray[] | null): void;
  /** Instead of `forward`, for ops that only look at their first input in another way. */
  view?(input: NDArray, attrs: A): NDArray;
  /** Shapes of further arrays that `forward` fills for backward: indices of maxima, statistics. Never differentiated. */
  aux?(inputs: Each<I, Meta>, attrs: A): readonly Meta[];
  /** What backward reads: numbers of inputs, and "output". */
  readonly saves?: readonly (number | "output")[];
  /** For each input its gradient, written in ops, or null where there is none. One function serves ops of any number of inputs. */
  readonly backward: readonly (InputGradient<A> | null)[] | Gradients<A>["ofInputs"] | null;
  /**
   * All gradients at once by fused kernels, used while nobody asks for gradients of gradients. It must agree with `backward`.
   * Entries that `ctx.needs` does not name may be null.
   */
  fused?(ctx: BackwardContext<A>): readonly (Tensor | null)[];
  /**
   * Adds the gradient of the output to what is gathered for the first input already, in its place: for views of a part, whose own share would be
   * mostly zeros. It must agree with `backward`.
   */
  addTo?(gathered: NDArray, grad: NDArray, attrs: A): void;
  /**
   * Promises that let the engine use arrays again: `forward` writes every element of `out` and of the auxiliaries, whatever was in
   * them; backward neither keeps the gradient that it is given nor what it returns, and returns new arrays, or that gradient or
   * views of it. @defaultValue false
   */
  readonly tidy?: boolean;
}

/** Any declaration, where the kinds of inputs and attributes do not matter. */
export type AnyOpSpec = OpSpec<readonly Tensor[], unknown>;

/** A function that applies a declared op; the declaration hangs on it. */
export type Op<F> = F & { readonly spec: AnyOpSpec };

/** Applies one declared op. */
export type Apply<I extends readonly Tensor[], A> = (inputs: I, attrs: A) => Tensor;

/** A declaration, or what makes it when the op is first used: a program loads all ops, and uses few. */
export type Declaration<S> = S | (() => S);

/**
 * Declares an op.
 *
 * @param declaration the declaration; in a function, it is made at first use
 * @param call the function that users call: it sorts out the arguments and hands inputs and attributes to `apply`
 */
export function defineOp<I extends readonly Tensor[], A, F extends object>(
  declaration: Declaration<OpSpec<I, A>>,
  call: (apply: Apply<I, A>) => F,
): Op<F> {
  const declared = atFirstUse(() => withAllFields(typeof declaration === "function" ? declaration() : declaration));
  return withSpec(
    call((inputs, attrs) => apply(declared(), inputs, attrs)),
    declared,
  );
}

/** Makes an op of a function: `spec` is what `declared` gives, asked each time that somebody wants it. */
export const withSpec: Describe<AnyOpSpec, { readonly spec: AnyOpSpec }> = describer({ spec: (declared) => declared });

/** The declaration with every field, in one order: objects of one layout are read several times faster than those of many. */
function withAllFields<I extends readonly Tensor[], A>(spec: OpSpec<I, A>): OpSpec<I, A> {
  const { name, infer, forward, view, aux, saves = [], backward, fused, addTo, tidy = false } = spec;
  return { name, infer, forward, view, aux, saves, backward, fused, addTo, tidy } as OpSpec<I, A>;
}

/** The one door: every computation on tensors goes through here. */
export function apply<I extends readonly Tensor[], A>(spec: OpSpec<I, A>, inputs: I, attrs: A): Tensor {
  const { interpreter, watcher } = context;
  if (interpreter !== null) return interpreter.apply(spec, inputs, attrs);
  return watcher === null ? execute(spec, inputs, attrs) : watched(watcher, spec, inputs, attrs);
}

/** Apart, because a function that contains a closure keeps its arguments in an object of their own. */
function watched(watcher: Watcher, spec: AnyOpSpec, inputs: readonly Tensor[], attrs: unknown): Tensor {
  return watcher.op(spec, inputs, () => execute(spec, inputs, attrs));
}

/**
 * Eager execution: infer, compute, and record if somebody wants gradients.
 *
 * @param auxiliaries receives the op's auxiliary arrays, which are then computed although nothing may be recorded
 */
export function execute(spec: AnyOpSpec, inputs: readonly Tensor[], attrs: unknown, auxiliaries?: NDArray[]): Tensor {
  const count = inputs.length;
  const arrays = new Array<NDArray>(count);
  const recordable = context.recording && spec.backward !== null;
  let recorded = false;
  for (let i = 0; i < count; i++) {
    const input = inputs[i]!;
    arrays[i] = input?.array ?? refuse(spec.name, i, input);
    if (recordable && input.node !== null) recorded = true;
  }
  const meta: Meta = spec.infer(arrays, attrs);
  if (recorded && !isFloating(meta.dtype)) recorded = false;

  if (spec.view) {
    const output = new Tensor(spec.view(arrays[0]!, attrs));
    if (recorded) output.node = record(spec, inputs, attrs, arrays, output.array, nothing);
    linkView(output, inputs[0]!, spec, attrs);
    return output;
  }
  const make = spec.tidy ? allocateUnfilled : allocate;
  const out = spec.tidy && making.between ? allocateBetween(meta) : make(meta);
  const makeAux = spec.tidy && auxiliaries === undefined ? allocateOwn : make;
  const aux = spec.aux && (recorded || auxiliaries) ? spec.aux(arrays, attrs).map(makeAux) : null;
  spec.forward!(out, arrays, attrs, aux);
  out.storage.exposed = false; // only the kernels have seen the typed array
  if (context.watcher !== null) out.storage.settle();
  if (aux !== null && auxiliaries !== undefined) {
    for (const { storage } of aux) storage.claim();
    auxiliaries.push(...aux);
  }
  const output = new Tensor(out);
  if (recorded) output.node = record(spec, inputs, attrs, arrays, out, aux ?? nothing);
  return output;
}

const nothing: readonly never[] = [];

/** Refuses what the types forbid as a tensor. */
function refuse(name: string, i: number, input: unknown): never {
  return fail("invalid_argument", name, `input ${i} is not a tensor`, { input, type: typeof input });
}

/** A new array of zeros, which users may see. */
export function allocate(meta: Meta): NDArray {
  const array = meta instanceof NDArray ? NDArray.zerosLike(meta) : NDArray.zeros(meta.shape, meta.dtype);
  if (context.inference) array.storage.version = -1;
  context.watcher?.allocated(array);
  return array;
}

/** The same with undefined contents, for those who are about to write all of them. */
export function allocateUnfilled(meta: Meta): NDArray {
  if (making.forBackward) {
    const own = allocateOwn(meta);
    if (own.storage.elements === null) making.made.push(own.storage);
    return own;
  }
  const array = meta instanceof NDArray ? NDArray.unfilledLike(meta) : NDArray.unfilled(meta.shape, meta.dtype);
  if (context.inference) array.storage.version = -1;
  context.watcher?.allocated(array);
  return array;
}

/** The same for the engine's own use: it may live in the kernels' memory. */
function allocateOwn(meta: Meta): NDArray {
  const array = meta instanceof NDArray ? NDArray.ownLike(meta) : NDArray.own(meta.shape, meta.dtype);
  if (context.inference) array.storage.version = -1;
  context.watcher?.allocated(array);
  return array;
}

/** The same for the output of a layer that only the next one will see. */
function allocateBetween(meta: Meta): NDArray {
  making.between = false;
  const array = allocateOwn(meta);
  making.latest = array.storage;
  return array;
}

function record(
  spec: AnyOpSpec,
  inputs: readonly Tensor[],
  attrs: unknown,
  arrays: readonly NDArray[],
  out: NDArray,
  aux: readonly NDArray[],
): Node {
  const count = inputs.length;
  const first = count > 0 ? inputs[0]!.node : null;
  const rest = count > 2 ? inputs.slice(1).map(nodeOf) : count > 1 ? inputs[1]!.node : null;
  const node = new Node(spec, attrs, count, first, rest, out.shape, out.dtype);
  node.saved = save(spec, arrays, out, aux, 0);
  return node;
}

function nodeOf({ node }: Tensor): Node | null {
  return node;
}

/** What backward needs, from number `i` on; null if there is nothing. */
function save(
  spec: AnyOpSpec,
  arrays: readonly NDArray[],
  out: NDArray,
  aux: readonly NDArray[],
  i: number,
): Saved | null {
  const rest = (spec.saves?.length ?? 0) + aux.length - i;
  if (rest <= 0) return null;
  const second = rest > 1 ? valueToSave(spec, arrays, out, aux, i + 1) : null;
  const others = rest > 2 ? save(spec, arrays, out, aux, i + 2) : null;
  return new Saved(valueToSave(spec, arrays, out, aux, i), second, others);
}

/** The values that the op names, in that order, and then the auxiliaries. */
function valueToSave(
  { name, saves = nothing }: AnyOpSpec,
  arrays: readonly NDArray[],
  out: NDArray,
  aux: readonly NDArray[],
  i: number,
): NDArray {
  if (i >= saves.length) return aux[i - saves.length]!;
  const what = saves[i]!;
  const array = what === "output" ? out : arrays[what]!;
  if (array.storage.version < 0) {
    fail(
      "no_gradient",
      name,
      "an inference tensor cannot be saved for backward",
      { shape: array.shape },
      "clone() it outside inferenceMode",
    );
  }
  return array;
}

function linkView(output: Tensor, input: Tensor, spec: AnyOpSpec, attrs: unknown): void {
  const parent = input.viewOf;
  const base = parent === null ? input : parent.base;
  const steps = parent === null ? [{ spec, attrs }] : [...parent.steps, { spec, attrs }];
  output.viewOf = { base, steps, baseNode: base.node, version: output.version };
}

onStaleView((view, from) => {
  from.version = view.version;
  if (from.base.node === from.baseNode) return; // written without recording: the history stands
  from.baseNode = from.base.node;
  let fresh = from.base;
  for (const { spec, attrs } of from.steps) fresh = execute(spec, [fresh], attrs);
  view.node = fresh.node;
});
