import { fail, k, NDArray, normaliseDim } from "@tapegrad/tensor";
import { noGrad } from "./context.ts";
import { made } from "./creation.ts";
import { indexSelect } from "./ops/indexing.ts";
import { movedim, reshape } from "./ops/shape.ts";
import type { Tensor } from "./tensor.ts";

/** What {@link unique} tells besides the values. */
export interface UniqueOptions {
  /** For each element the number of its value. @defaultValue false */
  readonly returnInverse?: boolean;
  /** How often each value occurs. @defaultValue false */
  readonly returnCounts?: boolean;
  /** Of whole slices along a dimension instead of elements. @defaultValue null */
  readonly dim?: number | null;
}

/** What {@link unique} takes. */
export interface SortedUniqueOptions extends UniqueOptions {
  /** Whether the values must be in ascending order. They always are. @defaultValue true */
  readonly sorted?: boolean;
}

/** Different values, and what was asked for besides: they have no gradients. */
export interface UniqueValues {
  readonly values: Tensor;
  /** int32: `values[inverse[i]]` is element i. */
  readonly inverse?: Tensor;
  /** int32: how often each value occurs. */
  readonly counts?: Tensor;
}

/** Asks for more than the values. */
type WithMore<O> = O & ({ readonly returnInverse: true } | { readonly returnCounts: true });

/**
 * The different elements in ascending order; every NaN is a value of its own. Their number depends on the data: a trace does
 * not see how they were found.
 *
 * @returns the values, or with `returnInverse` or `returnCounts` a record of all that was asked for
 * @throws TensorError `invalid_dim`
 * @see torch.unique
 */
export function unique(input: Tensor, options: WithMore<SortedUniqueOptions>): UniqueValues;
export function unique(input: Tensor, options?: SortedUniqueOptions): Tensor;
export function unique(input: Tensor, options: SortedUniqueOptions = {}): Tensor | UniqueValues {
  return different("unique", input, options, true);
}

/**
 * The elements in their order, without those that equal the one before.
 *
 * @returns the values, or with `returnInverse` or `returnCounts` a record of all that was asked for
 * @throws TensorError `invalid_dim`
 * @see torch.unique_consecutive
 */
export function uniqueConsecutive(input: Tensor, options: WithMore<UniqueOptions>): UniqueValues;
export function uniqueConsecutive(input: Tensor, options?: UniqueOptions): Tensor;
export function uniqueConsecutive(input: Tensor, options: UniqueOptions = {}): Tensor | UniqueValues {
  return different("uniqueConsecutive", input, options, false);
}

function different(where: string, input: Tensor, options: UniqueOptions, sorted: boolean): Tensor | UniqueValues {
  const { returnInverse = false, returnCounts = false, dim = null } = options;
  const found = dim === null || input.ndim === 0 ? ofElements(input, sorted) : ofSlices(where, input, dim, sorted);
  if (!returnInverse && !returnCounts) return found.values;
  return {
    values: found.values,
    ...(returnInverse && { inverse: found.inverse }),
    ...(returnCounts && { counts: found.counts }),
  };
}

function ofElements({ array }: Tensor, sorted: boolean): Required<UniqueValues> {
  const { values, inverse, counts } = sorted ? k.unique(array) : k.uniqueConsecutive(array);
  return { values: made(values), inverse: made(inverse), counts: made(counts) };
}

function ofSlices(where: string, input: Tensor, dim: number, sorted: boolean): Required<UniqueValues> {
  const at = normaliseDim(where, dim, input.ndim);
  const size = input.shape[at]!;
  if (input.numel() === 0 && size > 0) {
    fail("invalid_shape", where, "slices without elements cannot be told apart", { shape: input.shape, dim });
  }
  const rows = noGrad(() => reshape(movedim(input, at, 0), [size, size === 0 ? 0 : input.numel() / size])).toArray();
  const width = size === 0 ? 0 : rows.length / size;
  const compare = (a: number, b: number): number => {
    for (let i = 0; i < width; i++) {
      const [x, y] = [rows[a * width + i]!, rows[b * width + i]!];
      if (x !== y) return x < y || Number.isNaN(y) ? -1 : 1;
    }
    return 0;
  };
  const order = Int32Array.from({ length: size }, (_, i) => i);
  if (sorted) order.sort(compare);
  const inverse = new Int32Array(size);
  const [firsts, counts]: [number[], number[]] = [[], []];
  for (const [n, i] of order.entries()) {
    if (n === 0 || compare(order[n - 1]!, i) !== 0) {
      firsts.push(i);
      counts.push(0);
    }
    inverse[i] = firsts.length - 1;
    counts[firsts.length - 1]!++;
  }
  return {
    values: noGrad(() => indexSelect(input.detach(), at, Int32Array.from(firsts))),
    inverse: made(NDArray.wrap(inverse)),
    counts: made(NDArray.wrap(Int32Array.from(counts))),
  };
}
