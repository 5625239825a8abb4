import { groupNorm, layerNorm, noGrad, ones, rmsNorm, type Tensor, zeros } from "@tapegrad/autograd";
import { checkShape, type DType, fail, type Shape } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import { checkCount, withDefaults } from "../options.ts";
import { Parameter } from "../parameter.ts";
import { python, pythonFloat } from "../python.ts";

/** Options of {@link LayerNorm}. */
export interface LayerNormOptions {
  /** Added to the variance, against division by zero. @defaultValue 1e-5 */
  readonly eps?: number;
  /** Whether there are a learned weight and bias for each element. @defaultValue true */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a bias beside the weight. @defaultValue true */
  readonly bias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/**
 * The last dimensions less their mean, over their standard deviation, times a weight, plus a bias (torch.nn.LayerNorm; Ba et
 * al. 2016).
 *
 * Input and output [..., normalizedShape].
 */
export class LayerNorm extends Module {
  static override readonly name: string = "LayerNorm";
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  /** @param normalizedShape the sizes of the last dimensions; a number for one dimension */
  constructor(normalizedShape: number | Shape, options: LayerNormOptions = {}) {
    super();
    const { eps, elementwiseAffine, bias, dtype } = withDefaults("LayerNorm", options, {
      eps: 1e-5,
      elementwiseAffine: true,
      bias: true,
      dtype: "float32",
    });
    const shape = readShape("LayerNorm", normalizedShape);
    this.normalizedShape = shape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(shape, { dtype })) : null;
    this.bias = elementwiseAffine && bias ? new Parameter(zeros(shape, { dtype })) : null;
  }

  /** Sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    reset(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine, bias } = this;
    const affine = `elementwise_affine=${python(elementwiseAffine)}, bias=${python(bias !== null)}`;
    return `${python(normalizedShape)}, eps=${pythonFloat(eps)}, ${affine}`;
  }
}

/** Options of {@link RMSNorm}. */
export interface RMSNormOptions {
  /** Added to the mean of the squares; null: the smallest step above 1 of the dtype. @defaultValue null */
  readonly eps?: number | null;
  /** Whether there is a learned weight for each element. @defaultValue true */
  readonly elementwiseAffine?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/** The last dimensions over the root of the mean of their squares, times a weight (torch.nn.RMSNorm; Zhang & Sennrich 2019). */
export class RMSNorm extends Module {
  static override readonly name: string = "RMSNorm";
  readonly normalizedShape: Shape;
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  weight: Parameter | null;

  /** @param normalizedShape the sizes of the last dimensions; a number for one dimension */
  constructor(normalizedShape: number | Shape, options: RMSNormOptions = {}) {
    super();
    const { eps, elementwiseAffine, dtype } = withDefaults("RMSNorm", options, {
      eps: null,
      elementwiseAffine: true,
      dtype: "float32",
    });
    const shape = readShape("RMSNorm", normalizedShape);
    this.normalizedShape = shape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? new Parameter(ones(shape, { dtype })) : null;
  }

  /** Sets the weight to 1. */
  resetParameters(): void {
    reset(this.weight, null);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `${python(normalizedShape)}, eps=${pythonFloat(eps)}, elementwise_affine=${python(elementwiseAffine)}`;
  }
}

/** Options of {@link GroupNorm}. */
export interface GroupNormOptions {
  /** Added to the variance, against division by zero. @defaultValue 1e-5 */
  readonly eps?: number;
  /** Whether there are a learned weight and bias for each channel. @defaultValue true */
  readonly affine?: boolean;
  /** Whether there is a bias beside the weight. @defaultValue true */
  readonly bias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

/**
 * Groups of channels less their mean, over their standard deviation, times a weight, plus a bias (torch.nn.GroupNorm; Wu & He
 * 2018).
 *
 * Input and output [N, C, ...].
 */
export class GroupNorm extends Module {
  static override readonly name: string = "GroupNorm";
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(numGroups: number, numChannels: number, options: GroupNormOptions = {}) {
    super();
    const { eps, affine, bias, dtype } = withDefaults("GroupNorm", options, {
      eps: 1e-5,
      affine: true,
      bias: true,
      dtype: "float32",
    });
    this.numGroups = checkCount("GroupNorm", "numGroups", numGroups, 1);
    this.numChannels = checkCount("GroupNorm", "numChannels", numChannels);
    if (numChannels % numGroups !== 0) {
      fail("invalid_argument", "GroupNorm", "the groups must divide the channels", { numGroups, numChannels });
    }
    this.eps = eps;
    this.affine = affine;
    this.weight = affine ? new Parameter(ones([numChannels], { dtype })) : null;
    this.bias = affine && bias ? new Parameter(zeros([numChannels], { dtype })) : null;
  }

  /** Sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    reset(this.weight, this.bias);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const { numGroups, numChannels, eps, affine, bias } = this;
    const settings = `affine=${python(affine)}, bias=${python(bias !== null)}`;
    return `${numGroups}, ${numChannels}, eps=${pythonFloat(eps)}, ${settings}`;
  }
}

function readShape(where: string, normalizedShape: number | Shape): Shape {
  return checkShape(where, typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape]);
}

function reset(weight: Parameter | null, bias: Parameter | null): void {
  noGrad(() => {
    weight?.fill_(1);
    bias?.zero_();
  });
}
