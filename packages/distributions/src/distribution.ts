import { type DrawOptions, enableGrad, exp, noGrad, sqrt, Tensor } from "@tapegrad/autograd";
import { broadcastShapes, broadcastsTo, checkShape, fail, formatFloat, type Shape, sameShape } from "@tapegrad/tensor";
import type { Constraint } from "./constraints.ts";

/** What every distribution takes. */
export interface DistributionOptions {
  /** Whether parameters, and the values whose probability is asked for, are checked. @defaultValue true */
  readonly validateArgs?: boolean;
}

/** What {@link Distribution.enumerateSupport} takes. */
export interface EnumerateOptions {
  /** Whether each value is repeated for every distribution of the batch. @defaultValue true */
  readonly expand?: boolean;
}

/** What a subclass tells {@link Distribution}. */
export interface Setup extends DistributionOptions {
  /**
   * The parameters by name, broadcast against each other: each has the shape of the batch, followed by dimensions of its own.
   * All else that a distribution knows follows from them.
   */
  readonly parameters: Readonly<Record<string, Tensor>>;
  /** What each parameter may be. */
  readonly argConstraints: Readonly<Record<string, Constraint>>;
  readonly batchShape: Shape;
  /** @defaultValue [] */
  readonly eventShape?: Shape;
}

/**
 * A batch of probability distributions, the base of all (torch.distributions.Distribution).
 *
 * A subclass gives its parameters to the constructor and derives the rest from them in getters, so that `expand` and printing
 * need not be written again. What it does not define, torch does not either: asking for it is an error `unsupported`.
 */
export abstract class Distribution {
  static readonly name: string = "Distribution";
  /** The shape of the batch: one distribution for each of its elements. */
  readonly batchShape: Shape;
  /** The shape of one draw from one distribution. */
  readonly eventShape: Shape;
  /** What each parameter may be. */
  readonly argConstraints: Readonly<Record<string, Constraint>>;
  /** Whether arguments are checked. */
  readonly validateArgs: boolean;
  /** What it was made from, by name. */
  protected readonly parameters: Readonly<Record<string, Tensor>>;
  /** What has been computed from the parameters, by name. */
  protected readonly derived: Map<string, Tensor> = new Map();

  static {
    // what Node's console prints
    Object.defineProperty(Distribution.prototype, Symbol.for("nodejs.util.inspect.custom"), {
      value(this: Distribution) {
        return this.toString();
      },
    });
  }

  constructor({ parameters, argConstraints, batchShape, eventShape = [], validateArgs = true }: Setup) {
    this.parameters = parameters;
    this.argConstraints = argConstraints;
    this.batchShape = batchShape;
    this.eventShape = eventShape;
    this.validateArgs = validateArgs;
    if (!validateArgs) return;
    for (const [name, parameter] of Object.entries(parameters)) {
      const constraint = argConstraints[name];
      if (constraint !== undefined) demand(constraint, parameter, this.constructor.name, name);
    }
  }

  /** Whether {@link rsample} exists. */
  get hasRsample(): boolean {
    return false;
  }

  /** Whether {@link enumerateSupport} exists. */
  get hasEnumerateSupport(): boolean {
    return false;
  }

  /** The values that can be drawn. */
  abstract get support(): Constraint;

  /** The expected value, [...batchShape, ...eventShape]. */
  abstract get mean(): Tensor;

  /** The expected squared distance from the mean, [...batchShape, ...eventShape]. */
  abstract get variance(): Tensor;

  /** The logarithm of the probability, or of its density, of values: of [..., ...batchShape, ...eventShape]. */
  abstract logProb(value: Tensor): Tensor;

  /** The most probable value, [...batchShape, ...eventShape]. */
  get mode(): Tensor {
    return lacks(this, "mode");
  }

  /** The square root of the variance. */
  get stddev(): Tensor {
    return sqrt(this.variance);
  }

  /** Entropy in nats, of the shape of the batch. */
  entropy(): Tensor {
    return lacks(this, "entropy");
  }

  /** e to the entropy: how many equally probable values would be as uncertain. */
  perplexity(): Tensor {
    return exp(this.entropy());
  }

  /** The probability of at most this value. */
  cdf(_value: Tensor): Tensor {
    return lacks(this, "cdf");
  }

  /** The value that {@link cdf} gives this probability. */
  icdf(_probability: Tensor): Tensor {
    return lacks(this, "icdf");
  }

