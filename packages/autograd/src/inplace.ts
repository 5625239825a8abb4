import { fail, k, type NDArray, promote, sameShape } from "@tapegrad/tensor";
import { context, noGrad } from "./context.ts";
import { Node, newest } from "./node.ts";
import { apply, defineOp, type Op, type OpSpec } from "./op.ts";
import { clone } from "./ops/cast.ts";
import { Tensor, type ViewStep } from "./tensor.ts";

/**
 * Overwrites `target` with what `compute` makes of its former value, and gives it that history: `x.mul_(y)` is
 * `assign("mul_", x, (before) => mul(before, y))`. Views of the same storage see the change and its gradient.
 *
 * @throws TensorError `in_place` on a leaf that requires gradients while recording, or where elements share memory;
 *   `shape_mismatch` | `invalid_dtype` when the new value does not fit
 */
export function assign<T extends Tensor>(where: string, target: T, compute: (before: Tensor) => Tensor): T {
  const before = new Tensor(target.array);
  before.node = target.node;
  const since = newest();
  const value = compute(before);
  checkFits(where, target, value);
  const tracked = context.recording && (target.requiresGrad || value.requiresGrad);
  checkMayChange(where, target, tracked);
  const { node } = value;
  if (tracked && node !== null) keep(target.array, node, since);
  k.copy(target.array, value.array);
  changed(target, value, tracked, node);
  return target;
}

/**
 * Overwrites `target` with numbers that have no history, written straight into its memory: what `zero_` and `normal_` do.
 *
 * @throws TensorError as {@link assign}
 */
export function rewrite<T extends Tensor>(where: string, target: T, fill: (array: NDArray) => void): T {
  const tracked = context.recording && target.requiresGrad;
  checkMayChange(where, target, tracked);
  const node = tracked ? new Node(overwrite.spec, undefined, 2, target.node, null, target.shape, target.dtype) : null;
  fill(target.array);
  changed(target, null, tracked, node);
  return target;
}

/**
 * Gives entries recorded after `since` a copy of what they have saved of an array that is about to be overwritten, as torch
 * does. It goes through the one door, so that a trace knows where it came from.
 */
function keep(array: NDArray, last: Node, since: number): void {
  let copy: NDArray | null = null;
  const copied = (): NDArray => {
    copy ??= noGrad(() => clone(new Tensor(array))).array;
    return copy;
  };
  const entries = new Set([last]);
  for (const entry of entries) {
    if (entry.sequence <= since) continue;
    entry.saved?.replace(array, copied);
    for (const next of entry.next) if (next !== null) entries.add(next);
  }
}

/** Counts a change of `target`, tells who watches, and gives it, or the tensor that it is a view of, its new history. */
function changed(target: Tensor, value: Tensor | null, tracked: boolean, node: Node | null): void {
  const { array, viewOf } = target;
  const before = viewOf?.base.node ?? null;
  if (array.storage.version >= 0) array.storage.version++;
  context.interpreter?.wrote(target, value ?? new Tensor(array.copy()));
  if (!tracked) return;
  if (viewOf === null) target.node = node;
  else {
    const { base, steps } = viewOf;
    // every view of the base is stale now, and finds its new history when asked for it
    base.node = new Node(viewScatterSpec, { steps }, 2, before, node, base.shape, base.dtype);
  }
}

function checkFits(where: string, target: Tensor, value: Tensor): void {
  if (!sameShape(value.shape, target.shape)) {
    fail("shape_mismatch", where, "the result does not have the shape of the tensor that it overwrites", {
      tensor: target.shape,
      result: value.shape,
    });
  }
  if (
    promote(target.dtype, value.dtype) !== target.dtype &&
    !(target.dtype === "float32" && value.dtype === "float64")
  ) {
    fail(
      "invalid_dtype",
      where,
      "the result cannot be stored in the tensor that it overwrites",
      { tensor: target.dtype, result: value.dtype },
      "use the out-of-place form",
    );
  }
}

function checkMayChange(where: string, target: Tensor, tracked: boolean): void {
  const { shape, stride, storage } = target.array;
  if (shape.some((size, i) => size > 1 && stride[i] === 0)) {
    fail(
      "in_place",
      where,
      "several elements of the tensor share one place in memory",
      { shape, stride },
      "clone() it first",
    );
  }
  if (storage.version < 0 && !context.inference) {
    fail("in_place", where, "inference tensors cannot be changed outside inferenceMode", { shape }, "clone() it");
  }
  if (!tracked) return;
  const base = target.viewOf?.base;
  if (base === undefined ? target.node?.leaf : base.node?.leaf) {
    const what = base === undefined ? "a leaf that requires gradients" : "a view of a leaf that requires gradients";
    fail(
      "in_place",
      where,
      `${what} is being changed in place`,
      { shape: target.shape },
      "wrap the change in noGrad(() => ...), or work on a clone()",
    );
  }
  if (base?.requiresGrad && !target.requiresGrad) {
    fail(
      "in_place",
      where,
      "a view made without recording is being changed with recording on",
      { shape: target.shape },
      "make the view outside noGrad, or change it inside",
    );
  }
}

/** The region of `array` that a chain of views shows. */
function viewed(array: NDArray, steps: readonly ViewStep[]): NDArray {
  return steps.reduce((view, { spec, attrs }) => spec.view!(view, attrs), array);
}

const viewScatterSpec: OpSpec<[base: Tensor, source: Tensor], { steps: readonly ViewStep[] }> = {
  name: "viewScatter",
  infer: ([base]) => base,
  forward: (out, [base, source], { steps }) => {
    k.copy(out, base);
    k.copy(viewed(out, steps), source);
  },
  backward: [
    ({ grad, attrs }) =>
      viewScatter(grad, apply(zerosLikeSpec, [viewChain(grad, attrs.steps)], undefined), attrs.steps),
    ({ grad, attrs }) => viewChain(grad, attrs.steps),
  ],
};

const viewScatter = (base: Tensor, source: Tensor, steps: readonly ViewStep[]): Tensor =>
  apply(viewScatterSpec, [base, source], { steps });

const viewChain = (base: Tensor, steps: readonly ViewStep[]): Tensor =>
  steps.reduce<Tensor>((view, { spec, attrs }) => apply(spec, [view], attrs), base);

const zerosLikeSpec: OpSpec<[like: Tensor], undefined> = {
  name: "zerosLike",
  infer: ([like]) => like,
  forward: () => {}, // fresh arrays are zero
  backward: null,
};

/** The value of `source`, in the place of `target`, whose gradient is therefore zero: what copy_, fill_ and zero_ do. */
export const overwrite: Op<(target: Tensor, source: Tensor) => Tensor> = defineOp<
  [Tensor, Tensor],
  undefined,
  (target: Tensor, source: Tensor) => Tensor
>(
  () => ({
    name: "copySlices",
    infer: ([target]) => target,
    forward: (out, [, source]) => k.copy(out, source),
    backward: [({ grad }) => apply(zerosLikeSpec, [grad], undefined), ({ grad }) => grad],
  }),
  (call) => (target, source) => call([target, source], undefined),
);
