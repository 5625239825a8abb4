import { type FunctionBuilder, f32, f32x4, i32, i32x4, type Local, type ModuleBuilder, v128 } from "../wasm/encoder.ts";
import { type Entry, lazyModule } from "../wasm/launch.ts";

/**
 * The loops of pooling, over fields in which windows read as those of a convolution do: every element of a window is a tap at
 * a constant distance from where the output lies. Four neighbouring outputs at a time.
 */
export const poolCode: () => Readonly<Record<"largest" | "average" | "scatter", Entry>> = lazyModule("pool", (m) => {
  defineLargest(m);
  defineAverage(m);
  defineScatter(m);
});

/** Runs `body` for every vector of outputs of every plane: `x` is where it lies in the field, `at` where in the results. */
function eachVector(
  f: FunctionBuilder,
  planes: Local<"i32">,
  vectors: Local<"i32">,
  end: Local<"i32">,
  steps: readonly (readonly [pointer: Local<"i32">, step: Local<"i32">])[],
  body: (inField: Local<"i32">, inResult: Local<"i32">) => void,
): void {
  f.range(0, planes, 1, () => {
    const v = f.let(vectors);
    f.while(i32.ltU(v, end), () => {
      body(f.let(i32.load(v)), f.let(i32.load(v, 4)));
      f.step(v, 8);
    });
    for (const [pointer, step] of steps) f.step(pointer, step);
  });
}

/**
 * The largest of each window and its place. `taps` lists pairs (where in the field, how far from the window's corner in the plane);
 * `corners` has the place of each window's corner, `firsts` of its first element inside of the plane.
 */
function defineLargest(m: ModuleBuilder): void {
  m.export(
    "largest",
    {
      planes: "i32",
      x: "i32",
      xPlane: "i32",
      out: "i32",
      indices: "i32",
      outPlane: "i32",
      taps: "i32",
      tapsEnd: "i32",
      vectors: "i32",
      vectorsEnd: "i32",
      corners: "i32",
      firsts: "i32",
    },
    (f, { planes, x, xPlane, out, indices, outPlane, taps, tapsEnd, vectors, vectorsEnd, corners, firsts }) => {
      const steps = [
        [x, xPlane],
        [out, outPlane],
        [indices, outPlane],
      ] as const;
      eachVector(f, planes, vectors, vectorsEnd, steps, (inField, inResult) => {
        const window = f.let(i32.add(x, inField));
        const corner = f.let(v128.load(i32.add(corners, inResult)));
        const best = f.let(f32x4.const(Number.NEGATIVE_INFINITY));
        const place = f.let(v128.load(i32.add(firsts, inResult)));
        const k = f.let(taps);
        f.while(i32.ltU(k, tapsEnd), () => {
          const value = f.let(v128.load(i32.add(window, i32.load(k))));
          const wins = f.let(v128.or(f32x4.gt(value, best), f32x4.ne(value, value)));
          f.set(best, v128.bitselect(value, best, wins));
          f.set(place, v128.bitselect(i32x4.add(corner, v128.load32Splat(k, 4)), place, wins));
          f.step(k, 8);
        });
        f.store(i32.add(out, inResult), best);
        f.store(i32.add(indices, inResult), place);
      });
    },
  );
}

/** The sum of each window over what `counts` has for it. */
function defineAverage(m: ModuleBuilder): void {
  m.export(
    "average",
    {
      planes: "i32",
      x: "i32",
      xPlane: "i32",
      out: "i32",
      outPlane: "i32",
      taps: "i32",
      tapsEnd: "i32",
      vectors: "i32",
      vectorsEnd: "i32",
      counts: "i32",
    },
    (f, { planes, x, xPlane, out, outPlane, taps, tapsEnd, vectors, vectorsEnd, counts }) => {
      const steps = [
        [x, xPlane],
        [out, outPlane],
      ] as const;
      eachVector(f, planes, vectors, vectorsEnd, steps, (inField, inResult) => {
        const window = f.let(i32.add(x, inField));
        const sum = f.let(f32x4.const(0));
        const k = f.let(taps);
        f.while(i32.ltU(k, tapsEnd), () => {
          f.set(sum, f32x4.add(sum, v128.load(i32.add(window, i32.load(k)))));
          f.step(k, 4);
        });
        f.store(i32.add(out, inResult), f32x4.div(sum, v128.load(i32.add(counts, inResult))));
      });
    },
  );
}

/** Zeros, to which every element is added at its place: `count` elements a plane, into planes of `size`. Places outside are left out. */
function defineScatter(m: ModuleBuilder): void {
  m.export(
    "scatter",
    { planes: "i32", count: "i32", from: "i32", places: "i32", to: "i32", size: "i32" },
    (f, { planes, count, from, places, to, size }) => {
      const plane = f.let(i32.shl(size, 2));
      f.fill(to, 0, i32.mul(plane, planes));
      f.range(0, planes, 1, () => {
        const end = f.let(i32.add(from, i32.shl(count, 2)));
        f.while(i32.ltU(from, end), () => {
          const place = f.let(i32.load(places));
          f.if(i32.ltU(place, size), () => {
            const p = f.let(i32.add(to, i32.shl(place, 2)));
            f.store(p, f32.add(f32.load(p), f32.load(from)));
          });
          f.step(from, 4);
          f.step(places, 4);
        });
        f.step(to, plane);
      });
    },
  );
}
