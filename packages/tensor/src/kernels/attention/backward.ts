import { type FunctionBuilder, i32, type Local, type Locals, type ModuleBuilder, v128 } from "../../wasm/encoder.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { Lanes } from "../../wasm/lanes.ts";
import { transposed } from "../elementwise/stridedCopy.ts";
import {
  eachKey,
  KEY_BYTES,
  LaneSum,
  lesser,
  movedStep,
  packAll,
  QUERIES,
  ROW_GAP,
  type Tools,
  VECTORS,
  visibleTo,
} from "./blocks.ts";
import { eachMatrix } from "./places.ts";
import { TILE_ROWS } from "./product.ts";

const MATRICES = {
  ...({ query: "i32", key: "i32", value: "i32", grad: "i32" } as const),
  ...({ toQuery: "i32", toKey: "i32", toValue: "i32", logs: "i32" } as const),
} as const;

const PARAMS = {
  ...({ rows: "i32", columns: "i32", depth: "i32", width: "i32", causal: "i32", scale: "f32", chunk: "i32" } as const),
  ...({ queryRow: "i32", keyRow: "i32", valueRow: "i32", gradRow: "i32" } as const),
  ...({ toQueryRow: "i32", toKeyRow: "i32", toValueRow: "i32", edge: "i32" } as const),
  ...({ keys: "i32", values: "i32", panel: "i32", gradPanel: "i32", block: "i32", products: "i32" } as const),
  ...({ shares: "i32", slopes: "i32", keyRows: "i32", queryRows: "i32", gradRows: "i32" } as const),
} as const;

/**
 * Exports `backward`: the gradients of attention of a batch of matrices. Steps from row to row are bytes. Blocks of queries give the gradient of
 * their queries at once; their shares, and what the scores owe, are kept row by row for a chunk of queries, until they give their part of the
 * gradients of values and keys.
 */
export function defineBackward(m: ModuleBuilder, tools: Tools): void {
  eachMatrix(m, "backward", MATRICES, PARAMS, (f, p) => backward(f, tools, p));
}

