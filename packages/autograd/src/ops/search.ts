import { fail, isFloating, type NDArray, sameShape } from "@tapegrad/tensor";
import { full, zeros } from "../creation.ts";
import { defineOp, type Op } from "../op.ts";
import { as } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { clampMax } from "./choose.ts";
import { eq, logicalNot } from "./compare.ts";
import { gather, take } from "./gather.ts";
import { indexAdd } from "./indexSelect.ts";
import { type Indices, indexTensor } from "./indexTensor.ts";
import { reshape } from "./shape.ts";
import { sort } from "./sort.ts";

/** Where values belong among equal ones. */
export interface BucketizeOptions {
  /** Behind equal ones, else before them. @defaultValue false */
  readonly right?: boolean;
  /** Whether the result is int32. It always is. @defaultValue false */
  readonly outInt32?: boolean;
}

/** How {@link searchsorted} searches. */
export interface SearchsortedOptions extends BucketizeOptions {
  /** The same as `right`, as NumPy says it. @defaultValue "left" */
  readonly side?: "left" | "right";
  /** The order that sorts a sequence that is not sorted, as argsort gives it. */
  readonly sorter?: Indices;
}

type Search = (sequence: Tensor, values: Tensor, right: boolean) => Tensor;

const search: Op<Search> = defineOp<[Tensor, Tensor], { right: boolean }, Search>(
  () => ({
    name: "searchsorted",
    infer: ([, { shape }]) => ({ shape, dtype: "int32" }),
    forward: (out, [sequence, values], { right }) => {
      const [sorted, wanted] = [sequence.toArray(), values.toArray()];
      const size = sequence.shape.at(-1)!;
      const perLine = sequence.shape.length === 1 ? wanted.length : (values.shape.at(-1) ?? 1);
      wanted.forEach((value, i) => {
        let start = sequence.shape.length === 1 ? 0 : Math.floor(i / perLine) * size;
        const first = start;
        let end = start + size;
        while (start < end) {
          const middle = (start + end) >> 1;
          const here = sorted[middle]!;
          if (right ? !less(value, here) : less(here, value)) start = middle + 1;
          else end = middle;
        }
        out.data[out.offset + i] = start - first;
      });
    },
    backward: null,
  }),
  (apply) => (sequence, values, right) => apply([sequence, values], { right }),
);

/** In the order in which NaN is larger than every number. */
const less = (a: number, b: number): boolean => a < b || (Number.isNaN(b) && !Number.isNaN(a));

/**
 * Where values would have to stand in an ascending sequence to keep it sorted: how many of its elements are smaller, or with
 * `right` not larger.
 *
 * @param sequence [N], or [..., N] with a sequence for each line of `values`
 * @param values   a tensor of the same dtype, or a number
 * @returns int32, in the shape of `values`
 * @throws TensorError `shape_mismatch` | `invalid_dtype` | `invalid_option` | `invalid_shape`
 * @see torch.searchsorted
 */
export function searchsorted(sequence: Tensor, values: Tensor | number, options: SearchsortedOptions = {}): Tensor {
  const { right = false, side, sorter } = options;
  if (side !== undefined && side !== "left" && side !== "right") {
    fail("invalid_option", "searchsorted", "unknown side", { side }, 'one of "left", "right"');
  }
  if (right && side === "left") fail("invalid_option", "searchsorted", "right and side disagree", { right, side });
  return located("searchsorted", sequence, values, { right: right || side === "right", sorter });
}

/**
 * The number of the bucket of each element, of those that ascending boundaries separate (torch.bucketize).
 *
 * @param boundaries a vector
 * @throws TensorError `invalid_shape` | `invalid_dtype`
 */
export function bucketize(
  input: Tensor | number,
  boundaries: Tensor,
  { right = false }: BucketizeOptions = {},
): Tensor {
  if (boundaries.ndim !== 1) {
    fail("invalid_shape", "bucketize", "boundaries must be a vector", { boundaries: boundaries.shape });
  }
  return located("bucketize", boundaries, input, { right });
}

function located(
  where: string,
  sequence: Tensor,
  values: Tensor | number,
  { right, sorter }: { right: boolean; sorter?: Indices | undefined },
): Tensor {
  const wanted = as(values, sequence.dtype, where);
  if (values instanceof Tensor && values.dtype !== sequence.dtype) {
    fail("invalid_dtype", where, "the dtypes differ", { sequence: sequence.dtype, values: values.dtype });
  }
  if (sequence.ndim === 0) fail("invalid_shape", where, "a sequence has at least one dimension", {});
  if (sequence.ndim > 1 && !sameShape(sequence.shape.slice(0, -1), wanted.shape.slice(0, -1))) {
    const facts = { sequence: sequence.shape, values: wanted.shape };
    fail("shape_mismatch", where, "there must be a sequence for each line of values", facts);
  }
  const sorted = sorter === undefined ? sequence : gather(sequence, -1, indexTensor(where, sorter));
  return search(sorted, wanted, right);
}

