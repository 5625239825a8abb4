import {
  add,
  arange,
  bernoulli,
  type DrawOptions,
  eq,
  ge,
  logSigmoid,
  maskedFill,
  mul,
  neg,
  type Operand,
  softplus,
  sub,
  type Tensor,
} from "@tapegrad/autograd";
import { checkOptions, type Shape } from "@tapegrad/tensor";
import { boolean, type Constraint, real, unitInterval } from "./constraints.ts";
import { Distribution, type DistributionOptions, type EnumerateOptions } from "./distribution.ts";
import type { Divergence } from "./divergence.ts";
import { broadcastAll, eitherOf, logOddsToProbs, type ProbsOrLogits, probsToLogOdds } from "./parameters.ts";

/** What {@link Bernoulli} takes: one of `probs` and `logits`. */
export interface BernoulliOptions extends DistributionOptions, ProbsOrLogits<Operand> {
  /** The probability of 1, any shape. */
  readonly probs?: Operand | null;
  /** The logarithm of the odds of 1, any shape. */
  readonly logits?: Operand | null;
}

const argConstraints = { probs: unitInterval, logits: real };

/**
 * 1 with a given probability, else 0 (torch.distributions.Bernoulli).
 *
 * Draws have the dtype of the parameter. The mode is NaN where both are as probable.
 *
 * @throws TensorError `invalid_argument` unless exactly one of probs and logits is given, and for parameters that are none |
 *   `invalid_option`
 */
export class Bernoulli extends Distribution {
  static override readonly name: string = "Bernoulli";

  constructor(options: BernoulliOptions = {}) {
    const where = new.target.name;
    checkOptions(where, options, ["probs", "logits", "validateArgs"]);
    const [name, given] = eitherOf(where, options);
    const parameters = broadcastAll(where, { [name]: given });
    super({ ...options, parameters, argConstraints, batchShape: parameters[name]!.shape });
  }

  override get hasEnumerateSupport(): boolean {
    return true;
  }

  override get support(): Constraint {
    return boolean;
  }

  /** The probability of 1. */
  get probs(): Tensor {
    return this.parameters.probs ?? this.lazily("probs", () => logOddsToProbs(this.logits));
  }

  /** The logarithm of the odds of 1; finite, if `probs` were given. */
  get logits(): Tensor {
    return this.parameters.logits ?? this.lazily("logits", () => probsToLogOdds(this.probs));
  }

  /** The shape of `probs` and `logits`. */
  get paramShape(): Shape {
    return this.batchShape;
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get mode(): Tensor {
    const { probs } = this;
    return maskedFill(ge(probs, 0.5).to(probs.dtype), eq(probs, 0.5), Number.NaN);
  }

  override get variance(): Tensor {
    return mul(this.probs, sub(1, this.probs));
  }

  override sample(sampleShape: Shape = [], options: DrawOptions = {}): Tensor {
    return bernoulli(this.probs.detach().expand(this.extendedShape(sampleShape)), options);
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue("logProb", value);
    return neg(crossEntropy(this.logits, value));
  }

  override entropy(): Tensor {
    return crossEntropy(this.logits, this.probs);
  }

  override enumerateSupport({ expand = true }: EnumerateOptions = {}): Tensor {
    const values = arange(2, { dtype: this.probs.dtype }).reshape([2, ...this.batchShape.map(() => 1)]);
    return expand ? values.expand([2, ...this.batchShape]) : values;
  }
}

/** −(t·ln s(x) + (1 − t)·ln s(−x)), s the sigmoid. */
function crossEntropy(logits: Tensor, target: Tensor): Tensor {
  return sub(mul(sub(1, target), logits), logSigmoid(logits));
}

/** p·(ln p − ln q) + (1 − p)·(ln(1 − p) − ln(1 − q)); what p excludes counts 0, and what only q excludes infinity. */
export const ofBernoullis: Divergence<Bernoulli, Bernoulli> = {
  p: Bernoulli,
  q: Bernoulli,
  compute: (p, q) => {
    const excess = (sign: 1 | -1): Tensor => sub(softplus(mul(q.logits, sign)), softplus(mul(p.logits, sign)));
    const ofOne = mul(p.probs, excess(-1));
    const ofZero = mul(sub(1, p.probs), excess(1));
    return add(barred(ofOne, eq(p.probs, 0), eq(q.probs, 0)), barred(ofZero, eq(p.probs, 1), eq(q.probs, 1)));
  },
};

function barred(part: Tensor, byP: Tensor, byQ: Tensor): Tensor {
  return maskedFill(maskedFill(part, byQ, Number.POSITIVE_INFINITY), byP, 0);
}
