import { randperm, type Tensor } from "@tapegrad/autograd";
import { fail, type Generator } from "@tapegrad/tensor";

/** Samples that can be had by number (torch.utils.data.Dataset). */
export interface Dataset<T> {
  /** How many samples there are. */
  readonly length: number;
  /** Sample number `index`, 0 ≤ index < length. */
  get(index: number): T;
  /** A whole batch at once, where that is cheaper than sample by sample; it must equal collating those. */
  getBatch?(indices: readonly number[]): T;
}

/**
 * Tensors whose first dimension counts the samples (torch.utils.data.TensorDataset): sample i is row i of each.
 *
 * @throws TensorError `shape_mismatch` when the first dimensions differ
 */
export class TensorDataset<T extends readonly Tensor[] = Tensor[]> implements Dataset<T> {
  /** The tensors. */
  readonly tensors: T;

  constructor(...tensors: T) {
    const sizes = tensors.map((tensor) => tensor.shape[0]);
    if (tensors.length === 0 || sizes.some((size) => size === undefined || size !== sizes[0])) {
      fail("shape_mismatch", "TensorDataset", "the tensors do not have one first dimension", {
        shapes: tensors.map(({ shape }) => shape),
      });
    }
    this.tensors = tensors;
  }

  get length(): number {
    return this.tensors[0]!.shape[0]!;
  }

  get(index: number): T {
    return this.tensors.map((tensor) => tensor.select(0, index)) as readonly Tensor[] as T;
  }

  getBatch(indices: readonly number[]): T {
    return this.tensors.map((tensor) => tensor.indexSelect(0, indices)) as readonly Tensor[] as T;
  }
}

/** Some samples of another dataset, by number (torch.utils.data.Subset). */
export class Subset<T> implements Dataset<T> {
  readonly dataset: Dataset<T>;
  readonly indices: readonly number[];
  readonly getBatch?: (indices: readonly number[]) => T;

  constructor(dataset: Dataset<T>, indices: readonly number[]) {
    this.dataset = dataset;
    this.indices = indices;
    if (dataset.getBatch) this.getBatch = (wanted) => dataset.getBatch!(wanted.map((i) => indices[i]!));
  }

  get length(): number {
    return this.indices.length;
  }

  get(index: number): T {
    const at =
      this.indices[index] ?? fail("invalid_index", "Subset", "there is no such sample", { index, length: this.length });
    return this.dataset.get(at);
  }
}

/** Several datasets one after the other (torch.utils.data.ConcatDataset). */
export class ConcatDataset<T> implements Dataset<T> {
  readonly datasets: readonly Dataset<T>[];

  constructor(datasets: readonly Dataset<T>[]) {
    if (datasets.length === 0) fail("invalid_argument", "ConcatDataset", "there are no datasets");
    this.datasets = datasets;
  }

  get length(): number {
    return this.datasets.reduce((total, { length }) => total + length, 0);
  }

  get(index: number): T {
    let at = index;
    for (const dataset of this.datasets) {
      if (at < dataset.length) return dataset.get(at);
      at -= dataset.length;
    }
    return fail("invalid_index", "ConcatDataset", "there is no such sample", { index, length: this.length });
  }
}

/**
 * Splits a dataset at random into parts that do not overlap (torch.utils.data.random_split).
 *
 * @param lengths   sizes that add up to the dataset's, or fractions that add up to 1
 * @param generator where the order comes from. @defaultValue the default generator
 */
export function randomSplit<T>(
  dataset: Dataset<T>,
  lengths: readonly number[],
  { generator }: { readonly generator?: Generator } = {},
): Subset<T>[] {
  const sizes = splitSizes(dataset.length, lengths);
  const order = [...randperm(dataset.length, generator ? { generator } : {}).toArray()];
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return new Subset(dataset, order.slice(start - size, start));
  });
}

function splitSizes(length: number, lengths: readonly number[]): readonly number[] {
  const total = lengths.reduce((sum, size) => sum + size, 0);
  if (lengths.some((size) => !(size >= 0)))
    fail("invalid_argument", "randomSplit", "sizes must be at least 0", { lengths });
  if (
    Math.abs(total - 1) < 1e-9 &&
    total <= 1 + 1e-9 &&
    lengths.some((size) => !Number.isInteger(size) || length !== 1)
  ) {
    // fractions: rounded down, and what is left goes round from the first part on
    const sizes = lengths.map((fraction) => Math.floor(length * fraction));
    const left = length - sizes.reduce((sum, size) => sum + size, 0);
    for (let i = 0; i < left; i++) sizes[i % sizes.length]! += 1;
    return sizes;
  }
  if (total !== length || !lengths.every(Number.isInteger)) {
    fail(
      "invalid_argument",
      "randomSplit",
      "the sizes do not add up to the dataset",
      { lengths, total, dataset: length },
      "give whole numbers that add up to it, or fractions that add up to 1",
    );
  }
  return lengths;
}
