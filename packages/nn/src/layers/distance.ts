import { div, expand, mul, norm, resultType, sub, sum, type Tensor } from "@tapegrad/autograd";
import { broadcastShapes, type DType, fail, isFloating, normaliseDim, promote } from "@tapegrad/tensor";
import { checkNumbers, checkTensors } from "../losses/common/checks.ts";
import { floatType } from "../losses/common/floats.ts";
import { raise } from "../losses/common/raise.ts";
import { Module } from "../module.ts";
import { withDefaults } from "../options.ts";

/** Options of {@link cosineSimilarity}. */
export interface CosineSimilarityOptions {
  /** The dimension along which vectors lie, of the shape to which the two broadcast. @defaultValue 1 */
  readonly dim?: number;
  /** What smaller lengths are raised to, unseen by their gradient. @defaultValue 1e-8 */
  readonly eps?: number;
}

const cosineDefaults = { dim: 1, eps: 1e-8 } as const;

/**
 * The cosine of the angle between vectors: x₁/max(‖x₁‖, eps) · x₂/max(‖x₂‖, eps). float32 is computed in double precision, for the
 * terms of the gradient cancel.
 *
 * @param x1 any shape; at least one of the two is floating-point
 * @param x2 the shape of `x1`, or one that broadcasts against it
 * @returns the broadcast shape without `dim`
 * @throws TensorError `shape_mismatch` | `invalid_dim` | `invalid_dtype`
 * @see torch.nn.functional.cosine_similarity
 */
export function cosineSimilarity(x1: Tensor, x2: Tensor, options: CosineSimilarityOptions = {}): Tensor {
  const where = "cosineSimilarity";
  const { dim, eps } = withDefaults(where, options, cosineDefaults);
  checkTensors(where, { x1, x2 });
  const common = resultType(x1, x2);
  if (!isFloating(common)) {
    fail("invalid_dtype", where, "one of the two must be floating-point", { x1: x1.dtype, x2: x2.dtype });
  }
  const shape = broadcastShapes(where, x1.shape, x2.shape);
  const along = normaliseDim(where, dim, shape.length);
  const unit = (x: Tensor): Tensor => {
    const vectors = expand(x.double(), shape);
    return div(vectors, raise(norm(vectors, 2, along, { keepdim: true }), eps));
  };
  // torch broadcasts before it multiplies, so that the wider dtype wins even where it is that of a single number
  const [first, second] = [x1, x2].map(({ dtype }) => (isFloating(dtype) ? dtype : common)) as [DType, DType];
  return sum(mul(unit(x1), unit(x2)), along).to(promote(first, second));
}

/** {@link cosineSimilarity} as a layer (torch.nn.CosineSimilarity). */
export class CosineSimilarity extends Module<[x1: Tensor, x2: Tensor]> {
  static override readonly name: string = "CosineSimilarity";
  readonly dim: number;
  readonly eps: number;

  constructor(options: CosineSimilarityOptions = {}) {
    super();
    const { dim, eps } = withDefaults("CosineSimilarity", options, cosineDefaults);
    this.dim = dim;
    this.eps = eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, { dim: this.dim, eps: this.eps });
  }
}

/** Options of {@link pairwiseDistance}. */
export interface PairwiseDistanceOptions {
  /** The order of the norm; Infinity for the largest difference. @defaultValue 2 */
  readonly p?: number;
  /** Added to each difference, so that the norm has a slope where they are 0. @defaultValue 1e-6 */
  readonly eps?: number;
  /** Whether the last dimension is kept, with size 1. @defaultValue false */
  readonly keepdim?: boolean;
}

const distanceDefaults = { p: 2, eps: 1e-6, keepdim: false } as const;

/**
 * The distance of vectors in the last dimension: ‖x₁ − x₂ + eps‖ₚ.
 *
 * @param x1 [N, D], [D] or more
 * @param x2 the shape of `x1`, or one that broadcasts against it
 * @returns the broadcast shape without its last dimension, or with 1 in its place
 * @throws TensorError `shape_mismatch` | `invalid_dtype`
 * @see torch.nn.functional.pairwise_distance
 */
export function pairwiseDistance(x1: Tensor, x2: Tensor, options: PairwiseDistanceOptions = {}): Tensor {
  const where = "pairwiseDistance";
  const { p, eps, keepdim } = withDefaults(where, options, distanceDefaults);
  checkTensors(where, { x1, x2 });
  checkNumbers(where, { x1, x2 });
  broadcastShapes(where, x1.shape, x2.shape);
  return preciseDistance(x1, x2, { p, eps, keepdim }).to(floatType(x1, x2));
}

/** {@link pairwiseDistance} of checked arguments, in double precision, in which differences of large numbers do not overflow. */
export function preciseDistance(
  x1: Tensor,
  x2: Tensor,
  { p, eps, keepdim }: Required<PairwiseDistanceOptions>,
): Tensor {
  const difference = sub(x1.double(), x2.double()).add(eps);
  return norm(difference, p, difference.ndim === 0 ? null : -1, { keepdim });
}

/** {@link pairwiseDistance} as a layer (torch.nn.PairwiseDistance). */
export class PairwiseDistance extends Module<[x1: Tensor, x2: Tensor]> {
  static override readonly name: string = "PairwiseDistance";
  /** The order, which the options call p. */
  readonly norm: number;
  readonly eps: number;
  readonly keepdim: boolean;

  constructor(options: PairwiseDistanceOptions = {}) {
    super();
    const { p, eps, keepdim } = withDefaults("PairwiseDistance", options, distanceDefaults);
    this.norm = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, { p: this.norm, eps: this.eps, keepdim: this.keepdim });
  }
}
