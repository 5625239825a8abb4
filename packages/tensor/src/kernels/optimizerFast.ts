import type { NDArray } from "../ndarray.ts";
import { type Call, inParts } from "../threads/parts.ts";
import { launch } from "../wasm/launch.ts";
import type { AdamSettings, SgdSettings } from "./optimizerDense.ts";
import { optimizerCode } from "./optimizerModule.ts";

/** Elements that pass at a time through the kernels' memory: four operands of this size stay in the second-level cache. */
const BLOCK = 16384;

/** Elements that are written at a time. */
const LANES = 4;

/** Runs over row-major arrays of one size: at once where all live in the kernels' memory, else block by block. */
function eachBlock(arrays: readonly NDArray[], run: (count: number, blocks: readonly NDArray[]) => void): void {
  const { size } = arrays[0]!;
  const step = arrays.every(({ storage }) => storage.block !== null) ? size : BLOCK;
  for (let at = 0; at < size; at += step) {
    const count = Math.min(step, size - at);
    run(count, at === 0 && count === size ? arrays : arrays.map((array) => blockOf(array, at, count)));
  }
}

function blockOf(array: NDArray, at: number, count: number): NDArray {
  return array.view([count], [1], array.offset + at);
}

/** Operations that an element of an operand takes, memory included. */
const WORK = 4;

/** Runs a loop over `count` elements at some pointers, 0 for none, shared among the threads. */
function eachPart(
  count: number,
  pointers: readonly number[],
  run: (call: Call, count: number, pointers: readonly number[]) => void,
): void {
  inParts(Math.ceil(count / LANES), WORK * pointers.length * count, () => (call, first, end) => {
    const at = LANES * first;
    const own = pointers.map((pointer) => (pointer === 0 ? 0 : pointer + 4 * at));
    run(call, Math.min(count, LANES * end) - at, own);
  });
}

/** {@link sgd} by the loops of the optimizer module. */
export function sgdFast(
  param: NDArray,
  grad: NDArray,
  buffer: NDArray | null,
  settings: SgdSettings,
  lr: number,
  first: boolean,
): void {
  const { momentum, dampening, weightDecay, nesterov, maximize } = settings;
  eachBlock(buffer === null ? [param, grad] : [param, grad, buffer], (count, [p, g, b]) => {
    launch((frame) => {
      const flags = [maximize, Math.fround(weightDecay) !== 0, first, nesterov].map(Number);
      const scalars = [weightDecay, momentum, 1 - dampening, -lr] as const;
      const pointers = [frame.modify(p!, LANES), frame.read(g!), b === undefined ? 0 : frame.modify(b, LANES)];
      eachPart(count, pointers, (call, some, own) => call(optimizerCode().sgd, some, ...own, ...flags, ...scalars));
    });
  });
}

/** How far from 1 a divisor may be to be replaced by its reciprocal, so that nothing comes near the ends of float32. */
const FAR = 2 ** 32;

/** The reciprocal by which the optimizer module divides; 0: it must divide itself. */
function reciprocalOf(divisor: number): number {
  return divisor >= 1 / FAR && divisor <= FAR ? Math.fround(1 / divisor) : 0;
}

/** {@link adam} by the loops of the optimizer module. */
export function adamFast(
  param: NDArray,
  grad: NDArray,
  mean: NDArray,
  square: NDArray,
  largest: NDArray | null,
  settings: AdamSettings,
  lr: number,
  correction1: number,
  correction2: number,
): void {
  const { beta1, beta2, eps, weightDecay, decoupled, maximize } = settings;
  const blend = Math.fround(1 - beta1);
  const far = blend >= 0.5;
  const root = Math.fround(Math.sqrt(correction2));
  const operands = [param, grad, mean, square];
  eachBlock(largest === null ? operands : [...operands, largest], (count, [p, g, m, v, top]) => {
    launch((frame) => {
      const flags = [maximize, !decoupled && Math.fround(weightDecay) !== 0, far].map(Number);
      const scalars = [
        ...([weightDecay, decoupled ? 1 - lr * weightDecay : 1, far ? blend - 1 : blend] as const),
        ...([beta2, 1 - beta2, root, reciprocalOf(root), eps, -(lr / correction1)] as const),
      ];
      const pointers = [
        frame.modify(p!, LANES),
        frame.read(g!),
        frame.modify(m!, LANES),
        frame.modify(v!, LANES),
        top === undefined ? 0 : frame.modify(top, LANES),
      ];
      eachPart(count, pointers, (call, some, own) => call(optimizerCode().adam, some, ...own, ...flags, ...scalars));
    });
  });
}
