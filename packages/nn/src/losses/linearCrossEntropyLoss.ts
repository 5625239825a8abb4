import { type DrawOptions, expand, type Indices, ne, neg, ones, sum, Tensor, zeros } from "@tapegrad/autograd";
import { type DType, fail, sameShape, sizeOf } from "@tapegrad/tensor";
import { drawing } from "../init/drawing.ts";
import { Linear } from "../layers/linear.ts";
import { checkCount, withDefaults } from "../options.ts";
import type { Buffer } from "../parameter.ts";
import { python, pythonFloat } from "../python.ts";
import { checkFloating, checkSameDType } from "./common/checks.ts";
import { checkClassWeights, checkSomeCount, classTargets } from "./common/classes.ts";
import { Loss } from "./common/loss.ts";
import { pickNegative } from "./common/pick.ts";
import { checkReduction, type LossOptions, type Reduction } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";
import { type CrossEntropyLossOptions, crossEntropy } from "./crossEntropyLoss.ts";
import { describeOptions, type LinearCrossEntropyOptions, rowsAtOnce } from "./linear/chunks.ts";
import { logitsOf, logitsShape, type Projection } from "./linear/logits.ts";
import { chunkedCrossEntropy } from "./linear/op.ts";

export type { LinearCrossEntropyOptions } from "./linear/chunks.ts";

/** What {@link linearCrossEntropy} and {@link LinearCrossEntropyLoss} take. */
interface CommonOptions extends LossOptions {
  /** A weight for each class, [C]. @defaultValue null */
  readonly weight?: Tensor | null;
  /** A target that does not count; only for class numbers. @defaultValue null, which is -100 */
  readonly ignoreIndex?: number | null;
  /** How much of the target is spread evenly over all classes: 0 nothing, 1 all. @defaultValue 0 */
  readonly labelSmoothing?: number;
  /** How many rows have their logits held at once. @defaultValue null: as many as have 4 million of them */
  readonly options?: LinearCrossEntropyOptions | null;
}

/** Options of {@link linearCrossEntropy}. */
export interface LinearCrossEntropyFunctionOptions extends CommonOptions {
  /** Added to the logits: the shape of `linearWeight` without its last dimension. @defaultValue null */
  readonly linearBias?: Tensor | null;
}

const commonDefaults = {
  reduction: "mean",
  strict: null,
  weight: null,
  ignoreIndex: null,
  labelSmoothing: 0,
  options: null,
} as const;
const functionDefaults = { ...commonDefaults, linearBias: null } as const;

/**
 * `crossEntropy` of the logits input·linearWeightᵀ + linearBias.
 *
 * Of class numbers and a linear weight [C, F] the logits are computed, and computed again by backward, for a few rows at once: those of a
 * large vocabulary are never held whole. Of anything else, and where there are few of them, they are.
 *
 * @param input        [N, F] or [F]
 * @param linearWeight [C, F]; [C, d₁, ..., F] for a target of more dimensions, which needs a batch
 * @param target       class numbers, [N] or [], [N, d₁, ...] with more dimensions; or probabilities in the shape of the logits, [N, C] or
 *   [C], [N, C, d₁, ...]
 * @returns a scalar, or the shape of the class numbers with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_index` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.linear_cross_entropy; Wijmans et al. (2024), Cut Your Losses in Large-Vocabulary Language Models
 */
export function linearCrossEntropy(
  input: Tensor,
  linearWeight: Tensor,
  target: Indices,
  options: LinearCrossEntropyFunctionOptions = {},
): Tensor {
  const where = "linearCrossEntropy";
  const { linearBias, options: chunking, ...given } = withDefaults(where, options, functionDefaults);
  checkReduction(where, given.reduction);
  const projection = { input, linearWeight, linearBias };
  const shape = logitsShape(where, projection);
  const probabilities = target instanceof Tensor && sameShape(target.shape, shape);
  if (probabilities && given.ignoreIndex !== null) {
    const { ignoreIndex } = given;
    fail("invalid_option", where, "ignoreIndex does not go with probabilities", { ignoreIndex });
  }
  const settings = { ...given, ignoreIndex: given.ignoreIndex ?? -100 };
  const sizes = {
    rows: input.ndim === 2 ? input.shape[0]! : 1,
    features: input.shape.at(-1)!,
    classes: linearWeight.shape[0]!,
  };
  const rows = rowsAtOnce(where, { ...sizes, dtype: input.dtype }, chunking);
  const fits = chunking === null && rows === sizes.rows;
  if (fits || probabilities || linearWeight.ndim > 2 || input.numel() === 0 || linearWeight.numel() === 0) {
    return crossEntropy(logitsOf(projection, shape), target, settings);
  }
  return inChunks(where, projection, target, settings, rows);
}

