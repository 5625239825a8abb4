import { fail, k, NDArray, sameShape } from "@tapegrad/tensor";
import { context, withContext } from "./context.ts";
import type { Node } from "./node.ts";
import { BackwardContext } from "./op.ts";
import { add } from "./ops/arithmetic.ts";
import { to } from "./ops/cast.ts";
import { sumToShape } from "./ops/reduce.ts";
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
    const gradient = found.get(node) ?? null;
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

let passes = 0;

/** Walks the tape once, newest entry first. Gathers gradients in leaves, or returns those of `wanted`. */
function run(
  where: string,
  roots: readonly Tensor[],
  rootGradients: readonly (Tensor | null)[],
  wanted: readonly Node[] | null,
  { createGraph = false, retainGraph = createGraph }: BackwardOptions,
): Map<Node, Tensor> {
  const seeds = roots.map((root, i) => seed(where, root, rootGradients[i] ?? null));
  const order = newestFirst(roots.map((root) => root.node!));
  const targets = wanted === null ? null : new Set(wanted);
  const useful = targets === null ? null : leadingTo(order, targets);
  const found = new Map<Node, Tensor>();

  // a backward inside a hook may walk the same nodes: put aside what the outer pass has gathered
  const outer = passes > 0 ? order.map((node) => node.incoming) : null;
  if (outer !== null) for (const node of order) node.incoming = null;
  passes++;
  let complete = false;
  try {
    withContext(where, { recording: createGraph }, () => {
      for (let i = 0; i < roots.length; i++) gather(roots[i]!.node!, seeds[i]!);
      for (let i = 0; i < order.length; i++) {
        const node = order[i]!;
        let gradient: Tensor | null = node.incoming;
        if (gradient === null) continue;
        node.incoming = null;
        if (node.hooks !== null || node.retained !== null) gradient = runHooks(node, gradient);
        if (targets?.has(node)) found.set(node, gradient);
        if (node.leaf !== null) {
          if (targets === null) accumulate(node, node.leaf, gradient);
        } else if (useful === null || useful.has(node)) {
          propagate(node, gradient, useful);
          if (!retainGraph) node.saved = null;
        }
      }
    });
    complete = true;
  } finally {
    passes--;
    if (outer !== null) for (let i = 0; i < order.length; i++) order[i]!.incoming = outer[i]!;
    else if (!complete) for (const node of order) node.incoming = null;
  }
  return found;
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
    const ones = NDArray.zeros(root.shape, root.dtype);
    k.fill(ones, 1);
    return new Tensor(ones);
  }
  if (!sameShape(given.shape, root.shape)) {
    fail("shape_mismatch", where, "the gradient does not have the shape of the tensor", {
      tensor: root.shape,
      gradient: given.shape,
    });
  }
  given.array.storage.claimed = true;
  return given;
}

let walks = 0;

/** Every node that the roots depend on, in the opposite order of recording. */
function newestFirst(roots: readonly Node[]): Node[] {
  const walk = ++walks;
  const order: Node[] = [];
  for (const root of roots) visit(root, walk, order);
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    for (let j = 0; j < node.inputs; j++) visit(node.edge(j), walk, order);
  }
  for (let i = 1; i < order.length; i++) {
    // a chain comes out in order
    if (order[i]!.sequence > order[i - 1]!.sequence) return order.sort((a, b) => b.sequence - a.sequence);
  }
  return order;
}

function visit(node: Node | null, walk: number, order: Node[]): void {
  if (node === null || node.mark === walk) return;
  node.mark = walk;
  order.push(node);
}

/** The nodes from which one of `targets` can be reached. */
function leadingTo(order: readonly Node[], targets: ReadonlySet<Node>): Set<Node> {
  const leading = new Set<Node>();
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    for (let j = 0; j < node.inputs; j++) {
      const next = node.edge(j);
      if (next !== null && (targets.has(next) || leading.has(next))) leading.add(node);
    }
  }
  for (const target of targets) if (!leading.has(target)) leading.add(target);
  return leading;
}

function runHooks(node: Node, gradient: Tensor): Tensor {
  let current = gradient;
  if (node.hooks !== null) {
    for (const hook of [...node.hooks]) {
      current.array.storage.claimed = true; // the hook may keep it
      const replaced: unknown = hook(current);
      if (replaced instanceof Tensor) current = replaced;
    }
    current.array.storage.claimed = true;
  }
  if (node.retained !== null) node.retained.grad = owned(current);
  return current;
}

/** Sends the gradient of an op's output on to its inputs. */
function propagate(node: Node, gradient: Tensor, useful: ReadonlySet<Node> | null): void {
  const spec = node.spec!;
  const { backward } = spec;
  const ctx = new BackwardContext<unknown>(node, gradient, useful);
  // an interpreter must see every step, and fused kernels do not go through the one door
  const all = spec.fused && !context.recording && context.interpreter === null ? spec.fused(ctx) : null;
  for (let i = 0; i < node.inputs; i++) {
    if (!ctx.wants(i)) continue;
    const share = all !== null ? all[i] : typeof backward === "function" ? backward(ctx, i) : backward?.[i]?.(ctx);
    if (share) gather(node.edge(i)!, share);
  }
}

/** Adds a share to what a node has gathered, after undoing broadcasting and casts. */
function gather(node: Node, share: Tensor): void {
  let fitted = sameShape(share.shape, node.shape) ? share : sumToShape(share, node.shape);
  if (fitted.dtype !== node.dtype) fitted = to(fitted, node.dtype);
  node.incoming = node.incoming === null ? fitted : add(node.incoming, fitted);
}

/** The gradient in an array that nobody else has. */
function owned(gradient: Tensor): Tensor {
  if (context.recording && gradient.requiresGrad) return gradient;
  const { array } = gradient;
  const { storage } = array;
  const free = !storage.claimed && storage.array.length === array.size && array.isContiguous;
  const own = free ? array : array.copy();
  own.storage.claimed = true;
  return new Tensor(own);
}

function accumulate(node: Node, leaf: Tensor, gradient: Tensor): void {
  if (leaf.grad === null) leaf.grad = owned(gradient);
  else if (context.recording) leaf.grad = add(leaf.grad, gradient);
  else {
    const { array } = leaf.grad;
    k.add(array, array, gradient.array);
    array.storage.version++;
  }
  for (const hook of node.afterHooks ? [...node.afterHooks] : []) hook(leaf);
}
