import { type Callee, f32x4, i32, type ModuleBuilder, v128 } from "../../wasm/encoder.ts";

/** Columns of a tile, but for narrow ones, which have half as many. */
export const COLUMNS = 8;

/** Steps are bytes: from row to row, or from one depth to the next. */
const PARAMS = {
  count: "i32",
  depth: "i32",
  a: "i32",
  aRow: "i32",
  aDepth: "i32",
  b: "i32",
  bDepth: "i32",
  last: "i32",
  from: "i32",
  fromStep: "i32",
  to: "i32",
  toStep: "i32",
} as const;

/** The innermost loop of a product, for tiles of one height. */
export type Tile = Callee<typeof PARAMS, null>;

/**
 * Rows of the tallest tile. V8 has fifteen vector registers to give: twelve sums, two vectors of b and one element of a fill them. Where
 * the product needs a register of its own, because there is no fused multiply-add, eight sums are as fast.
 */
export function tallest({ fuses }: ModuleBuilder): number {
  return fuses ? 6 : 4;
}

/**
 * to[height × width] = from[height × width] + a · b + last[width], for `count` tiles below one another. The elements of a are read one by one,
 * wherever they lie; those of b `width`, which is 8 or 4, at each depth.
 *
 * The order of all this matters: V8 puts each load right before the multiply-adds that need it only if the loop tests at its start, holds one
 * depth, and what is added to the sums behind it is stored from the last to the first (sums as they are would have to be stored from the first
 * to the last). Otherwise it loads everything first, and spills: 1.4 times as long. `bDepth` must be positive.
 */
export function tileFunction(m: ModuleBuilder, height: number, width: number): Tile {
  return m.function(
    `tile${height}x${width}`,
    PARAMS,
    (f, { count, depth, a, aRow, aDepth, b, bDepth, last, from, fromStep, to, toStep }) => {
      const rows = Array.from({ length: height }, (_, r) => r);
      const vectors = Array.from({ length: width / 4 }, (_, v) => v);
      const end = f.let(i32.add(b, i32.mul(depth, bDepth)));
      f.while(count, () => {
        const sums = rows.map(() => {
          const row = vectors.map((v) => f.let(v128.load(from, 16 * v)));
          f.step(from, fromStep);
          return row;
        });
        // a pointer for each row: V8 cannot add an offset in a load that splats
        const left = rows.map(() => {
          const row = f.let(a);
          f.step(a, aRow);
          return row;
        });
        const at = f.let(b);
        f.while(i32.ltU(at, end), () => {
          const right = vectors.map((v) => f.let(v128.load(at, 16 * v)));
          for (const r of rows) {
            const element = f.let(v128.load32Splat(left[r]!));
            for (const v of vectors) f.set(sums[r]![v]!, f.madd(element, right[v]!, sums[r]![v]!));
          }
          for (const pointer of left) f.step(pointer, aDepth);
          f.step(at, bDepth);
        });
        const ends = vectors.map((v) => f.let(v128.load(last, 16 * v)));
        f.step(to, i32.mul(toStep, height));
        const row = f.let(to);
        for (const sum of sums.reverse()) {
          f.set(row, i32.sub(row, toStep));
          for (const v of vectors.toReversed()) f.store(row, f32x4.add(sum[v]!, ends[v]!), 16 * v);
        }
        f.step(count, -1);
      });
    },
  );
}
