import { fail, sizeOf } from "@tapegrad/tensor";
import { noGrad } from "../context.ts";
import { assign } from "../inplace.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { clone, to } from "./cast.ts";
import { advance, channelMoments, channelNorm, perChannel } from "./channelNorm.ts";
import { checkSameDType } from "./indexShapes.ts";
import { stack } from "./join.ts";
import { checkFloating, layerNorm } from "./layerNorm.ts";
import { mean } from "./reduce.ts";
import { reshape } from "./shape.ts";

/** Vectors of one element a channel. */
interface Vectors {
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

/**
 * Each channel less its mean, over its standard deviation: (x − mean) / √(variance + eps) · weight + bias.
 *
 * While training, mean and variance are those of the batch, the variance divided by the number of elements; they move the
 * running ones on, in place and unrecorded: running ← (1 − momentum) · running + momentum · new, the new variance divided by one
 * element less. Otherwise the running ones are used, as constants.
 *
 * @param input       floating-point, [N, C, ...]
 * @param runningMean [C]; null: none is kept
 * @param runningVar  [C]; null: none is kept
 * @param weight      [C]; null for ones
 * @param bias        [C]; null for zeros
 * @param training    @defaultValue false
 * @param momentum    the weight of the new in the running statistics. @defaultValue 0.1
 * @param eps         @defaultValue 1e-5
 * @throws TensorError `invalid_shape` | `shape_mismatch` | `invalid_dtype` | `invalid_argument`
 * @see torch.nn.functional.batch_norm; Ioffe, Szegedy (2015), Batch normalization
 */
export function batchNorm(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  training = false,
  momentum = 0.1,
  eps = 1e-5,
): Tensor {
  const where = "batchNorm";
  checkVectors(where, input, { runningMean, runningVar, weight, bias });
  if (!training && runningMean === null) {
    fail(
      "invalid_argument",
      where,
      "running statistics are needed unless training",
      {},
      "pass them, or training = true",
    );
  }
  const count = input.numel() / Math.max(input.shape[1] ?? 0, 1);
  if (training && count === 1) {
    fail("invalid_shape", where, "more than one value per channel is needed for training", { input: input.shape });
  }
  if (input.numel() === 0) return untouched(input, weight, bias);
  if (!training) {
    const constants = noGrad(() => stack([to(runningMean!, "float64"), to(runningVar!, "float64")]));
    return channelNorm(input, constants, weight, bias, { eps, own: false });
  }
  const moments = channelMoments(input);
  moveOn(where, { runningMean, runningVar }, moments, momentum, count);
  return channelNorm(input, moments, weight, bias, { eps, own: true });
}

/** Nothing to normalise: what is left is the history. */
function untouched(input: Tensor, weight: Tensor | null, bias: Tensor | null): Tensor {
  const scaled = weight === null ? clone(input) : mul(input, perChannel(weight, input));
  return bias === null ? scaled : add(scaled, perChannel(bias, input));
}

/** Moves running statistics on, in place. */
function moveOn(
  where: string,
  { runningMean, runningVar }: Pick<Vectors, "runningMean" | "runningVar">,
  moments: Tensor,
  momentum: number,
  count: number,
): void {
  if (runningMean === null || runningVar === null) return;
  noGrad(() => {
    assign(where, runningMean, (before) => advance(before, moments, { row: 0, momentum, scale: 1 }));
    assign(where, runningVar, (before) => advance(before, moments, { row: 1, momentum, scale: count / (count - 1) }));
  });
}

/**
 * Each channel of each image less its mean, over its standard deviation: {@link batchNorm} where every image is a batch of
 * its own.
 *
 * @param input         floating-point, [N, C, ...]
 * @param runningMean   [C]; null: none is kept. They receive the means over the images of what each would give
 * @param runningVar    [C]; null: none is kept
 * @param weight        [C]; null for ones
 * @param bias          [C]; null for zeros
 * @param useInputStats whether to normalise by the input's own statistics, else by the running ones. @defaultValue true
 * @param momentum      the weight of the new in the running statistics. @defaultValue 0.1
 * @param eps           @defaultValue 1e-5
 * @throws TensorError `invalid_shape` | `shape_mismatch` | `invalid_dtype` | `invalid_argument`
 * @see torch.nn.functional.instance_norm; Ulyanov, Vedaldi, Lempitsky (2016), Instance normalization
 */
export function instanceNorm(
  input: Tensor,
  runningMean: Tensor | null = null,
  runningVar: Tensor | null = null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  useInputStats = true,
  momentum = 0.1,
  eps = 1e-5,
): Tensor {
  const where = "instanceNorm";
  checkVectors(where, input, { runningMean, runningVar, weight, bias });
  if (!useInputStats) {
    if (runningMean === null) {
      fail("invalid_argument", where, "running statistics are needed unless the input's own are used", {});
    }
    return batchNorm(input, runningMean, runningVar, weight, bias, false, momentum, eps);
  }
  const [images, channels, ...spatial] = input.shape as [number, number, ...number[]];
  const count = sizeOf(spatial);
  if (count === 1) {
    const facts = { input: input.shape };
    fail("invalid_shape", where, "more than one value per channel and image is needed", facts);
  }
  if (input.numel() === 0) return untouched(input, weight, bias);
  if (runningMean !== null) {
    const each = channelMoments(reshape(input, [1, images * channels, count]));
    const moments = noGrad(() => mean(reshape(each, [2, images, channels]), 1));
    moveOn(where, { runningMean, runningVar }, moments, momentum, count);
  }
  const normal = reshape(layerNorm(reshape(input, [images * channels, count]), count, null, null, eps), input.shape);
  const scaled = weight === null ? normal : mul(normal, perChannel(weight, input));
  return bias === null ? scaled : add(scaled, perChannel(bias, input));
}

function checkVectors(where: string, input: Tensor, vectors: Vectors): void {
  const { runningMean, runningVar } = vectors;
  if (input.ndim < 2 && input.numel() > 0) {
    fail("invalid_shape", where, "the input must have the shape [N, C, ...]", { input: input.shape });
  }
  checkFloating(where, input);
  if ((runningMean === null) !== (runningVar === null)) {
    fail("invalid_argument", where, "running mean and running variance go together", {}, "pass both or neither");
  }
  const channels = input.shape[1] ?? 0;
  for (const [name, vector] of Object.entries(vectors) as [string, Tensor | null][]) {
    if (vector === null) continue;
    checkSameDType(where, { input, [name]: vector });
    if (vector.ndim !== 1 || vector.numel() !== channels) {
      const facts = { input: input.shape, [name]: vector.shape };
      fail("shape_mismatch", where, `${name} does not have one element for each channel`, facts);
    }
  }
}
