import { fail, k, NDArray, sameShape } from "@tapegrad/tensor";
import { BackwardContext } from "./backwardContext.ts";
import { context, type Watcher } from "./context.ts";
import { making } from "./making.ts";
import type { Node } from "./node.ts";
import { add } from "./ops/arithmetic.ts";
import { clone, to } from "./ops/cast.ts";
import { sumToShape } from "./ops/reduce.ts";
import { Frontier, leadingTo } from "./order.ts";
import { freeSaved, holdIn, isFree, letGo, sweep } from "./recycle.ts";
import { Tensor } from "./tensor.ts";

/** How a backward pass runs. */
export interface BackwardOptions {
  /** Keep what the graph has saved, so that it can be walked again. @defaultValue `createGraph` */
  readonly retainGraph?: boolean;
  /** Record the backward pass itself, so that its results can be differentiated. @defaultValue false */
  readonly createGraph?: boolean;
}

/** How {@link grad} treats inputs on which the outputs do not depend. */
export interface GradOptions extends BackwardOptions {
  /** Give null for an input that the outputs do not depend on, instead of an error. @defaultValue false */
  readonly allowUnused?: boolean;
}

/**
 * Adds the gradient of `output` to the `grad` of every leaf that it depends on (torch.autograd.backward).
 *
 * @param output   a scalar, or any shape together with `gradient`
 * @param gradient the gradient of something with respect to `output`, in its shape; 1 for a scalar
 * @throws TensorError `no_gradient` | `not_scalar` | `shape_mismatch` | `graph_freed` | `modified_in_place`
 */
export function backward(output: Tensor, gradient?: Tensor | null, options: BackwardOptions = {}): void {
  run("backward", [output], [gradient ?? null], null, options);
}

/**
 * The gradients of `outputs` with respect to `inputs`, without touching any `grad` (torch.autograd.grad).
 *
 * @param outputs     one or more tensors
 * @param inputs      the tensors, leaves or not, whose gradients are wanted
 * @param gradOutputs a gradient for each output; 1 for scalars
 * @returns a gradient for each input, in its shape
 * @throws TensorError `no_gradient` | `not_scalar` | `graph_freed` | `modified_in_place`
 */
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs: readonly (Tensor | null)[] | undefined,
  options: GradOptions & { readonly allowUnused: true },
): (Tensor | null)[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs?: readonly (Tensor | null)[],
  options?: GradOptions,
): Tensor[];
export function grad(
  outputs: Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  gradOutputs: readonly (Tensor | null)[] = [],
  options: GradOptions = {},
): (Tensor | null)[] {
  const roots = outputs instanceof Tensor ? [outputs] : outputs;
  const wanted = inputs.map(
    (input, i) =>
      input.node ??
      fail(
        "no_gradient",
        "grad",
        `input ${i} does not require gradients`,
        { shape: input.shape },
        "call requiresGrad_() on it before computing the outputs",
      ),
  );
  const found = run(
    "grad",
    roots,
    roots.map((_, i) => gradOutputs[i] ?? null),
    wanted,
    options,
  );
  return wanted.map((node, i) => {
    const gradient = found!.get(node) ?? null;
    if (gradient === null && !options.allowUnused) {
      fail(
        "no_gradient",
        "grad",
        `input ${i} was not used in computing the outputs`,
        { shape: inputs[i]!.shape },
        "pass { allowUnused: true } to get null for it",
      );
    }
    return gradient;
  });
}

/** Where the backward pass that runs has arrived; null: none runs. */
let frontier: Frontier | null = null;
/** Whether arrays that only this pass can see are used again. */
let recycling = false;

