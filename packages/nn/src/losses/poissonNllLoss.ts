import { add, exp, le, log, maskedFill, mul, sub, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkNumbers } from "./common/checks.ts";
import { floatType } from "./common/floats.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, reduce } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** Options of {@link poissonNllLoss}. */
export interface PoissonNLLLossOptions extends LossOptions {
  /** Whether the input is the logarithm of the rate; otherwise it is the rate. @defaultValue true */
  readonly logInput?: boolean;
  /** Whether ln t!, which the input has no part in, is added, by Stirling's approximation and for targets above 1. @defaultValue false */
  readonly full?: boolean;
  /** Added to the rate before its logarithm is taken, when `logInput` is false. @defaultValue 1e-8 */
  readonly eps?: number;
}

const defaults = { reduction: "mean", strict: null, logInput: true, full: false, eps: 1e-8 } as const;

/**
 * Minus the log-likelihood of counts t under Poisson distributions: eˣ − t·x, or x − t·ln(x + eps) when the input is the rate
 * itself; with `full` also t·ln t − t + ½·ln(2πt) where t > 1. float32 is computed in double precision, for the terms cancel.
 *
 * @param input  logarithms of rates, or rates, any shape
 * @param target counts, in the shape of `input`, or in one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`; when strict `invalid_argument` for a negative count
 * @see torch.nn.functional.poisson_nll_loss
 */
export function poissonNllLoss(input: Tensor, target: Tensor, options: PoissonNLLLossOptions = {}): Tensor {
  const where = "poissonNllLoss";
  const { reduction, strict, logInput, full, eps } = withDefaults(where, options, defaults);
  checkReduction(where, reduction);
  checkBroadcast(where, input, target, strict);
  if (isStrict(strict)) checkCounts(where, target);
  // torch's quirks: truth values may be the one factor or the other, but nothing that is subtracted
  if (full) checkNumbers(where, { target });
  if (!logInput || target.dtype === "bool") checkNumbers(where, { input });
  const [x, counts] = [input.double(), target.double()];
  const losses = logInput ? sub(exp(x), mul(counts, x)) : sub(x, mul(counts, log(add(x, eps))));
  return reduce(full ? add(losses, logFactorial(counts)) : losses, reduction).to(floatType(input, target));
}

/** Stirling's approximation of ln t!: t·ln t − t + ½·ln(2πt), and 0 for t ≤ 1. */
function logFactorial(counts: Tensor): Tensor {
  const stirling = add(sub(mul(counts, log(counts)), counts), mul(log(mul(counts, 2 * Math.PI)), 0.5));
  return maskedFill(stirling, le(counts, 1), 0);
}

function checkCounts(where: string, target: Tensor): void {
  const negative = target.toArray().find((count) => count < 0);
  if (negative !== undefined) fail("invalid_argument", where, "counts are not negative", { found: negative });
}

/** {@link poissonNllLoss} as a module. */
export class PoissonNLLLoss extends Loss<PoissonNLLLossOptions> {
  static override readonly name: string = "PoissonNLLLoss";
  constructor(options: PoissonNLLLossOptions & LegacyOptions = {}) {
    super(options, defaults);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return poissonNllLoss(input, target, this.options);
  }
}
