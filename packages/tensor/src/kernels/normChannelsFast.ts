import { isFloating } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { type Frame, launch } from "../wasm/launch.ts";
import { views } from "../wasm/scratch.ts";
import { channelCode } from "./normChannelsModule.ts";
import { normalisable } from "./normFast.ts";

type Sizes = readonly [outer: number, channels: number, inner: number];
const sizesOf = (x: NDArray): Sizes => [x.shape[0]!, x.shape[1]!, x.shape[2]!];

/** Element c of a vector, or what stands for it where there is none. */
function at(vector: NDArray | null, c: number, otherwise: number): number {
  return vector === null ? otherwise : vector.data[vector.offset + c * vector.stride[0]!]!;
}

function put(vector: NDArray, c: number, value: number): void {
  vector.data[vector.offset + c * vector.stride[0]!] = value;
}

/** One number a channel, in scratch space. */
function perChannel(frame: Frame, channels: number, value: (c: number) => number): number {
  const start = frame.workspace(4 * channels);
  const { float32 } = views();
  for (let c = 0; c < channels; c++) float32[start / 4 + c] = value(c);
  return start;
}

/** The same in double precision. */
function perChannelDouble(frame: Frame, channels: number, value: (c: number) => number): number {
  const start = frame.workspace(8 * channels);
  const { float64 } = views();
  for (let c = 0; c < channels; c++) float64[start / 8 + c] = value(c);
  return start;
}

/** Means as two float32 each, the second what the first lacks: subtracted one after the other they do not cost the digits of x. */
function centres(frame: Frame, mean: NDArray): [near: number, rest: number] {
  const near = perChannel(frame, mean.size, (c) => at(mean, c, 0));
  const rest = perChannel(frame, mean.size, (c) => {
    const whole = at(mean, c, 0);
    const rounded = Math.fround(whole);
    return Number.isFinite(rounded) ? whole - rounded : 0;
  });
  return [near, rest];
}

/** Whether the loops over channels can take these: float32 but for the statistics, which may be in double precision. */
export function channelsLaunchable(arrays: readonly (NDArray | null)[], statistics: readonly NDArray[]): boolean {
  return normalisable(...arrays) && statistics.every(({ dtype }) => isFloating(dtype));
}

/** {@link channelMoments} by the loops over channels. */
export function channelMomentsFast(mean: NDArray, variance: NDArray, x: NDArray): void {
  const sizes = sizesOf(x);
  launch((frame) => {
    const [m, v] = [frame.workspace(8 * sizes[1]), frame.workspace(8 * sizes[1])];
    channelCode().moments(...sizes, m, v, frame.read(x));
    const { float64 } = views();
    for (let c = 0; c < sizes[1]; c++) {
      put(mean, c, float64[m / 8 + c]!);
      put(variance, c, float64[v / 8 + c]!);
    }
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
    const [to, from, m] = [frame.write(out), frame.read(x), centres(frame, mean)];
    const scale = perChannel(frame, mean.size, (c) => at(rstd, c, 1) * at(weight, c, 1));
    const shift = perChannel(frame, mean.size, (c) => at(bias, c, 0));
    channelCode().norm(...sizesOf(x), to, from, ...m, scale, shift);
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
    const [g, from] = [frame.read(grad), frame.read(x)];
    const m = perChannelDouble(frame, mean.size, (c) => at(mean, c, 0));
    const r = perChannelDouble(frame, mean.size, (c) => at(rstd, c, 1));
    channelCode().sums(...sizesOf(x), b, w, g, from, m, r);
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
    const [to, g, from, m] = [frame.write(out), frame.read(grad), frame.read(x), centres(frame, mean)];
    const scale = perChannel(frame, channels, (c) => at(rstd, c, 1) * at(weight, c, 1));
    const level = perChannel(frame, channels, (c) => at(sums.gradBias, c, 0) / count);
    const slope = perChannel(frame, channels, (c) => (at(sums.gradWeight, c, 0) / count) * at(rstd, c, 1));
    channelCode().backward(...sizesOf(x), to, g, from, ...m, scale, level, slope);
  });
}
