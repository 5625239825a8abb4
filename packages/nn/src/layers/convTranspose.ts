import { convTranspose1d, convTranspose2d, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { ConvNd, type ConvNdOptions } from "./convNd.ts";
import type { Size1, Size2 } from "./sizes.ts";

/** Options of {@link ConvTranspose1d}. */
export interface ConvTranspose1dLayerOptions extends ConvNdOptions {
  /** Output elements from one window to the next. @defaultValue 1 */
  readonly stride?: Size1;
  /** What is cut from each side of the result. @defaultValue 0 */
  readonly padding?: Size1;
  /** Elements added at the end of the result, fewer than the stride or the dilation. @defaultValue 0 */
  readonly outputPadding?: Size1;
  /** Output elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Size1;
  /** Only zeros. @defaultValue "zeros" */
  readonly paddingMode?: "zeros";
}

/** Options of {@link ConvTranspose2d}. */
export interface ConvTranspose2dLayerOptions extends ConvNdOptions {
  /** Output elements from one window to the next. @defaultValue 1 */
  readonly stride?: Size2;
  /** What is cut from each side of the result. @defaultValue 0 */
  readonly padding?: Size2;
  /** Elements added at the end of the result, fewer than the stride or the dilation. @defaultValue 0 */
  readonly outputPadding?: Size2;
  /** Output elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Size2;
  /** Only zeros. @defaultValue "zeros" */
  readonly paddingMode?: "zeros";
}

const defaults = {
  stride: 1,
  padding: 0,
  outputPadding: 0,
  groups: 1,
  bias: true,
  dilation: 1,
  paddingMode: "zeros",
  dtype: "float32",
  generator: undefined,
} as const;

/** A convolution the other way: the gradient of one with respect to its input. */
abstract class ConvTransposeNd extends ConvNd {
  /** The output padding that gives the wanted size, or the layer's own where none is wanted. */
  protected paddingFor(input: Tensor, outputSize: readonly number[] | undefined): readonly number[] {
    if (outputSize === undefined) return this.outputPadding;
    const { stride, dilation, kernelSize } = this;
    const padding = this.padding as readonly number[];
    const spatial = input.shape.slice(-kernelSize.length);
    const least = spatial.map(
      (size, d) => (size - 1) * stride[d]! - 2 * padding[d]! + dilation[d]! * (kernelSize[d]! - 1) + 1,
    );
    const wanted = outputSize.slice(-kernelSize.length);
    const extra = wanted.map((size, d) => size - least[d]!);
    if (wanted.length !== kernelSize.length || extra.some((n, d) => n < 0 || n >= stride[d]!)) {
      const most = least.map((n, d) => n + stride[d]! - 1);
      fail("invalid_argument", this.constructor.name, "no output of this size", { outputSize, least, most });
    }
    return extra;
  }
}

/**
 * Transposed convolution of signals (torch.nn.ConvTranspose1d).
 *
 * Input [N, C, L] or [C, L], output [N, O, L'] or [O, L'], L' = (L − 1)·stride − 2·padding + dilation·(kernel − 1) +
 * outputPadding + 1; weight [C, O / groups, kernel], bias [O].
 */
export class ConvTranspose1d extends ConvTransposeNd {
  static override readonly name: string = "ConvTranspose1d";
  constructor(inChannels: number, outChannels: number, kernelSize: Size1, options: ConvTranspose1dLayerOptions = {}) {
    const settings = withDefaults("ConvTranspose1d", options, defaults);
    super(1, true, inChannels, outChannels, { ...settings, kernelSize });
  }

  /** @param outputSize the length of the result, where several are possible */
  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    return convTranspose1d(input, this.weight, this.bias, {
      stride: this.stride as Size1,
      padding: this.padding as Size1,
      outputPadding: this.paddingFor(input, outputSize) as Size1,
      groups: this.groups,
      dilation: this.dilation as Size1,
    });
  }
}

/**
 * Transposed convolution of images (torch.nn.ConvTranspose2d).
 *
 * Input [N, C, H, W] or [C, H, W], output [N, O, H', W'] or [O, H', W'], H' = (H − 1)·stride − 2·padding +
 * dilation·(kernel − 1) + outputPadding + 1 and W' likewise; weight [C, O / groups, kernel height, kernel width], bias [O].
 */
export class ConvTranspose2d extends ConvTransposeNd {
  static override readonly name: string = "ConvTranspose2d";
  constructor(inChannels: number, outChannels: number, kernelSize: Size2, options: ConvTranspose2dLayerOptions = {}) {
    const settings = withDefaults("ConvTranspose2d", options, defaults);
    super(2, true, inChannels, outChannels, { ...settings, kernelSize });
  }

  /** @param outputSize height and width of the result, where several are possible */
  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    return convTranspose2d(input, this.weight, this.bias, {
      stride: this.stride as Size2,
      padding: this.padding as Size2,
      outputPadding: this.paddingFor(input, outputSize) as Size2,
      groups: this.groups,
      dilation: this.dilation as Size2,
    });
  }
}
