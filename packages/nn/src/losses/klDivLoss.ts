import type { Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { withDefaults } from "../options.ts";
import { checkBroadcast, checkFloating, checkLogProbabilities, checkTargetProbabilities } from "./common/checks.ts";
import { divergences, logDivergences } from "./common/elementLosses.ts";
import { Loss } from "./common/loss.ts";
import { checkReduction, type LegacyOptions, type LossOptions, type Reduction } from "./common/reduction.ts";
import { isStrict } from "./common/strict.ts";

/** What becomes of the parts of a divergence; "batchmean": their sum over the first size of the input. */
export type KLDivReduction = Reduction | "batchmean";

/** Options of {@link klDiv}. */
export interface KLDivLossOptions extends LossOptions<KLDivReduction> {
  /** Whether the target holds log-probabilities too. @defaultValue false */
  readonly logTarget?: boolean;
}

const defaults = { reduction: "mean", strict: null, logTarget: false } as const;
const reductions: readonly KLDivReduction[] = ["none", "mean", "sum", "batchmean"];

/**
 * The parts of the Kullback-Leibler divergence of distributions from a target: t·(ln t − input), 0·ln 0 being 0; with `logTarget`
 * eᵗ·(t − input).
 *
 * The divergence itself is their sum over a distribution: "batchmean" gives its mean over the batch. The default, "mean", also
 * divides by the number of classes, which torch warns of, and strict mode refuses.
 *
 * @param input  log-probabilities, any shape, [N, ...] for "batchmean"
 * @param target probabilities, or log-probabilities, in the shape of `input`, or in one that broadcasts against it
 * @returns a scalar, or the broadcast shape with reduction "none"
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option`; when strict `invalid_argument` for what is no
 *   (log-)probability
 * @see torch.nn.functional.kl_div; Kullback & Leibler (1951), On Information and Sufficiency
 */
export function klDiv(input: Tensor, target: Tensor, options: KLDivLossOptions = {}): Tensor {
  const where = "klDiv";
  const { reduction, strict, logTarget } = withDefaults(where, options, defaults);
  checkReduction(where, reduction, reductions);
  checkBroadcast(where, input, target, strict);
  checkFloating(where, { input, target });
  if (isStrict(strict)) checkStrictly(where, input, target, { reduction, logTarget });
  const parts = logTarget ? logDivergences : divergences;
  if (reduction !== "batchmean") return parts(input, target, reduction);
  const total = parts(input, target, "sum");
  return input.ndim === 0 ? total : total.div(input.shape[0]!);
}

function checkStrictly(
  where: string,
  input: Tensor,
  target: Tensor,
  { reduction, logTarget }: { readonly reduction: KLDivReduction; readonly logTarget: boolean },
): void {
  if (reduction === "mean") {
    const hint = 'use "batchmean": the mean over the batch of the divergence';
    fail("invalid_option", where, '"mean" divides by the number of classes as well', { reduction }, hint);
  }
  checkLogProbabilities(where, "input", input, "apply logSoftmax, or log()");
  if (logTarget) checkLogProbabilities(where, "target", target, "for probabilities leave logTarget false");
  else checkTargetProbabilities(where, target, "for log-probabilities pass { logTarget: true }");
}

/** {@link klDiv} as a module. */
export class KLDivLoss extends Loss<KLDivLossOptions> {
  static override readonly name: string = "KLDivLoss";
  constructor(options: KLDivLossOptions & LegacyOptions = {}) {
    super(options, defaults, [], { reductions });
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return klDiv(input, target, this.options);
  }
}
