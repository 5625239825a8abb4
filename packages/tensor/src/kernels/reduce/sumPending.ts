/** Sums of results that are still to be computed: each block is added up as soon as it is there, and nothing is stored. */
import type { NDArray } from "../../ndarray.ts";
import { launch } from "../../wasm/launch.ts";
import { views } from "../../wasm/scratch.ts";
import { foldCode, SUM_STATE } from "./foldModule.ts";

/** Puts the sum of all elements over a divisor into `out`, if they can be computed without being kept; the same bits as of those that are. */
export function sumPending(out: NDArray, a: NDArray, divisor: number): boolean {
  const { pending, length } = a.storage;
  if (pending === null || a.size !== length) return false;
  const run = pending.inBlocks();
  if (run === null) return false;
  launch((frame) => {
    const state = frame.workspace(SUM_STATE);
    const to = frame.write(out);
    views().int32.fill(0, state / 4, (state + SUM_STATE) / 4);
    const code = foldCode();
    let left = length;
    run((pointer, count) => {
      left -= count;
      if (left === 0) code.sumLast(count, pointer, state, to, divisor);
      else code.sumOn(count, pointer, state);
    });
  });
  return true;
}
