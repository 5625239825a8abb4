import { type DType, fail, formatNDArray, isFloating, NDArray, type Shape, type TypedArray } from "@tapegrad/tensor";
import type { TensorMethods } from "./methods.ts";
import { type GradientHook, type HookHandle, Node } from "./node.ts";
import type { AnyOpSpec } from "./op.ts";
import { letGo } from "./recycle.ts";

/** How a view came from its base: the view ops, in order, and the base's node when they were applied. */
export interface ViewOf {
  readonly base: Tensor;
  readonly steps: readonly ViewStep[];
  /** The base's node and version under which the view's own node was made; another pair means that it is stale. */
  baseNode: Node | null;
  version: number;
}

/** One view op with its attributes. */
export interface ViewStep {
  readonly spec: AnyOpSpec;
  readonly attrs: unknown;
}

export interface Tensor extends TensorMethods {}

/**
 * An array of numbers that remembers how it was computed, so that gradients can flow back through it (torch.Tensor).
 *
 * Make one with `tensor`, `zeros`, `randn` and their like. The arithmetic lives in `ops`; every op is a method too.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: methods.ts installs exactly what TensorMethods declares
export class Tensor {
  /** The elements: a strided view, shared with the tensors that are views of each other. */
  array: NDArray;
  /** Where this tensor came from, if it is a view of another. */
  viewOf: ViewOf | null = null;
  #node: Node | null = null;
  #grad: Tensor | null = null;

  constructor(array: NDArray) {
    this.array = array;
  }

  /** Sizes of the dimensions, outermost first. */
  get shape(): Shape {
    return this.array.shape;
  }

  /** The type of the elements. */
  get dtype(): DType {
    return this.array.dtype;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.array.shape.length;
  }

  /** Size of one dimension, or all of them (torch.Tensor.size). */
  size(): Shape;
  size(dim: number): number;
  size(dim?: number): Shape | number {
    if (dim === undefined) return this.shape;
    const size = this.shape[dim < 0 ? dim + this.ndim : dim];
    return size ?? fail("invalid_dim", "size", "dimension out of range", { dim, shape: this.shape });
  }

  /** Number of dimensions (torch.Tensor.dim). */
  dim(): number {
    return this.ndim;
  }

  /** Number of elements (torch.Tensor.numel). */
  numel(): number {
    return this.array.size;
  }

  /** Elements between neighbours along each dimension (torch.Tensor.stride). */
  stride(): readonly number[] {
    return [...this.array.stride]; // small arrays share theirs
  }

  /** Whether the elements lie row-major without gaps. */
  isContiguous(): boolean {
    return this.array.isContiguous;
  }

  /** Whether the dtype is a floating-point one. */
  isFloatingPoint(): boolean {
    return isFloating(this.dtype);
  }

  /** The last entry of the tape that produced this tensor, or the leaf entry; null when no gradient is tracked. */
  get node(): Node | null {
    const view = this.viewOf;
    if (view !== null && view.version !== this.version) regenerate(this, view);
    return this.#node;
  }

  set node(node: Node | null) {
    this.#node = node;
  }

  /** The recorded op that produced this tensor; null for a leaf (torch's grad_fn). */
  get gradFn(): Node | null {
    const { node } = this;
    return node === null || node.spec === null ? null : node;
  }

  /** Whether gradients are tracked for this tensor. */
  get requiresGrad(): boolean {
    return this.node !== null;
  }

  set requiresGrad(on: boolean) {
    this.requiresGrad_(on);
  }

  /** Whether this tensor was made by the user rather than by a recorded op: where gradients accumulate. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** Starts or stops tracking gradients for a leaf, and returns it (torch.Tensor.requires_grad_). */
  requiresGrad_(on = true): this {
    if (on === this.requiresGrad) return this;
    if (!this.isLeaf) {
      fail(
        "no_gradient",
        "requiresGrad_",
        "only leaves can stop requiring gradients",
        { gradFn: this.gradFn?.name },
        "use detach()",
      );
    }
    if (on && !isFloating(this.dtype)) {
      fail(
        "invalid_dtype",
        "requiresGrad_",
        "only floating-point tensors can require gradients",
        { dtype: this.dtype },
        "convert it with .float()",
      );
    }
    if (on && this.array.storage.version < 0) {
      fail(
        "no_gradient",
        "requiresGrad_",
        "inference tensors cannot require gradients",
        {},
        "clone() it outside inferenceMode",
      );
    }
    this.#node = on ? new Node(null, null, 0, null, null, this.shape, this.dtype, this) : null;
    return this;
  }

  /** The same elements without history; changes in place show in both (torch.Tensor.detach). */
  detach(): Tensor {
    return new Tensor(this.array);
  }

  /** Forgets the history of this tensor itself (torch.Tensor.detach_). */
  detach_(): this {
    if (this.viewOf !== null) fail("in_place", "detach_", "a view cannot be detached in place", {}, "use detach()");
    this.#node = null;
    return this;
  }

  /** The same elements without history or version: changes go unnoticed by the tape (torch.Tensor.data). Prefer `detach()`. */
  get data(): Tensor {
    const { storage, shape, stride, offset, dtype } = this.array;
    return new Tensor(new NDArray(storage.twin(), shape, stride, offset, dtype));
  }

  /** How often the elements were changed in place (torch's _version). */
  get version(): number {
    return this.array.storage.version;
  }

  /** The gradient that `backward()` has accumulated; null before. */
  get grad(): Tensor | null {
    this.#grad?.array.storage.claim(); // the reader may keep it
    return this.#grad;
  }

  set grad(grad: Tensor | null) {
    const former = this.#grad;
    this.#grad = grad;
    if (former !== null && former !== grad) letGo(former.array.storage);
  }

  /** The same for readers who keep nothing of it: unlike `grad` it does not stop the engine from using the memory again. */
  peekGrad(): Tensor | null {
    return this.#grad;
  }

  /** Keeps the gradient of this tensor in `grad` although it is not a leaf (torch.Tensor.retain_grad). */
  retainGrad(): this {
    const { node } = this;
    if (node === null)
      return fail("no_gradient", "retainGrad", "this tensor does not require gradients", { shape: this.shape });
    if (node.spec !== null) node.retained = this;
    return this;
  }

  /** Calls `hook` with the gradient of this tensor when it is known; what it returns replaces the gradient (torch.Tensor.register_hook). */
  registerHook(hook: GradientHook): HookHandle {
    const { node } = this;
    if (node === null)
      return fail("no_gradient", "registerHook", "this tensor does not require gradients", { shape: this.shape });
    return node.registerHook(hook);
  }

  /** Calls `hook` after the gradient of this leaf has been accumulated (torch.Tensor.register_post_accumulate_grad_hook). */
  registerPostAccumulateGradHook(hook: (leaf: Tensor) => void): HookHandle {
    const { node } = this;
    if (node === null || node.spec !== null) {
      return fail(
        "no_gradient",
        "registerPostAccumulateGradHook",
        "only leaves that require gradients accumulate them",
        { shape: this.shape },
      );
    }
    return node.registerAfterHook(hook);
  }

  /** The number in a tensor of one element; 0 or 1 for truth values. */
  item(): number {
    const { array } = this;
    if (array.size !== 1) {
      fail(
        "not_scalar",
        "item",
        "only a tensor of one element is a number",
        { shape: this.shape },
        "reduce it first, or use toArray()",
      );
    }
    return array.data[array.offset]!;
  }

  /** The elements in logical order, copied into a fresh typed array. */
  toArray(): TypedArray {
    return this.array.toArray();
  }

  /** The elements as nested lists; truth values as booleans (torch.Tensor.tolist). */
  tolist(): NestedList {
    const flat = this.toArray();
    let at = 0;
    const read = (dim: number): NestedList => {
      if (dim === this.ndim) return this.dtype === "bool" ? flat[at++] === 1 : flat[at++]!;
      return Array.from({ length: this.shape[dim]! }, () => read(dim + 1));
    };
    return read(0);
  }

  /** As torch prints it. */
  toString(): string {
    const { gradFn } = this;
    return formatNDArray(this.array, gradFn === null ? { requiresGrad: this.requiresGrad } : { gradFn: gradFn.name });
  }

  /** Iterates over the first dimension, as torch does. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.ndim === 0) fail("invalid_shape", "iteration", "a 0-d tensor has no first dimension", {}, "use item()");
    for (let i = 0; i < this.shape[0]!; i++) yield this.select(0, i);
  }
}

/** Numbers or truth values in nested lists. */
export type NestedList = number | boolean | NestedList[];

/** Rebuilds the tape entries of a view after its base was changed in place. */
let regenerate: (view: Tensor, from: ViewOf) => void = () => {};

/** Lets the module that knows how to apply ops supply {@link regenerate}; called once, when it loads. */
export function onStaleView(rebuild: (view: Tensor, from: ViewOf) => void): void {
  regenerate = rebuild;
}
