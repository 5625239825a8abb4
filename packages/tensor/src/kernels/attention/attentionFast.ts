/** Attention in WebAssembly: one call for each matrix of the batch, with all operands as they lie. */
import type { NDArray } from "../../ndarray.ts";
import { sizeOf, stridesOf } from "../../shape.ts";
import { inParts } from "../../threads/parts.ts";
import { type Entry, type Frame, launch, launchable, lazyModule, spanOf } from "../../wasm/launch.ts";
import { views } from "../../wasm/scratch.ts";
import type { AttentionAttrs } from "../attention.ts";
import { nestOf, walkEach } from "../nest.ts";
import { defineBackward } from "./backward.ts";
import { KEY_BYTES, QUERIES, ROW_GAP, toolsOf } from "./blocks.ts";
import { defineForward } from "./forward.ts";
import { EDGE_BYTES, TILE_ROWS } from "./product.ts";

const code: () => Readonly<Record<"forward" | "backward", Entry>> = lazyModule("attention", (m) => {
  const tools = toolsOf(m);
  defineForward(m, tools);
  defineBackward(m, tools);
});

/** Whether the fast forms can take the operands, of which none may be empty. */
export function attentionLaunchable(...operands: readonly NDArray[]): boolean {
  return operands.every(({ size }) => size > 0) && launchable(...operands);
}

/** A batch of matrices in the kernels' memory, whose rows have no gaps. */
interface Matrices {
  readonly pointer: number;
  /** Bytes from row to row. */
  readonly rowStep: number;
  /** The batch, for walking through it. */
  readonly batch: NDArray;
}

function matrices(pointer: number, a: NDArray, stride: readonly number[]): Matrices {
  const batch = a.view(a.shape.slice(0, -2), stride.slice(0, -2), 0);
  return { pointer, rowStep: 4 * stride.at(-2)!, batch };
}

/** Operands as they lie, or where their rows have gaps, or lie far apart, copies without. What comes from one array is copied once. */
function given(frame: Frame, operands: readonly NDArray[]): Matrices[] {
  const lie = operands.map(({ stride }) => stride.at(-1) === 1 && stride.at(-2)! > 0 && stride.every((s) => s >= 0));
  const spans = new Map<NDArray["storage"], number>();
  return operands.map((a, i) => {
    const together = operands.filter((b, j) => lie[j] && b.storage === a.storage);
    const start = Math.min(...together.map((b) => b.offset));
    const length = Math.max(...together.map((b) => b.offset + spanOf(b))) - start;
    const shown = together.reduce((sum, b) => sum + b.size, 0);
    if (!lie[i] || length > 4 * shown + 64) return matrices(frame.read(a), a, stridesOf(a.shape));
    let pointer = spans.get(a.storage);
    if (pointer === undefined) {
      pointer = frame.span(a.view([length], [1], start));
      spans.set(a.storage, pointer);
    }
    return matrices(pointer + 4 * (a.offset - start), a, a.stride);
  });
}

/** Results as they lie, if without gaps and their rows too; else row-major. */
function written(frame: Frame, a: NDArray): Matrices {
  if (!a.isContiguous && a.stride.at(-1) === 1 && isDense(a)) {
    return matrices(frame.write(a.view([a.size], [1])), a, a.stride);
  }
  return matrices(frame.write(a), a, stridesOf(a.shape));
}

/** Whether an array is row-major without gaps once its dimensions are put in another order. */
function isDense({ shape, stride }: NDArray): boolean {
  const order = shape.map((_, d) => d).filter((d) => shape[d] !== 1);
  order.sort((a, b) => stride[a]! - stride[b]!);
  let size = 1;
  for (const d of order) {
    if (stride[d] !== size) return false;
    size *= shape[d]!;
  }
  return true;
}

/** Writes down where the matrices of a batch start, each behind the other, and behind them where its row of `logs` does. */
function placesOf(frame: Frame, all: readonly Matrices[], logs: NDArray, logsAt: number): Places {
  const shape = logs.shape.slice(0, -1);
  const rows = logs.view(shape, stridesOf(logs.shape).slice(0, -1), 0);
  const pointers = [...all.map(({ pointer }) => pointer), logsAt];
  const count = sizeOf(shape);
  const bytes = 4 * pointers.length;
  const start = frame.workspace(count * bytes);
  const { int32 } = views();
  let next = start / 4;
  const nest = nestOf(shape, [...all.map(({ batch }) => batch), rows]);
  walkEach(nest, (at) => {
    for (let i = 0; i < pointers.length; i++) int32[next++] = pointers[i]! + 4 * at[i]!;
  });
  return { count, start, bytes };
}

