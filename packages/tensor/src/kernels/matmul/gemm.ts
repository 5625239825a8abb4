/**
 * Matrix product in WebAssembly: both sides are packed into panels that fit the caches, and tiles of 3 × 12 results are kept in
 * registers (Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication).
 */
import {
  type FunctionBuilder,
  f32,
  f32x4,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import { type Entry, lazyModule } from "../../wasm/launch.ts";
import { packFunction } from "./pack.ts";

/**
 * Rows and columns of a tile. The engine loads everything that a turn of the loop needs before it multiplies, so nine sums, three vectors of
 * b and three of a are what fills its fifteen registers; nine sums are also enough to hide how long a multiply-add takes.
 */
const ROWS = 3;
const COLUMNS = 12;
const VECTORS = COLUMNS / 4;
/** Depths of a panel: 12 columns of b are 12 KB, which stay in the first-level cache. */
const DEPTHS = 256;
/** Rows of a block: 144 KB of a, which stay in the second-level cache. */
const BLOCK_ROWS = 144;
/** Columns of a block: 1 MB of b. */
const BLOCK_COLUMNS = 1020;

const EDGE_ROW = 4 * COLUMNS;
const ZEROS = 64; // bytes of a row of zeros, from which tiles start
const TILE = ROWS * EDGE_ROW;
const PACKED_A = 4 * BLOCK_ROWS * DEPTHS + 16; // a panel is written up to 4 bytes past its end

/** Bytes of workspace that a product with `columns` columns needs. */
export function gemmWorkspace(columns: number): number {
  const wide = Math.ceil(Math.min(columns, BLOCK_COLUMNS) / COLUMNS) * COLUMNS;
  return ZEROS + TILE + PACKED_A + 4 * wide * DEPTHS;
}

/**
 * gemm(rows, columns, depth, a, aRow, aDepth, b, bDepth, bColumn, bias, c, workspace): c = a · b + bias.
 *
 * Each sum adds its terms in order, one multiply-add a term, and the bias last: torch's order, up to a depth of 384.
 *
 * Pointers and steps are bytes. `c` is row-major; `bias` is a row of `columns` floats that may be read up to 44 bytes past its
 * end, or null. Nothing else is read or written outside the operands.
 */
export const gemmCode: () => Readonly<Record<"gemm", Entry>> = lazyModule("matmul", buildGemm);

const PARAMS = {
  rows: "i32",
  columns: "i32",
  depth: "i32",
  a: "i32",
  aRow: "i32",
  aDepth: "i32",
  b: "i32",
  bDepth: "i32",
  bColumn: "i32",
  bias: "i32",
  c: "i32",
  workspace: "i32",
} as const;

/** The smaller of two integers, as a new local. */
function min(f: FunctionBuilder, a: number, b: Value<"i32">): Local<"i32"> {
  const smaller = f.let(b);
  f.if(i32.gtS(smaller, a), () => f.set(smaller, a));
  return smaller;
}

function buildGemm(m: ModuleBuilder): void {
  const tile = tileFunction(m);
  const packA = packFunction(m, "packA", ROWS);
  const packB = packFunction(m, "packB", COLUMNS);
  m.export("gemm", PARAMS, (f, { rows, columns, depth, a, aRow, aDepth, b, bDepth, bColumn, bias, c, workspace }) => {
    const zeros = f.let(workspace);
    const edge = f.let(i32.add(zeros, ZEROS));
    const packedA = f.let(i32.add(edge, TILE));
    const packedB = f.let(i32.add(packedA, PACKED_A));
    const cRow = f.let(i32.shl(columns, 2));
    f.fill(zeros, 0, ZEROS);
    f.range(0, columns, BLOCK_COLUMNS, (j0) => {
      const width = min(f, BLOCK_COLUMNS, i32.sub(columns, j0));
      // the loop over depth runs at least once, so that an empty sum is written too
      const k0 = f.local("i32", 0);
      const more = f.local("i32", 1);
      f.while(more, () => {
        const deep = min(f, DEPTHS, i32.sub(depth, k0));
        const panel = f.let(i32.shl(deep, 2)); // bytes of one column or row in a panel
        const from = f.let(i32.add(b, i32.add(i32.mul(k0, bDepth), i32.mul(j0, bColumn))));
        f.call(packB, { rows: width, depth: deep, from, rowStep: bColumn, depthStep: bDepth, to: packedB });
        f.range(0, rows, BLOCK_ROWS, (i0) => {
          const height = min(f, BLOCK_ROWS, i32.sub(rows, i0));
          const fromA = f.let(i32.add(a, i32.add(i32.mul(i0, aRow), i32.mul(k0, aDepth))));
          f.call(packA, { rows: height, depth: deep, from: fromA, rowStep: aRow, depthStep: aDepth, to: packedA });
          f.range(0, width, COLUMNS, (j) => {
            const column = f.let(i32.shl(i32.add(j0, j), 2));
            const last = f.let(zeros);
            f.if(i32.and(i32.ne(bias, 0), i32.leS(depth, i32.add(k0, deep))), () => f.set(last, i32.add(bias, column)));
            const panelB = f.let(i32.add(packedB, i32.mul(j, panel)));
            f.range(0, height, ROWS, (i) => {
              const panelA = f.let(i32.add(packedA, i32.mul(i, panel)));
              const to = f.let(i32.add(i32.add(c, column), i32.mul(i32.add(i0, i), cRow)));
              const inside = i32.and(i32.leS(j, i32.sub(width, COLUMNS)), i32.leS(i, i32.sub(height, ROWS)));
              const given = { depth: deep, a: panelA, b: panelB, last };
              const start = f.let(zeros);
              const startStep = f.local("i32", 0);
              f.if(
                inside,
                () => {
                  f.if(k0, () => {
                    f.set(start, to);
                    f.set(startStep, cRow);
                  });
                  f.call(tile, { ...given, from: start, fromStep: startStep, to, toStep: cRow });
                },
                () => {
                  const [high, wide] = [i32.sub(height, i), i32.sub(width, j)].map((n) => f.let(n)) as Pair;
                  f.if(k0, () => {
                    copyTile(f, to, cRow, edge, EDGE_ROW, high, wide);
                    f.set(start, edge);
                    f.set(startStep, EDGE_ROW);
                  });
                  f.call(tile, { ...given, from: start, fromStep: startStep, to: edge, toStep: EDGE_ROW });
                  copyTile(f, edge, EDGE_ROW, to, cRow, high, wide);
                },
              );
            });
          });
        });
        f.step(k0, DEPTHS);
        f.set(more, i32.ltS(k0, depth));
      });
    });
  });
}

/** to[3 × 12] = from[3 × 12] + a · b + last[12], over panels of a and b. */
function tileFunction(m: ModuleBuilder) {
  const steps = { from: "i32", fromStep: "i32", to: "i32", toStep: "i32" } as const;
  const params = { depth: "i32", a: "i32", b: "i32", last: "i32", ...steps } as const;
  return m.function("tile", params, (f, { depth, a, b, last, from, fromStep, to, toStep }) => {
    const rows = Array.from({ length: ROWS }, (_, r) => r);
    const vectors = Array.from({ length: VECTORS }, (_, v) => v);
    const sums = rows.map(() => {
      const row = vectors.map((v) => f.let(v128.load(from, 16 * v)));
      f.step(from, fromStep);
      return row;
    });
    const end = f.let(i32.add(a, i32.mul(depth, 4 * ROWS)));
    f.while(i32.ltU(a, end), () => {
      const right = vectors.map((v) => f.let(v128.load(b, 16 * v)));
      for (const r of rows) {
        const left = f.let(v128.load32Splat(a, 4 * r));
        for (const v of vectors) f.set(sums[r]![v]!, f.madd(left, right[v]!, sums[r]![v]!));
      }
      f.step(a, 4 * ROWS);
      f.step(b, 4 * COLUMNS);
    });
    const ends = vectors.map((v) => f.let(v128.load(last, 16 * v)));
    for (const row of sums) {
      for (const v of vectors) f.store(to, f32x4.add(row[v]!, ends[v]!), 16 * v);
      f.step(to, toStep);
    }
  });
}

type Pair = [Local<"i32">, Local<"i32">];

/** Copies the part of a tile that lies inside the result: `height` rows of `width`, at most a whole tile. */
function copyTile(
  f: FunctionBuilder,
  from: Local<"i32">,
  fromStep: Local<"i32"> | number,
  to: Local<"i32">,
  toStep: Local<"i32"> | number,
  height: Value<"i32">,
  width: Value<"i32">,
): void {
  f.range(0, min(f, ROWS, height), 1, (r) => {
    const source = f.let(i32.add(from, i32.mul(r, fromStep)));
    const target = f.let(i32.add(to, i32.mul(r, toStep)));
    const left = min(f, COLUMNS, width);
    f.while(i32.geS(left, 4), () => {
      f.store(target, v128.load(source));
      f.step(source, 16);
      f.step(target, 16);
      f.step(left, -4);
    });
    f.while(left, () => {
      f.store(target, f32.load(source));
      f.step(source, 4);
      f.step(target, 4);
      f.step(left, -1);
    });
  });
}
