import {
  checkShape,
  defaultGenerator,
  fail,
  fillBernoulli,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  fillMultinomial,
  fillNormal,
  fillPoisson,
  fillRandint,
  fillRandom,
  fillRandperm,
  fillUniform,
  type Generator,
  NDArray,
  type Shape,
} from "@tapegrad/tensor";
import { made, type SizesAndOptions, sizesAndOptions, type TensorOptions } from "./creation.ts";
import { rewrite } from "./inplace.ts";
import { Tensor } from "./tensor.ts";

/** What a function that draws takes. */
export interface DrawOptions {
  /** Where the numbers come from. @defaultValue the default generator, which `manualSeed` seeds */
  readonly generator?: Generator;
}

/** What a function that makes a tensor of drawn numbers takes. */
export interface RandomOptions extends TensorOptions, DrawOptions {}

/** A fresh tensor filled by `fill`. */
function drawn(shape: Shape, options: RandomOptions, fill: (out: NDArray, generator: Generator) => void): Tensor {
  const array = NDArray.zeros(shape, options.dtype ?? "float32");
  fill(array, options.generator ?? defaultGenerator);
  return made(array, options);
}

/** Uniform numbers in [0, 1), torch's own (torch.rand). */
export function rand(...args: SizesAndOptions<RandomOptions>): Tensor {
  const [shape, options] = sizesAndOptions<RandomOptions>("rand", args);
  return drawn(shape, options, (out, generator) => fillUniform(out, 0, 1, generator));
}

/** Standard normal numbers, torch's own (torch.randn). */
export function randn(...args: SizesAndOptions<RandomOptions>): Tensor {
  const [shape, options] = sizesAndOptions<RandomOptions>("randn", args);
  return drawn(shape, options, (out, generator) => fillNormal(out, 0, 1, generator));
}

/** Uniform numbers in the shape and dtype of another tensor (torch.rand_like). */
export function randLike(input: Tensor, options: RandomOptions = {}): Tensor {
  return rand(input.shape, { dtype: input.dtype, ...options });
}

/** Standard normal numbers in the shape and dtype of another tensor (torch.randn_like). */
export function randnLike(input: Tensor, options: RandomOptions = {}): Tensor {
  return randn(input.shape, { dtype: input.dtype, ...options });
}

