import {
  type Callee,
  type FunctionBuilder,
  f32,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from "../../wasm/encoder.ts";

/** The rows of a panel, as many of them as there are, at steps of bytes. */
const PARAMS = { rows: "i32", depth: "i32", from: "i32", rowStep: "i32", depthStep: "i32", to: "i32" } as const;

/** Lays out one panel of a matrix product for the tile kernel. Steps are bytes. */
export type Pack = Callee<typeof PARAMS, null>;

/**
 * Rearranges `width` rows of a matrix into a panel: the `width` elements of one depth lie together, depth after depth. Element
 * (row, k) is read at `from + row·rowStep + k·depthStep`, so either side of a product, transposed or not, is packed by the same
 * function. Where there are fewer rows, what stands for the others is arbitrary. Up to 28 bytes past the last row are read, and up to 12
 * past the panel's end written, where the next panel is to come.
 */
export function packFunction(m: ModuleBuilder, name: string, width: number): Pack {
  return m.function(name, PARAMS, (f, { rows, depth, from, rowStep, depthStep, to }) => {
    const end = f.let(i32.add(to, i32.mul(depth, 4 * width)));
    f.if(
      i32.eq(rowStep, 4),
      () => copyRows(f, width, from, depthStep, to, end),
      () => {
        const starts = [f.let(from)];
        for (let r = 1; r < width; r++) {
          const start = f.let(starts[r - 1]!);
          f.if(i32.gtS(rows, r), () => f.step(start, rowStep));
          starts.push(start);
        }
        f.if(i32.eq(depthStep, 4), () => {
          const fours = f.let(i32.add(to, i32.mul(i32.and(depth, -4), 4 * width)));
          transposeFours(f, width, starts, to, fours);
        });
        f.while(i32.ltU(to, end), () => {
          starts.forEach((start, r) => {
            f.store(to, f32.load(start), 4 * r);
            f.step(start, depthStep);
          });
          f.step(to, 4 * width);
        });
      },
    );
  });
}

/** The rows lie side by side. What is written behind them is overwritten by the next depth. */
function copyRows(
  f: FunctionBuilder,
  width: number,
  from: Local<"i32">,
  depthStep: Local<"i32">,
  to: Local<"i32">,
  end: Local<"i32">,
): void {
  f.while(i32.ltU(to, end), () => {
    for (let r = 0; r < width; r += 4) f.store(to, v128.load(from, 4 * r), 4 * r);
    f.step(from, depthStep);
    f.step(to, 4 * width);
  });
}

type Vector = Local<"v128">;

/** The depths of a row lie side by side: squares of four rows and four depths are transposed, and what is left of the rows in pairs. */
function transposeFours(
  f: FunctionBuilder,
  width: number,
  starts: readonly Local<"i32">[],
  to: Local<"i32">,
  end: Local<"i32">,
): void {
  const at = f.local("i32", 0);
  f.while(i32.ltU(to, end), () => {
    const groups: Vector[][] = [];
    for (let r = 0; r < width; r += 4) {
      const rows = starts.slice(r, r + 4).map((start) => f.let(v128.load(i32.add(start, at))));
      groups.push(transposed(f, rows));
    }
    // a whole vector each time: what is too much is overwritten by the next depth
    for (let k = 0; k < 4; k++) {
      for (const [g, group] of groups.entries()) f.store(to, group[k]!, 4 * (k * width + 4 * g));
    }
    f.step(at, 16);
    f.step(to, 16 * width);
  });
  for (const start of starts) f.step(start, at);
}

/** Vectors of one, two or four rows as vectors of four depths, whose first lanes hold them. */
function transposed(f: FunctionBuilder, [a, b, c, d]: readonly Vector[]): Vector[] {
  const shuffled = (x: Vector, y: Vector, ...lanes: number[]): Vector => f.let(v128.shuffle32(x, y, lanes));
  if (b === undefined) return [0, 1, 2, 3].map((k) => shuffled(a!, a!, k, k, k, k));
  const [low, high] = [shuffled(a!, b, 0, 4, 1, 5), shuffled(a!, b, 2, 6, 3, 7)];
  if (c === undefined || d === undefined) {
    return [low, shuffled(low, low, 2, 3, 2, 3), high, shuffled(high, high, 2, 3, 2, 3)];
  }
  const [lower, higher] = [shuffled(c, d, 0, 4, 1, 5), shuffled(c, d, 2, 6, 3, 7)];
  return [
    shuffled(low, lower, 0, 1, 4, 5),
    shuffled(low, lower, 2, 3, 6, 7),
    shuffled(high, higher, 0, 1, 4, 5),
    shuffled(high, higher, 2, 3, 6, 7),
  ];
}
