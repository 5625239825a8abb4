/** Attention in WebAssembly: matrix products, and between them passes along the rows of scores, which stay in the cache. */
import type { NDArray } from "../../ndarray.ts";
import { stridesOf } from "../../shape.ts";
import { type Call, inParts } from "../../threads/parts.ts";
import { f32x4, i32, v128 } from "../../wasm/encoder.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { type Entry, type Frame, launch, launchable, lazyModule, spanOf } from "../../wasm/launch.ts";
import type { AttentionAttrs } from "../attention.ts";
import { gemmCode, gemmWorkspace } from "../matmul/gemm.ts";
import { nestOf, walkEach } from "../nest.ts";
import { rowsOf } from "../softmax/lineModule.ts";

// of a row the first `seen` elements count, and `more` in each further row
const VISIBLE = { rows: "i32", columns: "i32", seen: "i32", more: "i32" } as const;
const SHARES = { ...VISIBLE, scores: "i32", logs: "i32", to: "i32", scale: "f32" } as const;
const SLOPES = { rows: "i32", columns: "i32", shares: "i32", products: "i32", to: "i32", scale: "f32" } as const;

const code: () => Readonly<Record<"shares" | "knownShares" | "slopes", Entry>> = lazyModule("attention", (m) => {
  // scores become shares of their row; from the logarithms of the rows' sums where these are known, which otherwise are written
  for (const known of [false, true]) {
    m.export(known ? "knownShares" : "shares", SHARES, (f, p) => {
      const { rows, columns, seen, more, scores, logs, to, scale } = p;
      const bytes = f.let(i32.shl(columns, 2));
      const factor = f.let(f32x4.splat(scale));
      f.while(rows, () => {
        f.if(i32.gtS(seen, columns), () => f.set(seen, columns));
        const visible = f.let(i32.shl(seen, 2));
        const lineAt = rowsOf(f, seen, visible);
        const { l, write } = lineAt([scores], to);
        if (known) {
          const log = f.let(v128.load32Splat(logs));
          write((x) => lanes.exp(l, l.sub(l.mul(x, factor), log)));
        } else {
          write((x) => l.mul(x, factor));
          const { largest, sum, rewrite } = lineAt([to], to);
          const top = largest();
          const total = sum((x) => lanes.exp(l, l.sub(x, top)), true);
          const part = l.div(1, total);
          rewrite((e) => l.mul(e, part));
          f.store(logs, f32x4.extract(l.add(top, lanes.log(l, total)), 0));
        }
        f.fill(i32.add(to, visible), 0, i32.sub(bytes, visible));
        for (const pointer of [scores, to]) f.step(pointer, bytes);
        f.step(logs, 4);
        f.step(seen, more);
        f.step(rows, -1);
      });
    });
  }
  m.export("slopes", SLOPES, (f, { rows, columns, shares, products, to, scale }) => {
    const bytes = f.let(i32.shl(columns, 2));
    const lineAt = rowsOf(f, columns, bytes);
    const factor = f.let(f32x4.splat(scale));
    f.while(rows, () => {
      const { l, sum, write } = lineAt([shares, products], to);
      const total = sum((p, d) => l.mul(p, d));
      write((p, d) => l.mul(l.mul(p, l.sub(d, total)), factor));
      for (const pointer of [shares, products, to]) f.step(pointer, bytes);
      f.step(rows, -1);
    });
  });
});

/** Whether the fast forms can take the operands, of which none may be empty. */
export function attentionLaunchable(...operands: readonly NDArray[]): boolean {
  return operands.every(({ size }) => size > 0) && launchable(...operands);
}

/** A batch of matrices in the kernels' memory; strides are bytes. */
interface Matrices {
  readonly pointer: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly step: number;
  /** The batch, for walking through it. */
  readonly batch: NDArray;
}

function matrices(pointer: number, a: NDArray, stride: readonly number[]): Matrices {
  const [rows, columns] = a.shape.slice(-2) as [number, number];
  const [rowStep, step] = stride.slice(-2).map((s) => 4 * s) as [number, number];
  return { pointer, rows, columns, rowStep, step, batch: a.view(a.shape.slice(0, -2), stride.slice(0, -2), 0) };
}

/** An operand as it lies, unless the gaps are far larger than what it shows: queries, keys and values are often cut from one product. */
function given(frame: Frame, a: NDArray): Matrices {
  if (spanOf(a) <= 4 * a.size + 64) return matrices(frame.span(a), a, a.stride);
  return matrices(frame.read(a), a, stridesOf(a.shape));
}

function written(frame: Frame, a: NDArray): Matrices {
  return matrices(frame.write(a), a, stridesOf(a.shape));
}

