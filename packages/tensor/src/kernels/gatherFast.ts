import type { NDArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import { f32x4, i32 } from "../wasm/encoder.ts";
import { type Entry, launch, lazyModule } from "../wasm/launch.ts";
import { alongRow } from "./doubleLanes.ts";
import { outOfRange } from "./gatherWalk.ts";

const gatherCode: () => Readonly<Record<"addSlices", Entry>> = lazyModule("gather", (m) => {
  // out[i][index[j]] += source[i][j], runs of `bytes` bytes; the indices have been checked
  m.export(
    "addSlices",
    { outer: "i32", count: "i32", bytes: "i32", out: "i32", plane: "i32", index: "i32", source: "i32" },
    (f, { outer, count, bytes, out, plane, index, source }) => {
      f.range(0, outer, 1, () => {
        f.range(0, i32.shl(count, 2), 4, (j) => {
          const to = f.let(i32.add(out, i32.mul(i32.load(i32.add(index, j)), bytes)));
          alongRow(f, bytes, [source, to], (step) => {
            step.store(to, f32x4.add(step.load(to), step.load(source)));
          });
        });
        f.step(out, plane);
      });
    },
  );
});

/** {@link indexAdd} in four lanes, where the runs behind `dim` are long enough for them. */
export function indexAddFast(out: NDArray, index: NDArray, source: NDArray, dim: number, where: string): void {
  const size = out.shape[dim]!;
  const [at, step] = [index.data, index.stride[0]!];
  for (let j = 0, k = index.offset; j < index.size; j++, k += step) {
    if (at[k]! < 0 || at[k]! >= size) outOfRange(where, at[k]!, [j], dim, size);
  }
  const bytes = 4 * sizeOf(out.shape.slice(dim + 1));
  launch((frame) => {
    const [to, from] = [frame.modify(out), frame.read(source)];
    gatherCode().addSlices(
      sizeOf(out.shape.slice(0, dim)),
      index.size,
      bytes,
      to,
      bytes * size,
      frame.read(index),
      from,
    );
  });
}

/** Whether {@link indexAddFast} takes these: runs of whole vectors, and not much more to copy than to add. */
export function addsInLanes(out: NDArray, source: NDArray, dim: number): boolean {
  const run = sizeOf(out.shape.slice(dim + 1));
  return run >= 8 && source.size >= 256 && out.size <= 4 * source.size;
}
