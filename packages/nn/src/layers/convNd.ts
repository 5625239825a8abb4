import { type DrawOptions, empty, pad, type Tensor } from "@tapegrad/autograd";
import { type DType, fail } from "@tapegrad/tensor";
import { drawing } from "../init/drawing.ts";
import { Module } from "../module.ts";
import { checkChoice, checkCount } from "../options.ts";
import { Parameter } from "../parameter.ts";
import { python } from "../python.ts";
import { initialise } from "./initialise.ts";
import { sizesOf } from "./sizes.ts";

/** What stands in the border of a padded input. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** Options that all convolutions share. */
export interface ConvNdOptions extends DrawOptions {
  /** Into how many independent parts the channels fall. @defaultValue 1 */
  readonly groups?: number;
  /** Whether a learned bias is added to each output channel. @defaultValue true */
  readonly bias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/** Everything that describes a convolution. */
export interface ConvSettings {
  readonly kernelSize: number | readonly number[];
  readonly stride: number | readonly number[];
  readonly padding: number | readonly number[] | "same" | "valid";
  readonly dilation: number | readonly number[];
  readonly outputPadding: number | readonly number[];
  readonly groups: number;
  readonly bias: boolean;
  readonly paddingMode: PaddingMode;
  readonly dtype: DType;
  readonly generator: DrawOptions["generator"];
}

/** What convolutions of any number of dimensions have in common. */
export abstract class ConvNd extends Module {
  static override readonly name: string = "ConvNd";
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "same" | "valid";
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  /**
   * @param dimensions how many dimensions are convolved
   * @param transposed whether the weight is [in, out / groups, ...kernel] instead of [out, in / groups, ...kernel]
   */
  constructor(
    dimensions: number,
    transposed: boolean,
    inChannels: number,
    outChannels: number,
    settings: ConvSettings,
  ) {
    super();
    const where = new.target.name;
    const { padding, groups, dtype, generator } = settings;
    const sizes = (name: "kernelSize" | "stride" | "dilation" | "outputPadding", least: number): number[] =>
      sizesOf(where, name, settings[name], dimensions, least);
    this.inChannels = checkCount(where, "inChannels", inChannels);
    this.outChannels = checkCount(where, "outChannels", outChannels);
    this.kernelSize = sizes("kernelSize", 1);
    this.stride = sizes("stride", 1);
    this.padding =
      typeof padding === "string"
        ? checkChoice<"same" | "valid">(where, "padding", padding, ["same", "valid"])
        : sizesOf(where, "padding", padding, dimensions, 0);
    this.dilation = sizes("dilation", 1);
    this.outputPadding = sizes("outputPadding", 0);
    this.groups = checkCount(where, "groups", groups, 1);
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      fail("invalid_option", where, "groups must divide both numbers of channels", { groups, inChannels, outChannels });
    }
    if (padding === "same" && this.stride.some((step) => step !== 1)) {
      fail("invalid_option", where, 'padding "same" needs a stride of 1', { stride: this.stride });
    }
    const modes = ["zeros", "reflect", "replicate", "circular"] as const;
    this.paddingMode = checkChoice(where, "paddingMode", settings.paddingMode, transposed ? ["zeros"] : modes);
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = new Parameter(empty([...channels, ...this.kernelSize], { dtype }));
    this.bias = settings.bias ? new Parameter(empty([outChannels], { dtype })) : null;
    this.resetParameters(drawing(generator));
  }

  /** Draws the weight and then the bias anew, both uniformly from ±1/√(number of inputs of one output). */
  resetParameters(options: DrawOptions = {}): void {
    initialise(this.constructor.name, this.weight, this.bias, options);
  }

  /** Whether the border is not of zeros, which the convolution itself adds. */
  protected get bordered(): boolean {
    return this.paddingMode !== "zeros";
  }

  /** The input with the border that `paddingMode` asks for. */
  protected withBorder(input: Tensor): Tensor {
    const border: number[] = [];
    for (let d = this.kernelSize.length - 1; d >= 0; d--) border.push(...this.#borderOf(d));
    return pad(input, border, { mode: this.paddingMode as Exclude<PaddingMode, "zeros"> });
  }

  #borderOf(d: number): [before: number, after: number] {
    const { padding } = this;
    if (typeof padding !== "string") return [padding[d]!, padding[d]!];
    const total = padding === "same" ? this.dilation[d]! * (this.kernelSize[d]! - 1) : 0;
    const before = Math.floor(total / 2);
    return [before, total - before];
  }

  override extraRepr(): string {
    const { inChannels, outChannels, padding, dilation, outputPadding, groups } = this;
    const parts = [`${inChannels}, ${outChannels}`];
    parts.push(`kernel_size=${python(this.kernelSize)}`, `stride=${python(this.stride)}`);
    if (typeof padding === "string") parts.push(`padding=${padding}`);
    else if (padding.some((n) => n !== 0)) parts.push(`padding=${python(padding)}`);
    if (dilation.some((n) => n !== 1)) parts.push(`dilation=${python(dilation)}`);
    if (outputPadding.some((n) => n !== 0)) parts.push(`output_padding=${python(outputPadding)}`);
    if (groups !== 1) parts.push(`groups=${groups}`);
    if (this.bias === null) parts.push("bias=False");
    if (this.bordered) parts.push(`padding_mode=${this.paddingMode}`);
    return parts.join(", ");
  }
}
