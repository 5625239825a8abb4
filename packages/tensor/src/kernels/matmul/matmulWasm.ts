import type { NDArray } from "../../ndarray.ts";
import { reshapeStrides, type Shape, sizeOf, stridesOf } from "../../shape.ts";
import { type Frame, launch, spanOf } from "../../wasm/launch.ts";
import { views } from "../../wasm/scratch.ts";
import { nestOf, rowStrides, walkRows } from "../nest.ts";
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

/** {@link matmul} in WebAssembly, in one launch. */
export function matmulWasm(out: NDArray, a: NDArray, b: NDArray): void {
  if (out.size === 0) return;
  if (out.dimension === 2) multiplyMatrices(out, a, b, 0, 1, null);
  else launch((frame) => multiplyBatch(frame, out, a, b));
}

/** One product for each index of the batch, or a single one where the batch can be taken as more rows. */
function multiplyBatch(frame: Frame, out: NDArray, a: NDArray, b: NDArray): void {
  const [left, right] = [place(frame, a), place(frame, b)];
  const result = { pointer: frame.write(out), shape: out.shape, stride: stridesOf(out.shape) };
  const workspace = frame.workspace(gemmWorkspace(out.shape.at(-1)!));
  const { gemm } = gemmCode();
  const [columns, depth] = [out.shape.at(-1)!, a.shape.at(-1)!];
  const [aDepth, bDepth, bColumn] = [left.stride.at(-1)!, right.stride.at(-2)!, right.stride.at(-1)!].map(inBytes);
  const given = (rows: number, aRow: number, c: number, p: number, q: number): Product => [
    ...([rows, columns, depth, p, inBytes(aRow), aDepth!] as const),
    ...([q, bDepth!, bColumn!, 0, c, workspace] as const),
  ];
  const rows = right.stride.slice(0, -2).every((s, d) => s === 0 || right.shape[d] === 1) ? asRows(left) : null;
  if (rows !== null) {
    gemm(...given(rows.shape[0]!, rows.stride[0]!, result.pointer, left.pointer, right.pointer), 1, 0, 0, 0);
    return;
  }
  const batches = [result, left, right].map(({ shape, stride }) =>
    out.view(shape.slice(0, -2), stride.slice(0, -2), 0),
  );
  const nest = nestOf(batches[0]!.shape, batches);
  const [cNext, aNext, bNext] = rowStrides(nest).map(inBytes);
  const [height, aRow] = [out.shape.at(-2)!, left.stride.at(-2)!];
  walkRows(nest, ([c = 0, p = 0, q = 0], count) => {
    const pointers = [result.pointer + 4 * c, left.pointer + 4 * p, right.pointer + 4 * q] as const;
    gemm(...given(height, aRow, ...pointers), count, aNext!, bNext!, cNext!);
  });
}

const inBytes = (elements: number): number => 4 * elements;

type Product = [
  ...[rows: number, columns: number, depth: number, a: number, aRow: number, aDepth: number],
  ...[b: number, bDepth: number, bColumn: number, bias: number, c: number, workspace: number],
];

/** All but the last dimension as one, if the strides allow it. */
function asRows(x: Placed): Placed | null {
  const shape = [sizeOf(x.shape.slice(0, -1)), x.shape.at(-1)!];
  const stride = reshapeStrides(x.shape, x.stride, shape);
  return stride && { ...x, shape, stride };
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
    const [rows, columns] = out.shape as [number, number];
    const depth = a.shape[1]!;
    const [lies, otherLies] = [isDense(a), isDense(b)];
    const left = lies ? frame.span(a) : frame.read(a);
    const right = otherLies ? frame.span(b) : frame.read(b);
    const [aRow, aDepth] = (lies ? a.stride : [depth, 1]).map(inBytes);
    const strides = otherLies ? b.stride : [b.shape[1]!, 1];
    const [bDepth, bColumn] = [strides[depthDim]!, strides[columnDim]!].map(inBytes);
    const row = bias === null ? 0 : frame.read(bias);
    const to = frame.write(out);
    const { gemm } = gemmCode();
    if (columns === 1 && rows > 1) {
      // the column as a row, so that it fills the tiles
      const start = row && repeated(frame, row, rows);
      const workspace = frame.workspace(gemmWorkspace(rows));
      gemm(1, rows, depth, right, 4, bDepth!, left, aDepth!, aRow!, start, to, workspace, 1, 0, 0, 0);
    } else {
      const workspace = frame.workspace(gemmWorkspace(columns));
      gemm(rows, columns, depth, left, aRow!, aDepth!, right, bDepth!, bColumn!, row, to, workspace, 1, 0, 0, 0);
    }
  });
}

/** A row of one number. */
function repeated(frame: Frame, from: number, count: number): number {
  const start = frame.workspace(4 * count);
  const { float32 } = views();
  float32.fill(float32[from / 4]!, start / 4, start / 4 + count);
  return start;
}
