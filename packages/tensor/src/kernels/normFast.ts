import type { NDArray } from "../ndarray.ts";
import { inParts } from "../threads/parts.ts";
import { type Frame, launch, launchable } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { normCode } from "./normModule.ts";

/** Pointer to an operand, or the null pointer where there is none. */
export function maybeRead(frame: Frame, array: NDArray | null): number {
  return array === null ? 0 : frame.read(array);
}

/** Whether all are float32, not empty, and not enormous. */
export function normalisable(...arrays: readonly (NDArray | null)[]): boolean {
  const given = arrays.filter((array) => array !== null);
  return given.every(({ dtype, size }) => dtype === "float32" && size > 0) && launchable(...given);
}

/** {@link layerNorm} by the loops of the normalisation module. */
export function layerNormFast(
  out: NDArray,
  mean: NDArray,
  rstd: NDArray,
  x: NDArray,
  weight: NDArray | null,
  bias: NDArray | null,
  eps: number,
): void {
  const [rows, columns] = x.shape as [number, number];
  launch((frame) => {
    const [y, m, r] = [frame.write(out), frame.write(mean), frame.write(rstd)];
    const [from, w, b] = [frame.read(x), maybeRead(frame, weight), maybeRead(frame, bias)];
    inParts(rows, FORWARD_WORK * x.size, () => (call, first, end) => {
      const [ofRow, ofElement] = [4 * first, 4 * first * columns];
      const results = [y + ofElement, m + ofRow, r + ofRow] as const;
      call(normCode().forward, end - first, columns, ...results, from + ofElement, w, b, eps);
    });
  });
}

/** Operations an element. */
const FORWARD_WORK = 16;
const BACKWARD_WORK = 16;

/** {@link layerNormBackward} by the loops of the normalisation module. */
export function layerNormFastBackward(
  out: NDArray,
  grad: NDArray,
  x: NDArray,
  mean: NDArray,
  rstd: NDArray,
  weight: NDArray | null,
): void {
  const [rows, columns] = x.shape as [number, number];
  launch((frame) => {
    const [to, g, from] = [frame.write(out), frame.read(grad), frame.read(x)];
    const [m, r, w] = [frame.read(mean), frame.read(rstd), maybeRead(frame, weight)];
    inParts(rows, BACKWARD_WORK * x.size, () => (call, first, end) => {
      const [ofRow, ofElement] = [4 * first, 4 * first * columns];
      const matrices = [to + ofElement, g + ofElement, from + ofElement] as const;
      call(normCode().backward, end - first, columns, ...matrices, m + ofRow, r + ofRow, w);
    });
  });
}

/** {@link layerNormBackwardAffine} by the loops of the normalisation module. */
export function layerNormFastAffine(
  gradWeight: NDArray,
  gradBias: NDArray,
  grad: NDArray,
  x: NDArray,
  mean: NDArray,
  rstd: NDArray,
): void {
  const [rows, columns] = x.shape as [number, number];
  launch((frame) => {
    const [gw, gb] = [frame.write(gradWeight), frame.write(gradBias)];
    const [g, from, m, r] = [frame.read(grad), frame.read(x), frame.read(mean), frame.read(rstd)];
    // a step along a row, of four columns or of one, has 64 bytes
    const bytes = 64 * (Math.floor(columns / 4) + (columns % 4));
    const sums = frame.workspace(bytes);
    views().float64.fill(0, sums / 8, (sums + bytes) / 8);
    normCode().affine(rows, columns, gw, gb, g, from, m, r, sums);
  });
}
