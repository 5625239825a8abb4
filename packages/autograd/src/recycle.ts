/**
 * Memory that only the engine sees, and uses again: gradients on their way, what backward needed for itself, what lies between the
 * layers of a module. It may live in the kernels' memory until somebody else comes to see it.
 *
 * A storage is `spare` while the engine holds it in one place, and `claimed` from the moment on when somebody else may: a hook, a
 * reader of `grad`, an interpreter, an entry that is recorded. At its last use it is given back if it is spare and not claimed.
 */
import type { Storage } from "@tapegrad/tensor";
import { context } from "./context.ts";
import { making } from "./making.ts";
import type { Node, Saved } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/** Whether an array is in one place only, where the engine put it, and no user has come to see it. */
export function isFree({ spare, claimed }: Storage): boolean {
  return spare && !claimed;
}

/** Gives back an array that has been read for the last time in the place that lets it go, if it is free, or when all places have let it go. */
export function letGo(storage: Storage): void {
  if (storage.places > 1) {
    holdIn(storage, storage.places - 1);
    return;
  }
  if (isFree(storage)) storage.giveBack();
  storage.spare = false;
}

/** Writes down that a backward pass holds an array in one place or more. */
export function holdIn(storage: Storage, places: number): void {
  storage.spare = places === 1;
  storage.places = places > 1 ? places : 0;
}

/** Gives back what was made for a backward pass since `first`, except what has become somebody's gradient. */
export function sweep(first: number): void {
  const { made } = making;
  while (made.length > first) {
    const storage = made.pop()!;
    if (storage.block !== null && !storage.spare && !storage.claimed) storage.giveBack();
  }
}

/**
 * Tells the engine that nobody holds `between` any more, the result of one op, which another op alone has read, giving `output`.
 * Its memory is used again at once, or when backward is through with it. What else could reach it, such as a view, keeps it as it is.
 */
export function retire(between: Tensor, output: Tensor): void {
  const { storage } = between.array;
  if (isHeldElsewhere(between, output)) {
    storage.show();
    return;
  }
  storage.spare = true;
  if (!holds(between.node?.saved, storage) && !holds(output.node?.saved, storage)) letGo(storage);
}

/** Whether somebody may hold `between` besides the op that made it and the one that read it, giving `output`. */
function isHeldElsewhere(between: Tensor, output: Tensor): boolean {
  const { storage } = between.array;
  if (context.interpreter !== null || storage.claimed || storage.version > 0) return true;
  if (between.viewOf !== null || output.viewOf !== null || storage === output.array.storage) return true;
  const [maker, reader] = [between.node, output.node];
  return maker !== null && !(reader !== null && readsFrom(reader, maker));
}

/**
 * Runs a layer that makes its output by one op and keeps nothing, and whose output only the layer after it will read: that may live in
 * the kernels' memory. It must be given to {@link retire} when it has been read.
 */
export function between(layer: (input: Tensor) => Tensor, input: Tensor): Tensor {
  if (context.interpreter !== null) return layer(input);
  let output: Tensor | null = null;
  making.between = true;
  try {
    output = layer(input);
    return output;
  } finally {
    const { latest } = making;
    making.between = false;
    making.latest = null;
    if (latest !== null && latest !== output?.array.storage) latest.moveOut(); // there was another op before
  }
}

function readsFrom(reader: Node, maker: Node): boolean {
  for (let i = 0; i < reader.inputs; i++) if (reader.edge(i) === maker) return true;
  return false;
}

function holds(saved: Saved | null | undefined, storage: Storage): boolean {
  if (!saved) return false;
  for (let i = 0; ; i++) {
    const array = saved.at(i);
    if (array === null) return false;
    if (array.storage === storage) return true;
  }
}

/** Frees what a node has saved; with `recycling`, what only the engine sees of it is used again: auxiliaries, and what was retired. */
export function freeSaved(node: Node, recycling: boolean): void {
  const { saved, spec } = node;
  node.saved = null;
  if (saved === null || !recycling || !spec!.tidy) return;
  const { saves = [] } = spec!;
  for (let i = 0; ; i++) {
    const array = saved.at(i);
    if (array === null) return;
    if (i >= saves.length) array.storage.spare = true;
    // the op that made it comes later, and may have saved it too
    else if (saves[i] !== "output" && node.edge(saves[i] as number)?.spec?.saves?.includes("output")) continue;
    if (isFree(array.storage)) letGo(array.storage);
  }
}