/** Where the pointers of a batch are. */
interface Places {
  readonly count: number;
  readonly start: number;
  /** Bytes of the pointers of one matrix. */
  readonly bytes: number;
}

const inFours = (count: number): number => Math.ceil(count / TILE_ROWS) * TILE_ROWS;
const inBlocks = (count: number): number => Math.ceil(count / QUERIES) * QUERIES;
/** Panels are written up to 12 bytes past their ends. */
const PAST = 16;

const moved = (rows: number, columns: number): number => rows * (4 * columns + ROW_GAP);

/** {@link attention} in WebAssembly. */
export function attentionFast(
  out: NDArray,
  logs: NDArray,
  query: NDArray,
  key: NDArray,
  value: NDArray,
  { scale, causal }: AttentionAttrs,
): void {
  const [rows, depth] = query.shape.slice(-2) as [number, number];
  const [columns, width] = value.shape.slice(-2) as [number, number];
  launch((frame) => {
    const [q, k, v] = given(frame, [query, key, value]) as [Matrices, Matrices, Matrices];
    const result = written(frame, out);
    const { count, start, bytes } = placesOf(frame, [q, k, v, result], logs, frame.write(logs));
    const steps = [q, k, v, result].map(({ rowStep }) => rowStep);
    inParts(count, 2 * count * rows * columns * (depth + width), () => {
      const workspaces = [
        EDGE_BYTES,
        4 * inFours(columns) * depth + PAST,
        moved(columns, width),
        KEY_BYTES * depth + PAST,
        KEY_BYTES * inFours(columns),
        4 * inBlocks(rows),
      ].map((size) => frame.workspace(size));
      const sizes = [rows, columns, depth, width, Number(causal), scale] as const;
      return (call, first, end) =>
        call(code().forward, end - first, start + first * bytes, ...sizes, ...steps, ...workspaces);
    });
  });
}

/** Elements of shares that are kept at a time: with as many slopes they stay in the second-level cache. */
const KEPT = 32768;

/** {@link attentionBackward} in WebAssembly. */
export function attentionFastBackward(
  toQuery: NDArray,
  toKey: NDArray,
  toValue: NDArray,
  grad: NDArray,
  logs: NDArray,
  query: NDArray,
  key: NDArray,
  value: NDArray,
  { scale, causal }: AttentionAttrs,
): void {
  const [rows, depth] = query.shape.slice(-2) as [number, number];
  const [columns, width] = value.shape.slice(-2) as [number, number];
  const chunk = Math.min(inBlocks(rows), Math.max(QUERIES, inBlocks(KEPT / columns)));
  launch((frame) => {
    const operands = given(frame, [query, key, value, grad]);
    const results = [toQuery, toKey, toValue].map((a) => written(frame, a));
    const { count, start, bytes } = placesOf(frame, [...operands, ...results], logs, frame.read(logs));
    const steps = [...operands, ...results].map(({ rowStep }) => rowStep);
    inParts(count, 2 * count * rows * columns * (3 * depth + 2 * width), () => {
      const workspaces = [
        EDGE_BYTES,
        4 * inFours(columns) * depth + PAST,
        4 * inFours(columns) * width + PAST,
        KEY_BYTES * depth + PAST,
        KEY_BYTES * width + PAST,
        KEY_BYTES * inFours(columns),
        KEY_BYTES * inFours(columns),
        moved(chunk, inFours(columns)),
        moved(chunk, inFours(columns)),
        moved(columns, depth),
        moved(chunk, depth),
        moved(chunk, width),
      ].map((size) => frame.workspace(size));
      const sizes = [rows, columns, depth, width, Number(causal), scale, chunk] as const;
      return (call, first, end) =>
        call(code().backward, end - first, start + first * bytes, ...sizes, ...steps, ...workspaces);
    });
  });
}
