import { type FunctionBuilder, i32, type Locals, type ModuleBuilder, v128 } from "../../wasm/encoder.ts";
import * as lanes from "../../wasm/laneMath.ts";
import { Lanes } from "../../wasm/lanes.ts";
import {
  eachKey,
  KEY_BYTES,
  LaneSum,
  lesser,
  movedStep,
  packAll,
  QUERIES,
  type Tools,
  VECTORS,
  visibleTo,
} from "./blocks.ts";
import { eachMatrix } from "./places.ts";
import { TILE_ROWS } from "./product.ts";

const MATRICES = { query: "i32", key: "i32", value: "i32", out: "i32", logs: "i32" } as const;

const PARAMS = {
  ...({ rows: "i32", columns: "i32", depth: "i32", width: "i32", causal: "i32", scale: "f32" } as const),
  ...({ queryRow: "i32", keyRow: "i32", valueRow: "i32", outRow: "i32" } as const),
  ...({ edge: "i32", keys: "i32", values: "i32", panel: "i32", block: "i32", sums: "i32" } as const),
} as const;

/**
 * Exports `forward`: attention of a batch of matrices. Steps from row to row are bytes. Of the workspaces, `keys` holds all keys of a matrix in
 * panels, `values` its values, `panel` a block of queries, `block` their scores, `sums` the logarithms of all queries' sums.
 */
export function defineForward(m: ModuleBuilder, tools: Tools): void {
  eachMatrix(m, "forward", MATRICES, PARAMS, (f, p) => forward(f, tools, p));
}

function forward(
  f: FunctionBuilder,
  tools: Tools,
  { rows, columns, depth, width, causal, scale, ...p }: Locals<typeof MATRICES & typeof PARAMS>,
): void {
  const l = new Lanes(f);
  const factor = l.splat(scale);
  const { edge, block, panel } = p;
  packAll(f, tools, columns, depth, p.key, p.keyRow, p.keys);
  f.call(tools.moveRows, { rows: columns, columns: width, from: p.value, rowStep: p.valueRow, to: p.values });
  const valueStep = f.let(movedStep(width));
  const panelBytes = f.let(i32.mul(depth, 4 * TILE_ROWS));
  f.range(0, rows, QUERIES, (i) => {
    const left = f.let(i32.sub(rows, i));
    const from = i32.add(p.query, i32.mul(i, p.queryRow));
    f.call(tools.packQueries, { columns: left, depth, from, columnStep: p.queryRow, depthStep: 4, to: panel });
    const visible = visibleTo(f, i, columns, causal, block);
    f.call(tools.product, {
      ...{ rows: i32.and(i32.add(visible.count, 3), -4), columns: QUERIES, depth, a: p.keys, aStep: 4 * TILE_ROWS },
      ...{ aPanel: panelBytes, b: panel, bStep: KEY_BYTES, to: block, toStep: KEY_BYTES, adds: 0, edge },
    });
    const tops = VECTORS.map(() => f.local("v128", Number.NEGATIVE_INFINITY));
    eachKey(f, visible, (at, hidden) => {
      for (const v of VECTORS) {
        const score = l.mul(v128.load(at, 16 * v), factor);
        f.store(at, score, 16 * v);
        const seen = hidden === null ? score : l.select(hidden[v]!, Number.NEGATIVE_INFINITY, score);
        f.set(tops[v]!, l.pmax(tops[v]!, seen));
      }
    });
    const sums = VECTORS.map(() => new LaneSum(f));
    // what is hidden is masked at the end: numbers near the smallest ones take the processor long
    eachKey(f, visible, (at, hidden) => {
      for (const v of VECTORS) {
        const power = lanes.expOfNegative(l, l.sub(v128.load(at, 16 * v), tops[v]!));
        const share = hidden === null ? power : l.andnot(power, hidden[v]!);
        f.store(at, share, 16 * v);
        sums[v]!.add(f.let(share));
      }
    });
    const parts = VECTORS.map((v) => {
      const total = sums[v]!.total();
      f.store(i32.add(p.sums, i32.shl(i, 2)), l.add(tops[v]!, lanes.log(l, total)), 16 * v);
      return l.div(1, total);
    });
    const at = f.let(visible.start);
    f.while(i32.ltU(at, visible.end), () => {
      for (const v of VECTORS) f.store(at, l.mul(v128.load(at, 16 * v), parts[v]!), 16 * v);
      f.step(at, KEY_BYTES);
    });
    f.call(tools.product, {
      ...{ rows: lesser(left, i32.const(QUERIES)), columns: width, depth: visible.count, a: block, aStep: KEY_BYTES },
      ...{ aPanel: 4 * TILE_ROWS, b: p.values, bStep: valueStep, to: i32.add(p.out, i32.mul(i, p.outRow)) },
      ...{ toStep: p.outRow, adds: 0, edge },
    });
  });
  f.copy(p.logs, p.sums, i32.shl(rows, 2));
}