/** What {@link isin} takes. */
export interface IsinOptions {
  /** Whether both have no element twice; it does not matter here. @defaultValue false */
  readonly assumeUnique?: boolean;
  /** Ask for those that are not among them. @defaultValue false */
  readonly invert?: boolean;
}

/** Whether each element is among the elements of another tensor, or is equal to a number (torch.isin). */
export function isin(elements: Tensor, testElements: Tensor | number, { invert = false }: IsinOptions = {}): Tensor {
  const found = among(elements, testElements);
  return invert ? logicalNot(found) : found;
}

function among(elements: Tensor, test: Tensor | number): Tensor {
  if (!(test instanceof Tensor)) return eq(elements, test);
  if (test.numel() === 0) return full(elements.shape, false);
  const sorted = sort(reshape(as(test, elements.dtype, "isin"), [-1])).values;
  const places = clampMax(search(sorted, elements, false), sorted.numel() - 1);
  return eq(take(sorted, places), elements);
}

/**
 * How often each whole number occurs, or the sum of the weights of its places.
 *
 * @param input     int32 vector, at least 0
 * @param weights   a vector of as many elements
 * @param minlength the least number of counts. @defaultValue 0
 * @returns int32 [max(minlength, largest + 1)]; of weights, their dtype, float64 for integers
 * @throws TensorError `invalid_shape` | `invalid_dtype` | `invalid_argument` | `shape_mismatch`
 * @see torch.bincount
 */
export function bincount(input: Tensor, weights?: Tensor | null, minlength = 0): Tensor {
  const where = "bincount";
  if (input.ndim !== 1) fail("invalid_shape", where, "the input must be a vector", { input: input.shape });
  if (isFloating(input.dtype)) fail("invalid_dtype", where, "only integers are counted", { dtype: input.dtype });
  if (!Number.isInteger(minlength) || minlength < 0) {
    fail("invalid_argument", where, "minlength must be a whole number of at least 0", { minlength });
  }
  const places = as(input, "int32");
  const list = Array.from(places.toArray());
  if (list.some((value) => value < 0)) fail("invalid_argument", where, "negative numbers are not counted", {});
  const size = list.reduce((most, value) => Math.max(most, value + 1), minlength);
  if (weights === undefined || weights === null) {
    return indexAdd(zeros([size], { dtype: "int32" }), 0, places, full(input.shape, 1, { dtype: "int32" }));
  }
  if (!sameShape(weights.shape, input.shape)) {
    fail("shape_mismatch", where, "there must be one weight for each", { input: input.shape, weights: weights.shape });
  }
  const heavy = isFloating(weights.dtype) ? weights.detach() : as(weights, "float64");
  return indexAdd(zeros([size], { dtype: heavy.dtype }), 0, places, heavy);
}

interface Bins {
  readonly bins: number;
  readonly min: number;
  readonly max: number;
}

const histogram: Op<(input: Tensor, bins: Bins) => Tensor> = defineOp<
  [Tensor],
  Bins,
  (input: Tensor, bins: Bins) => Tensor
>(
  () => ({
    name: "histc",
    infer: ([{ dtype }], { bins }) => ({ shape: [bins], dtype }),
    forward: countInBins,
    backward: null,
  }),
  (apply) => (input, bins) => apply([input], bins),
);

function countInBins(out: NDArray, [input]: readonly [NDArray], { bins, min, max }: Bins): void {
  const elements = input.toArray();
  let [low, high] = [min, max];
  if (low === high && elements.length > 0) {
    [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const x of elements) [low, high] = [Math.min(low, x), Math.max(high, x)];
    if (!Number.isFinite(low) || !Number.isFinite(high)) {
      fail("invalid_argument", "histc", "the range of the elements is not finite", { min: low, max: high });
    }
  }
  if (low === high) [low, high] = [low - 1, high + 1];
  for (const x of elements) {
    if (!(x >= low && x <= high)) continue;
    const bin = Math.min(Math.floor(((x - low) * bins) / (high - low)), bins - 1);
    out.data[out.offset + bin]!++;
  }
}

/**
 * How many elements lie in each of `bins` equal parts of a range; others, and NaN, are not counted (torch.histc).
 *
 * @param input floating-point
 * @param bins  @defaultValue 100
 * @param min   @defaultValue 0
 * @param max   where it equals `min`, the range is that of the elements. @defaultValue 0
 * @throws TensorError `invalid_dtype` | `invalid_argument`
 */
export function histc(input: Tensor, bins = 100, min = 0, max = 0): Tensor {
  if (!isFloating(input.dtype)) {
    fail("invalid_dtype", "histc", "the elements must be floating-point", { dtype: input.dtype }, "use .float()");
  }
  if (!Number.isInteger(bins) || bins < 1 || !Number.isFinite(min) || !Number.isFinite(max) || min > max) {
    fail("invalid_argument", "histc", "needs a whole number of bins, and min before max", { bins, min, max });
  }
  return histogram(input, { bins, min, max });
}
