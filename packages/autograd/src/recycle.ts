import { giveBack, type Storage } from "@tapegrad/tensor";
import type { Node } from "./node.ts";

/** Whether an array is on its way in one place only, and no user has come to see it. */
export function isFree({ spare, claimed }: Storage): boolean {
  return spare && !claimed;
}

/** Gives back an array that has been read for the last time, if it is free. */
export function letGo(storage: Storage): void {
  if (isFree(storage)) giveBack(storage.array);
  storage.spare = false;
}

/** Frees what a node has saved; with `recycling` the auxiliaries, which only the engine sees, are used again. */
export function freeSaved(node: Node, recycling: boolean): void {
  const { saved, spec } = node;
  node.saved = null;
  if (saved === null || !recycling || !spec!.tidy || !spec!.aux) return;
  for (let i = spec!.saves?.length ?? 0; ; i++) {
    const array = saved.at(i);
    if (array === null) return;
    if (!array.storage.claimed) giveBack(array.storage.array);
  }
}
