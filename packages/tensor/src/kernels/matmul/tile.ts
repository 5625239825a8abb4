import { type Callee, f32x4, i32, type ModuleBuilder, v128 } from "../../wasm/encoder.ts";

/** Columns of a tile, but for narrow ones, which have half as many. */
export const COLUMNS = 8;

/** Steps are bytes from one depth to the next (`a`, `b`) or from row to row (`from`, `to`). */
const PARAMS = {
  depth: "i32",
  a: "i32",
  aStep: "i32",
  b: "i32",
  bStep: "i32",
  last: "i32",
  from: "i32",
  fromStep: "i32",
  to: "i32",
  toStep: "i32",
} as const;

/** The innermost loop of a product, for tiles of one height. */
export type Tile = Callee<typeof PARAMS, null>;

/**
 * Heights of tiles, the largest first. V8 has fifteen vector registers to give: twelve sums, two vectors of b and one element of a
 * fill them. Where the product needs a register of its own, because there is no fused multiply-add, eight sums are as fast.
 */
export function tileHeights({ fuses }: ModuleBuilder): readonly number[] {
  return fuses ? [6, 4, 1] : [4, 1];
}

/**
 * to[height × width] = from[height × width] + a · b + last[width]: at each depth, `height` neighbours are read from `a` and `width`, which is 8 or
 * 4, from `b`.
 *
 * The order of all this matters: V8 puts each load right before the multiply-adds that need it only if the loop tests at its start, holds one
 * depth, and what is added to the sums behind it is stored from the last to the first (sums as they are would have to be stored from the first
 * to the last). Otherwise it loads everything first, and spills: 1.4 times as long. `bStep` must be positive.
 */
export function tileFunction(m: ModuleBuilder, height: number, width: number): Tile {
  return m.function(
    `tile${height}x${width}`,
    PARAMS,
    (f, { depth, a, aStep, b, bStep, last, from, fromStep, to, toStep }) => {
      const rows = Array.from({ length: height }, (_, r) => r);
      const vectors = Array.from({ length: width / 4 }, (_, v) => v);
      const sums = rows.map(() => {
        const row = vectors.map((v) => f.let(v128.load(from, 16 * v)));
        f.step(from, fromStep);
        return row;
      });
      // loaded for nothing: V8 cannot add an offset in a load that splats and computes each address, here before the loop for all of it
      for (const r of rows) f.let(v128.load32Splat(a, 4 * r));
      const end = f.let(i32.add(b, i32.mul(depth, bStep)));
      f.while(i32.ltU(b, end), () => {
        const right = vectors.map((v) => f.let(v128.load(b, 16 * v)));
        for (const r of rows) {
          const left = f.let(v128.load32Splat(a, 4 * r));
          for (const v of vectors) f.set(sums[r]![v]!, f.madd(left, right[v]!, sums[r]![v]!));
        }
        f.step(a, aStep);
        f.step(b, bStep);
      });
      const ends = vectors.map((v) => f.let(v128.load(last, 16 * v)));
      f.step(to, i32.mul(toStep, height - 1));
      for (const row of sums.reverse()) {
        for (const v of vectors.toReversed()) f.store(to, f32x4.add(row[v]!, ends[v]!), 16 * v);
        f.set(to, i32.sub(to, toStep));
      }
    },
  );
}
