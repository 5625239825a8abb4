/**
 * The softmax family along short rows, in WebAssembly, with the bits of its definition: sums run term by term and are rounded at each, and
 * exponentials are rounded once, from double precision.
 */
import type { NDArray } from "../../ndarray.ts";
import { expDoubleShort, logDouble } from "../../wasm/doubleMath.ts";
import {
  type FunctionBuilder,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  type Local,
  type ModuleBuilder,
  type Value,
  v128,
} from "../../wasm/encoder.ts";
import { type Entry, launch, lazyModule } from "../../wasm/launch.ts";
import { views } from "../../wasm/scratch.ts";
import { halves, joined } from "../doubleLanes.ts";
import { rowsOf } from "./lineModule.ts";

/** The kernels that there are for short rows. */
export type Family = "softmax" | "logSoftmax" | "softmaxBackward" | "logSoftmaxBackward";

type Name = "shift" | "sum" | "dot" | "minus" | "over" | "minusProduct" | "timesRest";

// a, b and the result have n elements a row, `each` has one
const PARAMS = { outer: "i32", n: "i32", a: "i32", b: "i32", each: "i32", to: "i32" } as const;
const SIZES = { outer: "i32", n: "i32" } as const;
const TARGETS = { target: "i32", ignored: "i32", losses: "i32" } as const;
const ENTROPIES = { ...SIZES, shifted: "i32", exps: "i32", ...TARGETS, to: "i32", factor: "f64" } as const;
type Pointers = Readonly<Record<"a" | "b" | "each" | "to", Local<"i32">>>;

/** Exports a loop over rows: name(outer, n, a, b, each, to), of which not all need be there. */
function exportRows(
  m: ModuleBuilder,
  name: Name,
  body: (f: FunctionBuilder, bytes: Local<"i32">, pointers: Pointers) => void,
): void {
  m.export(name, PARAMS, (f, { outer, n, ...pointers }) => {
    const bytes = f.let(i32.shl(n, 2));
    f.while(outer, () => {
      body(f, bytes, pointers);
      for (const p of [pointers.a, pointers.b, pointers.to]) f.step(p, bytes);
      f.step(pointers.each, 4);
      f.step(outer, -1);
    });
  });
}

/** Visits the elements of a row, by their distance from its start. */
function along(f: FunctionBuilder, bytes: Local<"i32">, visit: (x: Local<"i32">) => void): void {
  const x = f.local("i32", 0);
  f.while(i32.ltU(x, bytes), () => {
    visit(x);
    f.step(x, 4);
  });
}

