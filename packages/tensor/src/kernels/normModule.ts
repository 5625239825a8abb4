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
} from "../wasm/encoder.ts";
import { type Entry, lazyModule } from "../wasm/launch.ts";
import { alongRow, DoubleSum, halves, joined } from "./doubleLanes.ts";

/** The loops of layer normalisation, over row-major matrices. A null pointer stands for ones (weight) or zeros (bias). */
export const normCode: () => Readonly<Record<"forward" | "backward" | "affine", Entry>> = lazyModule("norm", (m) => {
  defineForward(m);
  defineBackward(m);
  defineAffine(m);
});

/** A float32 that follows a float64 scalar, rounded. */
const putScalar = (f: FunctionBuilder, p: Local<"i32">, value: Local<"f64">): void => f.store(p, f32.demote(value));

function defineForward(m: ModuleBuilder): void {
  m.export(
    "forward",
    {
      rows: "i32",
      columns: "i32",
      out: "i32",
      mean: "i32",
      rstd: "i32",
      x: "i32",
      weight: "i32",
      bias: "i32",
      eps: "f64",
    },
    (f, { rows, columns, out, mean, rstd, x, weight, bias, eps }) => {
      const bytes = f.let(i32.shl(columns, 2));
      const count = f.let(f64.convertI32S(columns));
      const sum = new DoubleSum(f);
      f.range(0, rows, 1, () => {
        const p = f.let(x);
        sum.reset();
        alongRow(f, bytes, [p], (step) => {
          const { low, high } = step.loadHalves(p);
          sum.add(step, low, high);
        });
        const centre = f.let(f64.div(sum.total(), count));
        const centres = f.let(f64x2.splat(centre));
        sum.reset();
        f.set(p, x);
        alongRow(f, bytes, [p], (step) => {
          const { low, high } = step.loadHalves(p);
          const [near, far] = [f.let(f64x2.sub(low, centres)), f.let(f64x2.sub(high, centres))];
          sum.add(step, f64x2.mul(near, near), f64x2.mul(far, far));
        });
        const scale = f.let(f64.div(1, f64.sqrt(f64.add(f64.div(sum.total(), count), eps))));
        const scales = f.let(f64x2.splat(scale));
        putScalar(f, mean, centre);
        putScalar(f, rstd, scale);
        const w = f.let(weight);
        const b = f.let(bias);
        alongRow(f, bytes, [x, out, w, b], (step) => {
          const { low, high } = step.loadHalves(x);
          const normal = (half: Local<"v128">): ReturnType<typeof f64x2.mul> =>
            f64x2.mul(f64x2.sub(half, centres), scales);
          const y = f.let(joined(normal(low), normal(high)));
          f.if(weight, () => f.set(y, f32x4.mul(y, step.load(w))));
          f.if(bias, () => f.set(y, f32x4.add(y, step.load(b))));
          step.store(out, y);
        });
        f.step(mean, 4);
        f.step(rstd, 4);
      });
    },
  );
}

function defineBackward(m: ModuleBuilder): void {
  m.export(
    "backward",
    { rows: "i32", columns: "i32", out: "i32", grad: "i32", x: "i32", mean: "i32", rstd: "i32", weight: "i32" },
    (f, { rows, columns, out, grad, x, mean, rstd, weight }) => {
      const bytes = f.let(i32.shl(columns, 2));
      const count = f.let(f64.convertI32S(columns));
      const [sum, product] = [new DoubleSum(f), new DoubleSum(f)];
      f.range(0, rows, 1, () => {
        const centre = f.let(v128.load32Splat(mean));
        const scale = f.let(f64.promote(f32.load(rstd)));
        const [p, q, w] = [f.let(grad), f.let(x), f.let(weight)];
        sum.reset();
        product.reset();
        alongRow(f, bytes, [p, q, w], (step) => {
          const h = step.load(p);
          f.if(weight, () => f.set(h, f32x4.mul(h, step.load(w))));
          const [a, d] = [halves(f, h), halves(f, f.let(f32x4.sub(step.load(q), centre)))];
          sum.add(step, a.low, a.high);
          product.add(step, f64x2.mul(a.low, d.low), f64x2.mul(a.high, d.high));
        });
        const level = f.let(f32x4.splat(f32.demote(f64.div(sum.total(), count))));
        const squared = f64.mul(scale, scale);
        const slope = f.let(f32x4.splat(f32.demote(f64.div(f64.mul(product.total(), squared), count))));
        const scales = f.let(f32x4.splat(f32.demote(scale)));
        f.set(w, weight);
        alongRow(f, bytes, [grad, x, w, out], (step) => {
          const h = step.load(grad);
          f.if(weight, () => f.set(h, f32x4.mul(h, step.load(w))));
          const d = f32x4.mul(f32x4.sub(step.load(x), centre), slope);
          step.store(out, f32x4.mul(f32x4.sub(f32x4.sub(h, level), d), scales));
        });
        f.step(mean, 4);
        f.step(rstd, 4);
      });
    },
  );
}

/** Column sums in double precision in `sums`: 2 · columns float64, zero at the start; demoted at the end. */
function defineAffine(m: ModuleBuilder): void {
  m.export(
    "affine",
    {
      rows: "i32",
      columns: "i32",
      gradWeight: "i32",
      gradBias: "i32",
      grad: "i32",
      x: "i32",
      mean: "i32",
      rstd: "i32",
      sums: "i32",
    },
    (f, { rows, columns, gradWeight, gradBias, grad, x, mean, rstd, sums }) => {
      const bytes = f.let(i32.shl(columns, 2));
      // per vector of columns: four sums of products, then four sums
      const add = (p: Local<"i32">, offset: number, value: ReturnType<typeof f64x2.mul>): void =>
        f.store(p, f64x2.add(v128.load(p, offset), value), offset);
      f.range(0, rows, 1, () => {
        const centre = f.let(v128.load32Splat(mean));
        const scale = f.let(v128.load32Splat(rstd));
        const s = f.let(sums);
        alongRow(f, bytes, [grad, x], (step) => {
          const g = step.loadHalves(grad);
          const n = halves(f, f.let(f32x4.mul(f32x4.sub(step.load(x), centre), scale)));
          add(s, 0, f64x2.mul(g.low, n.low));
          add(s, 32, g.low);
          if (step.lanes === 4) {
            add(s, 16, f64x2.mul(g.high, n.high));
            add(s, 48, g.high);
          }
          f.step(s, 64);
        });
        f.step(mean, 4);
        f.step(rstd, 4);
      });
      alongRow(f, bytes, [gradWeight, gradBias], (step) => {
        step.store(gradWeight, joined(v128.load(sums), v128.load(sums, 16)));
        step.store(gradBias, joined(v128.load(sums, 32), v128.load(sums, 48)));
        f.step(sums, 64);
      });
    },
  );
}