/** One matrix of a batch, as one side of a product. */
interface Side {
  readonly pointer: number;
  readonly rows: number;
  readonly columns: number;
  readonly rowStep: number;
  readonly step: number;
}

const at = (m: Matrices, place: number): Side => ({ ...m, pointer: m.pointer + 4 * place });
const turned = (m: Side): Side => ({ ...m, rows: m.columns, columns: m.rows, rowStep: m.step, step: m.rowStep });

/** Writes a·b, row-major, at `to`. */
function multiply(call: Call, a: Side, b: Side, to: number, workspace: number): void {
  const left = [a.pointer, a.rowStep, a.step] as const;
  const right = [b.pointer, b.rowStep, b.step] as const;
  call(gemmCode().gemm, a.rows, b.columns, a.columns, ...left, ...right, 0, to, workspace, 1, 0, 0, 0);
}

/** The matrices of a batch: where each of them starts, in elements, and behind them where its row of `logs` does. */
function placesOf(batches: readonly Matrices[], logs: NDArray): (readonly number[])[] {
  const shape = logs.shape.slice(0, -1);
  const rows = logs.view(shape, stridesOf(logs.shape).slice(0, -1), 0);
  const places: (readonly number[])[] = [];
  walkEach(nestOf(shape, [...batches.map(({ batch }) => batch), rows]), (at) => places.push([...at]));
  return places;
}

/** {@link attention} in WebAssembly. */
export function attentionFast(
  out: NDArray,
  logs: NDArray,
  query: NDArray,
  key: NDArray,
  value: NDArray,
  { scale, causal }: AttentionAttrs,
): void {
  launch((frame) => {
    const [q, k, v] = [given(frame, query), given(frame, key), given(frame, value)];
    const result = written(frame, out);
    const sums = frame.write(logs);
    const [rows, columns] = [q.rows, k.rows];
    const places = placesOf([result, q, k, v], logs);
    inParts(places.length, 2 * places.length * rows * columns * (q.columns + v.columns), (call, first, end) => {
      const workspace = frame.workspace(gemmWorkspace(Math.max(columns, v.columns)));
      const [scores, shares] = [0, 1].map(() => frame.workspace(4 * rows * columns)) as [number, number];
      const weights: Side = { pointer: shares, rows, columns, rowStep: 4 * columns, step: 4 };
      const visible = [rows, columns, causal ? 1 : columns, Number(causal)] as const;
      for (const [o = 0, a = 0, b = 0, c = 0, l = 0] of places.slice(first, end)) {
        multiply(call, at(q, a), turned(at(k, b)), scores, workspace);
        call(code().shares, ...visible, scores, sums + 4 * l, shares, scale);
        multiply(call, weights, at(v, c), at(result, o).pointer, workspace);
      }
    });
  });
}

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
  launch((frame) => {
    const [g, q, k, v] = [given(frame, grad), given(frame, query), given(frame, key), given(frame, value)];
    const [tq, tk, tv] = [written(frame, toQuery), written(frame, toKey), written(frame, toValue)];
    const sums = frame.read(logs);
    const [rows, columns] = [q.rows, k.rows];
    const places = placesOf([tq, tk, tv, g, q, k, v], logs);
    const work = 2 * places.length * rows * columns * (3 * q.columns + 2 * v.columns);
    inParts(places.length, work, (call, first, end) => {
      const workspace = frame.workspace(gemmWorkspace(Math.max(columns, q.columns, v.columns)));
      const [scores, shares, slopes] = [0, 1, 2].map(() => frame.workspace(4 * rows * columns)) as Buffers;
      const square = { rows, columns, rowStep: 4 * columns, step: 4 };
      const [weights, owed]: [Side, Side] = [
        { ...square, pointer: shares },
        { ...square, pointer: slopes },
      ];
      const visible = [rows, columns, causal ? 1 : columns, Number(causal)] as const;
      for (const matrix of places.slice(first, end)) {
        const [ofQuery, ofKey, ofValue, dg, dq, dk, dv, l] = matrix as Places;
        multiply(call, at(q, dq), turned(at(k, dk)), scores, workspace);
        call(code().knownShares, ...visible, scores, sums + 4 * l, shares, scale);
        multiply(call, turned(weights), at(g, dg), at(tv, ofValue).pointer, workspace);
        multiply(call, at(g, dg), turned(at(v, dv)), scores, workspace);
        call(code().slopes, rows, columns, shares, scores, slopes, scale);
        multiply(call, owed, at(k, dk), at(tq, ofQuery).pointer, workspace);
        multiply(call, turned(owed), at(q, dq), at(tk, ofKey).pointer, workspace);
      }
    });
  });
}

type Buffers = [number, number, number];
type Places = [number, number, number, number, number, number, number, number];