/** Walks the tape once, newest entry first. Gathers gradients in leaves, or returns those of `wanted`. */
function run(
  where: string,
  roots: readonly Tensor[],
  rootGradients: readonly (Tensor | null)[],
  wanted: readonly Node[] | null,
  { createGraph = false, retainGraph = createGraph }: BackwardOptions,
): ReadonlyMap<Node, Tensor> | null {
  const seeds = roots.map((root, i) => seed(where, root, rootGradients[i] ?? null));
  const targets = wanted === null ? null : new Set(wanted);
  const useful = targets === null ? null : leadingTo(roots.map(nodeOf), targets);
  const found = targets === null ? null : new Map<Node, Tensor>();

  // a backward inside a hook may walk the same nodes: put aside what the outer pass has gathered
  const outer = frontier;
  const waiting = outer === null ? null : outer.waiting();
  const gathered = waiting === null ? null : waiting.map((node) => node.incoming);
  if (waiting !== null) forget(waiting);
  const { recording } = context;
  context.recording = createGraph;
  const outerRecycling = recycling;
  const outerMaking = making.forBackward;
  making.forBackward = false;
  // an interpreter, or a graph that grows, holds what passes by
  recycling = !createGraph && context.interpreter === null;
  const own = new Frontier();
  frontier = own;
  try {
    for (let i = 0; i < roots.length; i++) gather(roots[i]!.node!, seeds[i]!, own);
    walk(own, targets, useful, found, retainGraph);
  } finally {
    frontier = outer;
    recycling = outerRecycling;
    making.forBackward = outerMaking;
    if (outer === null) making.made.length = 0;
    context.recording = recording;
    forget(own.waiting()); // after an error
    if (waiting !== null) for (let i = 0; i < waiting.length; i++) waiting[i]!.incoming = gathered![i]!;
  }
  return found;
}

function nodeOf(root: Tensor): Node {
  return root.node!;
}

function forget(nodes: readonly Node[]): void {
  for (const node of nodes) node.incoming = null;
}

/** Hands gradients from entry to entry, newest first. */
function walk(
  own: Frontier,
  targets: ReadonlySet<Node> | null,
  useful: ReadonlySet<Node> | null,
  found: Map<Node, Tensor> | null,
  retainGraph: boolean,
): void {
  for (let node = own.take(); node !== null; node = own.take()) {
    let gradient: Tensor = node.incoming!;
    node.incoming = null;
    if (node.hooks !== null || node.retained !== null) gradient = runHooks(node, gradient);
    if (targets?.has(node)) {
      gradient.array.storage.claim();
      found!.set(node, gradient);
    }
    if (node.spec === null) {
      if (targets === null) accumulate(node, node.leaf!, gradient);
    } else if (useful === null || useful.has(node)) {
      const { watcher } = context;
      if (watcher === null) propagate(node, gradient, useful, !retainGraph, own);
      else measured(watcher, node, gradient, useful, !retainGraph, own);
      if (!retainGraph) freeSaved(node, recycling);
    }
  }
}

/** The gradient to start from: the given one, or 1 for a scalar. */
function seed(where: string, root: Tensor, given: Tensor | null): Tensor {
  if (root.node === null) {
    fail(
      "no_gradient",
      where,
      "the tensor does not require gradients and has no history",
      { shape: root.shape },
      "compute it, with recording on, from tensors that require gradients",
    );
  }
  if (given === null) {
    if (root.numel() !== 1) {
      fail(
        "not_scalar",
        where,
        "a gradient can be created implicitly for scalars only",
        { shape: root.shape },
        "reduce it, for example with sum(), or pass the gradient to start from",
      );
    }
    const one = NDArray.zeros(root.shape, root.dtype);
    one.data[0] = 1;
    return new Tensor(one);
  }
  if (!sameShape(given.shape, root.shape)) {
    fail("shape_mismatch", where, "the gradient does not have the shape of the tensor", {
      tensor: root.shape,
      gradient: given.shape,
    });
  }
  given.array.storage.claim();
  return given;
}

function runHooks(node: Node, gradient: Tensor): Tensor {
  let current = gradient;
  if (node.hooks !== null) {
    for (const hook of [...node.hooks]) {
      current.array.storage.claim(); // the hook may keep it
      const replaced: unknown = hook(current);
      if (replaced instanceof Tensor) current = replaced;
    }
    current.array.storage.claim();
  }
  if (node.retained !== null) {
    node.retained.grad = owned(current);
    node.retained.peekGrad()!.array.storage.claim(); // it goes on from here
  }
  return current;
}

function measured(
  watcher: Watcher,
  node: Node,
  gradient: Tensor,
  useful: ReadonlySet<Node> | null,
  last: boolean,
  own: Frontier,
): void {
  watcher.step(node, () => propagate(node, gradient, useful, last, own));
}

