import type { DrawOptions, Tensor } from "@tapegrad/autograd";
import { fail, sizeOf } from "@tapegrad/tensor";
import { checkChoice, withDefaults } from "../options.ts";
import { drawing } from "./drawing.ts";
import { normal_, uniform_ } from "./simple.ts";

/** How a nonlinearity is called: by the name of its function. */
export type Nonlinearity =
  | ("linear" | "conv1d" | "conv2d" | "conv3d" | "convTranspose1d" | "convTranspose2d" | "convTranspose3d")
  | ("sigmoid" | "tanh" | "relu" | "leakyRelu" | "selu");

/** What the Kaiming initialisers take. */
export interface KaimingOptions extends DrawOptions {
  /** Negative slope of the leaky ReLU that follows. @defaultValue 0 */
  readonly a?: number;
  /** Whether variance is kept on the way forward or backward. @defaultValue "fanIn" */
  readonly mode?: "fanIn" | "fanOut";
  /** What follows the layer. @defaultValue "leakyRelu" */
  readonly nonlinearity?: Nonlinearity;
}

/** What the Xavier initialisers and {@link orthogonal_} take. */
export interface GainOptions extends DrawOptions {
  /** What the numbers are scaled by: see {@link calculateGain}. @defaultValue 1 */
  readonly gain?: number;
}

const gains: Readonly<Record<Nonlinearity, number>> = {
  linear: 1,
  conv1d: 1,
  conv2d: 1,
  conv3d: 1,
  convTranspose1d: 1,
  convTranspose2d: 1,
  convTranspose3d: 1,
  sigmoid: 1,
  tanh: 5 / 3,
  relu: Math.SQRT2,
  leakyRelu: Number.NaN, // depends on the slope
  selu: 3 / 4,
};

/**
 * The factor by which weights are scaled so that variance stays the same through a nonlinearity (torch.nn.init.calculate_gain).
 *
 * @param param the negative slope, for "leakyRelu". Default 0.01
 */
export function calculateGain(nonlinearity: Nonlinearity, param = 0.01): number {
  checkChoice("calculateGain", "nonlinearity", nonlinearity, Object.keys(gains) as Nonlinearity[]);
  return nonlinearity === "leakyRelu" ? Math.sqrt(2 / (1 + param ** 2)) : gains[nonlinearity];
}

const gainDefaults = { gain: 1, generator: undefined } as const;

/** Uniform numbers in ±gain·√(6 / (fanIn + fanOut)) (torch.nn.init.xavier_uniform_; Glorot & Bengio 2010). */
export function xavierUniform_<T extends Tensor>(tensor: T, options: GainOptions = {}): T {
  const { gain, generator } = withDefaults("xavierUniform_", options, gainDefaults);
  const { fanIn, fanOut } = fans("xavierUniform_", tensor);
  const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
  return uniform_(tensor, -bound, bound, drawing(generator));
}

/** Normal numbers of standard deviation gain·√(2 / (fanIn + fanOut)) (torch.nn.init.xavier_normal_; Glorot & Bengio 2010). */
export function xavierNormal_<T extends Tensor>(tensor: T, options: GainOptions = {}): T {
  const { gain, generator } = withDefaults("xavierNormal_", options, gainDefaults);
  const { fanIn, fanOut } = fans("xavierNormal_", tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), drawing(generator));
}

/** Uniform numbers in ±gain·√(3 / fan) (torch.nn.init.kaiming_uniform_; He et al. 2015). Empty tensors stay as they are. */
export function kaimingUniform_<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  if (tensor.numel() === 0) return tensor;
  const bound = Math.sqrt(3) * kaimingStd("kaimingUniform_", tensor, options);
  return uniform_(tensor, -bound, bound, drawing(options.generator));
}

/** Normal numbers of standard deviation gain / √fan (torch.nn.init.kaiming_normal_; He et al. 2015). Empty tensors stay as they are. */
export function kaimingNormal_<T extends Tensor>(tensor: T, options: KaimingOptions = {}): T {
  if (tensor.numel() === 0) return tensor;
  return normal_(tensor, 0, kaimingStd("kaimingNormal_", tensor, options), drawing(options.generator));
}

function kaimingStd(where: string, tensor: Tensor, options: KaimingOptions): number {
  const { a, mode, nonlinearity } = withDefaults(where, options, {
    a: 0,
    mode: "fanIn",
    nonlinearity: "leakyRelu",
    generator: undefined,
  });
  checkChoice(where, "mode", mode, ["fanIn", "fanOut"]);
  return calculateGain(nonlinearity, a) / Math.sqrt(fans(where, tensor)[mode]);
}

/** How many numbers an output is made of, and in how many outputs an input has a part. */
export function fans(where: string, tensor: Tensor): { fanIn: number; fanOut: number } {
  const { shape } = tensor;
  if (shape.length < 2) {
    fail("invalid_shape", where, "fan in and fan out need at least 2 dimensions", { shape });
  }
  const field = sizeOf(shape.slice(2));
  return { fanIn: shape[1]! * field, fanOut: shape[0]! * field };
}
