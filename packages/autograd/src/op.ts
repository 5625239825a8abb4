import { type DType, fail, isFloating, NDArray, type Shape } from "@tapegrad/tensor";
import { context } from "./context.ts";
import { Node, Saved } from "./node.ts";
import { onStaleView, Tensor } from "./tensor.ts";

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
}

/** Any declaration, where the kinds of inputs and attributes do not matter. */
export type AnyOpSpec = OpSpec<readonly Tensor[], unknown>;

/** A function that applies a declared op; the declaration hangs on it. */
export type Op<F> = F & { readonly spec: AnyOpSpec };

/** Applies one declared op. */
export type Apply<I extends readonly Tensor[], A> = (inputs: I, attrs: A) => Tensor;

/**
 * Declares an op.
 *
 * @param spec the declaration
 * @param call the function that users call: it sorts out the arguments and hands inputs and attributes to `apply`
 */
export function defineOp<I extends readonly Tensor[], A, F extends object>(
  spec: OpSpec<I, A>,
  call: (apply: Apply<I, A>) => F,
): Op<F> {
  return Object.assign(
    call((inputs, attrs) => apply(spec, inputs, attrs)),
    { spec },
  );
}

/** The one door: every computation on tensors goes through here. */
export function apply<I extends readonly Tensor[], A>(spec: OpSpec<I, A>, inputs: I, attrs: A): Tensor {
  const { interpreter } = context;
  return interpreter === null ? execute(spec, inputs, attrs) : interpreter.apply(spec, inputs, attrs);
}

/**
 * Eager execution: infer, compute, and record if somebody wants gradients.
 *
 * @param auxiliaries receives the op's auxiliary arrays, which are then computed although nothing may be recorded
 */
export function execute(spec: AnyOpSpec, inputs: readonly Tensor[], attrs: unknown, auxiliaries?: NDArray[]): Tensor {
  const count = inputs.length;
  const arrays = new Array<NDArray>(count);
  let next: (Node | null)[] | null = null;
  const recorded = context.recording && spec.backward !== null;
  for (let i = 0; i < count; i++) {
    const input = inputs[i]!;
    arrays[i] = input?.array ?? refuse(spec.name, i, input);
    const node = recorded ? input.node : null;
    if (node === null) continue;
    next ??= new Array<Node | null>(count).fill(null);
    next[i] = node;
  }
  const meta: Meta = spec.infer(arrays, attrs);
  if (next !== null && !isFloating(meta.dtype)) next = null;

  if (spec.view) {
    const output = new Tensor(spec.view(arrays[0]!, attrs));
    if (next !== null) output.node = record(spec, next, attrs, arrays, output.array, null);
    linkView(output, inputs[0]!, spec, attrs);
    return output;
  }
  const out = allocate(meta);
  const aux = spec.aux && (next !== null || auxiliaries) ? spec.aux(arrays, attrs).map(allocate) : null;
  spec.forward!(out, arrays, attrs, aux);
  if (aux !== null) auxiliaries?.push(...aux);
  const output = new Tensor(out);
  if (next !== null) output.node = record(spec, next, attrs, arrays, out, aux);
  return output;
}

/** Refuses what the types forbid as a tensor. */
function refuse(name: string, i: number, input: unknown): never {
  return fail("invalid_argument", name, `input ${i} is not a tensor`, { input, type: typeof input });
}

/** The only source of arrays that users can see. */
export function allocate(meta: Meta): NDArray {
  const array = meta instanceof NDArray ? NDArray.zerosLike(meta) : NDArray.zeros(meta.shape, meta.dtype);
  if (context.inference) array.storage.version = -1;
  return array;
}

function record(
  spec: AnyOpSpec,
  next: readonly (Node | null)[],
  attrs: unknown,
  arrays: readonly NDArray[],
  out: NDArray,
  aux: readonly NDArray[] | null,
): Node {
  const node = new Node(spec, attrs, next, out.shape, out.dtype, null);
  const { saves = nothing } = spec;
  if (saves.length > 0 || aux !== null) {
    const count = arrays.length;
    const saved = new Array<NDArray | null>(count + 1).fill(null);
    for (let i = 0; i < saves.length; i++) {
      const what = saves[i]!;
      const array = what === "output" ? out : arrays[what]!;
      if (array.storage.version < 0) {
        fail(
          "no_gradient",
          spec.name,
          "an inference tensor cannot be saved for backward",
          { shape: array.shape },
          "clone() it outside inferenceMode",
        );
      }
      saved[what === "output" ? count : what] = array;
    }
    if (aux !== null) saved.push(...aux);
    node.saved = new Saved(saved);
  }
  return node;
}

const nothing: readonly never[] = [];

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

const freed = (where: string): never =>
  fail(
    "graph_freed",
    where,
    "backward through the graph a second time, but its saved values have been freed",
    {},
    "pass { retainGraph: true } to the first backward() or grad()",
  );

/** What an op's backward sees: the gradient of its output, and the values it asked to be saved. */
export class BackwardContext<A = unknown> {
  readonly #node: Node;
  readonly #useful: ReadonlySet<Node> | null;
  /** The gradient of the output. */
  readonly grad: Tensor;

  /** @param useful the nodes whose gradients matter; null for all */
  constructor(node: Node, grad: Tensor, useful: ReadonlySet<Node> | null) {
    this.#node = node;
    this.#useful = useful;
    this.grad = grad;
  }

  /** Which inputs want a gradient. */
  get needs(): readonly boolean[] {
    const needs = new Array<boolean>(this.#node.inputs);
    for (let i = 0; i < needs.length; i++) needs[i] = this.wants(i);
    return needs;
  }

  /** Whether there is an input number `i`, and it wants a gradient. */
  wants(i: number): boolean {
    const edge = this.#node.edge(i);
    return edge !== null && (this.#useful === null || this.#useful.has(edge));
  }

  /** The op's attributes. */
  get attrs(): A {
    return this.#node.attrs as A;
  }

  /** Shape of the output. */
  get shape(): Shape {
    return this.#node.shape;
  }

  /** Shape and dtype of input number `i`, one that wants a gradient. */
  inputMeta(i: number): Meta {
    return this.#node.edge(i)!;
  }

  /** Input number `i`, as it was; an error if it has been overwritten or freed. */
  input(i: number): Tensor {
    return this.#unpack(i, this.#node.edge(i));
  }

  /** The output, as it was. */
  get output(): Tensor {
    return this.#unpack(this.#node.inputs, this.#node);
  }

  /** Auxiliary number `i`: an array without a gradient. */
  aux(i: number): Tensor {
    return this.#unpack(this.#node.inputs + 1 + i, null);
  }

  #unpack(slot: number, edge: Node | null): Tensor {
    const node = this.#node;
    const where = node.spec!.name;
    const tensor = new Tensor((node.saved ?? freed(where)).get(slot, where));
    if (context.recording && edge !== null) tensor.node = edge;
    return tensor;
  }
}