function backward(
  f: FunctionBuilder,
  tools: Tools,
  { rows, columns, depth, width, causal, scale, chunk, ...p }: Locals<typeof MATRICES & typeof PARAMS>,
): void {
  const l = new Lanes(f);
  const factor = l.splat(scale);
  const { edge, block, products } = p;
  const rowBytes = f.let(i32.add(i32.shl(i32.and(i32.add(columns, 3), -4), 2), ROW_GAP));
  packAll(f, tools, columns, depth, p.key, p.keyRow, p.keys);
  packAll(f, tools, columns, width, p.value, p.valueRow, p.values);
  f.call(tools.moveRows, { rows: columns, columns: depth, from: p.key, rowStep: p.keyRow, to: p.keyRows });
  const [ofDepth, ofWidth] = [f.let(movedStep(depth)), f.let(movedStep(width))];
  const behind = f.local("i32", 0); // keys that earlier chunks have seen
  f.range(0, rows, chunk, (first) => {
    const end = f.let(lesser(i32.add(first, chunk), rows));
    const [shares, slopes] = [f.let(p.shares), f.let(p.slopes)];
    f.range(first, end, QUERIES, (i) => {
      const left = f.let(i32.sub(rows, i));
      const visible = visibleTo(f, i, columns, causal, block);
      /** The products of a block of rows with all of a matrix in panels. */
      const multiply = (
        [from, rowStep, panel]: readonly Local<"i32">[],
        a: Local<"i32">,
        count: Local<"i32">,
        to: Local<"i32">,
      ): void => {
        const start = i32.add(from!, i32.mul(i, rowStep!));
        f.call(tools.packQueries, {
          columns: left,
          depth: count,
          from: start,
          columnStep: rowStep!,
          depthStep: 4,
          to: panel!,
        });
        f.call(tools.product, {
          ...{ rows: i32.and(i32.add(visible.count, 3), -4), columns: QUERIES, depth: count, a, aStep: 4 * TILE_ROWS },
          ...{
            aPanel: i32.mul(count, 4 * TILE_ROWS),
            b: panel!,
            bStep: KEY_BYTES,
            to,
            toStep: KEY_BYTES,
            adds: 0,
            edge,
          },
        });
      };
      multiply([p.query, p.queryRow, p.panel], p.keys, depth, block);
      multiply([p.grad, p.gradRow, p.gradPanel], p.values, width, products);

      const logs = VECTORS.map((v) => f.let(v128.load(i32.add(p.logs, i32.shl(i, 2)), 16 * v)));
      const sums = VECTORS.map(() => new LaneSum(f));
      const across = f.let(i32.sub(products, block));
      eachKey(f, visible, (at, hidden) => {
        const product = f.let(i32.add(at, across));
        for (const v of VECTORS) {
          const share = lanes.expOfNegative(l, l.sub(l.mul(v128.load(at, 16 * v), factor), logs[v]!));
          const seen = hidden === null ? share : l.andnot(share, hidden[v]!);
          f.store(at, seen, 16 * v);
          sums[v]!.add(f.let(l.mul(seen, v128.load(product, 16 * v))));
        }
      });
      const levels = sums.map((sum) => sum.total());
      for (const v of VECTORS) {
        const [at, row] = [f.let(i32.add(block, 16 * v)), f.let(i32.mul(rowBytes, 4 * v))];
        f.while(i32.ltU(at, visible.end), () => {
          const kept = [0, 1, 2, 3].map((key) => f.let(v128.load(at, KEY_BYTES * key)));
          putRows(f, transposed(f, kept), i32.add(shares, row), rowBytes);
          const owing = f.let(i32.add(at, across));
          const owed = kept.map((share, key) => {
            const slope = l.sub(v128.load(owing, KEY_BYTES * key), levels[v]!);
            const owed = f.let(l.mul(l.mul(share, slope), factor));
            f.store(owing, owed, KEY_BYTES * key);
            return owed;
          });
          putRows(f, transposed(f, owed), i32.add(slopes, row), rowBytes);
          f.step(at, 4 * KEY_BYTES);
          f.step(row, 16);
        });
      }
      for (const pointer of [shares, slopes]) f.step(pointer, i32.mul(rowBytes, QUERIES));
      f.call(tools.product, {
        ...{ rows: lesser(left, i32.const(QUERIES)), columns: depth, depth: visible.count, a: products },
        ...{ aStep: KEY_BYTES, aPanel: 4 * TILE_ROWS, b: p.keyRows, bStep: ofDepth },
        ...{ to: i32.add(p.toQuery, i32.mul(i, p.toQueryRow)), toStep: p.toQueryRow, adds: 0, edge },
      });
    });
    const move = (from: Local<"i32">, rowStep: Local<"i32">, count: Local<"i32">, to: Local<"i32">): void => {
      const start = i32.add(from, i32.mul(first, rowStep));
      f.call(tools.moveRows, { rows: i32.sub(end, first), columns: count, from: start, rowStep, to });
    };
    move(p.query, p.queryRow, depth, p.queryRows);
    move(p.grad, p.gradRow, width, p.gradRows);
    // queries of the chunk that look at eight keys: from their own block on, if it comes later
    f.range(0, columns, QUERIES, (j) => {
      const start = f.let(first);
      f.if(i32.and(causal, i32.gtS(j, first)), () => f.set(start, lesser(j, end)));
      const skipped = f.let(i32.sub(start, first));
      const adds = f.let(i32.ltS(j, behind));
      /** The gradient of eight rows of values or keys. */
      const gather = (
        a: Local<"i32">,
        [from, step]: readonly Local<"i32">[],
        [to, toStep]: readonly Local<"i32">[],
        count: Local<"i32">,
      ): void => {
        f.call(tools.product, {
          ...{ rows: lesser(i32.sub(columns, j), i32.const(QUERIES)), columns: count, depth: i32.sub(end, start) },
          ...{
            a: i32.add(i32.add(a, i32.mul(skipped, rowBytes)), i32.shl(j, 2)),
            aStep: rowBytes,
            aPanel: 4 * TILE_ROWS,
          },
          ...{ b: i32.add(from!, i32.mul(skipped, step!)), bStep: step! },
          ...{ to: i32.add(to!, i32.mul(j, toStep!)), toStep: toStep!, adds, edge },
        });
      };
      gather(p.shares, [p.gradRows, ofWidth], [p.toValue, p.toValueRow], width);
      gather(p.slopes, [p.queryRows, ofDepth], [p.toKey, p.toKeyRow], depth);
    });
    f.set(behind, columns);
  });
}

/** Writes vectors to rows that are `step` bytes apart. */
function putRows(
  f: FunctionBuilder,
  vectors: readonly Local<"v128">[],
  start: ReturnType<typeof i32.add>,
  step: Local<"i32">,
): void {
  const to = f.let(start);
  for (const vector of vectors) {
    f.store(to, vector);
    f.step(to, step);
  }
}
