import type { NDArray } from "../ndarray.ts";
import { type Frame, launch } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { channelCode } from "./normChannelsModule.ts";

type Sizes = readonly [outer: number, channels: number, inner: number];
const sizesOf = (x: NDArray): Sizes => [x.shape[0]!, x.shape[1]!, x.shape[2]!];

/** Element c of a vector, or what stands for it where there is none. */
function at(vector: NDArray | null, c: number, otherwise: number): number {
  return vector === null ? otherwise : vector.data[vector.offset + c * vector.stride[0]!]!;
}

/** One number a channel, in scratch space. */
function perChannel(frame: Frame, channels: number, value: (c: number) => number): number {
  const start = frame.workspace(4 * channels);
  const { float32 } = views();
  for (let c = 0; c < channels; c++) float32[start / 4 + c] = value(c);
  return start;
}

/** {@link channelMoments} by the loops over channels. */
export function channelMomentsFast(mean: NDArray, variance: NDArray, x: NDArray): void {
  launch((frame) => {
    const [m, v] = [frame.write(mean), frame.write(variance)];
    channelCode().moments(...sizesOf(x), m, v, frame.read(x));
  });
}

/** {@link channelNorm} by the loops over channels. */
export function channelNormFast(
  out: NDArray,
  x: NDArray,
  mean: NDArray,
  rstd: NDArray,
  weight: NDArray | null,
  bias: NDArray | null,
): void {
  launch((frame) => {
    const [to, from, m] = [frame.write(out), frame.read(x), frame.read(mean)];
    const scale = perChannel(frame, mean.size, (c) => at(rstd, c, 1) * at(weight, c, 1));
    const shift = perChannel(frame, mean.size, (c) => at(bias, c, 0));
    channelCode().norm(...sizesOf(x), to, from, m, scale, shift);
  });
}

/** {@link channelNormSums} by the loops over channels. */
export function channelNormSumsFast(
  gradBias: NDArray,
  gradWeight: NDArray,
  grad: NDArray,
  x: NDArray,
  mean: NDArray,
  rstd: NDArray,
): void {
  launch((frame) => {
    const [b, w] = [frame.write(gradBias), frame.write(gradWeight)];
    const [g, from, m] = [frame.read(grad), frame.read(x), frame.read(mean)];
    channelCode().sums(...sizesOf(x), b, w, g, from, m, frame.read(rstd));
  });
}

/** {@link channelNormBackward} by the loops over channels. */
export function channelNormFastBackward(
  out: NDArray,
  grad: NDArray,
  x: NDArray,
  mean: NDArray,
  rstd: NDArray,
  weight: NDArray | null,
  sums: { readonly gradBias: NDArray; readonly gradWeight: NDArray },
): void {
  const channels = mean.size;
  const count = x.size / channels;
  launch((frame) => {
    const [to, g, from, m] = [frame.write(out), frame.read(grad), frame.read(x), frame.read(mean)];
    const scale = perChannel(frame, channels, (c) => at(rstd, c, 1) * at(weight, c, 1));
    const level = perChannel(frame, channels, (c) => at(sums.gradBias, c, 0) / count);
    const slope = perChannel(frame, channels, (c) => (at(sums.gradWeight, c, 0) / count) * at(rstd, c, 1));
    channelCode().backward(...sizesOf(x), to, g, from, m, scale, level, slope);
  });
}
