/**
 * Matrix product in WebAssembly: blocks that fit the caches, and in them tiles of up to 6 × 8 results that are kept in registers (Goto & van de
 * Geijn 2008, Anatomy of high-performance matrix multiplication). Elements of a are needed one by one, and those of b eight at a time:
 * so a is read as it lies, and b packed into panels unless it lies well or is read too rarely.
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
import { COLUMNS, tallest, tileFunction } from "./tile.ts";
import { turnFunction } from "./turn.ts";

/** Depths of a panel: 8 columns of b are 8 KB, which stay in the first-level cache. */
const DEPTHS = 256;
/** So many are taken at once rather than leave a few: those cost as many loads and stores of results as a whole panel. */
const MOST_DEPTHS = 320;
/** Rows of a block, a multiple of the height of tiles: 144 KB of a, which stay in the second-level cache. */
const BLOCK_ROWS = 144;
/** Columns of a block: 1 MB of b. */
const BLOCK_COLUMNS = 1024;
/** With so many rows or less it costs more to pack b than to read it as it lies, if the elements of a depth lie together. */
const FEW_ROWS = 128;
/** The same where depths are a page or more apart, each then in a line of the same few sets of the caches. */
const FEW_FAR_ROWS = 24;
const FAR = 4096; // bytes
/** With so many columns or less it costs more to copy a than to read it as it lies, if the elements of a depth lie together. */
const FEW_COLUMNS = 128;

const EDGE_ROW = 4 * COLUMNS;
const EDGE = BLOCK_ROWS * EDGE_ROW;
const ZEROS = 64; // bytes of a row of zeros, from which tiles start
const BLOCK_A = 4 * BLOCK_ROWS * MOST_DEPTHS + 64; // written up to 12 bytes past its end

