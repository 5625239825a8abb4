import { conv1d, conv2d, type Tensor } from "@tapegrad/autograd";
import { withDefaults } from "../options.ts";
import { ConvNd, type ConvNdOptions, type PaddingMode } from "./convNd.ts";
import type { Size1, Size2 } from "./sizes.ts";

/** Options of {@link Conv1d}. */
export interface Conv1dLayerOptions extends ConvNdOptions {
  /** Input elements from one window to the next. @defaultValue 1 */
  readonly stride?: Size1;
  /** Elements added on each side; "same": so many that the result has the size of the input; "valid": none. @defaultValue 0 */
  readonly padding?: Size1 | "same" | "valid";
  /** Input elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Size1;
  /** What the added elements are. @defaultValue "zeros" */
  readonly paddingMode?: PaddingMode;
}

/** Options of {@link Conv2d}. */
export interface Conv2dLayerOptions extends ConvNdOptions {
  /** Input elements from one window to the next. @defaultValue 1 */
  readonly stride?: Size2;
  /** Elements added on each side; "same": so many that the result has the size of the input; "valid": none. @defaultValue 0 */
  readonly padding?: Size2 | "same" | "valid";
  /** Input elements from one element of a window to the next. @defaultValue 1 */
  readonly dilation?: Size2;
  /** What the added elements are. @defaultValue "zeros" */
  readonly paddingMode?: PaddingMode;
}

const defaults = {
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  paddingMode: "zeros",
  dtype: "float32",
  generator: undefined,
} as const;

/**
 * Convolution of signals (torch.nn.Conv1d).
 *
 * Input [N, C, L] or [C, L], output [N, O, L'] or [O, L'], L' = ⌊(L + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1;
 * weight [O, C / groups, kernel], bias [O].
 */
export class Conv1d extends ConvNd {
  static override readonly name: string = "Conv1d";
  constructor(inChannels: number, outChannels: number, kernelSize: Size1, options: Conv1dLayerOptions = {}) {
    const settings = withDefaults("Conv1d", options, defaults);
    super(1, false, inChannels, outChannels, { ...settings, kernelSize, outputPadding: 0 });
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, groups, padding } = this;
    const options = { stride: this.stride as Size1, dilation: this.dilation as Size1, groups };
    if (this.bordered) return conv1d(this.withBorder(input), weight, bias, options);
    return conv1d(input, weight, bias, { ...options, padding: padding as Size1 | "same" | "valid" });
  }
}

/**
 * Convolution of images (torch.nn.Conv2d).
 *
 * Input [N, C, H, W] or [C, H, W], output [N, O, H', W'] or [O, H', W'], H' = ⌊(H + 2·padding − dilation·(kernel − 1) − 1) /
 * stride⌋ + 1 and W' likewise; weight [O, C / groups, kernel height, kernel width], bias [O].
 */
export class Conv2d extends ConvNd {
  static override readonly name: string = "Conv2d";
  constructor(inChannels: number, outChannels: number, kernelSize: Size2, options: Conv2dLayerOptions = {}) {
    const settings = withDefaults("Conv2d", options, defaults);
    super(2, false, inChannels, outChannels, { ...settings, kernelSize, outputPadding: 0 });
  }

  override forward(input: Tensor): Tensor {
    const { weight, bias, groups, padding } = this;
    const options = { stride: this.stride as Size2, dilation: this.dilation as Size2, groups };
    if (this.bordered) return conv2d(this.withBorder(input), weight, bias, options);
    return conv2d(input, weight, bias, { ...options, padding: padding as Size2 | "same" | "valid" });
  }
}
