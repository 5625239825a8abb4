import {
  type Callee,
  type FunctionBuilder,
  f32,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from "../../wasm/encoder.ts";

const PARAMS = { rows: "i32", depth: "i32", from: "i32", rowStep: "i32", depthStep: "i32", to: "i32" } as const;

/** Lays out one side of a matrix product for the tile kernel. Steps are bytes. */
export type Pack = Callee<typeof PARAMS, null>;

/**
 * Rearranges a matrix into panels of `width` rows: within a panel, the `width` elements of one depth lie together, depth after
 * depth. The last panel is filled up with zeros. Element (row, k) is read at `from + row·rowStep + k·depthStep`, so either side
 * of a product, transposed or not, is packed by the same function. Up to 4 bytes past the end are written, and read behind the rows.
 */
export function packFunction(m: ModuleBuilder, name: string, width: 3 | 12): Pack {
  return m.function(name, PARAMS, (f, { rows, depth, from, rowStep, depthStep, to }) => {
    f.while(i32.gtS(rows, 0), () => {
      const k = f.let(depth);
      const p = f.let(from);
      f.if(
        i32.geS(rows, width),
        () => {
          f.if(i32.eq(depthStep, 4), () =>
            width === 3 ? interleaveFours(f, k, p, rowStep, to) : transposeFours(f, width, k, p, rowStep, to),
          );
          f.if(
            i32.eq(rowStep, 4),
            () => eachDepth(f, k, p, depthStep, to, width, () => copyRow(f, width, p, to)),
            () => eachDepth(f, k, p, depthStep, to, width, () => gatherRow(f, width, p, rowStep, to)),
          );
        },
        () => {
          eachDepth(f, k, p, depthStep, to, width, () => {
            const q = f.let(p);
            for (let r = 0; r < width; r++) {
              const x = f.local("f32", 0);
              f.if(i32.gtS(rows, r), () => f.set(x, f32.load(q)));
              f.store(to, x, 4 * r);
              f.step(q, rowStep);
            }
          });
        },
      );
      f.step(from, i32.mul(rowStep, width));
      f.step(rows, -width);
    });
  });
}

/** Runs `body` for each depth that is left, stepping through source and panel. */
function eachDepth(
  f: FunctionBuilder,
  k: Local<"i32">,
  p: Local<"i32">,
  depthStep: Local<"i32">,
  to: Local<"i32">,
  width: number,
  body: () => void,
): void {
  f.while(i32.gtS(k, 0), () => {
    body();
    f.step(p, depthStep);
    f.step(to, 4 * width);
    f.step(k, -1);
  });
}

/** The rows lie side by side. What is written behind them is overwritten by the next depth. */
function copyRow(f: FunctionBuilder, width: number, p: Local<"i32">, to: Local<"i32">): void {
  for (let r = 0; r < width; r += 4) f.store(to, v128.load(p, 4 * r), 4 * r);
}

/** The rows lie anywhere. */
function gatherRow(f: FunctionBuilder, width: number, p: Local<"i32">, rowStep: Local<"i32">, to: Local<"i32">): void {
  const q = f.let(p);
  for (let r = 0; r < width; r++) {
    f.store(to, f32.load(q), 4 * r);
    f.step(q, rowStep);
  }
}

/** The depths of a row lie side by side: three rows are interleaved four depths at a time, as long as four are left. */
function interleaveFours(
  f: FunctionBuilder,
  k: Local<"i32">,
  p: Local<"i32">,
  rowStep: Local<"i32">,
  to: Local<"i32">,
): void {
  const q = f.let(i32.add(p, rowStep));
  const r = f.let(i32.add(q, rowStep));
  f.while(i32.geS(k, 4), () => {
    const [a, b, c] = [p, q, r].map((row) => f.let(v128.load(row))) as [Local<"v128">, Local<"v128">, Local<"v128">];
    const low = f.let(v128.shuffle32(a, b, [0, 4, 1, 5]));
    const high = f.let(v128.shuffle32(a, b, [2, 6, 3, 7]));
    f.store(to, v128.shuffle32(low, c, [0, 1, 4, 2]));
    f.store(to, v128.shuffle32(f.let(v128.shuffle32(low, c, [3, 5, 3, 5])), high, [0, 1, 4, 5]), 16);
    f.store(to, v128.shuffle32(high, c, [6, 2, 3, 7]), 32);
    f.step(to, 48);
    for (const row of [p, q, r]) f.step(row, 16);
    f.step(k, -4);
  });
}

/** The depths of a row lie side by side: squares of four by four are transposed, as long as four depths are left. */
function transposeFours(
  f: FunctionBuilder,
  width: number,
  k: Local<"i32">,
  p: Local<"i32">,
  rowStep: Local<"i32">,
  to: Local<"i32">,
): void {
  f.while(i32.geS(k, 4), () => {
    const q = f.let(p);
    for (let r = 0; r < width; r += 4) {
      const rows = [0, 1, 2, 3].map(() => {
        const row = f.let(v128.load(q));
        f.step(q, rowStep);
        return row;
      });
      const [a, b, c, d] = rows as [Local<"v128">, Local<"v128">, Local<"v128">, Local<"v128">];
      const ab = [
        [0, 4, 1, 5],
        [2, 6, 3, 7],
      ].map((lanes) => f.let(v128.shuffle32(a, b, lanes)));
      const cd = [
        [0, 4, 1, 5],
        [2, 6, 3, 7],
      ].map((lanes) => f.let(v128.shuffle32(c, d, lanes)));
      for (let half = 0; half < 2; half++) {
        f.store(to, v128.shuffle32(ab[half]!, cd[half]!, [0, 1, 4, 5]), 4 * (2 * half * width + r));
        f.store(to, v128.shuffle32(ab[half]!, cd[half]!, [2, 3, 6, 7]), 4 * ((2 * half + 1) * width + r));
      }
    }
    f.step(p, 16);
    f.step(to, 16 * width);
    f.step(k, -4);
  });
}
