import { isTensor, multinomial, randint, randperm, type Tensor, tensor } from "@tapegrad/autograd";
import { defaultGenerator, fail, Generator, randomInt64 } from "@tapegrad/tensor";

/** An order in which to visit samples, drawn anew by each iteration (torch.utils.data.Sampler). */
export interface Sampler<T = number> extends Iterable<T> {
  /** How many items an iteration gives. */
  readonly length: number;
}

/** One sample after the other (torch.utils.data.SequentialSampler). */
export class SequentialSampler implements Sampler {
  readonly #source: { readonly length: number };

  constructor(source: { readonly length: number }) {
    this.#source = source;
  }

  get length(): number {
    return this.#source.length;
  }

  *[Symbol.iterator](): Draws<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

type Draws<T> = globalThis.Generator<T, void, undefined>;

/** Settings of {@link RandomSampler}. */
export interface RandomSamplerOptions {
  /** Whether a sample may come again. @defaultValue false */
  readonly replacement?: boolean;
  /** How many to draw. @defaultValue the length of the source */
  readonly numSamples?: number;
  /** @defaultValue one seeded by the default generator at each iteration, as torch does */
  readonly generator?: Generator;
}

/** Samples in random order, torch's own (torch.utils.data.RandomSampler). */
export class RandomSampler implements Sampler {
  readonly #source: { readonly length: number };
  readonly #replacement: boolean;
  readonly #numSamples: number | undefined;
  readonly #generator: Generator | undefined;

  constructor(
    source: { readonly length: number },
    { replacement = false, numSamples, generator }: RandomSamplerOptions = {},
  ) {
    this.#source = source;
    this.#replacement = replacement;
    this.#numSamples = numSamples;
    this.#generator = generator;
    if (!Number.isInteger(this.length) || this.length <= 0) {
      fail(
        "invalid_option",
        "RandomSampler",
        "the number of samples must be a positive whole number",
        { numSamples: this.length },
        "an empty dataset cannot be shuffled",
      );
    }
  }

  get length(): number {
    return this.#numSamples ?? this.#source.length;
  }

  *[Symbol.iterator](): Draws<number> {
    const n = this.#source.length;
    const generator = this.#generator ?? new Generator().manualSeed(randomInt64(defaultGenerator));
    let left = this.length;
    if (this.#replacement) {
      for (; left >= 32; left -= 32) yield* randint(n, [32], { generator }).toArray();
      yield* randint(n, [left], { generator }).toArray();
      return;
    }
    for (; left >= n; left -= n) yield* randperm(n, { generator }).toArray();
    yield* randperm(n, { generator }).toArray().slice(0, left); // drawn even where nothing is left, as torch does
  }
}

/** Given samples in random order (torch.utils.data.SubsetRandomSampler). */
export class SubsetRandomSampler implements Sampler {
  readonly #indices: readonly number[];
  readonly #generator: Generator | undefined;

  constructor(indices: readonly number[], { generator }: { readonly generator?: Generator } = {}) {
    this.#indices = indices;
    this.#generator = generator;
  }

  get length(): number {
    return this.#indices.length;
  }

  *[Symbol.iterator](): Draws<number> {
    for (const i of randperm(this.length, this.#generator ? { generator: this.#generator } : {}).toArray())
      yield this.#indices[i]!;
  }
}

/** Settings of {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions {
  /** Whether a sample may come again. @defaultValue true */
  readonly replacement?: boolean;
  readonly generator?: Generator;
}

/** Samples drawn by weight (torch.utils.data.WeightedRandomSampler). */
export class WeightedRandomSampler implements Sampler {
  readonly #weights: Tensor;
  readonly #options: WeightedRandomSamplerOptions;
  readonly length: number;

  constructor(weights: Tensor | readonly number[], numSamples: number, options: WeightedRandomSamplerOptions = {}) {
    if (!Number.isInteger(numSamples) || numSamples <= 0) {
      fail("invalid_option", "WeightedRandomSampler", "the number of samples must be a positive whole number", {
        numSamples,
      });
    }
    this.#weights = isTensor(weights) ? weights.double() : tensor(weights, { dtype: "float64" });
    this.#options = options;
    this.length = numSamples;
  }

  *[Symbol.iterator](): Draws<number> {
    const { replacement = true, generator } = this.#options;
    yield* multinomial(this.#weights, this.length, replacement, generator ? { generator } : {}).toArray();
  }
}

/** Groups the numbers of another sampler into batches (torch.utils.data.BatchSampler). */
export class BatchSampler implements Sampler<number[]> {
  readonly #sampler: Sampler;
  readonly #batchSize: number;
  readonly #dropLast: boolean;

  /** @param dropLast whether a last batch that is not full is left out */
  constructor(sampler: Sampler, batchSize: number, dropLast = false) {
    if (!Number.isInteger(batchSize) || batchSize <= 0) {
      fail("invalid_option", "BatchSampler", "the batch size must be a positive whole number", { batchSize });
    }
    this.#sampler = sampler;
    this.#batchSize = batchSize;
    this.#dropLast = dropLast;
  }

  get length(): number {
    const batches = this.#sampler.length / this.#batchSize;
    return this.#dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Draws<number[]> {
    let batch: number[] = [];
    for (const index of this.#sampler) {
      batch.push(index);
      if (batch.length < this.#batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.#dropLast) yield batch;
  }
}