/** The passes of which the kernels are made. */
export const passes: () => Readonly<Record<Name | "entropies" | "exps", Entry>> = lazyModule("shortLines", (m) => {
  const load = (p: Local<"i32">, x: Local<"i32">): Value<"f32"> => f32.load(i32.add(p, x));

  // a NaN is not the largest: the sum of the exponentials finds it
  m.export("shift", PARAMS, (f, { outer, n, a, to }) => {
    const bytes = f.let(i32.shl(n, 2));
    const lineAt = rowsOf(f, n, bytes);
    f.while(outer, () => {
      const { l, largest, write } = lineAt([a], to);
      const top = largest();
      // also what lies behind the row is written, and made good by the next row or never read
      write((x) => l.sub(x, top));
      for (const p of [a, to]) f.step(p, bytes);
      f.step(outer, -1);
    });
  });
  exportRows(m, "sum", (f, bytes, { a, each }) => {
    const sum = f.local("f32", 0);
    along(f, bytes, (x) => f.set(sum, f32.add(sum, load(a, x))));
    f.store(each, sum);
  });
  exportRows(m, "dot", (f, bytes, { a, b, each }) => {
    const sum = f.local("f32", 0);
    along(f, bytes, (x) => f.set(sum, f32.add(sum, f32.mul(load(a, x), load(b, x)))));
    f.store(each, sum);
  });
  exportRows(m, "minus", (f, bytes, { a, each, to }) => {
    const value = f.let(f32.load(each));
    along(f, bytes, (x) => f.store(i32.add(to, x), f32.sub(load(a, x), value)));
  });
  exportRows(m, "over", (f, bytes, { a, each, to }) => {
    const value = f.let(f32.load(each));
    along(f, bytes, (x) => f.store(i32.add(to, x), f32.div(load(a, x), value)));
  });
  exportRows(m, "minusProduct", (f, bytes, { a, b, each, to }) => {
    const value = f.let(f64.promote(f32.load(each)));
    along(f, bytes, (x) => {
      const product = f64.mul(f64.promote(load(b, x)), value);
      f.store(i32.add(to, x), f32.demote(f64.sub(f64.promote(load(a, x)), product)));
    });
  });
  exportRows(m, "timesRest", (f, bytes, { a, b, each, to }) => {
    const value = f.let(f32.load(each));
    along(f, bytes, (x) => f.store(i32.add(to, x), f32.mul(load(b, x), f32.sub(load(a, x), value))));
  });
  // from shifted rows and their exponentials: losses and, where there is room for them, slopes
  m.export("entropies", ENTROPIES, (f, { outer, n, shifted, exps, target, ignored, losses, to, factor }) => {
    const bytes = f.let(i32.shl(n, 2));
    f.while(outer, () => {
      const total = f.local("f32", 0);
      along(f, bytes, (x) => f.set(total, f32.add(total, load(exps, x))));
      const index = f.let(i32.load(target));
      const loss = f.local("f32", 0);
      const share = f.local("f64", 0);
      const at = f.let(i32.shl(index, 2));
      const counts = f.let(i32.ne(index, ignored));
      f.if(counts, () => {
        const log = f32x4.demoteF64x2(logDouble(f, f.let(f32x4.splat(total))));
        f.set(loss, f32.sub(f32x4.extract(log, 0), load(shifted, at)));
        f.set(share, factor);
      });
      f.store(losses, loss);
      f.if(to, () => {
        const part = f.let(f64.div(share, f64.promote(total)));
        const both = f.let(f64x2.splat(part));
        const x = f.local("i32", 0);
        // also what lies behind the row is written, and made good by the next row or never read
        f.while(i32.ltU(x, bytes), () => {
          const { low, high } = halves(f, f.let(v128.load(i32.add(exps, x))));
          f.store(i32.add(to, x), joined(f64x2.mul(low, both), f64x2.mul(high, both)));
          f.step(x, 16);
        });
        f.if(counts, () => {
          f.store(i32.add(to, at), f32.demote(f64.sub(f64.mul(f64.promote(load(exps, at)), part), share)));
        });
        f.step(to, bytes);
      });
      for (const p of [shifted, exps]) f.step(p, bytes);
      for (const p of [target, losses]) f.step(p, 4);
      f.step(outer, -1);
    });
  });

  // in fours: up to 12 bytes past the end are read and written
  m.export("exps", { count: "i32", a: "i32", to: "i32" }, (f, { count, a, to }) => {
    const end = f.let(i32.add(a, i32.shl(count, 2)));
    f.while(i32.ltU(a, end), () => {
      const both = [0, 8].map((at) => f.let(expDoubleShort(f, f64x2.promoteLowF32x4(v128.load64Zero(a, at)))));
      f.store(to, joined(both[0]!, both[1]!));
      f.step(a, 16);
      f.step(to, 16);
    });
  });
});

/** Runs a kernel of the softmax family along rows of `n` elements. */
export function runShortRows(kernel: Family, out: NDArray, inputs: readonly NDArray[], n: number): void {
  const { size } = out;
  const outer = size / n;
  launch((frame) => {
    const { shift, exps, sum, dot, minus, over, minusProduct, timesRest } = passes();
    const to = frame.write(out);
    const [a = 0, b = 0] = inputs.map((x) => frame.read(x));
    const each = frame.workspace(4 * outer);
    const aside = frame.workspace(4 * size);
    if (kernel === "softmax") {
      shift(outer, n, a, 0, 0, aside);
      exps(size, aside, aside);
      sum(outer, n, aside, 0, each, 0);
      over(outer, n, aside, 0, each, to);
    } else if (kernel === "logSoftmax") {
      shift(outer, n, a, 0, 0, aside);
      exps(size, aside, to);
      sum(outer, n, to, 0, each, 0);
      const { float32 } = views();
      for (let i = each / 4; i < each / 4 + outer; i++) float32[i] = Math.log(float32[i]!);
      minus(outer, n, aside, 0, each, to);
    } else if (kernel === "softmaxBackward") {
      dot(outer, n, a, b, each, 0);
      timesRest(outer, n, a, b, each, to);
    } else {
      sum(outer, n, a, 0, each, 0);
      exps(size, b, aside);
      minusProduct(outer, n, a, aside, each, to);
    }
  });
}
