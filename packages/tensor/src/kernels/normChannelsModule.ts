import { type FunctionBuilder, f32, f32x4, f64, f64x2, i32, type Local, v128 } from "../wasm/encoder.ts";
import { type Entry, lazyModule } from "../wasm/launch.ts";
import { alongRow, DoubleSum, halves } from "./doubleLanes.ts";

type Name = "moments" | "norm" | "sums" | "backward";

/** The loops over channels of row-major [outer, channels, inner]; sums are taken in double precision. */
export const channelCode: () => Readonly<Record<Name, Entry>> = lazyModule("channels", (m) => {
  const sizes = { outer: "i32", channels: "i32", inner: "i32" } as const;

  m.export("moments", { ...sizes, mean: "i32", variance: "i32", x: "i32" }, (f, { mean, variance, x, ...shape }) => {
    const count = f.let(f64.mul(f64.convertI32S(shape.outer), f64.convertI32S(shape.inner)));
    const sum = new DoubleSum(f);
    eachChannel(f, shape, (c, rows) => {
      sum.reset();
      rows([x], ([p], bytes) => {
        alongRow(f, bytes, [p!], (step) => {
          const { low, high } = halves(f, step.load(p!));
          sum.add(step, low, high);
        });
      });
      const centre = f.let(f64.div(sum.total(), count));
      const centres = f.let(f64x2.splat(centre));
      sum.reset();
      rows([x], ([p], bytes) => {
        alongRow(f, bytes, [p!], (step) => {
          const { low, high } = halves(f, step.load(p!));
          const [near, far] = [f.let(f64x2.sub(low, centres)), f.let(f64x2.sub(high, centres))];
          sum.add(step, f64x2.mul(near, near), f64x2.mul(far, far));
        });
      });
      f.store(i32.add(mean, c), f32.demote(centre));
      f.store(i32.add(variance, c), f32.demote(f64.div(sum.total(), count)));
    });
  });

  // scale and shift have what belongs to a channel multiplied out
  m.export(
    "norm",
    { ...sizes, out: "i32", x: "i32", mean: "i32", scale: "i32", shift: "i32" },
    (f, { out, x, mean, scale, shift, ...shape }) => {
      eachChannel(f, shape, (c, rows) => {
        const [centre, factor, start] = [mean, scale, shift].map((p) => f.let(v128.load32Splat(i32.add(p, c))));
        rows([x, out], ([p, o], bytes) => {
          alongRow(f, bytes, [p!, o!], (step) => {
            const d = f32x4.mul(f32x4.sub(step.load(p!), centre!), factor!);
            step.store(o!, f32x4.add(d, start!));
          });
        });
      });
    },
  );

  m.export(
    "sums",
    { ...sizes, gradBias: "i32", gradWeight: "i32", grad: "i32", x: "i32", mean: "i32", rstd: "i32" },
    (f, { gradBias, gradWeight, grad, x, mean, rstd, ...shape }) => {
      const [sum, product] = [new DoubleSum(f), new DoubleSum(f)];
      eachChannel(f, shape, (c, rows) => {
        const centre = f.let(v128.load32Splat(i32.add(mean, c)));
        sum.reset();
        product.reset();
        rows([grad, x], ([p, q], bytes) => {
          alongRow(f, bytes, [p!, q!], (step) => {
            const [g, d] = [halves(f, step.load(p!)), halves(f, f.let(f32x4.sub(step.load(q!), centre)))];
            sum.add(step, g.low, g.high);
            product.add(step, f64x2.mul(g.low, d.low), f64x2.mul(g.high, d.high));
          });
        });
        f.store(i32.add(gradBias, c), f32.demote(sum.total()));
        const deviation = f64.promote(f32.load(i32.add(rstd, c)));
        f.store(i32.add(gradWeight, c), f32.demote(f64.mul(product.total(), deviation)));
      });
    },
  );

  // out = (grad − level − (x − mean) · slope) · scale
  m.export(
    "backward",
    { ...sizes, out: "i32", grad: "i32", x: "i32", mean: "i32", scale: "i32", level: "i32", slope: "i32" },
    (f, { out, grad, x, mean, scale, level, slope, ...shape }) => {
      eachChannel(f, shape, (c, rows) => {
        const vectors = [mean, scale, level, slope].map((p) => f.let(v128.load32Splat(i32.add(p, c))));
        const [centre, factor, base, slant] = vectors;
        rows([grad, x, out], ([p, q, o], bytes) => {
          alongRow(f, bytes, [p!, q!, o!], (step) => {
            const d = f32x4.mul(f32x4.sub(step.load(q!), centre!), slant!);
            step.store(o!, f32x4.mul(f32x4.sub(f32x4.sub(step.load(p!), base!), d), factor!));
          });
        });
      });
    },
  );
});

/** Sizes of an array [outer, channels, inner]. */
interface Sizes {
  readonly outer: Local<"i32">;
  readonly channels: Local<"i32">;
  readonly inner: Local<"i32">;
}

/** Visits the rows of a channel in arrays of the same sizes. */
type Rows = (
  starts: readonly Local<"i32">[],
  visit: (pointers: readonly Local<"i32">[], bytes: Local<"i32">) => void,
) => void;

/** Runs `body` for each channel, with its place in vectors (in bytes) and a way over its rows. */
function eachChannel(
  f: FunctionBuilder,
  { outer, channels, inner }: Sizes,
  body: (c: Local<"i32">, rows: Rows) => void,
): void {
  const bytes = f.let(i32.shl(inner, 2));
  f.range(0, i32.shl(channels, 2), 4, (c) => {
    const first = f.let(i32.mul(c, inner));
    body(c, (starts, visit) => {
      const row = f.let(first);
      f.range(0, outer, 1, () => {
        visit(
          starts.map((start) => f.let(i32.add(start, row))),
          bytes,
        );
        f.step(row, i32.mul(bytes, channels));
      });
    });
  });
}
