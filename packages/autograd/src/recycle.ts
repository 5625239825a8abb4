/**
 * Memory that only the engine sees, and uses again: gradients on their way, what backward needed for itself, what lies between the
 * layers of a module.
 *
 * A storage is `spare` while the engine holds it in one place, and `claimed` from the moment on when somebody else may: a hook, a
 * reader of `grad`, an interpreter, an entry that is recorded. At its last use it is given back if it is spare and not claimed.
 */
import type { Storage } from "@tapegrad/tensor";
import { context } from "./context.ts";
import type { Node, Saved } from "./node.ts";
import type { Tensor } from "./tensor.ts";

/** Whether an array is in one place only, where the engine put it, and no user has come to see it. */
export function isFree({ spare, claimed }: Storage): boolean {
  return spare && !claimed;
}

/** Gives back an array that has been read for the last time, if it is free. */
export function letGo(storage: Storage): void {
  if (isFree(storage)) storage.giveBack();
  storage.spare = false;
}

/**
 * Tells the engine that nobody holds `between` any more, the result of one op, which another op alone has read, giving `output`.
 * Its memory is used again at once, or when backward is through with it. What else could reach it, such as a view, keeps it as it is.
 */
export function retire(between: Tensor, output: Tensor): void {
  const { storage } = between.array;
  if (context.interpreter !== null || storage.claimed || storage.version > 0) return;
  if (between.viewOf !== null || output.viewOf !== null || storage === output.array.storage) return;
  const [maker, reader] = [between.node, output.node];
  if (maker !== null && !(reader !== null && readsFrom(reader, maker))) return;
  storage.spare = true;
  if (!holds(maker?.saved, storage) && !holds(reader?.saved, storage)) letGo(storage);
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
