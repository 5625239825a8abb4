/**
 * Reductions of a row-major block [outer, n, inner] along its middle in WebAssembly: along rows where `inner` is 1, else down
 * columns, eight at a time.
 */
import {
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  v128,
} from "../../wasm/encoder.ts";
import { type Entry, lazyModule } from "../../wasm/launch.ts";

/** What the module exports: sums divided by a number, also in parts, largest and smallest elements. */
export type FoldName =
  | "sumRows"
  | "sumOn"
  | "sumLast"
  | "sumColumns"
  | "maxRows"
  | "maxColumns"
  | "minRows"
  | "minColumns";

/** Bytes of what a sum keeps between its parts; zeros before the first. */
export const SUM_STATE: number = 32;

/**
 * sumRows(rows, n, a, out, divisor), sumColumns(outer, n, inner, columns, a, out, divisor), and the others without the divisor; of the
 * `inner` columns so many are folded.
 *
 * sumOn(n, a, state) adds a multiple of 32 elements, and sumLast(n, a, state, out, divisor) the rest: together they give what
 * sumRows gives for one row.
 *
 * Columns are read and written in eights, up to 28 bytes past the end.
 */
export const foldCode: () => Readonly<Record<FoldName, Entry>> = lazyModule("reduce", (m) => {
  exportSumRows(m);
  exportSumParts(m);
  exportSumColumns(m);
  for (const name of ["max", "min"] as const) {
    exportExtremeRows(m, name);
    exportExtremeColumns(m, name);
  }
});

/** Two sums of two float64 lanes, and four float32 lanes to be added to them. */
type Wide = readonly [Local<"v128">, Local<"v128">];

function addWide(f: FunctionBuilder, [low, high]: Wide, x: Local<"v128">): void {
  f.set(low, f64x2.add(low, f64x2.promoteLowF32x4(x)));
  f.set(high, f64x2.add(high, f64x2.promoteLowF32x4(v128.shuffle32(x, x, [2, 3, 2, 3]))));
}

/** Sums of vectors in pairs: fewer roundings than one after the other. */
function pairwise(f: FunctionBuilder, vectors: readonly Local<"v128">[]): Local<"v128"> {
  if (vectors.length === 1) return vectors[0]!;
  const half = vectors.length / 2;
  return f.let(f32x4.add(pairwise(f, vectors.slice(0, half)), pairwise(f, vectors.slice(half))));
}

// eight vectors are added in float32, then the total goes on in float64: most of the speed of the one, most of the digits of the other
const GROUP = 8;

/** Adds whole turns of a row; `a` and `left` move on. */
function addTurns(f: FunctionBuilder, sums: Wide, a: Local<"i32">, left: Local<"i32">): void {
  f.while(i32.geS(left, 4 * GROUP), () => {
    addWide(
      f,
      sums,
      pairwise(
        f,
        Array.from({ length: GROUP }, (_, i) => f.let(v128.load(a, 16 * i))),
      ),
    );
    f.step(a, 16 * GROUP);
    f.step(left, -4 * GROUP);
  });
}

/** Adds the rest of a row and stores the sum over the divisor; `a` moves on. */
function finishSum(
  f: FunctionBuilder,
  sums: Wide,
  { a, out, divisor }: { readonly a: Local<"i32">; readonly out: Local<"i32">; readonly divisor: Local<"f64"> },
  left: Local<"i32">,
): void {
  f.while(i32.geS(left, 4), () => {
    addWide(f, sums, f.let(v128.load(a)));
    f.step(a, 16);
    f.step(left, -4);
  });
  const both = f.let(f64x2.add(sums[0], sums[1]));
  const total = f.let(f64.add(f64x2.extract(both, 0), f64x2.extract(both, 1)));
  f.while(left, () => {
    f.set(total, f64.add(total, f64.promote(f32.load(a))));
    f.step(a, 4);
    f.step(left, -1);
  });
  f.store(out, f32.demote(f64.div(total, divisor)));
}

function exportSumRows(m: ModuleBuilder): void {
  m.export("sumRows", { rows: "i32", n: "i32", a: "i32", out: "i32", divisor: "f64" }, (f, p) => {
    f.while(p.rows, () => {
      const sums: Wide = [f.local("v128", 0), f.local("v128", 0)];
      const left = f.let(p.n);
      addTurns(f, sums, p.a, left);
      finishSum(f, sums, p, left);
      f.step(p.out, 4);
      f.step(p.rows, -1);
    });
  });
}

function exportSumParts(m: ModuleBuilder): void {
  m.export("sumOn", { n: "i32", a: "i32", state: "i32" }, (f, { n, a, state }) => {
    const sums: Wide = [f.let(v128.load(state)), f.let(v128.load(state, 16))];
    addTurns(f, sums, a, n);
    f.store(state, sums[0]);
    f.store(state, sums[1], 16);
  });
  m.export("sumLast", { n: "i32", a: "i32", state: "i32", out: "i32", divisor: "f64" }, (f, p) => {
    const sums: Wide = [f.let(v128.load(p.state)), f.let(v128.load(p.state, 16))];
    addTurns(f, sums, p.a, p.n);
    finishSum(f, sums, p, p.n);
  });
}

