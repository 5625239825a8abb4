import {
  type AdaptiveSize,
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool2d,
  type Tensor,
} from "@tapegrad/autograd";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";
import { python } from "../python.ts";
import type { IndicesOption, MaxPooled } from "./maxPool.ts";
import type { Size1 } from "./sizes.ts";

/** Means of as many windows as the result is to have: signals [N, C, L] or [C, L] (torch.nn.AdaptiveAvgPool1d). */
export class AdaptiveAvgPool1d extends Module {
  static override readonly name: string = "AdaptiveAvgPool1d";
  readonly outputSize: Size1;

  constructor(outputSize: Size1) {
    super();
    this.outputSize = outputSize;
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool1d(input, this.outputSize);
  }

  override extraRepr(): string {
    return `output_size=${python(this.outputSize)}`;
  }
}

/** Means of as many windows as the result is to have: images [N, C, H, W] or [C, H, W] (torch.nn.AdaptiveAvgPool2d). */
export class AdaptiveAvgPool2d extends Module {
  static override readonly name: string = "AdaptiveAvgPool2d";
  /** Height and width of the result; null keeps that of the input. */
  readonly outputSize: AdaptiveSize | number | null;

  constructor(outputSize: AdaptiveSize | number | null) {
    super();
    this.outputSize = outputSize;
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool2d(input, this.outputSize);
  }

  override extraRepr(): string {
    return `output_size=${python(this.outputSize)}`;
  }
}

/** Largest elements of as many windows as the result is to have: images [N, C, H, W] or [C, H, W] (torch.nn.AdaptiveMaxPool2d). */
export class AdaptiveMaxPool2d<R extends boolean = false> extends Module<[input: Tensor], MaxPooled<R>> {
  static override readonly name: string = "AdaptiveMaxPool2d";
  /** Height and width of the result; null keeps that of the input. */
  readonly outputSize: AdaptiveSize | number | null;
  readonly returnIndices: boolean;

  constructor(outputSize: AdaptiveSize | number | null, options: IndicesOption<R> = {}) {
    super();
    this.outputSize = outputSize;
    const defaults = { returnIndices: false } as const;
    const settings = withDefaults<IndicesOption<boolean>, typeof defaults>("AdaptiveMaxPool2d", options, defaults);
    this.returnIndices = settings.returnIndices;
  }

  override forward(input: Tensor): MaxPooled<R> {
    const { outputSize } = this;
    const pooled = this.returnIndices
      ? adaptiveMaxPool2d(input, outputSize, { returnIndices: true })
      : adaptiveMaxPool2d(input, outputSize);
    return pooled as MaxPooled<R>;
  }

  override extraRepr(): string {
    return `output_size=${python(this.outputSize)}`;
  }
}
