import type { NDArray } from "../../ndarray.ts";
import { reshapeStrides, type Shape, sizeOf, stridesOf } from "../../shape.ts";
import { inParts } from "../../threads/parts.ts";
import { threadsReady } from "../../threads/team.ts";
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
    multiply(frame, ...given(rows.shape[0]!, rows.stride[0]!, result.pointer, left.pointer, right.pointer));
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
    inParts(count, 2 * count * height * columns * depth, (thread) => {
      const own = thread === 0 ? workspace : frame.workspace(gemmWorkspace(columns));
      return (call, first, end) => {
        const [at, from, other] = [
          pointers[0] + first * cNext!,
          pointers[1] + first * aNext!,
          pointers[2] + first * bNext!,
        ];
        const product = given(height, aRow, at, from, other);
        product[11] = own;
        call(gemm, ...product, end - first, aNext!, bNext!, cNext!);
      };
    });
  });
}

/** With so few rows, and so many times more columns that lie along the depth, rows are packed in the place of columns. */
const FEW_ROWS = 32;
const FEWER = 4;

/** Threads take rows in multiples of this: fine enough for equal shares, with few tiles that are not whole. */
const BAND = 4;

/** Rows of a piece at least, if a thread has several: each packs the right side anew, or a part of it. */
const PIECE = 256;

/** One product, shared among the threads by its rows where it is large. */
function multiply(
  frame: Frame,
  rows: number,
  columns: number,
  depth: number,
  a: number,
  aRow: number,
  aDepth: number,
  b: number,
  bDepth: number,
  bColumn: number,
  bias: number,
  c: number,
  workspace: number,
): void {
  const { gemm } = gemmCode();
  if (threadsReady() === 1) {
    gemm(rows, columns, depth, a, aRow, aDepth, b, bDepth, bColumn, bias, c, workspace, 1, 0, 0, 0);
  } else {
    const left = { a, aRow, aDepth };
    multiplyBands(frame, rows, columns, depth, left, [b, bDepth, bColumn, bias], c, workspace);
  }
}

/** Apart, because a function that contains a closure keeps its arguments in an object of their own. */
function multiplyBands(
  frame: Frame,
  rows: number,
  columns: number,
  depth: number,
  { a, aRow, aDepth }: Readonly<Record<"a" | "aRow" | "aDepth", number>>,
  right: readonly [b: number, bDepth: number, bColumn: number, bias: number],
  c: number,
  workspace: number,
): void {
  const { gemm } = gemmCode();
  inParts(
    Math.ceil(rows / BAND),
    2 * rows * columns * depth,
    (thread) => {
      const own = thread === 0 ? workspace : frame.workspace(gemmWorkspace(columns));
      return (call, first, end) => {
        const from = first * BAND;
        const height = Math.min(rows, end * BAND) - from;
        const left = [height, columns, depth, a + from * aRow, aRow, aDepth] as const;
        call(gemm, ...left, ...right, c + 4 * from * columns, own, 1, 0, 0, 0);
      };
    },
    Math.floor(rows / (threadsReady() * PIECE)),
  );
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
    // with small matrices most of the time is spent here: no arrays, no closures
    const rows = out.shape[0]!;
    const columns = out.shape[1]!;
    const depth = a.shape[1]!;
    const asItLies = !a.isContiguous && isDense(a);
    const left = asItLies ? frame.span(a) : frame.read(a);
    const aRow = 4 * (asItLies ? a.stride[0]! : depth);
    const aDepth = asItLies ? 4 * a.stride[1]! : 4;
    const otherAsItLies = !b.isContiguous && isDense(b);
    const right = otherAsItLies ? frame.span(b) : frame.read(b);
    const bRow = 4 * (otherAsItLies ? b.stride[0]! : b.shape[1]!);
    const bNext = otherAsItLies ? 4 * b.stride[1]! : 4;
    const bDepth = depthDim === 0 ? bRow : bNext;
    const bColumn = columnDim === 0 ? bRow : bNext;
    const row = bias === null ? 0 : frame.read(bias);
    const to = frame.write(out);
    if (columns === 1 && rows > 1) {
      // the column as a row, so that it fills the tiles
      const start = row && repeated(frame, row, rows);
      const workspace = frame.workspace(gemmWorkspace(rows));
      multiply(frame, 1, rows, depth, right, 4, bDepth, left, aDepth, aRow, start, to, workspace);
    } else if (bDepth === 4 && rows <= FEW_ROWS && FEWER * rows <= columns) {
      // the transposed product: b is read as it lies, and the smaller matrix packed
      const turned = frame.workspace(4 * rows * columns);
      const workspace = frame.workspace(gemmWorkspace(rows));
      multiply(frame, columns, rows, depth, right, bColumn, 4, left, aDepth, aRow, 0, turned, workspace);
      gemmCode().turn(rows, columns, turned, row, to);
    } else {
      const workspace = frame.workspace(gemmWorkspace(columns));
      multiply(frame, rows, columns, depth, left, aRow, aDepth, right, bDepth, bColumn, row, to, workspace);
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