/** Sends the gradient of an op's output on to its inputs; `last`: what the node has saved is freed afterwards. */
function propagate(node: Node, gradient: Tensor, useful: ReadonlySet<Node> | null, last: boolean, own: Frontier): void {
  const spec = node.spec!;
  const { backward } = spec;
  const { storage } = gradient.array;
  const tidy = recycling && spec.tidy === true;
  const places = tidy ? storage.places || Number(storage.spare) : 0;
  if (!tidy) storage.show(); // it may be kept
  holdIn(storage, places === 0 ? 0 : places + 1); // one more, so that nobody writes it until all shares are made
  if (tidy && spec.addTo !== undefined && addedTo(node.edge(0)!.incoming, gradient, node)) {
    holdIn(storage, places);
    letGo(storage);
    return;
  }
  const { forBackward, made } = making;
  const first = made.length;
  making.forBackward = tidy;
  const ctx = new BackwardContext<unknown>(node, gradient, useful, last);
  // an interpreter must see every step, and fused kernels do not go through the one door
  const all = spec.fused && !context.recording && context.interpreter === null ? spec.fused(ctx) : null;
  for (let i = 0; i < node.inputs; i++) {
    if (!ctx.wants(i)) continue;
    const share = all !== null ? all[i] : typeof backward === "function" ? backward(ctx, i) : backward?.[i]?.(ctx);
    if (!share) continue;
    if (share.array.storage === storage) storage.places += places === 0 ? 0 : 1;
    else if (tidy) share.array.storage.spare = true;
    gather(node.edge(i)!, share, own);
  }
  making.forBackward = forBackward;
  if (made.length > first) sweep(first);
  if (places === 0) return;
  holdIn(storage, storage.places - 1);
  letGo(storage);
}

/** Adds a gradient to the part of what is gathered that a view shows; false where that is not the engine's own. */
function addedTo(gathered: Tensor | null, gradient: Tensor, { spec, attrs }: Node): boolean {
  if (gathered === null || gathered.dtype !== gradient.dtype) return false;
  const { array } = gathered;
  if (!isFree(array.storage) || !array.isContiguous) return false;
  spec!.addTo!(array, gradient.array, attrs);
  return true;
}

/** Adds a share to what a node has gathered, after undoing broadcasting and casts. */
function gather(node: Node, share: Tensor, own: Frontier): void {
  let fitted = sameShape(share.shape, node.shape) ? share : sumToShape(share, node.shape);
  if (fitted.dtype !== node.dtype) fitted = to(fitted, node.dtype);
  if (fitted.array.storage !== share.array.storage) {
    fitted.array.storage.spare = recycling;
    letGo(share.array.storage);
  }
  const before = node.incoming;
  if (before === null) {
    node.incoming = fitted;
    own.add(node);
    return;
  }
  if (isFree(before.array.storage) && before.array.isContiguous) k.add(before.array, before.array, fitted.array);
  else {
    node.incoming = add(before, fitted);
    node.incoming.array.storage.spare = recycling;
    letGo(before.array.storage);
  }
  letGo(fitted.array.storage);
}

/** The gradient in an array that nobody else has. */
function owned(gradient: Tensor): Tensor {
  if (context.recording && gradient.requiresGrad) return clone(gradient);
  const { array } = gradient;
  const { storage } = array;
  const free = !storage.claimed && storage.length === array.size && array.isContiguous;
  const own = free ? array : array.copy();
  if (!isFree(own.storage)) own.storage.claim(); // others that it is on its way to make copies
  return new Tensor(own);
}

function accumulate(node: Node, leaf: Tensor, gradient: Tensor): void {
  const former = leaf.peekGrad();
  if (former === null) {
    leaf.grad = owned(gradient);
    leaf.peekGrad()!.array.storage.settle(); // backward ends with the numbers there
    if (leaf.peekGrad()!.array.storage !== gradient.array.storage) letGo(gradient.array.storage);
  } else if (context.recording) leaf.grad = add(leaf.grad!, gradient);
  else {
    const { array } = former;
    k.add(array, array, gradient.array);
    array.storage.version++;
    letGo(gradient.array.storage);
  }
  if (node.afterHooks !== null) for (const hook of [...node.afterHooks]) hook(leaf);
}
