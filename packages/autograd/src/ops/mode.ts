import { fail, normaliseDim } from "@tapegrad/tensor";
import { defineOp, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import type { ValuesAndIndices } from "./extrema.ts";
import { gather } from "./gather.ts";
import type { ReduceOptions } from "./reduce.ts";
import { movedim, reshape, squeeze } from "./shape.ts";

type ModeAt = (lines: Tensor) => Tensor;

/** For each line of a matrix the place of the last of its most frequent elements. */
const modeAt: Op<ModeAt> = defineOp<[Tensor], undefined, ModeAt>(
  () => ({
    name: "mode",
    infer: ([{ shape }]) => ({ shape: [shape[0]!], dtype: "int32" }),
    forward: (out, [lines]) => {
      const [count, size] = lines.shape as [number, number];
      const elements = lines.toArray();
      for (let line = 0; line < count; line++) {
        out.data[out.offset + line] = mostFrequent(elements.subarray(line * size, (line + 1) * size));
      }
    },
    backward: null,
  }),
  (apply) => (lines) => apply([lines], undefined),
);

/** Among equally frequent elements the least one; the place of its last. No NaN equals another. */
function mostFrequent(line: ArrayLike<number>): number {
  const counts = new Map<number, number>();
  for (let i = 0; i < line.length; i++) counts.set(line[i]!, (counts.get(line[i]!) ?? 0) + 1);
  let [best, most] = [Number.NaN, 0];
  for (const [value, count] of counts) {
    const times = Number.isNaN(value) ? 1 : count;
    const wins = times > most || (times === most && (value < best || Number.isNaN(best)));
    if (wins) [best, most] = [value, times];
  }
  let place = line.length - 1;
  while (!Object.is(line[place], best) && line[place] !== best) place--;
  return place;
}

/**
 * The most frequent element along a dimension, of several the least, and where the last of it is (torch.mode).
 *
 * @param dim @defaultValue -1
 * @throws TensorError `invalid_dim`; `invalid_shape` along a dimension of size 0
 */
export function mode(input: Tensor, dim = -1, { keepdim = false }: ReduceOptions = {}): ValuesAndIndices {
  const at = normaliseDim("mode", dim, input.ndim);
  const size = input.shape[at] ?? 1;
  if (size === 0) fail("invalid_shape", "mode", "a dimension of size 0 has no elements", { shape: input.shape, dim });
  const lines = input.ndim === 0 ? input : movedim(input, at, -1);
  const places = modeAt(reshape(lines, [input.numel() / size, size]));
  const indices = reshape(
    places,
    input.shape.map((n, d) => (d === at ? 1 : n)),
  );
  const values = gather(input, at, indices);
  return keepdim || input.ndim === 0
    ? { values, indices }
    : { values: squeeze(values, at), indices: squeeze(indices, at) };
}
