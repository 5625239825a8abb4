import { type AvgPool1dOptions, type AvgPool2dOptions, avgPool1d, avgPool2d, type Tensor } from "@tapegrad/autograd";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";
import { python } from "../python.ts";
import { type Size1, type Size2, sizesOf } from "./sizes.ts";

/** The mean of each window of signals [N, C, L] or [C, L] (torch.nn.AvgPool1d). */
export class AvgPool1d extends Module {
  static override readonly name: string = "AvgPool1d";
  readonly kernelSize: readonly [number];
  readonly stride: readonly [number];
  readonly padding: readonly [number];
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;

  constructor(kernelSize: Size1, options: AvgPool1dOptions = {}) {
    super();
    const where = "AvgPool1d";
    const defaults = { stride: null, padding: 0, ceilMode: false, countIncludePad: true } as const;
    const { stride, padding, ceilMode, countIncludePad } = withDefaults(where, options, defaults);
    this.kernelSize = [sizesOf(where, "kernelSize", kernelSize, 1, 1)[0]!];
    this.stride = [sizesOf(where, "stride", stride ?? kernelSize, 1, 1)[0]!];
    this.padding = [sizesOf(where, "padding", padding, 1, 0)[0]!];
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  override forward(input: Tensor): Tensor {
    const { stride, padding, ceilMode, countIncludePad } = this;
    return avgPool1d(input, this.kernelSize, { stride, padding, ceilMode, countIncludePad });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${python(kernelSize)}, stride=${python(stride)}, padding=${python(padding)}`;
  }
}

/** The mean of each window of images [N, C, H, W] or [C, H, W] (torch.nn.AvgPool2d). */
export class AvgPool2d extends Module {
  static override readonly name: string = "AvgPool2d";
  readonly kernelSize: Size2;
  readonly stride: Size2;
  readonly padding: Size2;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(kernelSize: Size2, options: AvgPool2dOptions = {}) {
    super();
    const { stride, padding, ceilMode, countIncludePad, divisorOverride } = withDefaults("AvgPool2d", options, {
      stride: null,
      padding: 0,
      ceilMode: false,
      countIncludePad: true,
      divisorOverride: null,
    });
    const check = (name: string, value: number | readonly number[], least: number): Size2 => {
      sizesOf("AvgPool2d", name, value, 2, least);
      return value as Size2;
    };
    this.kernelSize = check("kernelSize", kernelSize, 1);
    this.stride = check("stride", stride ?? kernelSize, 1);
    this.padding = check("padding", padding, 0);
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride;
  }

  override forward(input: Tensor): Tensor {
    const { stride, padding, ceilMode, countIncludePad, divisorOverride } = this;
    return avgPool2d(input, this.kernelSize, { stride, padding, ceilMode, countIncludePad, divisorOverride });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return `kernel_size=${python(kernelSize)}, stride=${python(stride)}, padding=${python(padding)}`;
  }
}
