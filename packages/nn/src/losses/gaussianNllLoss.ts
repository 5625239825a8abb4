import { add, div, full as filled, log, mul, square, sub, Tensor } from "@tapegrad/autograd";
import { fail, sameShape, type TypedArray } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkFloating, checkNumbers } from "./common/checks.ts";
import { floatType } from "./common/floats.ts";
import { Loss } from "./common/loss.ts";
import { raise } from "./common/raise.ts";
import { checkReduction, type LossOptions, reduce } from "./common/reduction.ts";

/** Options of {@link gaussianNllLoss}. */
export interface GaussianNLLLossOptions extends LossOptions {
  /** Whether the constant ½·ln 2π is added. @defaultValue false */
  readonly full?: boolean;
  /** What smaller variances are raised to, unseen by their gradient. @defaultValue 1e-6 */
  readonly eps?: number;
}

const defaults = { reduction: "mean", strict: null, full: false, eps: 1e-6 } as const;

/**
 * Minus the log-likelihood of targets under normal distributions of which input and variance are predicted:
 * ½·(ln v + (input − target)²/v), v = max(variance, eps); with `full` also ½·ln 2π.
 *
 * @param input    means, any shape
 * @param target   samples, in the shape of `input`, or in one that broadcasts against it
 * @param variance not negative: a number, or floating-point in the shape of `input`, in that shape with one size replaced by 1,
 *   or in that shape without its last dimension
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `invalid_argument` for a negative variance | `shape_mismatch` | `invalid_dtype` | `invalid_option`
 * @see torch.nn.functional.gaussian_nll_loss; Nix & Weigend (1994), Estimating the mean and variance of the target probability
 *   distribution
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor,
  variance: Tensor | number,
  options: GaussianNLLLossOptions = {},
): Tensor {
  const where = "gaussianNllLoss";
  const { reduction, strict, full, eps } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  checkNumbers(where, { input, target });
  const spread = raise(varianceFor(where, variance, input), eps);
  const losses = mul(add(log(spread), div(square(sub(input, target)), spread)), 0.5);
  return reduce(full ? losses.add(0.5 * Math.log(2 * Math.PI)) : losses, reduction);
}

/** The variance as a tensor that broadcasts against the input. */
function varianceFor(where: string, variance: Tensor | number, input: Tensor): Tensor {
  if (typeof variance === "number") {
    checkVariances(where, [variance]);
    return filled([], variance, { dtype: floatType(input) });
  }
  if (!(variance instanceof Tensor)) {
    fail("invalid_argument", where, "variance must be a tensor or a number", { variance: typeof variance });
  }
  const { shape } = variance;
  checkFloating(where, { variance });
  checkVariances(where, variance.toArray());
  if (sameShape(shape, input.shape)) return variance;
  if (sameShape(shape, input.shape.slice(0, -1))) return variance.unsqueeze(-1);
  // torch's rule: sizes may differ in one place only, where that of the variance is 1
  const differing = shape.filter((size, d) => size !== input.shape[d]);
  if (shape.length === input.ndim && differing.reduce((a, b) => a + b, 0) === 1) return variance;
  const hint = "it has the input's shape, or that with one size of 1, or that without its last dimension";
  const facts = { input: input.shape, variance: shape };
  return fail("shape_mismatch", where, "variance does not match input", facts, hint);
}

function checkVariances(where: string, variances: TypedArray | readonly number[]): void {
  const negative = variances.find((v: number) => v < 0);
  if (negative !== undefined) fail("invalid_argument", where, "a variance is not negative", { found: negative });
}

/** {@link gaussianNllLoss} as a module. */
export class GaussianNLLLoss extends Loss<
  GaussianNLLLossOptions,
  [input: Tensor, target: Tensor, variance: Tensor | number]
> {
  static override readonly name: string = "GaussianNLLLoss";
  constructor(options: GaussianNLLLossOptions = {}) {
    super(options, defaults, [], { legacy: false });
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor | number): Tensor {
    return gaussianNllLoss(input, target, variance, this.options);
  }
}