const COLUMNS = { outer: "i32", n: "i32", inner: "i32", columns: "i32", a: "i32", out: "i32" } as const;

/** Runs `body` for each group of eight columns of each block: the place of the first element and of the result. */
function eachColumns(
  f: FunctionBuilder,
  { outer, n, inner, columns, a, out }: { readonly [K in keyof typeof COLUMNS]: Local<"i32"> },
  body: (column: Local<"i32">, result: Local<"i32">, rowBytes: Local<"i32">) => void,
): void {
  const rowBytes = f.let(i32.shl(inner, 2));
  const width = f.let(i32.shl(columns, 2));
  f.while(outer, () => {
    f.range(0, width, 32, (x) => body(f.let(i32.add(a, x)), f.let(i32.add(out, x)), rowBytes));
    f.step(a, i32.mul(rowBytes, n));
    f.step(out, rowBytes);
    f.step(outer, -1);
  });
}

function exportSumColumns(m: ModuleBuilder): void {
  m.export("sumColumns", { ...COLUMNS, divisor: "f64" } as typeof COLUMNS & { readonly divisor: "f64" }, (f, p) => {
    eachColumns(f, p, (column, result, rowBytes) => {
      const sums = [0, 1].map((): Wide => [f.local("v128", 0), f.local("v128", 0)]);
      const left = f.let(p.n);
      const rowsOf = (count: number): void => {
        const vectors = Array.from({ length: count }, () => {
          const pair = [f.let(v128.load(column)), f.let(v128.load(column, 16))] as const;
          f.step(column, rowBytes);
          return pair;
        });
        for (const half of [0, 1] as const)
          addWide(
            f,
            sums[half]!,
            pairwise(
              f,
              vectors.map((pair) => pair[half]),
            ),
          );
        f.step(left, -count);
      };
      f.while(i32.geS(left, 4), () => rowsOf(4));
      f.while(left, () => rowsOf(1));
      const by = f.hoist(f64x2.splat(p.divisor));
      for (const half of [0, 1] as const) {
        const [low, high] = sums[half]!.map((sum) => f.let(f32x4.demoteF64x2(f64x2.div(sum, by)))) as [
          Local<"v128">,
          Local<"v128">,
        ];
        f.store(result, v128.shuffle32(low, high, [0, 1, 4, 5]), 16 * half);
      }
    });
  });
}

/** The larger or smaller of two vectors, NaN left out, and a mask of where NaN was seen: cheaper than comparing with NaN in mind. */
function addExtreme(
  f: FunctionBuilder,
  name: "max" | "min",
  best: Local<"v128">,
  nans: Local<"v128">,
  x: Local<"v128">,
): void {
  f.set(best, name === "max" ? f32x4.pmax(best, x) : f32x4.pmin(best, x));
  f.set(nans, v128.or(nans, f32x4.ne(x, x)));
}

const worst = { max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY };

function exportExtremeRows(m: ModuleBuilder, name: "max" | "min"): void {
  m.export(`${name}Rows`, { rows: "i32", n: "i32", a: "i32", out: "i32" }, (f, { rows, n, a, out }) => {
    f.while(rows, () => {
      const best = f.local("v128", worst[name]);
      const nans = f.local("v128", 0);
      const left = f.let(n);
      f.while(i32.geS(left, 4), () => {
        addExtreme(f, name, best, nans, f.let(v128.load(a)));
        f.step(a, 16);
        f.step(left, -4);
      });
      f.while(left, () => {
        addExtreme(f, name, best, nans, f.let(v128.load32Splat(a)));
        f.step(a, 4);
        f.step(left, -1);
      });
      const lane = [0, 1, 2, 3].map((i) => f32x4.extract(best, i));
      const two = [f32[name](lane[0]!, lane[1]!), f32[name](lane[2]!, lane[3]!)] as const;
      const result = f.let(f32[name](two[0], two[1]));
      f.if(v128.anyTrue(nans), () => f.set(result, Number.NaN));
      f.store(out, result);
      f.step(out, 4);
      f.step(rows, -1);
    });
  });
}

function exportExtremeColumns(m: ModuleBuilder, name: "max" | "min"): void {
  m.export(`${name}Columns`, COLUMNS, (f, p) => {
    eachColumns(f, p, (column, result, rowBytes) => {
      const best = [0, 1].map(() => f.local("v128", worst[name]));
      const nans = [0, 1].map(() => f.local("v128", 0));
      f.range(0, p.n, 1, () => {
        for (const half of [0, 1]) addExtreme(f, name, best[half]!, nans[half]!, f.let(v128.load(column, 16 * half)));
        f.step(column, rowBytes);
      });
      for (const half of [0, 1]) f.store(result, v128.or(best[half]!, nans[half]!), 16 * half); // all ones is a NaN
    });
  });
}
