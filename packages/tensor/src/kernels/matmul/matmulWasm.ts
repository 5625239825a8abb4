import type { NDArray } from "../../ndarray.ts";
import { reshapeStrides, type Shape, sizeOf, stridesOf } from "../../shape.ts";
import { type Frame, launch, spanOf } from "../../wasm/launch.ts";
import { nestOf, walkEach } from "../nest.ts";
import { gemmCode, gemmWorkspace } from "./gemm.ts";

/** Whether a view is taken as it lies; not where the gaps in it are larger than what it shows. */
function isDense(x: NDArray): boolean {
  return spanOf(x) <= 2 * x.size + 64;
}

/** An operand in the kernels' memory: where its first element is, and its strides in elements. */
interface Placed {
  readonly pointer: number;
  readonly shape: Shape;
  readonly stride: readonly number[];
}

function place(frame: Frame, x: NDArray): Placed {
  const { shape, stride } = x;
  if (isDense(x)) return { pointer: frame.span(x), shape, stride };
  return { pointer: frame.read(x), shape, stride: stridesOf(shape) };
}

/** {@link matmul} in WebAssembly: one product for each index of the batch, or a single one where the batch can be taken as more rows. */
export function matmulWasm(out: NDArray, a: NDArray, b: NDArray): void {
  if (out.size === 0) return;
  if (out.dimension === 2) {
    multiplyMatrices(out, a, b, 0, 1, null);
    return;
  }
  launch((frame) => {
    const left = place(frame, a);
    const right = place(frame, b);
    const result = { pointer: frame.write(out), shape: out.shape, stride: stridesOf(out.shape) };
    const workspace = frame.workspace(gemmWorkspace(out.shape.at(-1)!));
    const rows = right.stride.slice(0, -2).every((s, d) => s === 0 || right.shape[d] === 1) ? asRows(left) : null;
    if (rows !== null)
      product({ ...result, ...asRows(result)! }, rows, right, result.pointer, left.pointer, right.pointer, workspace);
    else {
      const batches = [result, left, right].map((x) => ({
        shape: x.shape.slice(0, -2),
        stride: x.stride.slice(0, -2),
      }));
      const nest = nestOf(
        batches[0]!.shape,
        batches.map(({ shape, stride }) => out.view(shape, stride, 0)),
      );
      walkEach(nest, ([c = 0, p = 0, q = 0]) =>
        product(result, left, right, result.pointer + 4 * c, left.pointer + 4 * p, right.pointer + 4 * q, workspace),
      );
    }
  });
}

/** All but the last dimension as one, if the strides allow it. */
function asRows(x: Placed): Placed | null {
  const shape = [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!];
  const stride = reshapeStrides(x.shape, x.stride, shape);
  return stride && { ...x, shape, stride };
}

function product(out: Placed, a: Placed, b: Placed, c: number, p: number, q: number, workspace: number): void {
  const [rows, columns, depth] = [out.shape.at(-2)!, out.shape.at(-1)!, a.shape.at(-1)!];
  const [aRow, aDepth] = [4 * a.stride.at(-2)!, 4 * a.stride.at(-1)!];
  const [bDepth, bColumn] = [4 * b.stride.at(-2)!, 4 * b.stride.at(-1)!];
  gemmCode().gemm(rows, columns, depth, p, aRow, aDepth, q, bDepth, bColumn, 0, c, workspace);
}

/** {@link linear} in WebAssembly. */
export function linearWasm(out: NDArray, x: NDArray, weight: NDArray, bias: NDArray | null): void {
  if (out.size > 0) multiplyMatrices(out, x, weight, 1, 0, bias);
}

/** One product of matrices, plus a row; `depthDim` and `columnDim` say which dimension of b is which. */
function multiplyMatrices(
  out: NDArray,
  a: NDArray,
  b: NDArray,
  depthDim: 0 | 1,
  columnDim: 0 | 1,
  bias: NDArray | null,
): void {
  launch((frame) => {
    const columns = out.shape[1]!;
    const [lies, otherLies] = [isDense(a), isDense(b)];
    const left = lies ? frame.span(a) : frame.read(a);
    const right = otherLies ? frame.span(b) : frame.read(b);
    const [aRow, aDepth] = lies ? a.stride : [a.shape[1]!, 1];
    const strides = otherLies ? b.stride : [b.shape[1]!, 1];
    gemmCode().gemm(
      out.shape[0]!,
      columns,
      a.shape[1]!,
      left,
      4 * aRow!,
      4 * aDepth!,
      right,
      4 * strides[depthDim]!,
      4 * strides[columnDim]!,
      bias === null ? 0 : frame.read(bias),
      frame.write(out),
      frame.workspace(gemmWorkspace(columns)),
    );
  });
}
