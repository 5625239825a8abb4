import { bytesOf } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { inParts, isShared } from "../../threads/parts.ts";
import { type Entry, launch } from "../../wasm/launch.ts";

/** Operations an element of the functions that are shared, those of many instructions. */
const HEAVY = 32;
/** Elements of whole turns of every loop: parts are cut between them, so that no thread writes past its own. */
const TURN = 8;

/** Whether threads do a function of many instructions sooner together, although they need whole operands in the kernels' memory. */
export function isWorthSharing(out: NDArray): boolean {
  return isShared(HEAVY * out.size);
}

/** Runs a loop over row-major operands, or single numbers, as one row that is cut into parts for the threads. */
export function shareFlat(
  loop: Entry,
  out: NDArray,
  a: NDArray,
  b: NDArray | undefined,
  c: NDArray | undefined,
  first: number,
  second: number,
): void {
  const operands = [a, b, c];
  launch((frame) => {
    const pointers = operands.map((x) => (x === undefined ? 0 : frame.read(x)));
    shareRow(loop, out, operands, frame.write(out), pointers, HEAVY, first, second);
  });
}

/**
 * The same where everything lies in the kernels' memory already.
 *
 * @param work operations an element
 */
export function shareRow(
  loop: Entry,
  out: NDArray,
  operands: readonly (NDArray | undefined)[],
  to: number,
  pointers: readonly number[],
  work: number,
  first: number,
  second: number,
): void {
  const steps = operands.map((x) => (x === undefined || x.size === 1 ? 0 : bytesOf[x.dtype]));
  inParts(Math.ceil(out.size / TURN), work * out.size, () => (call, from, end) => {
    const at = from * TURN;
    const count = Math.min(out.size, end * TURN) - at;
    const [p = 0, q = 0, r = 0] = pointers.map((pointer, i) => pointer + at * steps[i]!);
    call(loop, 1, count, to + at * bytesOf[out.dtype], 0, first, second, p, 0, q, 0, r, 0);
  });
}
