/**
 * Matrix product in WebAssembly: both sides are packed into panels that fit the caches, and tiles of up to 6 × 8 results are kept in
 * registers (Goto & van de Geijn 2008, Anatomy of high-performance matrix multiplication).
 */
import {
  type FunctionBuilder,
  f32,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import { type Entry, lazyModule } from "../../wasm/launch.ts";
import { packFunction } from "./pack.ts";
import { COLUMNS, tileFunction, tileHeights } from "./tile.ts";

/** Depths of a panel: 8 columns of b are 8 KB, which stay in the first-level cache. */
const DEPTHS = 256;
/** Rows of a block, a multiple of all heights of tiles: 144 KB of a, which stay in the second-level cache. */
const BLOCK_ROWS = 144;
/** Columns of a block: 1 MB of b. */
const BLOCK_COLUMNS = 1024;
/** With so many rows or less it costs more to pack b than to read it as it lies, if the elements of a depth lie together. */
const FEW_ROWS = 128;
/** The same for columns and a. */
const FEW_COLUMNS = 128;

const EDGE_ROW = 4 * COLUMNS;
const ZEROS = 64; // bytes of a row of zeros, from which tiles start
const TILE = 8 * EDGE_ROW;
const PACKED_A = 4 * BLOCK_ROWS * DEPTHS + 64; // a panel is written up to 12 bytes past its end

/** Bytes of workspace that a product with `columns` columns needs. */
export function gemmWorkspace(columns: number): number {
  const wide = Math.ceil(Math.min(columns, BLOCK_COLUMNS) / COLUMNS) * COLUMNS;
  return ZEROS + TILE + PACKED_A + 4 * wide * DEPTHS;
}

/**
 * gemm(rows, columns, depth, a, aRow, aDepth, b, bDepth, bColumn, bias, c, workspace, count, aNext, bNext, cNext): c = a · b + bias, for
 * `count` pairs of matrices.
 *
 * Each sum adds its terms in order, one multiply-add a term, and the bias last: torch's order, up to a depth of 384.
 *
 * Pointers and steps are bytes. `c` is row-major; `bias` is a row of `columns` floats, or null. The operands may be read up to 32 bytes
 * past their ends.
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
function min(f: FunctionBuilder, a: Value<"i32"> | number, b: Value<"i32">): Local<"i32"> {
  const smaller = f.let(b);
  f.if(i32.gtS(smaller, a), () => f.set(smaller, a));
  return smaller;
}

function buildGemm(m: ModuleBuilder): void {
  const heights = tileHeights(m);
  const tallest = heights[0]!;
  const tiles = heights.map((height) => tileFunction(m, height, COLUMNS));
  const narrowTile = tileFunction(m, tallest, COLUMNS / 2);
  const copyTile = copyFunction(m);
  const packs = heights.map((height) => packFunction(m, `pack${height}`, height));
  const packColumns = packFunction(m, "packColumns", COLUMNS);

  /** Code for the lowest height of tiles that takes so many rows, or the tallest. */
  const byHeight = (f: FunctionBuilder, rows: Value<"i32">, body: (i: number) => void, i = 0): void => {
    if (i === heights.length - 1) body(i);
    else
      f.if(
        i32.gtS(rows, heights[i + 1]!),
        () => body(i),
        () => byHeight(f, rows, body, i + 1),
      );
  };

  const product = m.function(
    "product",
    PARAMS,
    (f, { rows, columns, depth, a, aRow, aDepth, b, bDepth, bColumn, bias, c, workspace }) => {
      const zeros = f.let(workspace);
      const edge = f.let(i32.add(zeros, ZEROS));
      const packedA = f.let(i32.add(edge, TILE));
      const packedB = f.let(i32.add(packedA, PACKED_A));
      const cRow = f.let(i32.shl(columns, 2));
      const aLies = f.let(i32.and(i32.eq(aRow, 4), i32.leS(columns, FEW_COLUMNS)));
      const bLies = f.let(i32.and(i32.and(i32.eq(bColumn, 4), i32.gtS(bDepth, 0)), i32.leS(rows, FEW_ROWS)));
      f.range(0, columns, BLOCK_COLUMNS, (j0) => {
        const width = min(f, BLOCK_COLUMNS, i32.sub(columns, j0));
        // the loop over depth runs at least once, so that an empty sum is written too
        const k0 = f.local("i32", 0);
        const more = f.local("i32", 1);
        f.while(more, () => {
          const deep = min(f, DEPTHS, i32.sub(depth, k0));
          const panel = f.let(i32.shl(deep, 2)); // bytes of one column or row in a panel
          const fromB = f.let(i32.add(b, i32.add(i32.mul(k0, bDepth), i32.mul(j0, bColumn))));
          const panelsB = f.let(fromB);
          const stepB = f.let(bDepth);
          const columnB = f.let(bColumn); // bytes from column to column, whole panels of them
          f.if(i32.eqz(bLies), () => {
            f.set(panelsB, packedB);
            f.set(stepB, 4 * COLUMNS);
            f.set(columnB, panel);
            f.range(0, width, COLUMNS, (j) => {
              const from = i32.add(fromB, i32.mul(j, bColumn));
              const to = i32.add(packedB, i32.mul(j, panel));
              const left = i32.sub(width, j);
              f.call(packColumns, { rows: left, depth: deep, from, rowStep: bColumn, depthStep: bDepth, to });
            });
          });
          f.range(0, rows, BLOCK_ROWS, (i0) => {
            const height = min(f, BLOCK_ROWS, i32.sub(rows, i0));
            const fromA = f.let(i32.add(a, i32.add(i32.mul(i0, aRow), i32.mul(k0, aDepth))));
            const panelsA = f.let(fromA);
            const rowA = f.let(aRow);
            f.if(i32.eqz(aLies), () => {
              f.set(panelsA, packedA);
              f.set(rowA, panel);
              f.range(0, height, tallest, (i) => {
                const left = f.let(i32.sub(height, i));
                const from = f.let(i32.add(fromA, i32.mul(i, aRow)));
                const to = f.let(i32.add(packedA, i32.mul(i, panel)));
                byHeight(f, left, (h) => {
                  f.call(packs[h]!, { rows: left, depth: deep, from, rowStep: aRow, depthStep: aDepth, to });
                });
              });
            });
            f.range(0, width, COLUMNS, (j) => {
              const column = f.let(i32.shl(i32.add(j0, j), 2));
              const last = f.let(zeros);
              f.if(i32.and(i32.ne(bias, 0), i32.leS(depth, i32.add(k0, deep))), () =>
                f.set(last, i32.add(bias, column)),
              );
              const panelB = f.let(i32.add(panelsB, i32.mul(j, columnB)));
              const wide = f.let(i32.sub(width, j));
              f.range(0, height, tallest, (i) => {
                const left = f.let(i32.sub(height, i));
                const panelA = f.let(i32.add(panelsA, i32.mul(i, rowA)));
                const goal = f.let(i32.add(i32.add(c, column), i32.mul(i32.add(i0, i), cRow)));
                const tall = f.local("i32");
                byHeight(f, left, (h) => f.set(tall, heights[h]!));
                const aStep = f.let(aDepth);
                f.if(i32.eqz(aLies), () => f.set(aStep, i32.shl(tall, 2)));
                const [start, startStep] = [f.let(zeros), f.local("i32", 0)];
                const [to, toStep] = [f.let(goal), f.let(cRow)];
                const part = { height: min(f, tall, left), width: min(f, COLUMNS, wide) };
                const cut = f.let(i32.or(i32.ltS(part.width, COLUMNS), i32.ltS(part.height, tall)));
                f.if(cut, () => {
                  f.set(to, edge);
                  f.set(toStep, EDGE_ROW);
                });
                f.if(k0, () => {
                  f.if(cut, () => f.call(copyTile, { ...part, from: goal, fromStep: cRow, to, toStep }));
                  f.set(start, to);
                  f.set(startStep, toStep);
                });
                const operands = { depth: deep, a: panelA, aStep, b: panelB, bStep: stepB };
                const given = { ...operands, last, from: start, fromStep: startStep, to, toStep };
                f.if(
                  i32.and(i32.leS(wide, COLUMNS / 2), i32.eq(tall, tallest)),
                  () => f.call(narrowTile, given),
                  () => byHeight(f, left, (h) => f.call(tiles[h]!, given)),
                );
                f.if(cut, () => f.call(copyTile, { ...part, from: to, fromStep: toStep, to: goal, toStep: cRow }));
              });
            });
          });
          f.step(k0, DEPTHS);
          f.set(more, i32.ltS(k0, depth));
        });
      });
    },
  );

  const steps = { count: "i32", aNext: "i32", bNext: "i32", cNext: "i32" } as const;
  m.export("gemm", { ...PARAMS, ...steps }, (f, { count, aNext, bNext, cNext, ...given }) => {
    f.fill(given.workspace, 0, ZEROS);
    f.range(0, count, 1, () => {
      f.call(product, given);
      f.step(given.a, aNext);
      f.step(given.b, bNext);
      f.step(given.c, cNext);
    });
  });
}

/** Copies the part of a tile that lies inside of the result. */
function copyFunction(m: ModuleBuilder) {
  const params = { height: "i32", width: "i32", from: "i32", fromStep: "i32", to: "i32", toStep: "i32" } as const;
  return m.function("copyTile", params, (f, { height, width, from, fromStep, to, toStep }) => {
    f.while(height, () => {
      const [source, target, left] = [f.let(from), f.let(to), f.let(width)];
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
      f.step(from, fromStep);
      f.step(to, toStep);
      f.step(height, -1);
    });
  });
}
