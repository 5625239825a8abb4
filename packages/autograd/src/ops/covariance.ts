import { fail, isFloating, promote, sameShape } from "@tapegrad/tensor";
import { noGrad } from "../context.ts";
import type { Tensor } from "../tensor.ts";
import { div, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { clamp } from "./choose.ts";
import { lt } from "./compare.ts";
import { floating } from "./families.ts";
import { matmul } from "./matmul.ts";
import { sqrt } from "./pointwise.ts";
import { any, sum } from "./reduce.ts";
import { diagonal, reshape, squeeze, t, unsqueeze } from "./shape.ts";

/** How a covariance is taken. */
export interface CovOptions {
  /** What is subtracted from the number of observations in the divisor. @defaultValue 1 */
  readonly correction?: number;
  /** How often each observation counts: int32 vector, at least 0. */
  readonly fweights?: Tensor | null;
  /** How much each observation counts: floating-point vector, at least 0. */
  readonly aweights?: Tensor | null;
}

/**
 * The covariances of variables: Σ (xᵢ − mean)(xⱼ − mean) / (N − correction).
 *
 * @param input [variables, observations], or a vector of observations of one variable
 * @returns [variables, variables]; a scalar for one variable
 * @throws TensorError `invalid_shape` | `invalid_dtype` | `invalid_argument` | `shape_mismatch`
 * @see torch.cov
 */
export function cov(input: Tensor, { correction = 1, fweights = null, aweights = null }: CovOptions = {}): Tensor {
  if (input.ndim > 2) fail("invalid_shape", "cov", "the input has more than two dimensions", { input: input.shape });
  if (input.dtype === "bool") fail("invalid_dtype", "cov", "truth values have no covariance", { dtype: "bool" });
  const matrix = input.ndim < 2 ? reshape(input, [1, -1]) : input;
  const count = matrix.shape[1]!;
  for (const [name, weights] of Object.entries({ fweights, aweights })) {
    if (weights !== null) checkWeights(name, weights, count);
  }
  const weights = fweights && aweights ? mul(fweights, aweights) : (fweights ?? aweights);
  const x = to(matrix, floating(weights === null ? input.dtype : promote(input.dtype, weights.dtype)));
  if (weights === null) {
    const centred = sub(x, div(sum(x, 1, { keepdim: true }), count));
    return squeeze(div(matmul(centred, t(centred)), Math.max(count - correction, 0)));
  }
  const total = sum(weights);
  const w = to(weights, x.dtype);
  const centred = sub(x, unsqueeze(div(sum(mul(x, w), 1), total), 1));
  const lost =
    aweights === null || correction === 0 ? correction : mul(div(sum(mul(weights, aweights)), total), correction);
  const divisor = clamp(sub(total, lost), 0);
  return squeeze(div(matmul(mul(centred, w), t(centred)), divisor));
}

function checkWeights(name: string, weights: Tensor, count: number): void {
  const facts = { [name]: weights.shape, observations: count };
  if (weights.ndim > 1) fail("invalid_shape", "cov", `${name} must be a vector`, facts);
  if (!sameShape(weights.shape, [count])) {
    fail("shape_mismatch", "cov", `${name} must have one element for each observation`, facts);
  }
  const wanted = name === "aweights";
  if (isFloating(weights.dtype) !== wanted || weights.dtype === "bool") {
    const problem = `${name} must be ${wanted ? "floating-point" : "int32"}`;
    fail("invalid_dtype", "cov", problem, { [name]: weights.dtype });
  }
  if (noGrad(() => any(lt(weights, 0)).item()) === 1) {
    fail("invalid_argument", "cov", `${name} must be at least 0`, { [name]: weights.toArray() });
  }
}

/**
 * The correlations of variables: their covariances over their standard deviations, from −1 to 1.
 *
 * @param input [variables, observations], or a vector of observations of one variable
 * @returns [variables, variables]; a scalar for one variable
 * @throws TensorError `invalid_shape` | `invalid_dtype`
 * @see torch.corrcoef
 */
export function corrcoef(input: Tensor): Tensor {
  if (input.ndim > 2) fail("invalid_shape", "corrcoef", "more than two dimensions", { input: input.shape });
  const covariances = cov(input);
  if (covariances.ndim === 0) return div(covariances, covariances);
  const deviations = sqrt(diagonal(covariances));
  return clamp(div(div(covariances, unsqueeze(deviations, 1)), deviations), -1, 1);
}
