import { fail, type Shape } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { add, div, mul } from "./arithmetic.ts";
import { perChannel } from "./channelNorm.ts";
import { clampMin } from "./choose.ts";
import { checkSameDType } from "./indexShapes.ts";
import { checkFloating, checkNormalized, layerNorm } from "./layerNorm.ts";
import { rsqrt } from "./pointwise.ts";
import { type Dims, mean } from "./reduce.ts";
import { reshape } from "./shape.ts";
import { norm } from "./statistics.ts";

export { batchNorm, instanceNorm } from "./batchNorm.ts";
export { layerNorm } from "./layerNorm.ts";

/**
 * Groups of channels of each image less their mean, over their standard deviation, times a weight and plus a bias for each
 * channel.
 *
 * @param input     floating-point, [N, C, ...]
 * @param numGroups how many groups; it divides C
 * @param weight    [C]; null for ones
 * @param bias      [C]; null for zeros
 * @param eps       @defaultValue 1e-5
 * @throws TensorError `invalid_shape` | `shape_mismatch` | `invalid_dtype` | `invalid_argument`
 * @see torch.nn.functional.group_norm; Wu, He (2018), Group normalization
 */
export function groupNorm(
  input: Tensor,
  numGroups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  const where = "groupNorm";
  if (input.ndim < 2) fail("invalid_shape", where, "the input must have the shape [N, C, ...]", { input: input.shape });
  checkFloating(where, input);
  const [images, channels] = input.shape as [number, number];
  if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
    const facts = { input: input.shape, numGroups };
    fail("invalid_argument", where, "the number of groups must divide the number of channels", facts);
  }
  for (const [name, vector] of Object.entries({ weight, bias })) {
    if (vector === null) continue;
    checkSameDType(where, { input, [name]: vector });
    if (vector.ndim !== 1 || vector.numel() !== channels) {
      const facts = { input: input.shape, [name]: vector.shape };
      fail("shape_mismatch", where, `the ${name} does not have one element for each channel`, facts);
    }
  }
  const groups = images * numGroups;
  const size = groups === 0 ? 0 : input.numel() / groups;
  if (images * size === 1) {
    fail("invalid_shape", where, "more than one value per group is needed", { input: input.shape, numGroups });
  }
  const normal = reshape(layerNorm(reshape(input, [groups, size]), size, null, null, eps), input.shape);
  const scaled = weight === null ? normal : mul(normal, perChannel(weight, input));
  return bias === null ? scaled : add(scaled, perChannel(bias, input));
}

/** The distance from 1 to the next number. */
const EPSILON = { float32: 2 ** -23, float64: 2 ** -52 } as const;

/**
 * The last dimensions over their root mean square: x / √(mean(x²) + eps) · weight.
 *
 * @param input           floating-point, [..., normalizedShape]
 * @param normalizedShape the sizes of the dimensions that are normalised together; a number for one dimension
 * @param weight          of shape `normalizedShape`; null for ones
 * @param eps             null: the distance from 1 to the next number of the dtype. @defaultValue null
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.nn.functional.rms_norm; Zhang, Sennrich (2019), Root mean square layer normalization
 */
export function rmsNorm(
  input: Tensor,
  normalizedShape: number | Shape,
  weight: Tensor | null = null,
  eps: number | null = null,
): Tensor {
  const count = checkNormalized("rmsNorm", input, normalizedShape, { weight });
  const dims = Array.from({ length: count }, (_, i) => i - count);
  const floor = eps ?? EPSILON[input.dtype as keyof typeof EPSILON];
  const scaled = mul(input, rsqrt(add(mean(mul(input, input), dims, { keepdim: true }), floor)));
  return weight === null ? scaled : mul(scaled, weight);
}

/** How {@link normalize} measures. */
export interface NormalizeOptions {
  /** The order of the norm. @defaultValue 2 */
  readonly p?: number;
  /** The dimensions along which vectors lie. @defaultValue 1 */
  readonly dim?: Dims;
  /** What a smaller norm is replaced by. @defaultValue 1e-12 */
  readonly eps?: number;
}

/**
 * Vectors over their length: x / max(‖x‖ₚ, eps).
 *
 * @throws TensorError `invalid_dim` | `invalid_dtype`
 * @see torch.nn.functional.normalize
 */
export function normalize(input: Tensor, { p = 2, dim = 1, eps = 1e-12 }: NormalizeOptions = {}): Tensor {
  return div(input, clampMin(norm(input, p, dim, { keepdim: true }), eps));
}
