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

/**
 * One entry of the tape: which op was applied, with which attributes, to which values, and where their gradients go.
 * A leaf has a node too: the end of the tape, where its gradient accumulates.
 */
export class Node {
  /** The op; null for a leaf. */
  readonly spec: AnyOpSpec | null;
  /** The op's attributes. */
  readonly attrs: unknown;
  /** How many inputs the op had. */
  readonly inputs: number;
  // edges in fields: lists would double what the garbage collector has to move while a tape grows
  readonly #first: Node | null;
  readonly #second: Node | null;
  readonly #others: readonly (Node | null)[] | null;
  /** Shape of the op's output, and so of the gradient that arrives here. */
  readonly shape: Shape;
  /** Dtype of the output. */
  readonly dtype: DType;
  /** The order of recording: larger than that of every node in `next`. */
  readonly sequence: number;
  /** The tensor whose gradient accumulates here; null for an op. */
  readonly leaf: Tensor | null;
  /** Run, in order, when the gradient that arrives here is complete. */
  hooks: GradientHook[] | null = null;
  /** Run after a leaf's gradient has been accumulated. */
  afterHooks: ((leaf: Tensor) => void)[] | null = null;
  /** The tensor that keeps the gradient that arrives here (retainGrad). */
  retained: Tensor | null = null;
  /** What backward needs; null once freed. */
  saved: Saved | null = null;
  /** The gradient gathered so far, while a backward pass runs. */
  incoming: Tensor | null = null;
  /** The last walk of the tape that came by. */
  mark = 0;

  /**
   * @param inputs how many inputs the op had
   * @param first  the node that the gradient for input 0 flows to; null where none is wanted
   * @param second the same for input 1
   * @param others the same for the inputs after these; null where there are none
   * @param leaf   the tensor whose gradient accumulates here; null for an op
   */
  constructor(
    spec: AnyOpSpec | null,
    attrs: unknown,
    inputs: number,
    first: Node | null,
    second: Node | null,
    others: readonly (Node | null)[] | null,
    shape: Shape,
    dtype: DType,
    leaf: Tensor | null = null,
  ) {
    this.spec = spec;
    this.attrs = attrs;
    this.inputs = inputs;
    this.#first = first;
    this.#second = second;
    this.#others = others;
    this.shape = shape;
    this.dtype = dtype;
    this.leaf = leaf;
    this.sequence = ++sequence;
  }

  /** The node that the gradient for input number `i` flows to; null where none is wanted. */
  edge(i: number): Node | null {
    if (i === 0) return this.#first;
    return i === 1 ? this.#second : (this.#others?.[i - 2] ?? null);
  }

  /** All edges, one an input. */
  get next(): readonly (Node | null)[] {
    return Array.from({ length: this.inputs }, (_, i) => this.edge(i));
  }

  /** As torch would call it: `MulBackward0`, `AccumulateGrad`. */
  get name(): string {
    if (this.spec === null) return "AccumulateGrad";
    const { name } = this.spec;
    return `${name.charAt(0).toUpperCase()}${name.slice(1)}Backward0`;
  }

  /** Adds a hook on the gradient that arrives here. */
  registerHook(hook: GradientHook): HookHandle {
    this.hooks ??= [];
    return addTo(this.hooks, hook);
  }

  /** Adds a hook that runs after this leaf's gradient has been accumulated. */
  registerAfterHook(hook: (leaf: Tensor) => void): HookHandle {
    this.afterHooks ??= [];
    return addTo(this.afterHooks, hook);
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