/** Whole numbers from `low` (0 when left out) up to, not including, `high`, as int32 (torch.randint). */
export function randint(high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(low: number, high: number, shape: Shape, options?: RandomOptions): Tensor;
export function randint(a: number, b: number | Shape, c?: Shape | RandomOptions, d?: RandomOptions): Tensor {
  const [low, high, shape, options] =
    typeof b === "number" ? [a, b, c as Shape, d] : [0, a, b, c as RandomOptions | undefined];
  return drawn(checkShape("randint", shape), { dtype: "int32", ...options }, (out, generator) =>
    fillRandint(out, low, high, generator),
  );
}

/** The numbers 0 to n − 1 in random order, as int32 (torch.randperm). */
export function randperm(n: number, options: RandomOptions = {}): Tensor {
  return drawn(checkShape("randperm", [n]), { dtype: "int32", ...options }, fillRandperm);
}

/** Normal numbers with the given mean and standard deviation; either may be a tensor (torch.normal). */
export function normal(
  mean: number | Tensor,
  std: number | Tensor,
  shape?: Shape,
  options: RandomOptions = {},
): Tensor {
  if (typeof mean === "number" && typeof std === "number") {
    if (shape === undefined)
      return fail("invalid_argument", "normal", "a shape is needed beside two numbers", { mean, std });
    return drawn(checkShape("normal", shape), options, (out, generator) => fillNormal(out, mean, std, generator));
  }
  const like =
    mean instanceof Tensor ? (std instanceof Tensor ? mean.detach().add(std.detach()) : mean) : (std as Tensor);
  const draw = randn(like.shape, { dtype: like.dtype, ...options });
  return draw.mul(std).add(mean).detach();
}

/** 1 with the probability that `input` holds, else 0, in the shape and dtype of `input` (torch.bernoulli). */
export function bernoulli(input: Tensor, options: DrawOptions = {}): Tensor {
  return drawn(input.shape, { dtype: input.dtype, ...options }, (out, generator) =>
    fillBernoulli(out, input.array, generator),
  );
}

/**
 * Indices drawn by weight (torch.multinomial).
 *
 * @param input       weights, [C] or [N, C], at least 0 and not all 0; they need not add up to 1
 * @param numSamples  how many to draw from each row
 * @param replacement whether an index may come again. @defaultValue false
 * @returns int32, [numSamples] or [N, numSamples]
 */
export function multinomial(input: Tensor, numSamples: number, replacement = false, options: DrawOptions = {}): Tensor {
  const shape = [...input.shape.slice(0, -1), numSamples];
  return drawn(checkShape("multinomial", shape), { dtype: "int32", ...options }, (out, generator) =>
    fillMultinomial(out, input.array, replacement, generator),
  );
}

/** Poisson counts with the rates that `input` holds (torch.poisson). */
export function poisson(input: Tensor, options: DrawOptions = {}): Tensor {
  return drawn(input.shape, { dtype: input.dtype, ...options }, (out, generator) =>
    fillPoisson(out, input.array, generator),
  );
}

/** Overwrites a tensor with drawn numbers: a change in place like any other. */
function redraw<T extends Tensor>(
  where: string,
  target: T,
  { generator = defaultGenerator }: DrawOptions,
  fill: (out: NDArray, generator: Generator) => void,
): T {
  return rewrite(where, target, (array) => {
    const { storage } = array;
    const { exposed } = storage;
    fill(array, generator);
    storage.exposed = exposed; // what fills it does not keep the typed array
  });
}

/** The methods of a tensor that redraw it in place. */
export interface RandomMethods {
  /** Uniform numbers in [from, to) (torch.Tensor.uniform_). */
  uniform_(from?: number, to?: number, options?: DrawOptions): this;
  /** Normal numbers (torch.Tensor.normal_). */
  normal_(mean?: number, std?: number, options?: DrawOptions): this;
  /** 1 with probability p, else 0 (torch.Tensor.bernoulli_). */
  bernoulli_(p?: number | Tensor, options?: DrawOptions): this;
  /** Exponential numbers with the given rate (torch.Tensor.exponential_). */
  exponential_(rate?: number, options?: DrawOptions): this;
  /** Cauchy numbers (torch.Tensor.cauchy_). */
  cauchy_(median?: number, sigma?: number, options?: DrawOptions): this;
  /** Numbers whose logarithm is normal (torch.Tensor.log_normal_). */
  logNormal_(mean?: number, std?: number, options?: DrawOptions): this;
  /** Number of trials up to the first success of probability p (torch.Tensor.geometric_). */
  geometric_(p: number, options?: DrawOptions): this;
  /** Whole numbers in [from, to), or over the range of the dtype (torch.Tensor.random_). */
  random_(from?: number, to?: number, options?: DrawOptions): this;
}

/** Those methods, to be installed on the class. */
export const randomMethods: ThisType<Tensor> & { [K in keyof RandomMethods]: (...args: never[]) => Tensor } = {
  uniform_(this: Tensor, from = 0, to = 1, options: DrawOptions = {}) {
    return redraw("uniform_", this, options, (out, generator) => fillUniform(out, from, to, generator));
  },
  normal_(this: Tensor, mean = 0, std = 1, options: DrawOptions = {}) {
    return redraw("normal_", this, options, (out, generator) => fillNormal(out, mean, std, generator));
  },
  bernoulli_(this: Tensor, p: number | Tensor = 0.5, options: DrawOptions = {}) {
    return redraw("bernoulli_", this, options, (out, generator) =>
      fillBernoulli(out, p instanceof Tensor ? p.array : p, generator),
    );
  },
  exponential_(this: Tensor, rate = 1, options: DrawOptions = {}) {
    return redraw("exponential_", this, options, (out, generator) => fillExponential(out, rate, generator));
  },
  cauchy_(this: Tensor, median = 0, sigma = 1, options: DrawOptions = {}) {
    return redraw("cauchy_", this, options, (out, generator) => fillCauchy(out, median, sigma, generator));
  },
  logNormal_(this: Tensor, mean = 1, std = 2, options: DrawOptions = {}) {
    return redraw("logNormal_", this, options, (out, generator) => fillLogNormal(out, mean, std, generator));
  },
  geometric_(this: Tensor, p: number, options: DrawOptions = {}) {
    return redraw("geometric_", this, options, (out, generator) => fillGeometric(out, p, generator));
  },
  random_(this: Tensor, from?: number, to?: number, options: DrawOptions = {}) {
    return redraw("random_", this, options, (out, generator) => {
      if (from === undefined) fillRandom(out, generator);
      else fillRandint(out, to === undefined ? 0 : from, to ?? from, generator);
    });
  },
};
