import {
  arange,
  broadcastTensors,
  clampMin,
  type DrawOptions,
  div,
  eq,
  full,
  logsumexp,
  maskedFill,
  mul,
  multinomial,
  neg,
  sub,
  sum,
  Tensor,
} from "@tapegrad/autograd";
import { checkOptions, fail, type Shape, sizeOf } from "@tapegrad/tensor";
import { type Constraint, integerInterval, realVector, simplex } from "./constraints.ts";
import { Distribution, type DistributionOptions, type EnumerateOptions } from "./distribution.ts";
import type { Divergence } from "./divergence.ts";
import { eitherOf, logitsToProbs, type ProbsOrLogits, probsToLogits } from "./parameters.ts";

/** What {@link Categorical} takes: one of `probs` and `logits`. */
export interface CategoricalOptions extends DistributionOptions, ProbsOrLogits<Tensor> {
  /** Weights of the classes in the last dimension, [..., C]: not negative, not all 0; they are divided by their sum. */
  readonly probs?: Tensor | null;
  /** Logarithms of weights, [..., C]: any numbers; they are shifted so that the weights sum to 1. */
  readonly logits?: Tensor | null;
}

/** The least float of each type: 0·ln 0 is taken as 0 times this. */
const least = { float32: -(2 - 2 ** -23) * 2 ** 127, float64: -Number.MAX_VALUE } as const;

const argConstraints = { probs: simplex, logits: realVector };

/**
 * One of C classes, each with a probability of its own (torch.distributions.Categorical).
 *
 * Draws and values are int32, in [0, C). Mean and variance are NaN: classes are no quantities.
 *
 * @throws TensorError `invalid_argument` unless exactly one of probs and logits is given, and for parameters that are none |
 *   `invalid_shape` | `invalid_option`
 */
export class Categorical extends Distribution {
  static override readonly name: string = "Categorical";

  constructor(options: CategoricalOptions = {}) {
    const where = new.target.name;
    checkOptions(where, options, ["probs", "logits", "validateArgs"]);
    const [name, given] = eitherOf(where, options);
    if (!(given instanceof Tensor)) {
      fail("invalid_argument", where, `${name} must be a tensor`, { [name]: typeof given }, "tensor(...) makes one");
    }
    if (given.ndim === 0) fail("invalid_shape", where, `${name} needs a dimension for the classes`, { [name]: [] });
    const normalised =
      name === "probs"
        ? div(given, sum(given, -1, { keepdim: true }))
        : sub(given, logsumexp(given, -1, { keepdim: true }));
    super({ ...options, parameters: { [name]: normalised }, argConstraints, batchShape: given.shape.slice(0, -1) });
  }

  override get hasEnumerateSupport(): boolean {
    return true;
  }

  override get support(): Constraint {
    return integerInterval(0, classesOf(this) - 1);
  }

  /** The probability of each class, [...batchShape, C]. */
  get probs(): Tensor {
    return this.parameters.probs ?? this.lazily("probs", () => logitsToProbs(this.logits));
  }

  /** The logarithm of the probability of each class, [...batchShape, C]; no less than that of the dtype's epsilon if `probs` were given. */
  get logits(): Tensor {
    return this.parameters.logits ?? this.lazily("logits", () => probsToLogits(this.probs));
  }

  /** The shape of `probs` and `logits`. */
  get paramShape(): Shape {
    return (this.parameters.probs ?? this.logits).shape;
  }

  override get mean(): Tensor {
    return full(this.batchShape, Number.NaN, { dtype: this.probs.dtype });
  }

  override get mode(): Tensor {
    return this.probs.argmax(-1);
  }

  override get variance(): Tensor {
    return this.mean;
  }

  override sample(sampleShape: Shape = [], options: DrawOptions = {}): Tensor {
    const rows = this.probs.detach().reshape([sizeOf(this.batchShape), classesOf(this)]);
    const count = sizeOf(sampleShape);
    // a single draw takes torch's way without replacement, which uses other random numbers
    const drawn = multinomial(rows, count, count > 1, options);
    return drawn.t().reshape(this.extendedShape(sampleShape));
  }

  override logProb(value: Tensor): Tensor {
    this.checkValue("logProb", value);
    const [classes, logits] = broadcastTensors(value.to("int32").unsqueeze(-1), this.logits);
    return logits!.gather(-1, classes!.narrow(-1, 0, 1)).squeeze(-1);
  }

  override entropy(): Tensor {
    const { logits, probs } = this;
    return neg(sum(mul(clampMin(logits, least[logits.dtype as keyof typeof least]), probs), -1));
  }

  override enumerateSupport({ expand = true }: EnumerateOptions = {}): Tensor {
    const classes = classesOf(this);
    const values = arange(classes, { dtype: "int32" }).reshape([classes, ...this.batchShape.map(() => 1)]);
    return expand ? values.expand([classes, ...this.batchShape]) : values;
  }
}

const classesOf = ({ paramShape }: Categorical): number => paramShape.at(-1)!;

/** Σ p·(ln p − ln q) over the classes, where a class that p excludes counts 0, and one that only q excludes infinity. */
export const ofCategoricals: Divergence<Categorical, Categorical> = {
  p: Categorical,
  q: Categorical,
  compute: (p, q) => {
    const parts = mul(p.probs, sub(p.logits, q.logits));
    const excluded = maskedFill(parts, eq(q.probs, 0), Number.POSITIVE_INFINITY);
    return sum(maskedFill(excluded, eq(p.probs, 0), 0), -1);
  },
};
