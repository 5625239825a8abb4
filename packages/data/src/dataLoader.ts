import { checkOptions, defaultGenerator, fail, type Generator, randomInt64 } from "@tapegrad/tensor";
import { type Collated, defaultCollate } from "./collate.ts";
import type { Dataset } from "./dataset.ts";
import { BatchSampler, RandomSampler, type Sampler, SequentialSampler } from "./samplers.ts";

/** Settings of {@link DataLoader}. */
export interface DataLoaderOptions<T, B> {
  /** Samples in a batch. @defaultValue 1 */
  readonly batchSize?: number;
  /** Whether the order is drawn anew for each epoch. @defaultValue false */
  readonly shuffle?: boolean;
  /** Whether a last batch that is not full is left out. @defaultValue false */
  readonly dropLast?: boolean;
  /** The order of samples, instead of `shuffle`. */
  readonly sampler?: Sampler;
  /** The batches themselves, instead of all of the above. */
  readonly batchSampler?: Sampler<number[]>;
  /** Makes a batch of samples. @defaultValue {@link defaultCollate} */
  readonly collate?: (samples: T[]) => B;
  /** Where the order comes from. @defaultValue the default generator */
  readonly generator?: Generator;
}

const known = ["batchSize", "shuffle", "dropLast", "sampler", "batchSampler", "collate", "generator"];

/**
 * Batches of a dataset, one epoch an iteration, by `for` or `for await` (torch.utils.data.DataLoader). With `manualSeed` the order is torch's.
 *
 * @throws TensorError `invalid_option` for settings that contradict each other
 */
export class DataLoader<T, B = Collated<T>> implements Iterable<B>, AsyncIterable<B> {
  readonly dataset: Dataset<T>;
  readonly batchSampler: Sampler<number[]>;
  readonly #collate: ((samples: T[]) => B) | undefined;
  readonly #generator: Generator;

  constructor(dataset: Dataset<T>, options: DataLoaderOptions<T, B> = {}) {
    checkOptions("DataLoader", options, known);
    const { batchSize = 1, shuffle = false, dropLast = false, sampler, batchSampler, collate, generator } = options;
    if (sampler !== undefined && shuffle)
      fail(
        "invalid_option",
        "DataLoader",
        "a sampler already says the order",
        { shuffle },
        "leave out one of sampler and shuffle",
      );
    if (
      batchSampler !== undefined &&
      (options.batchSize !== undefined || shuffle || sampler !== undefined || dropLast)
    ) {
      fail(
        "invalid_option",
        "DataLoader",
        "a batch sampler already says the batches",
        { options: Object.keys(options) },
        "leave out batchSize, shuffle, sampler and dropLast",
      );
    }
    this.dataset = dataset;
    const order =
      sampler ??
      (shuffle ? new RandomSampler(dataset, generator ? { generator } : {}) : new SequentialSampler(dataset));
    this.batchSampler = batchSampler ?? new BatchSampler(order, batchSize, dropLast);
    this.#collate = collate;
    this.#generator = generator ?? defaultGenerator;
  }

  /** Batches in an epoch. */
  get length(): number {
    return this.batchSampler.length;
  }

  *[Symbol.iterator](): IterableIterator<B> {
    randomInt64(this.#generator); // torch draws a seed for its workers, whether there are any or not
    for (const indices of this.batchSampler) yield this.#load(indices);
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<B> {
    for (const batch of this) yield batch;
  }

  #load(indices: readonly number[]): B {
    const { dataset } = this;
    if (this.#collate === undefined && dataset.getBatch) return dataset.getBatch(indices) as unknown as B;
    const samples = indices.map((index) => dataset.get(index));
    return this.#collate ? this.#collate(samples) : (defaultCollate(samples) as unknown as B);
  }
}