  /**
   * Draws values, through which no gradient flows.
   *
   * @param sampleShape how many, in any shape
   * @returns [...sampleShape, ...batchShape, ...eventShape]
   */
  sample(sampleShape: Shape = [], options: DrawOptions = {}): Tensor {
    return noGrad(() => this.rsample(sampleShape, options));
  }

  /** Draws values as a function of the parameters and of noise, so that gradients flow to the parameters. */
  rsample(_sampleShape: Shape = [], _options: DrawOptions = {}): Tensor {
    return lacks(this, "rsample");
  }

  /** All values of a finite support, one after the other in a dimension in front of the batch. */
  enumerateSupport(_options: EnumerateOptions = {}): Tensor {
    return lacks(this, "enumerateSupport");
  }

  /**
   * The same distributions for a larger batch, to which `batchShape` broadcasts; parameters are shared, not copied.
   *
   * @throws TensorError `shape_mismatch`
   */
  expand(batchShape: Shape): this {
    const where = `${this.constructor.name}.expand`;
    const from = this.batchShape;
    if (!broadcastsTo(from, checkShape(where, batchShape))) {
      fail("shape_mismatch", where, "the batch does not broadcast to this shape", {
        batchShape: from,
        wanted: batchShape,
      });
    }
    const widened = Object.entries(this.parameters).map(([name, parameter]) => {
      return [name, parameter.expand([...batchShape, ...parameter.shape.slice(from.length)])] as const;
    });
    const state = { parameters: Object.fromEntries(widened), derived: new Map<string, Tensor>(), batchShape };
    // no subclass has #private fields, which such a copy would lack
    return Object.assign(Object.create(Object.getPrototypeOf(this)), this, state);
  }

  /** What follows from the parameters: computed when first asked for, and recorded even when nothing else is. */
  protected lazily(name: string, compute: () => Tensor): Tensor {
    const known = this.derived.get(name);
    if (known !== undefined) return known;
    const value = enableGrad(compute);
    this.derived.set(name, value);
    return value;
  }

  /** The shape of what {@link sample} gives. */
  protected extendedShape(sampleShape: Shape = []): Shape {
    return [...sampleShape, ...this.batchShape, ...this.eventShape];
  }

  /** Checks a value whose probability is asked for, unless `validateArgs` is off. */
  protected checkValue(method: string, value: Tensor): void {
    if (!this.validateArgs) return;
    const where = `${this.constructor.name}.${method}`;
    if (!(value instanceof Tensor)) {
      fail("invalid_argument", where, "the value must be a tensor", { value: typeof value }, "tensor(...) makes one");
    }
    const { eventShape } = this;
    const event = value.shape.slice(value.ndim - eventShape.length);
    if (!sameShape(event, eventShape)) {
      fail("shape_mismatch", where, "the last sizes must be those of an event", { value: value.shape, eventShape });
    }
    broadcastShapes(where, value.shape, this.extendedShape());
    demand(this.support, value, where, "value");
  }

  /** As torch prints it: `Bernoulli(probs: 0.5)`, `Categorical(probs: torch.Size([2, 3]))`. */
  toString(): string {
    const parts = Object.entries(this.parameters).map(([name, parameter]) => `${snake(name)}: ${brief(parameter)}`);
    return `${this.constructor.name}(${parts.join(", ")})`;
  }
}

/** Checks that all of a value belongs to a set. */
function demand(constraint: Constraint, value: Tensor, where: string, name: string): void {
  const passes = constraint.check(value.detach());
  const at = passes.toArray().indexOf(0);
  if (at < 0) return;
  const event = value.shape.slice(value.ndim - constraint.eventDim);
  const stranger = value
    .detach()
    .reshape([passes.numel(), ...event])
    .select(0, at);
  const found = stranger.ndim === 0 ? stranger.item() : stranger.toArray();
  fail("invalid_argument", where, `${name} must satisfy ${constraint}`, { [name]: value.shape, found });
}

function lacks(distribution: Distribution, what: string): never {
  const hint = "torch has none either";
  return fail("unsupported", distribution.constructor.name, `this distribution has no ${what}`, {}, hint);
}

/** A parameter as torch shows it: its value if it has only one, else its shape. */
function brief(parameter: Tensor): string {
  if (parameter.ndim === 0) return formatFloat(parameter.item());
  return parameter.numel() === 1 ? String(parameter) : `torch.Size([${parameter.shape.join(", ")}])`;
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
