import { type DType, fail, type NDArray, type Shape } from "@tapegrad/tensor";
import type { AnyOpSpec } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** Sees a gradient on its way and may replace it. */
export type GradientHook = ((grad: Tensor) => Tensor | null | undefined) | ((grad: Tensor) => void);

/** Takes a hook away again. */
export interface HookHandle {
  remove(): void;
}

let sequence = 0;

/** The order of the newest entry of all. */
export function newest(): number {
  return sequence;
}

/** What few entries have besides: the leaves, and those with hooks. */
class Attached {
  /** The tensor whose gradient accumulates here; null for an op. */
  readonly leaf: Tensor | null;
  /** Run, in order, when the gradient that arrives here is complete. */
  hooks: GradientHook[] | null = null;
  /** Run after a leaf's gradient has been accumulated. */
  afterHooks: ((leaf: Tensor) => void)[] | null = null;
  /** The tensor that keeps the gradient that arrives here (retainGrad). */
  retained: Tensor | null = null;

  constructor(leaf: Tensor | null) {
    this.leaf = leaf;
  }
}

/** Nodes that gradients flow to, one an input; null where none is wanted. */
type Edges = readonly (Node | null)[];

/**
 * One entry of the tape: which op was applied, with which attributes, to which values, and where their gradients go.
 * A leaf has a node too: the end of the tape, where its gradient accumulates.
 *
 * A tape may have very many entries, all of which the garbage collector has to move while it grows: so what most of them
 * have stands in fields of its own, in few words, and what few have in a further object.
 */
export class Node {
  /** The op; null for a leaf. */
  readonly spec: AnyOpSpec | null;
  /** The op's attributes. */
  readonly attrs: unknown;
  /** Twice the number of inputs, plus 1 where the output is float64; else it is float32. */
  readonly #layout: number;
  readonly #first: Node | null;
  /** The second edge; with more than two inputs all of them after the first. */
  readonly #rest: Node | Edges | null;
  /** Shape of the op's output, and so of the gradient that arrives here. */
  readonly shape: Shape;
  /** The order of recording: larger than that of every node in `next`. */
  readonly sequence: number;
  /** What backward needs; null once freed. */
  saved: Saved | null = null;
  /** The gradient gathered so far, while a backward pass runs. */
  incoming: Tensor | null = null;
  #attached: Attached | null;

  /**
   * @param inputs how many inputs the op had
   * @param first  the node that the gradient for input 0 flows to; null where none is wanted
   * @param rest   the same for input 1; with more than two inputs for all of them after the first
   * @param dtype  of the output, a floating-point one
   * @param leaf   the tensor whose gradient accumulates here; null for an op
   */
  constructor(
    spec: AnyOpSpec | null,
    attrs: unknown,
    inputs: number,
    first: Node | null,
    rest: Node | Edges | null,
    shape: Shape,
    dtype: DType,
    leaf: Tensor | null = null,
  ) {
    this.spec = spec;
    this.attrs = attrs;
    this.#layout = 2 * inputs + (dtype === "float64" ? 1 : 0);
    this.#first = first;
    this.#rest = rest;
    this.shape = shape;
    this.sequence = ++sequence;
    this.#attached = leaf === null ? null : new Attached(leaf);
  }

  /** How many inputs the op had. */
  get inputs(): number {
    return this.#layout >> 1;
  }

