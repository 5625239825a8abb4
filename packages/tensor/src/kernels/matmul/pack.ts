import {
  type Callee,
  type FunctionBuilder,
  f32,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from "../../wasm/encoder.ts";
import { COLUMNS } from "./tile.ts";

/** The columns of a panel, as many of them as there are, at steps of bytes. */
const PARAMS = { columns: "i32", depth: "i32", from: "i32", columnStep: "i32", depthStep: "i32", to: "i32" } as const;

/** Lays out one panel of a matrix product for the tile kernel. Steps are bytes. */
export type Pack = Callee<typeof PARAMS, null>;

/**
 * Rearranges columns of a matrix into a panel: the elements of one depth lie together, depth after depth. Element (k, column) is read at
 * `from + column·columnStep + k·depthStep`. Where there are fewer columns than a panel has, what stands for the others is arbitrary. Up to
 * 28 bytes past the last column are read.
 *
 * @param width the columns of a panel: 8, or another multiple of 4
 */
export function packFunction(m: ModuleBuilder, name = "pack", width: number = COLUMNS): Pack {
  return m.function(name, PARAMS, (f, { columns, depth, from, columnStep, depthStep, to }) => {
    const end = f.let(i32.add(to, i32.mul(depth, 4 * width)));
    f.if(
      i32.eq(columnStep, 4),
      () => copyDepths(f, width, from, depthStep, to, end),
      () => {
        const starts = [f.let(from)];
        for (let c = 1; c < width; c++) {
          const start = f.let(starts[c - 1]!);
          f.if(i32.gtS(columns, c), () => f.step(start, columnStep));
          starts.push(start);
        }
        f.if(i32.eq(depthStep, 4), () => {
          transposeFours(f, width, starts, to, f.let(i32.add(to, i32.mul(i32.and(depth, -4), 4 * width))));
        });
        f.while(i32.ltU(to, end), () => {
          starts.forEach((start, c) => {
            f.store(to, f32.load(start), 4 * c);
            f.step(start, depthStep);
          });
          f.step(to, 4 * width);
        });
      },
    );
  });
}

/** The columns lie side by side. */
function copyDepths(
  f: FunctionBuilder,
  width: number,
  from: Local<"i32">,
  depthStep: Local<"i32">,
  to: Local<"i32">,
  end: Local<"i32">,
): void {
  f.while(i32.ltU(to, end), () => {
    for (let c = 0; c < width; c += 4) f.store(to, v128.load(from, 4 * c), 4 * c);
    f.step(from, depthStep);
    f.step(to, 4 * width);
  });
}

type Vector = Local<"v128">;

/** The depths of a column lie side by side: squares of four columns and four depths are transposed. */
function transposeFours(
  f: FunctionBuilder,
  width: number,
  starts: readonly Local<"i32">[],
  to: Local<"i32">,
  end: Local<"i32">,
): void {
  const at = f.local("i32", 0);
  f.while(i32.ltU(to, end), () => {
    for (let c = 0; c < width; c += 4) {
      const square = starts.slice(c, c + 4).map((start) => f.let(v128.load(i32.add(start, at))));
      for (const [k, depth] of transposed(f, square).entries()) f.store(to, depth, 4 * (k * width + c));
    }
    f.step(at, 16);
    f.step(to, 16 * width);
  });
  for (const start of starts) f.step(start, at);
}

/** Four vectors, of a column each, as four of a depth each. */
export function transposed(f: FunctionBuilder, columns: readonly Vector[]): Vector[] {
  const [a, b, c, d] = columns as [Vector, Vector, Vector, Vector];
  const shuffled = (x: Vector, y: Vector, ...lanes: number[]): Vector => f.let(v128.shuffle32(x, y, lanes));
  const [low, high] = [shuffled(a, b, 0, 4, 1, 5), shuffled(a, b, 2, 6, 3, 7)];
  const [lower, higher] = [shuffled(c, d, 0, 4, 1, 5), shuffled(c, d, 2, 6, 3, 7)];
  return [
    shuffled(low, lower, 0, 1, 4, 5),
    shuffled(low, lower, 2, 3, 6, 7),
    shuffled(high, higher, 0, 1, 4, 5),
    shuffled(high, higher, 2, 3, 6, 7),
  ];
}
