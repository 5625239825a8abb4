import { bilinear, type DrawOptions, empty, linear, type Tensor } from "@tapegrad/autograd";
import type { DType } from "@tapegrad/tensor";
import { drawing } from "../init/drawing.ts";
import { uniform_ } from "../init/simple.ts";
import { Module } from "../module.ts";
import { checkCount, withDefaults } from "../options.ts";
import { Parameter } from "../parameter.ts";
import { python } from "../python.ts";
import { initialise } from "./initialise.ts";

/** Options of {@link Linear} and {@link Bilinear}. */
export interface LinearOptions extends DrawOptions {
  /** Whether a learned bias is added. @defaultValue true */
  readonly bias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

const defaults = { bias: true, dtype: "float32", generator: undefined } as const;

/**
 * x·Wᵀ + b (torch.nn.Linear).
 *
 * Input [..., inFeatures], output [..., outFeatures]; weight [outFeatures, inFeatures], bias [outFeatures], both drawn
 * uniformly from ±1/√inFeatures.
 */
export class Linear extends Module {
  static override readonly name: string = "Linear";
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    const { bias, dtype, generator } = withDefaults("Linear", options, defaults);
    this.inFeatures = checkCount("Linear", "inFeatures", inFeatures);
    this.outFeatures = checkCount("Linear", "outFeatures", outFeatures);
    this.weight = new Parameter(empty([outFeatures, inFeatures], { dtype }));
    this.bias = bias ? new Parameter(empty([outFeatures], { dtype })) : null;
    this.resetParameters(drawing(generator));
  }

  /** Draws the weight and then the bias anew. */
  resetParameters(options: DrawOptions = {}): void {
    initialise("Linear", this.weight, this.bias, options);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures, bias } = this;
    return `in_features=${inFeatures}, out_features=${outFeatures}, bias=${python(bias !== null)}`;
  }
}

/**
 * x₁ᵀ·Wₖ·x₂ + bₖ for each output k (torch.nn.Bilinear).
 *
 * Inputs [..., in1Features] and [..., in2Features], output [..., outFeatures]; weight [outFeatures, in1Features, in2Features].
 */
export class Bilinear extends Module<[input1: Tensor, input2: Tensor]> {
  static override readonly name: string = "Bilinear";
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, options: LinearOptions = {}) {
    super();
    const { bias, dtype, generator } = withDefaults("Bilinear", options, defaults);
    this.in1Features = checkCount("Bilinear", "in1Features", in1Features, 1);
    this.in2Features = checkCount("Bilinear", "in2Features", in2Features);
    this.outFeatures = checkCount("Bilinear", "outFeatures", outFeatures);
    this.weight = new Parameter(empty([outFeatures, in1Features, in2Features], { dtype }));
    this.bias = bias ? new Parameter(empty([outFeatures], { dtype })) : null;
    this.resetParameters(drawing(generator));
  }

  /** Draws the weight and then the bias anew, uniformly from ±1/√in1Features. */
  resetParameters(options: DrawOptions = {}): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound, options);
    if (this.bias !== null) uniform_(this.bias, -bound, bound, options);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return [
      `in1_features=${in1Features}`,
      `in2_features=${in2Features}`,
      `out_features=${outFeatures}`,
      `bias=${python(bias !== null)}`,
    ].join(", ");
  }
}

/** Gives back what it is given (torch.nn.Identity). Arguments to the constructor are ignored, as in torch. */
export class Identity extends Module {
  static override readonly name: string = "Identity";
  constructor(..._ignored: readonly unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}