  /** Dtype of the output. */
  get dtype(): DType {
    return (this.#layout & 1) === 1 ? "float64" : "float32";
  }

  /** The node that the gradient for input number `i` flows to; null where none is wanted. */
  edge(i: number): Node | null {
    if (i === 0) return this.#first;
    const rest = this.#rest;
    if (this.#layout < 6) return i === 1 ? (rest as Node | null) : null;
    return (rest as Edges)[i - 1] ?? null;
  }

  /** All edges, one an input. */
  get next(): readonly (Node | null)[] {
    return Array.from({ length: this.inputs }, (_, i) => this.edge(i));
  }

  /** The tensor whose gradient accumulates here; null for an op. */
  get leaf(): Tensor | null {
    return this.#attached === null ? null : this.#attached.leaf;
  }

  /** Run, in order, when the gradient that arrives here is complete; null: none. */
  get hooks(): readonly GradientHook[] | null {
    return this.#attached === null ? null : this.#attached.hooks;
  }

  /** Run after a leaf's gradient has been accumulated; null: none. */
  get afterHooks(): readonly ((leaf: Tensor) => void)[] | null {
    return this.#attached === null ? null : this.#attached.afterHooks;
  }

  /** The tensor that keeps the gradient that arrives here (retainGrad). */
  get retained(): Tensor | null {
    return this.#attached === null ? null : this.#attached.retained;
  }

  set retained(tensor: Tensor | null) {
    this.#attach().retained = tensor;
  }

  /** As torch would call it: `MulBackward0`, `AccumulateGrad`. */
  get name(): string {
    if (this.spec === null) return "AccumulateGrad";
    const { name } = this.spec;
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`;
  }

  /** Adds a hook on the gradient that arrives here. */
  registerHook(hook: GradientHook): HookHandle {
    const attached = this.#attach();
    attached.hooks ??= [];
    return addTo(attached.hooks, hook);
  }

  /** Adds a hook that runs after this leaf's gradient has been accumulated. */
  registerAfterHook(hook: (leaf: Tensor) => void): HookHandle {
    const attached = this.#attach();
    attached.afterHooks ??= [];
    return addTo(attached.afterHooks, hook);
  }

  /** Takes over the hooks of another entry, in whose place it stands. */
  adoptHooks(former: Node): void {
    const own = this.#attach();
    own.hooks = former.#attach().hooks;
    own.afterHooks = former.#attach().afterHooks;
  }

  #attach(): Attached {
    this.#attached ??= new Attached(null);
    return this.#attached;
  }
}

function addTo<T>(hooks: T[], hook: T): HookHandle {
  hooks.push(hook);
  return {
    remove: () => {
      const at = hooks.indexOf(hook);
      if (at >= 0) hooks.splice(at, 1);
    },
  };
}

/**
 * The values that an op's backward needs, with the versions they had: those that the op declares, in that order, and then the
 * auxiliaries. Most ops save one or two: these stand in fields, the others in a further object.
 */
export class Saved {
  #first: NDArray;
  #firstVersion: number;
  #second: NDArray | null;
  #secondVersion: number;
  readonly #others: Saved | null;

  /** @param others what comes after the second; null where there is nothing */
  constructor(first: NDArray, second: NDArray | null, others: Saved | null) {
    this.#first = first;
    this.#firstVersion = first.storage.version;
    this.#second = second;
    this.#secondVersion = second === null ? 0 : second.storage.version;
    this.#others = others;
  }

  /** Puts a copy in the place of an array that is about to be overwritten. */
  replace(array: NDArray, copy: () => NDArray): void {
    if (this.#first === array) {
      this.#first = copy();
      this.#firstVersion = this.#first.storage.version;
    }
    if (this.#second === array) {
      this.#second = copy();
      this.#secondVersion = this.#second.storage.version;
    }
    this.#others?.replace(array, copy);
  }

  /** Value number `i`, whatever has become of it since; null if there are not so many. */
  at(i: number): NDArray | null {
    if (i > 1) return this.#others === null ? null : this.#others.at(i - 2);
    return i === 0 ? this.#first : this.#second;
  }

  /** Value number `i`, if it is still what it was when it was recorded; null if there are not so many. */
  get(i: number, where: string): NDArray | null {
    if (i > 1) return this.#others === null ? null : this.#others.get(i - 2, where);
    const array = this.at(i);
    if (array === null) return null;
    const expected = i === 0 ? this.#firstVersion : this.#secondVersion;
    if (array.storage.version !== expected) {
      fail(
        "modified_in_place",
        where,
        "one of the values needed for the gradient was modified by an in-place operation",
        { shape: array.shape, version: array.storage.version, expected },
        "use the out-of-place form of that operation, or clone() the tensor before changing it",
      );
    }
    return array;
  }
}
