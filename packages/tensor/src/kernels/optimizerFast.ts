import type { NDArray } from "../ndarray.ts";
import { launch } from "../wasm/launch.ts";
import type { AdamSettings, SgdSettings } from "./optimizerDense.ts";
import { optimizerCode } from "./optimizerModule.ts";

/** Elements that pass at a time: four operands of this size stay in the second-level cache. */
const BLOCK = 16384;

/** Elements that are written at a time. */
const LANES = 4;

/** Runs over blocks of row-major arrays of one size: row-major views of the same elements of each. */
function eachBlock(arrays: readonly NDArray[], run: (count: number, blocks: readonly NDArray[]) => void): void {
  const { size } = arrays[0]!;
  for (let at = 0; at < size; at += BLOCK) {
    const count = Math.min(BLOCK, size - at);
    run(
      count,
      arrays.map((array) => array.view([count], [1], array.offset + at)),
    );
  }
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
      optimizerCode().sgd(
        count,
        frame.modify(p!, LANES),
        frame.read(g!),
        b === undefined ? 0 : frame.modify(b, LANES),
        Number(maximize),
        Number(Math.fround(weightDecay) !== 0),
        Number(first),
        Number(nesterov),
        weightDecay,
        momentum,
        1 - dampening,
        -lr,
      );
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
      optimizerCode().adam(
        count,
        frame.modify(p!, LANES),
        frame.read(g!),
        frame.modify(m!, LANES),
        frame.modify(v!, LANES),
        top === undefined ? 0 : frame.modify(top, LANES),
        Number(maximize),
        Number(!decoupled && Math.fround(weightDecay) !== 0),
        Number(far),
        weightDecay,
        decoupled ? 1 - lr * weightDecay : 1,
        far ? blend - 1 : blend,
        beta2,
        1 - beta2,
        root,
        reciprocalOf(root),
        eps,
        -(lr / correction1),
      );
    });
  });
}
