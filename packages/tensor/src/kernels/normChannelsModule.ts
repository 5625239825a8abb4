import { type FunctionBuilder, f32, f32x4, f64, f64x2, i32, type Local, v128 } from "../wasm/encoder.ts";
import { type Entry, lazyModule } from "../wasm/launch.ts";
import { alongRow, DoubleSum } from "./doubleLanes.ts";

type Name = "moments" | "norm" | "sums" | "backward";

/**
 * The loops over channels of row-major [outer, channels, inner]; sums are taken in double precision. `mean`, `variance` and `rstd` are float64;
 * where there is a `rest`, the mean comes as two float32.
 */
export const channelCode: () => Readonly<Record<Name, Entry>> = lazyModule("channels", (m) => {
  const sizes = { outer: "i32", channels: "i32", inner: "i32" } as const;

  m.export("moments", { ...sizes, mean: "i32", variance: "i32", x: "i32" }, (f, { mean, variance, x, ...shape }) => {
    const count = f.let(f64.mul(f64.convertI32S(shape.outer), f64.convertI32S(shape.inner)));
    const sum = new DoubleSum(f);
    eachChannel(f, shape, (c, rows) => {
      sum.reset();
      rows([x], ([p], bytes) => {
        alongRow(f, bytes, [p!], (step) => {
          const { low, high } = step.loadHalves(p!);
          sum.add(step, low, high);
        });
      });
      const centre = f.let(f64.div(sum.total(), count));
      const centres = f.let(f64x2.splat(centre));
      sum.reset();
      rows([x], ([p], bytes) => {
        alongRow(f, bytes, [p!], (step) => {
          const { low, high } = step.loadHalves(p!);
          const [near, far] = [f.let(f64x2.sub(low, centres)), f.let(f64x2.sub(high, centres))];
          sum.add(step, f64x2.mul(near, near), f64x2.mul(far, far));
        });
      });
      f.store(i32.add(mean, i32.shl(c, 1)), centre);
      f.store(i32.add(variance, i32.shl(c, 1)), f.let(f64.div(sum.total(), count)));
    });
  });

  // scale and shift have what belongs to a channel multiplied out
  m.export(
    "norm",
    { ...sizes, out: "i32", x: "i32", mean: "i32", rest: "i32", scale: "i32", shift: "i32" },
    (f, { out, x, mean, rest, scale, shift, ...shape }) => {
      eachChannel(f, shape, (c, rows) => {
        const vectors = [mean, rest, scale, shift].map((p) => f.let(v128.load32Splat(i32.add(p, c))));
        const [near, far, factor, start] = vectors;
        rows([x, out], ([p, o], bytes) => {
          alongRow(f, bytes, [p!, o!], (step) => {
            const d = f32x4.sub(f32x4.sub(step.load(p!), near!), far!);
            step.store(o!, f.madd(d, factor!, start!));
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
        const centres = f.let(f64x2.splat(f64.load(i32.add(mean, i32.shl(c, 1)))));
        sum.reset();
        product.reset();
        rows([grad, x], ([p, q], bytes) => {
          alongRow(f, bytes, [p!, q!], (step) => {
            const [g, y] = [step.loadHalves(p!), step.loadHalves(q!)];
            sum.add(step, g.low, g.high);
            const [low, high] = [f64x2.sub(y.low, centres), f64x2.sub(y.high, centres)];
            product.add(step, f64x2.mul(g.low, low), f64x2.mul(g.high, high));
          });
        });
        f.store(i32.add(gradBias, c), f32.demote(sum.total()));
        const deviation = f64.load(i32.add(rstd, i32.shl(c, 1)));
        f.store(i32.add(gradWeight, c), f32.demote(f64.mul(product.total(), deviation)));
      });
    },
  );

  // out = (grad − level − (x − mean) · slope) · scale
  const given = { mean: "i32", rest: "i32", scale: "i32", level: "i32", slope: "i32" } as const;
  m.export(
    "backward",
    { ...sizes, out: "i32", grad: "i32", x: "i32", ...given },
    (f, { out, grad, x, mean, rest, scale, level, slope, ...shape }) => {
      eachChannel(f, shape, (c, rows) => {
        const vectors = [mean, rest, scale, level, slope].map((p) => f.let(v128.load32Splat(i32.add(p, c))));
        const [near, far, factor, base, slant] = vectors;
        rows([grad, x, out], ([p, q, o], bytes) => {
          alongRow(f, bytes, [p!, q!, o!], (step) => {
            const d = f32x4.mul(f32x4.sub(f32x4.sub(step.load(q!), near!), far!), slant!);
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
