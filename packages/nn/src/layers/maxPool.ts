import {
  type MaxPool1dOptions,
  type MaxPool2dOptions,
  maxPool1d,
  maxPool2d,
  type Tensor,
  type ValuesAndIndices,
} from "@tapegrad/autograd";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";
import { python } from "../python.ts";
import { type Size1, type Size2, sizesOf } from "./sizes.ts";

/** What a max pooling gives: the largest elements, with their places if `R` is true. */
export type MaxPooled<R extends boolean> = R extends true ? ValuesAndIndices : Tensor;

/** An option of the max poolings. */
export interface IndicesOption<R extends boolean> {
  /** Whether to say where the largest elements are too: the result is then { values, indices }. @defaultValue false */
  readonly returnIndices?: R;
}

/** Options of {@link MaxPool1d}. */
export type MaxPool1dLayerOptions<R extends boolean> = Omit<MaxPool1dOptions, "returnIndices"> & IndicesOption<R>;

/** Options of {@link MaxPool2d}. */
export type MaxPool2dLayerOptions<R extends boolean> = Omit<MaxPool2dOptions, "returnIndices"> & IndicesOption<R>;

interface Settings<Size> {
  readonly stride: Size | null;
  readonly padding: Size;
  readonly dilation: Size;
  readonly ceilMode: boolean;
  readonly returnIndices: boolean;
}

const defaults = { stride: null, padding: 0, dilation: 1, ceilMode: false, returnIndices: false } as const;

/** A max pooling of any number of dimensions. */
abstract class MaxPool<Size extends number | readonly number[], R extends boolean> extends Module<
  [input: Tensor],
  MaxPooled<R>
> {
  readonly kernelSize: Size;
  readonly stride: Size;
  readonly padding: Size;
  readonly dilation: Size;
  readonly ceilMode: boolean;
  readonly returnIndices: boolean;

  constructor(dimensions: number, kernelSize: Size, settings: Settings<Size>) {
    super();
    const check = (name: string, value: Size, least: number): Size => {
      sizesOf(new.target.name, name, value, dimensions, least);
      return value;
    };
    this.kernelSize = check("kernelSize", kernelSize, 1);
    this.stride = check("stride", settings.stride ?? kernelSize, 1);
    this.padding = check("padding", settings.padding, 0);
    this.dilation = check("dilation", settings.dilation, 1);
    this.ceilMode = settings.ceilMode;
    this.returnIndices = settings.returnIndices;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return [
      `kernel_size=${python(kernelSize)}`,
      `stride=${python(stride)}`,
      `padding=${python(padding)}`,
      `dilation=${python(dilation)}`,
      `ceil_mode=${python(ceilMode)}`,
    ].join(", ");
  }
}

/** The largest element of each window of signals [N, C, L] or [C, L] (torch.nn.MaxPool1d). */
export class MaxPool1d<R extends boolean = false> extends MaxPool<Size1, R> {
  static override readonly name: string = "MaxPool1d";
  constructor(kernelSize: Size1, options: MaxPool1dLayerOptions<R> = {}) {
    super(1, kernelSize, withDefaults<MaxPool1dLayerOptions<boolean>, typeof defaults>("MaxPool1d", options, defaults));
  }

  override forward(input: Tensor): MaxPooled<R> {
    const { stride, padding, dilation, ceilMode, kernelSize } = this;
    const windows = { stride, padding, dilation, ceilMode };
    const indexed = this.returnIndices;
    const pooled = indexed
      ? maxPool1d(input, kernelSize, { ...windows, returnIndices: true })
      : maxPool1d(input, kernelSize, windows);
    return pooled as MaxPooled<R>;
  }
}

/** The largest element of each window of images [N, C, H, W] or [C, H, W] (torch.nn.MaxPool2d). */
export class MaxPool2d<R extends boolean = false> extends MaxPool<Size2, R> {
  static override readonly name: string = "MaxPool2d";
  constructor(kernelSize: Size2, options: MaxPool2dLayerOptions<R> = {}) {
    const settings = withDefaults<MaxPool2dLayerOptions<boolean>, typeof defaults>("MaxPool2d", options, defaults);
    super(2, kernelSize, settings as Settings<Size2>);
  }

  override forward(input: Tensor): MaxPooled<R> {
    const { stride, padding, dilation, ceilMode, kernelSize } = this;
    const windows = { stride, padding, dilation, ceilMode };
    const indexed = this.returnIndices;
    const pooled = indexed
      ? maxPool2d(input, kernelSize, { ...windows, returnIndices: true })
      : maxPool2d(input, kernelSize, windows);
    return pooled as MaxPooled<R>;
  }
}
