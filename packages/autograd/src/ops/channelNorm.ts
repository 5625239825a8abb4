import { k, NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import {
  allocate,
  allocateUnfilled,
  apply,
  type BackwardContext,
  defineOp,
  type Meta,
  type Op,
  type OpSpec,
} from "../op.ts";
import { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { rsqrt } from "./pointwise.ts";
import { mean, sum } from "./reduce.ts";
import { reshape, select } from "./shape.ts";

/** [images, channels, elements of a channel]. */
type Channels = readonly [outer: number, channels: number, inner: number];

const asChannels = (shape: Shape): Channels => [shape[0]!, shape[1]!, sizeOf(shape.slice(2))];

const flat = (array: NDArray, shape: Shape): NDArray => array.reshaped(shape) ?? array.copy().reshaped(shape)!;

type Moments = (input: Tensor) => Tensor;

/** Mean and variance (divided by the number of elements) of each channel, float64 [2, channels], without a gradient. */
export const channelMoments: Op<Moments> = defineOp<[Tensor], undefined, Moments>(
  () => ({
    name: "channelMoments",
    infer: ([{ shape }]) => ({ shape: [2, shape[1]!], dtype: "float64" }),
    forward: (out, [input]) =>
      k.channelMoments(out.select(0, 0), out.select(0, 1), flat(input, asChannels(input.shape))),
    backward: null,
  }),
  (apply) => (input) => apply([input], undefined),
);

interface Running {
  readonly row: 0 | 1;
  readonly momentum: number;
  /** What the moment is multiplied by first. */
  readonly scale: number;
}

type Advance = (running: Tensor, moments: Tensor, attrs: Running) => Tensor;

/** A running statistic moved on: (1 − momentum) · running + momentum · scale · moment, in double precision. */
export const advance: Op<Advance> = defineOp<[Tensor, Tensor], Running, Advance>(
  () => ({
    name: "runningStatistic",
    infer: ([running]) => running,
    forward: (out, [running, moments], { row, momentum, scale }) => {
      const [before, now] = [running.toArray(), moments.select(0, row).toArray()];
      for (let c = 0; c < out.size; c++) out.data[c] = momentum * (now[c]! * scale) + (1 - momentum) * before[c]!;
    },
    backward: null,
  }),
  (apply) => (running, moments, attrs) => apply([running, moments], attrs),
);

interface ChannelNormAttrs {
  readonly eps: number;
  /** Whether the moments are those of the input itself, so that the gradient flows through them. */
  readonly own: boolean;
}

/** 1 / √(variance + eps) of each channel. */
function deviations(moments: NDArray, eps: number): NDArray {
  const out = NDArray.zeros([moments.shape[1]!], "float64");
  k.inverseDeviation(out, moments.select(0, 1), eps);
  return out;
}

/** The declaration, for inputs [input, moments], or [input, moments, weight], or [input, moments, weight, bias]. */
function channelNormSpec(saves: readonly number[]): OpSpec<readonly Tensor[], ChannelNormAttrs> {
  return {
    name: "batchNorm",
    infer: ([input]) => input!,
    forward: (out, [input, moments, weight, bias], { eps }) => {
      const shape = asChannels(input!.shape);
      const scale = deviations(moments!, eps);
      k.channelNorm(flat(out, shape), flat(input!, shape), moments!.select(0, 0), scale, weight ?? null, bias ?? null);
    },
    saves,
    tidy: true,
    backward: (ctx, i) => {
      if (i === 1) return null;
      const { own, eps } = ctx.attrs;
      const shape = asChannels(ctx.shape);
      const grad = reshape(ctx.grad, shape);
      if (i === 3) return sum(grad, [0, 2]);
      const input = reshape(ctx.input(0), shape);
      const moment = (row: number): Tensor => reshape(to(select(ctx.input(1), 0, row), input.dtype), [shape[1], 1]);
      const centred = sub(input, own ? average(input) : moment(0));
      const scale = rsqrt(add(own ? average(mul(centred, centred)) : moment(1), eps));
      const normal = mul(centred, scale);
      if (i === 2) return sum(mul(grad, normal), [0, 2]);
      const owed = saves.length > 2 ? mul(grad, reshape(ctx.input(2), [shape[1], 1])) : grad;
      const rest = own ? sub(sub(owed, average(owed)), mul(normal, average(mul(owed, normal)))) : owed;
      return reshape(mul(rest, scale), ctx.shape);
    },
    fused,
  };
}

const average = (channels: Tensor): Tensor => mean(channels, [0, 2], { keepdim: true });

function fused(ctx: BackwardContext<ChannelNormAttrs>): (Tensor | null)[] {
  const { own, eps } = ctx.attrs;
  const shape = asChannels(ctx.shape);
  const grad = flat(ctx.grad.array, shape);
  const input = flat(ctx.input(0).array, shape);
  const moments = ctx.input(1).array;
  const [centre, scale] = [moments.select(0, 0), deviations(moments, eps)];
  const [toInput, , toWeight = false, toBias = false] = ctx.needs;
  const { dtype } = grad;
  const vector: Meta = { shape: [shape[1]], dtype };
  const gradients: (Tensor | null)[] = [null, null, null, null];
  const sums = { gradBias: allocate(vector), gradWeight: allocate(vector) };
  if (toWeight || toBias || own) k.channelNormSums(sums.gradBias, sums.gradWeight, grad, input, centre, scale);
  if (toInput) {
    const out = allocateUnfilled({ shape: ctx.shape, dtype });
    const weight = ctx.needs.length > 2 ? ctx.input(2).array : null;
    k.channelNormBackward(flat(out, shape), grad, input, centre, scale, weight, own ? sums : null);
    gradients[0] = new Tensor(out);
  }
  if (toWeight) gradients[2] = new Tensor(sums.gradWeight);
  if (toBias) gradients[3] = new Tensor(sums.gradBias);
  return gradients.slice(0, ctx.needs.length);
}

const plainSpec = channelNormSpec([0, 1]);
const weightedSpec = channelNormSpec([0, 1, 2]);

/**
 * Each channel, dimension 1, less a mean, over the root of a variance + eps, times its weight, plus its bias.
 *
 * @param moments [2, channels]: {@link channelMoments} of the input itself (`own`), or constants
 */
export function channelNorm(
  input: Tensor,
  moments: Tensor,
  weight: Tensor | null,
  bias: Tensor | null,
  attrs: ChannelNormAttrs,
): Tensor {
  if (weight !== null)
    return apply(weightedSpec, bias === null ? [input, moments, weight] : [input, moments, weight, bias], attrs);
  const normal = apply(plainSpec, [input, moments], attrs);
  return bias === null ? normal : add(normal, perChannel(bias, input));
}

/** A vector of one element a channel, shaped so that it broadcasts against [N, C, ...]. */
export function perChannel(vector: Tensor, { ndim }: Tensor): Tensor {
  return reshape(vector, [vector.numel(), ...new Array<number>(Math.max(ndim - 2, 0)).fill(1)]);
}
