import { f32, f32x4, i32, type Local, type ModuleBuilder, v128 } from "../wasm/encoder.ts";

/** The functions of the convolution module that only move elements about; `channels` are served by one turn of its loops. */
export function defineCopies(m: ModuleBuilder, channels: number): void {
  definePlace(m);
  definePack(m, channels);
  definePanels(m, channels);
  defineTotal(m, channels);
}

/** Copies blocks of elements from plane to plane, with any step between the elements of a row. All distances in bytes. */
function definePlace(m: ModuleBuilder): void {
  m.export(
    "place",
    {
      planes: "i32",
      rows: "i32",
      columns: "i32",
      to: "i32",
      toPlane: "i32",
      toRow: "i32",
      toStep: "i32",
      from: "i32",
      fromPlane: "i32",
      fromRow: "i32",
      fromStep: "i32",
    },
    (f, { planes, rows, columns, to, toPlane, toRow, toStep, from, fromPlane, fromRow, fromStep }) => {
      const dense = f.let(i32.eq(fromStep, 4));
      const halved = f.let(i32.eq(fromStep, 8)); // a stride of 2 is common enough to have its vectors
      const vectors = i32.and(i32.eq(toStep, 4), i32.or(dense, halved));
      const wide = f.let(i32.mul(i32.shl(i32.and(columns, -4), 2), vectors));
      const length = f.let(i32.mul(columns, toStep));
      f.range(0, planes, 1, () => {
        const t0 = f.let(to);
        const s0 = f.let(from);
        f.range(0, rows, 1, () => {
          const t = f.let(t0);
          const s = f.let(s0);
          const wideEnd = f.let(i32.add(t, wide));
          const end = f.let(i32.add(t, length));
          f.if(
            dense,
            () =>
              f.while(i32.ltU(t, wideEnd), () => {
                f.store(t, v128.load(s));
                f.step(t, 16);
                f.step(s, 16);
              }),
            () =>
              f.while(i32.ltU(t, wideEnd), () => {
                f.store(t, v128.shuffle32(v128.load(s), v128.load(s, 16), [0, 2, 4, 6]));
                f.step(t, 16);
                f.step(s, 32);
              }),
          );
          f.while(i32.ltU(t, end), () => {
            f.store(t, i32.load(s));
            f.step(t, toStep);
            f.step(s, fromStep);
          });
          f.step(t0, toRow);
          f.step(s0, fromRow);
        });
        f.step(to, toPlane);
        f.step(from, fromPlane);
      });
    },
  );
}

/**
 * Weights of a turn's channels side by side, with the tap that they are for: to[turn][k] = (from[r · row + order[k]] for each r, taps[k]), with
 * 0 beyond the last channel.
 */
function definePack(m: ModuleBuilder, channels: number): void {
  m.export(
    "pack",
    { to: "i32", from: "i32", row: "i32", count: "i32", order: "i32", taps: "i32", end: "i32" },
    (f, { to, from, row, count, order, taps, end }) => {
      f.range(0, count, channels, (c) => {
        const k = f.let(taps);
        const place = f.let(order);
        f.while(i32.ltU(k, end), () => {
          const p = f.let(i32.add(from, i32.load(place)));
          for (let r = 0; r < channels; r++) {
            f.if(
              i32.ltS(i32.add(c, r), count),
              () => f.store(to, i32.load(p), 4 * r),
              () => f.store(to, i32.const(0), 4 * r),
            );
            f.step(p, row);
          }
          f.store(to, i32.load(k), 4 * channels);
          f.step(to, 4 * (channels + 1));
          f.step(place, 4);
          f.step(k, 4);
        });
        f.step(from, i32.mul(row, channels));
      });
    },
  );
}

/**
 * Gradients of a turn's channels side by side, a vector of neighbours each, for each image: to[turn][vector][r] = from[r][vector], zeros
 * beyond the last channel and, from `whole` on, in the lanes that `mask` leaves out. `turn` is the distance between turns of `to`.
 */
function definePanels(m: ModuleBuilder, channels: number): void {
  m.export(
    "panels",
    {
      images: "i32",
      to: "i32",
      toImage: "i32",
      turn: "i32",
      from: "i32",
      fromImage: "i32",
      plane: "i32",
      count: "i32",
      vectors: "i32",
      whole: "i32",
      end: "i32",
      mask: "i32",
    },
    (f, { images, to, toImage, turn, from, fromImage, plane, count, vectors, whole, end, mask }) => {
      const inside = f.let(v128.load(mask));
      f.range(0, images, 1, () => {
        const [start, source] = [f.let(to), f.let(from)];
        f.range(0, count, channels, (c) => {
          const t = f.let(start);
          const v = f.let(vectors);
          const loop = (until: Local<"i32">, masked: boolean): void =>
            f.while(i32.ltU(v, until), () => {
              const p = f.let(i32.add(source, i32.load(v, 4)));
              for (let r = 0; r < channels; r++) {
                f.if(
                  i32.ltS(i32.add(c, r), count),
                  () => f.store(t, masked ? v128.and(v128.load(p), inside) : v128.load(p), 16 * r),
                  () => f.store(t, f32x4.const(0), 16 * r),
                );
                f.step(p, plane);
              }
              f.step(t, 16 * channels);
              f.step(v, 8);
            });
          loop(whole, false);
          loop(end, true);
          f.step(start, turn);
          f.step(source, i32.mul(plane, channels));
        });
        f.step(to, toImage);
        f.step(from, fromImage);
      });
    },
  );
}

/** Adds up the lanes of what `correlate` collected: out[c][tap], for `count` channels and `taps` taps. */
function defineTotal(m: ModuleBuilder, channels: number): void {
  m.export("total", { out: "i32", totals: "i32", count: "i32", taps: "i32" }, (f, { out, totals, count, taps }) => {
    f.range(0, count, channels, (c) => {
      f.range(0, taps, 2, (k) => {
        for (let r = 0; r < channels; r++) {
          for (let second = 0; second < 2; second++) {
            const channel = f.let(i32.add(c, r));
            const tap = f.let(i32.add(k, second));
            f.if(i32.and(i32.ltS(channel, count), i32.ltS(tap, taps)), () => {
              const lanes = f.let(v128.load(totals, 16 * (2 * r + second)));
              const halves = f.let(f32x4.add(lanes, v128.shuffle32(lanes, lanes, [2, 3, 2, 3])));
              const sum = f32.add(f32x4.extract(halves, 0), f32x4.extract(halves, 1));
              f.store(i32.add(out, i32.shl(i32.add(i32.mul(channel, taps), tap), 2)), sum);
            });
          }
        }
        f.step(totals, 32 * channels);
      });
    });
  });
}
