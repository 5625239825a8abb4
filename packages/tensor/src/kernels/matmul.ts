/** Matrix products. */
import type { NDArray } from "../ndarray.ts";
import { launchable } from "../wasm/launch.ts";
import { linearWasm, matmulWasm } from "./matmul/matmulWasm.ts";
import { nestOf, walkEach } from "./nest.ts";
import { type KernelPair, kernelPair } from "./pair.ts";

/** Multiplications from which on a call costs less than plain loops. */
const WORTH_PACKING = 64;

/**
 * `out` [...B, M, N] = `a` [...B, M, K] · `b` [...B, K, N]: any strides, so that transposes and broadcast batches cost no copy.
 * The batch dimensions are equal (expanded by the caller).
 */
export const matmul: KernelPair<[out: NDArray, a: NDArray, b: NDArray]> = kernelPair(() => ({
  name: "matmul",
  js: (out: NDArray, a: NDArray, b: NDArray) => {
    const rank = out.dimension;
    const corner = (x: NDArray): NDArray =>
      x.view([...x.shape.slice(0, rank - 2), 1], [...x.stride.slice(0, rank - 2), 0]);
    const accumulate = out.dtype === "int32" ? multiplyInt : multiply;
    const acc = accumulator(out);
    const nest = nestOf(corner(out).shape, [out, a, b].map(corner));
    walkEach(nest, (at) => accumulate(out, at[0]!, a, at[1]!, b, at[2]!, acc));
  },
  wasm: matmulWasm,
  accepts: (out, a, b) => launchable(out, a, b),
  pays: (out, a) => out.size * a.shape.at(-1)! >= WORTH_PACKING,
  ulps: 4,
}));

/** `out` [R, N] = `x` [R, K] · `weight`ᵀ [K, N] + `bias` [N]. */
export const linear: KernelPair<[out: NDArray, x: NDArray, weight: NDArray, bias: NDArray | null]> = kernelPair(() => ({
  name: "linear",
  js: (out: NDArray, x: NDArray, weight: NDArray, bias: NDArray | null) => {
    const acc = accumulator(out);
    const transposed = weight.transpose(1, 0);
    multiply(out, out.offset, x, x.offset, transposed, transposed.offset, acc, bias);
  },
  wasm: linearWasm,
  accepts: (out, x, weight, bias) => launchable(out, x, weight, bias ?? out),
  pays: (out, x) => out.size * x.shape[1]! >= WORTH_PACKING,
  ulps: 4,
}));

/** A row of sums, rounded as the result is. */
function accumulator(out: NDArray): Float32Array | Float64Array {
  const columns = out.shape.at(-1)!;
  return out.dtype === "float32" ? new Float32Array(columns) : new Float64Array(columns);
}

/**
 * One matrix product, a row of the result at a time. A float32 sum is rounded at every term, in the order of the terms, with a product that is
 * not rounded by itself: the fused multiply-add of torch's kernels, so that results agree with torch's to the bit.
 */
function multiply(
  out: NDArray,
  outAt: number,
  a: NDArray,
  aAt: number,
  b: NDArray,
  bAt: number,
  acc: Float32Array | Float64Array,
  bias: NDArray | null = null,
): void {
  const rank = out.dimension;
  const [rows, columns, depth] = [out.shape[rank - 2]!, out.shape[rank - 1]!, a.shape[a.dimension - 1]!];
  const [os, ot] = out.stride.slice(-2) as [number, number];
  const [as, at] = a.stride.slice(-2) as [number, number];
  const [bs, bt] = b.stride.slice(-2) as [number, number];
  for (let i = 0; i < rows; i++) {
    acc.fill(0);
    for (let k = 0; k < depth; k++) {
      const x = a.data[aAt + i * as + k * at]!;
      for (let j = 0, q = bAt + k * bs; j < columns; j++, q += bt) acc[j]! += x * b.data[q]!;
    }
    for (let j = 0; j < columns; j++) {
      out.data[outAt + i * os + j * ot] =
        bias === null ? acc[j]! : acc[j]! + bias.data[bias.offset + j * bias.stride[0]!]!;
    }
  }
}

/** The same in 32-bit integers, which wrap around. */
function multiplyInt(out: NDArray, outAt: number, a: NDArray, aAt: number, b: NDArray, bAt: number): void {
  const rank = out.dimension;
  const [rows, columns, depth] = [out.shape[rank - 2]!, out.shape[rank - 1]!, a.shape[rank - 1]!];
  const [os, ot] = out.stride.slice(-2) as [number, number];
  const [as, at] = a.stride.slice(-2) as [number, number];
  const [bs, bt] = b.stride.slice(-2) as [number, number];
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let k = 0; k < depth; k++) {
        sum = (sum + Math.imul(a.data[aAt + i * as + k * at]!, b.data[bAt + k * bs + j * bt]!)) | 0;
      }
      out.data[outAt + i * os + j * ot] = sum;
    }
  }
}