/** Bytes of workspace that a product with `columns` columns needs. */
export function gemmWorkspace(columns: number): number {
  const wide = Math.ceil(Math.min(columns, BLOCK_COLUMNS) / COLUMNS) * COLUMNS;
  return ZEROS + EDGE + BLOCK_A + 4 * wide * MOST_DEPTHS;
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
export const gemmCode: () => Readonly<Record<"gemm" | "turn", Entry>> = lazyModule("matmul", buildGemm);

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
  const tall = tallest(m);
  const tiles = Array.from({ length: tall }, (_, i) => tileFunction(m, tall - i, COLUMNS));
  const narrowTile = tileFunction(m, tall, COLUMNS / 2);
  const copyTile = copyFunction(m);
  const pack = packFunction(m);
  const copyBlock = copyBlockFunction(m);

  /** Code for a tile of `rows` rows, fewer than the tallest has. */
  const byHeight = (f: FunctionBuilder, rows: Value<"i32">, body: (i: number) => void, i = 1): void => {
    if (i === tall - 1) body(i);
    else
      f.if(
        i32.eq(rows, tall - i),
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
      const copyA = f.let(i32.add(edge, EDGE));
      const packedB = f.let(i32.add(copyA, BLOCK_A));
      const cRow = f.let(i32.shl(columns, 2));
      const aLies = f.let(i32.or(i32.ne(aRow, 4), i32.leS(columns, FEW_COLUMNS)));
      const few = f.local("i32", FEW_ROWS);
      f.if(i32.geS(bDepth, FAR), () => f.set(few, FEW_FAR_ROWS));
      const bLies = f.let(i32.and(i32.and(i32.eq(bColumn, 4), i32.gtS(bDepth, 0)), i32.leS(rows, few)));
      // a panel that is read by one block of rows alone is packed just before it, always in the same place
      const late = f.let(i32.and(i32.eqz(bLies), i32.leS(rows, BLOCK_ROWS)));
      f.range(0, columns, BLOCK_COLUMNS, (j0) => {
        const width = min(f, BLOCK_COLUMNS, i32.sub(columns, j0));
        // the loop over depth runs at least once, so that an empty sum is written too
        const k0 = f.local("i32", 0);
        const again = f.local("i32", 1);
        f.while(again, () => {
          const deep = f.let(i32.sub(depth, k0));
          f.if(i32.gtS(deep, MOST_DEPTHS), () => f.set(deep, DEPTHS));
          const fromB = f.let(i32.add(b, i32.add(i32.mul(k0, bDepth), i32.mul(j0, bColumn))));
          const panelsB = f.let(fromB);
          const stepB = f.let(bDepth);
          const columnB = f.let(bColumn); // bytes from column to column, whole panels of them
          const packPanel = (j: Local<"i32">): void => {
            const from = i32.add(fromB, i32.mul(j, bColumn));
            const to = i32.add(packedB, i32.mul(j, columnB));
            const left = i32.sub(width, j);
            f.call(pack, { columns: left, depth: deep, from, columnStep: bColumn, depthStep: bDepth, to });
          };
          f.if(i32.eqz(bLies), () => {
            f.set(panelsB, packedB);
            f.set(stepB, 4 * COLUMNS);
            f.set(columnB, i32.shl(deep, 2));
            f.if(
              late,
              () => f.set(columnB, 0),
              () => f.range(0, width, COLUMNS, packPanel),
            );
          });
          f.range(0, rows, BLOCK_ROWS, (i0) => {
            const height = min(f, BLOCK_ROWS, i32.sub(rows, i0));
            const full = f.let(i32.divU(height, tall));
            const more = f.let(i32.sub(height, i32.mul(full, tall)));
            const blockA = f.let(i32.add(a, i32.add(i32.mul(i0, aRow), i32.mul(k0, aDepth))));
            const stepA = f.let(aDepth);
            f.if(i32.eqz(aLies), () => {
              f.call(copyBlock, { count: height, depth: deep, from: blockA, step: aDepth, to: copyA });
              f.set(blockA, copyA);
              f.set(stepA, 4 * BLOCK_ROWS);
            });
            f.range(0, width, COLUMNS, (j) => {
              f.if(late, () => packPanel(j));
              const column = f.let(i32.shl(i32.add(j0, j), 2));
              const last = f.let(zeros);
              f.if(i32.and(i32.ne(bias, 0), i32.leS(depth, i32.add(k0, deep))), () =>
                f.set(last, i32.add(bias, column)),
              );
              const wide = min(f, COLUMNS, i32.sub(width, j));
              const cut = f.let(i32.ltS(wide, COLUMNS));
              const goal = f.let(i32.add(i32.add(c, column), i32.mul(i0, cRow)));
              const [to, toStep] = [f.let(goal), f.let(cRow)];
              const [from, fromStep] = [f.let(zeros), f.local("i32", 0)];
              const part = { height, width: wide };
              f.if(cut, () => {
                f.set(to, edge);
                f.set(toStep, EDGE_ROW);
              });
              f.if(k0, () => {
                f.if(cut, () => f.call(copyTile, { ...part, from: goal, fromStep: cRow, to, toStep }));
                f.set(from, to);
                f.set(fromStep, toStep);
              });
              const left = { depth: deep, a: blockA, aRow, aDepth: stepA };
              const right = { b: f.let(i32.add(panelsB, i32.mul(j, columnB))), bDepth: stepB };
              const whole = { ...left, ...right, count: full, last, from, fromStep, to, toStep };
              f.if(
                i32.leS(wide, COLUMNS / 2),
                () => f.call(narrowTile, whole),
                () => f.call(tiles[0]!, whole),
              );
              f.if(more, () => {
                const done = f.let(i32.sub(height, more));
                const rest = {
                  ...whole,
                  count: 1,
                  a: i32.add(blockA, i32.mul(done, aRow)),
                  from: i32.add(from, i32.mul(done, fromStep)),
                  to: i32.add(to, i32.mul(done, toStep)),
                };
                byHeight(f, more, (h) => f.call(tiles[h]!, rest));
              });
              f.if(cut, () => f.call(copyTile, { ...part, from: edge, fromStep: EDGE_ROW, to: goal, toStep: cRow }));
            });
          });
          f.step(k0, deep);
          f.set(again, i32.ltS(k0, depth));
        });
      });
    },
  );

  const steps = { count: "i32", aNext: "i32", bNext: "i32", cNext: "i32" } as const;
  m.export("gemm", { ...PARAMS, ...steps }, (f, { count, aNext, bNext, cNext, ...given }) => {
    for (let i = 0; i < ZEROS; i += 16) f.store(given.workspace, f32x4.const(0), i);
    f.range(0, count, 1, () => {
      f.call(product, given);
      f.step(given.a, aNext);
      f.step(given.b, bNext);
      f.step(given.c, cNext);
    });
  });

  const turn = turnFunction(m);
  m.export("turn", turn.params, (f, given) => void f.call(turn, given));
}

/** Copies `count` neighbours at each depth, whose places are `step` bytes apart, into rows of a block. */
function copyBlockFunction(m: ModuleBuilder) {
  const params = { count: "i32", depth: "i32", from: "i32", step: "i32", to: "i32" } as const;
  return m.function("copyBlock", params, (f, { count, depth, from, step, to }) => {
    f.while(depth, () => {
      const [source, target] = [f.let(from), f.let(to)];
      const end = f.let(i32.add(to, i32.shl(count, 2)));
      f.while(i32.ltU(target, end), () => {
        f.store(target, v128.load(source));
        f.step(source, 16);
        f.step(target, 16);
      });
      f.step(from, step);
      f.step(to, 4 * BLOCK_ROWS);
      f.step(depth, -1);
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