/** The loss for class numbers, and a linear weight [C, F], `rows` rows at once. */
function inChunks(
  where: string,
  { input, linearWeight, linearBias }: Projection,
  target: Indices,
  { reduction, strict, weight, ignoreIndex, labelSmoothing }: ChunkOptions,
  rows: number,
): Tensor {
  const [classes, features] = linearWeight.shape as [number, number];
  const logits = { shape: [...input.shape.slice(0, -1), classes], ndim: input.ndim };
  const { dtype } = input;
  if (weight !== null) checkClassWeights(where, logits, weight);
  const weights = weight ?? ones([classes], { dtype });
  const bias = linearBias ?? zeros([classes], { dtype });
  checkFloating(where, { input });
  checkSameDType(where, { input, linearWeight, linearBias: bias, weight: weights });
  if (!(labelSmoothing <= 1)) checkSmoothing(where, labelSmoothing);
  const targets = classTargets(where, logits, target);
  if (isStrict(strict)) checkSomeCount(where, targets, ignoreIndex);
  const flat = targets.reshape(-1);
  const inputs = [input.reshape(-1, features), linearWeight, flat, bias, weights] as const;
  const losses = chunkedCrossEntropy(inputs, { rows, ignoreIndex, labelSmoothing: Math.max(0, labelSmoothing) });
  if (reduction === "none") return losses.reshape(targets.shape);
  if (reduction === "sum") return sum(losses);
  const counted =
    weight === null
      ? ne(flat, ignoreIndex)
      : neg(pickNegative(expand(weight, [flat.numel(), classes]), flat, ignoreIndex));
  return sum(losses).div(sum(counted));
}

/** The options that {@link inChunks} needs. */
interface ChunkOptions {
  readonly reduction: Reduction;
  readonly strict: boolean | null;
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
}

function checkSmoothing(where: string, labelSmoothing: number): void {
  if (labelSmoothing >= 0 && labelSmoothing <= 1) return;
  fail("invalid_option", where, "labelSmoothing must lie between 0 and 1", { labelSmoothing });
}

/** Options of {@link LinearCrossEntropyLoss}. */
export interface LinearCrossEntropyLossOptions extends CommonOptions, DrawOptions {
  /** Further dimensions of the target, d₁, ... @defaultValue [] */
  readonly outFeatures?: readonly number[];
  /** Whether a learned bias is added to the logits. @defaultValue false */
  readonly bias?: boolean;
  /** @defaultValue float32 */
  readonly dtype?: DType;
}

const defaults = { ...commonDefaults, outFeatures: [], bias: false, dtype: "float32", generator: undefined } as const;

/**
 * {@link linearCrossEntropy} with the linear layer that makes the logits: `linear`, of weight [C·d₁·..., inFeatures], drawn as that of
 * any linear layer.
 *
 * @see torch.nn.LinearCrossEntropyLoss
 */
export class LinearCrossEntropyLoss extends Loss<LinearCrossEntropyLossOptions, [input: Tensor, target: Indices]> {
  static override readonly name: string = "LinearCrossEntropyLoss";
  declare readonly weight: Buffer | null;
  readonly numClasses: number;
  readonly outFeatures: readonly number[];
  readonly linear: Linear;

  constructor(inFeatures: number, numClasses: number, options: LinearCrossEntropyLossOptions = {}) {
    const where = "LinearCrossEntropyLoss";
    super(options, defaults, ["weight"], { legacy: false });
    const { outFeatures = [], bias = false, dtype = "float32", generator, weight, labelSmoothing = 0 } = this.options;
    checkSmoothing(where, labelSmoothing);
    this.numClasses = checkCount(where, "numClasses", numClasses);
    this.outFeatures = outFeatures;
    if (weight && !sameShape(weight.shape, [numClasses])) {
      const facts = { weight: weight.shape, classes: numClasses };
      fail("shape_mismatch", where, "the weight must have one element for each class", facts);
    }
    this.linear = new Linear(inFeatures, numClasses * sizeOf(outFeatures), { bias, dtype, ...drawing(generator) });
  }

  override forward(input: Tensor, target: Indices): Tensor {
    const { outFeatures, bias, dtype, generator, ...options } = this.options;
    const outputs = [this.numClasses, ...this.outFeatures];
    const linearWeight = this.linear.weight.reshape([...outputs, this.linear.inFeatures]);
    const linearBias = this.linear.bias?.reshape(outputs) ?? null;
    return linearCrossEntropy(input, linearWeight, target, { ...options, linearBias });
  }

  override extraRepr(): string {
    const { ignoreIndex, labelSmoothing, options = null } = this.options as CrossEntropyLossOptions & CommonOptions;
    return [
      `in_features=${this.linear.inFeatures}`,
      `num_classes=${this.numClasses}`,
      `out_features=${python(this.outFeatures)}`,
      `bias=${python(this.linear.bias !== null)}`,
      `reduction=${this.reduction}`,
      `ignore_index=${python(ignoreIndex)}`,
      `label_smoothing=${pythonFloat(labelSmoothing)}`,
      `options=${describeOptions("LinearCrossEntropyLoss", options)}`,
    ].join(", ");
  }
}
