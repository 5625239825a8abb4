import { f32x4, i32, type Local, type ModuleBuilder, v128 } from "../wasm/encoder.ts";
import { type Entry, lazyModule } from "../wasm/launch.ts";
import { defineCopies } from "./convModuleCopies.ts";

/** Output channels that one turn of the inner loops serves. */
export const CHANNELS = 4;

type Name = "place" | "pack" | "panels" | "convolve" | "correlate" | "total";

/**
 * The loops of convolution, over planes in which the inputs of neighbouring outputs lie side by side. Every element of a
 * window is then at a constant distance (a "tap") from where its output lies, whatever stride, dilation and padding are:
 * the image itself is read, shifted as often as a window has elements, and no column matrix is built.
 */
export const convCode: () => Readonly<Record<Name, Entry>> = lazyModule("conv", (m) => {
  defineCopies(m, CHANNELS);
  defineConvolve(m);
  defineCorrelate(m);
});

/** The indices of a turn's channels. */
const channelsOfTurn: readonly number[] = Array.from({ length: CHANNELS }, (_, r) => r);

/**
 * out[c][vector] = bias[c] + Σ over taps of weights[c][tap] · x[vector + tap], for each image: two vectors of four neighbours and four
 * channels at a time. `panel` is what `pack` made of the weights and taps; `vectors` lists pairs (where in x, where in out), an even number of them.
 */
function defineConvolve(m: ModuleBuilder): void {
  m.export(
    "convolve",
    {
      images: "i32",
      x: "i32",
      xImage: "i32",
      panel: "i32",
      taps: "i32",
      bias: "i32",
      vectors: "i32",
      vectorsEnd: "i32",
      out: "i32",
      outImage: "i32",
      plane: "i32",
      channels: "i32",
    },
    (f, { images, x, xImage, panel, taps, bias, vectors, vectorsEnd, out, outImage, plane, channels }) => {
      const bytes = f.let(i32.mul(taps, 4 * (CHANNELS + 1)));
      f.range(0, images, 1, () => {
        const [start, starts, to] = [f.let(panel), f.let(bias), f.let(out)];
        const left = f.let(channels);
        f.while(i32.gtS(left, 0), () => {
          const v = f.let(vectors);
          const end = f.let(i32.add(start, bytes));
          f.while(i32.ltU(v, vectorsEnd), () => {
            const x0 = f.let(i32.add(x, i32.load(v)));
            const x1 = f.let(i32.add(x, i32.load(v, 8)));
            const sums = channelsOfTurn.map((r) => {
              const sum = f.let(v128.load32Splat(starts, 4 * r));
              return [sum, f.let(sum)] as const;
            });
            const w = f.let(start);
            f.while(i32.ltU(w, end), () => {
              const tap = f.let(i32.load(w, 4 * CHANNELS));
              const near = f.let(v128.load(i32.add(x0, tap)));
              const far = f.let(v128.load(i32.add(x1, tap)));
              sums.forEach(([first, second], r) => {
                const weight = f.let(v128.load32Splat(w, 4 * r));
                f.set(first, f.madd(weight, near, first));
                f.set(second, f.madd(weight, far, second));
              });
              f.step(w, 4 * (CHANNELS + 1));
            });
            const o0 = f.let(i32.add(to, i32.load(v, 4)));
            const o1 = f.let(i32.add(to, i32.load(v, 12)));
            sums.forEach(([first, second], r) => {
              f.if(i32.gtS(left, r), () => {
                f.store(o0, first);
                f.store(o1, second);
                f.step(o0, plane);
                f.step(o1, plane);
              });
            });
            f.step(v, 16);
          });
          f.set(start, end);
          f.step(starts, 4 * CHANNELS);
          f.step(to, i32.mul(plane, CHANNELS));
          f.step(left, -CHANNELS);
        });
        f.step(x, xImage);
        f.step(out, outImage);
      });
    },
  );
}

/**
 * totals[turn][pair of taps] += Σ over images and vectors of panel[vector] · x[vector + tap], lane by lane: what `total` adds
 * up in the end. The vectors from `whole` on end a row; there the lanes behind it are masked out of x, since 0 · ∞ is not 0.
 */
function defineCorrelate(m: ModuleBuilder): void {
  m.export(
    "correlate",
    {
      turns: "i32",
      panels: "i32",
      images: "i32",
      x: "i32",
      xImage: "i32",
      taps: "i32",
      tapsEnd: "i32",
      vectors: "i32",
      whole: "i32",
      end: "i32",
      mask: "i32",
      totals: "i32",
    },
    (f, { turns, panels, images, x, xImage, taps, tapsEnd, vectors, whole, end, mask, totals }) => {
      const inside = f.let(v128.load(mask));
      f.range(0, turns, 1, () => {
        const tap = f.let(taps);
        const panel = f.let(panels);
        f.while(i32.ltU(tap, tapsEnd), () => {
          const x0 = f.let(i32.add(x, i32.load(tap)));
          const x1 = f.let(i32.add(x, i32.load(tap, 4)));
          const sums = channelsOfTurn.map(() => [f.local("v128", 0), f.local("v128", 0)] as const);
          const add = (near: Local<"v128">, far: Local<"v128">): void => {
            sums.forEach(([first, second], r) => {
              const g = f.let(v128.load(panel, 16 * r));
              f.set(first, f.madd(g, near, first));
              f.set(second, f.madd(g, far, second));
            });
            f.step(panel, 16 * CHANNELS);
          };
          f.set(panel, panels);
          f.range(0, images, 1, () => {
            const v = f.let(vectors);
            f.while(i32.ltU(v, whole), () => {
              const at = f.let(i32.load(v));
              add(f.let(v128.load(i32.add(x0, at))), f.let(v128.load(i32.add(x1, at))));
              f.step(v, 8);
            });
            f.while(i32.ltU(v, end), () => {
              const at = f.let(i32.load(v));
              const near = f.let(v128.and(v128.load(i32.add(x0, at)), inside));
              add(near, f.let(v128.and(v128.load(i32.add(x1, at)), inside)));
              f.step(v, 8);
            });
            f.step(x0, xImage);
            f.step(x1, xImage);
          });
          sums.flat().forEach((sum, i) => {
            f.store(totals, f32x4.add(v128.load(totals, 16 * i), sum), 16 * i);
          });
          f.step(totals, 32 * CHANNELS);
          f.step(tap, 8);
        });
        f.set(panels, panel);
      });
    },
  );
}
