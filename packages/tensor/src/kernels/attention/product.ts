import {
  type Callee,
  type FunctionBuilder,
  f32,
  f32x4,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
} from "../../wasm/encoder.ts";

/** Rows of a tile. */
export const TILE_ROWS = 4;
/** Columns of a tile: two vectors. */
export const TILE_COLUMNS = 8;

const PARAMS = {
  rows: "i32",
  columns: "i32",
  depth: "i32",
  a: "i32",
  aStep: "i32",
  aPanel: "i32",
  b: "i32",
  bStep: "i32",
  to: "i32",
  toStep: "i32",
  adds: "i32",
  edge: "i32",
} as const;

/**
 * A product of matrices that lie in the cache: to = a · b, or to += a · b.
 *
 * `a` comes in panels of four rows, `aPanel` bytes apart, in which the elements of one depth lie side by side and depths `aStep` bytes apart.
 * Rows of `b` and of the result are `bStep` and `toStep` bytes apart. `edge` is a space of {@link EDGE_BYTES}, for tiles that the result cuts.
 */
export type Product = Callee<typeof PARAMS, null>;

const EDGE_ROW = 4 * TILE_COLUMNS;
/** A row of zeros, from which tiles start, and a tile. */
export const EDGE_BYTES: number = EDGE_ROW + TILE_ROWS * EDGE_ROW;

/** Makes {@link Product} for a module. */
export function productFunction(m: ModuleBuilder): Product {
  const tile = tileFunction(m);
  return m.function("product", PARAMS, (f, { rows, columns, depth, a, aStep, aPanel, b, bStep, to, toStep, ...p }) => {
    const { adds, edge } = p;
    for (const offset of [0, 16]) f.store(edge, f32x4.const(0), offset);
    const cut = f.let(i32.add(edge, EDGE_ROW));
    const band = f.let(i32.shl(toStep, 2));
    f.range(0, rows, TILE_ROWS, (i) => {
      const [from, goal] = [f.let(b), f.let(to)];
      const high = f.let(i32.leS(i32.add(i, TILE_ROWS), rows));
      f.range(0, columns, TILE_COLUMNS, (j) => {
        const operands = { depth, a, aStep, b: from, bStep };
        f.if(
          i32.and(high, i32.leS(i32.add(j, TILE_COLUMNS), columns)),
          () => {
            const [start, startStep] = [f.let(edge), f.local("i32", 0)];
            f.if(adds, () => {
              f.set(start, goal);
              f.set(startStep, toStep);
            });
            f.call(tile, { ...operands, from: start, fromStep: startStep, to: goal, toStep });
          },
          () => {
            f.call(tile, { ...operands, from: edge, fromStep: 0, to: cut, toStep: EDGE_ROW });
            const [height, width] = [i32.sub(rows, i), i32.sub(columns, j)];
            copyPart(f, height, width, cut, goal, toStep, adds);
          },
        );
        f.step(from, EDGE_ROW);
        f.step(goal, EDGE_ROW);
      });
      f.step(a, aPanel);
      f.step(to, band);
    });
  });
}

/** Copies the part of a tile that lies inside of the result, or adds it. */
function copyPart(
  f: FunctionBuilder,
  height: Value<"i32">,
  width: Value<"i32">,
  tile: Local<"i32">,
  to: Local<"i32">,
  toStep: Local<"i32">,
  adds: Local<"i32">,
): void {
  const least = (value: Value<"i32">, most: number): Local<"i32"> => {
    const smaller = f.let(value);
    f.if(i32.gtS(smaller, most), () => f.set(smaller, most));
    return smaller;
  };
  const [rows, bytes] = [least(height, TILE_ROWS), f.let(i32.shl(least(width, TILE_COLUMNS), 2))];
  const [source, target] = [f.let(tile), f.let(to)];
  f.range(0, rows, 1, () => {
    f.range(0, bytes, 4, (x) => {
      const sum = f.let(f32.load(i32.add(source, x)));
      f.if(adds, () => f.set(sum, f32.add(f32.load(i32.add(target, x)), sum)));
      f.store(i32.add(target, x), sum);
    });
    f.step(source, EDGE_ROW);
    f.step(target, toStep);
  });
}

const TILE = {
  depth: "i32",
  a: "i32",
  aStep: "i32",
  b: "i32",
  bStep: "i32",
  from: "i32",
  fromStep: "i32",
  to: "i32",
  toStep: "i32",
} as const;

/** to[4 × 8] = from[4 × 8] + a · b. Eight sums are what is under way in the multipliers at a time. `bStep` must be positive. */
function tileFunction(m: ModuleBuilder): Callee<typeof TILE, null> {
  return m.function("tile", TILE, (f, { depth, a, aStep, b, bStep, from, fromStep, to, toStep }) => {
    const rows = [0, 1, 2, 3];
    const sums = rows.map(() => {
      const row = [0, 16].map((offset) => f.let(v128.load(from, offset)));
      f.step(from, fromStep);
      return row;
    });
    for (const r of rows) f.let(v128.load32Splat(a, 4 * r)); // for nothing: addresses are computed before the loop, as in matmul/tile.ts
    const end = f.let(i32.add(b, i32.mul(depth, bStep)));
    f.while(i32.ltU(b, end), () => {
      const right = [0, 16].map((offset) => f.let(v128.load(b, offset)));
      for (const r of rows) {
        const left = f.let(v128.load32Splat(a, 4 * r));
        for (const v of [0, 1]) f.set(sums[r]![v]!, f.madd(left, right[v]!, sums[r]![v]!));
      }
      f.step(a, aStep);
      f.step(b, bStep);
    });
    for (const row of sums) {
      for (const [v, sum] of row.entries()) f.store(to, sum, 16 * v);
      f.step(to, toStep);
    }
  });
}
