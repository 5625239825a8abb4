import { fail, sameShape } from "@tapegrad/tensor";
import { tensor } from "../creation.ts";
import { Tensor } from "../tensor.ts";
import { pickPlaces, placesOf } from "./indexOp.ts";
import { type IndexList, indexTensor, outOfRange } from "./indexTensor.ts";
import { nonzero } from "./masked.ts";
import { permute, reshape, select, strideOver, unsqueeze } from "./shape.ts";

/** A range of indices, as `start:stop:step` in Python. */
export interface Slice {
  /** The first index; null: the end that the step starts from. */
  readonly start: number | null;
  /** Where to stop, not included; null: past the last. */
  readonly stop: number | null;
  /** From one index to the next; negative: backwards. */
  readonly step: number;
}

/** Truth values in nested lists that form a box. */
export type MaskList = readonly (boolean | MaskList)[];

/**
 * One index of {@link at}: a number, a {@link slice}, `null` for a new dimension of size 1, `"..."` for as many whole
 * dimensions as fit, integers (tensor, Int32Array or nested lists), or truth values (a bool tensor, nested lists or one).
 */
export type Index = number | boolean | Slice | null | "..." | Tensor | Int32Array | IndexList | MaskList;

/**
 * The range `start:stop:step` for {@link at}. Negative bounds count from the end; bounds beyond the ends are cut.
 *
 * @param step not 0; a negative one walks backwards, and then `start` defaults to the last index
 * @throws TensorError `invalid_argument` for a step of 0 and for bounds that are not whole numbers
 */
export function slice(start: number | null = null, stop: number | null = null, step = 1): Slice {
  if (![start ?? 0, stop ?? 0, step].every(Number.isInteger) || step === 0) {
    fail("invalid_argument", "slice", "bounds must be whole numbers, and the step not 0", { start, stop, step });
  }
  return { start, stop, step };
}

/**
 * `input[...]` as Python writes it: `at(x, 0, slice(1, 3), "...", [0, 2])` is `x[0, 1:3, ..., [0, 2]]`.
 *
 * Numbers, slices, `null` and `"..."` give a view. Integers and masks give a copy: they are broadcast against each other, and
 * their dimensions stand where the indexed ones stood if those were neighbours, else at the front.
 *
 * @throws TensorError `invalid_index` | `invalid_dtype` | `shape_mismatch` | `invalid_argument`
 * @see torch.Tensor.__getitem__; negative steps are an extension
 */
export function at(input: Tensor, ...indices: Index[]): Tensor {
  const { view, advanced } = resolve("at", input, indices);
  return advanced === null ? view : pickPlaces(view, advanced.places, advanced);
}

/** What indices mean for a tensor. */
export interface Resolved {
  /** The view that numbers, slices, `null` and `"..."` give, its dimensions in order for the rest. */
  readonly view: Tensor;
  /** Which neighbouring dimensions of the view the integers and masks replace, and by what; null: there are none. */
  readonly advanced: { readonly dim: number; readonly count: number; readonly places: Tensor } | null;
}

/** Works out what indices mean. @param where who is blamed */
export function resolve(where: string, input: Tensor, indices: readonly Index[]): Resolved {
  const items = indices.map((index) => (isList(index) ? fromList(where, index) : index));
  const specified = items.reduce<number>((count, item) => count + dimsTaken(item), 0);
  if (specified > input.ndim) {
    fail("invalid_index", where, "too many indices", { shape: input.shape, indices: specified });
  }
  if (items.filter((item) => item === "...").length > 1) {
    fail("invalid_argument", where, 'only one "..." can stand among the indices', { shape: input.shape });
  }
  let view = input;
  let dim = 0;
  const places = new Map<number, Tensor>();
  for (const item of items) {
    if (item === null) view = unsqueeze(view, dim++);
    else if (item === "...") dim += input.ndim - specified;
    else if (typeof item === "number") view = pickOne(where, view, dim, item);
    else if (item instanceof Tensor && item.ndim === 0 && item.dtype === "int32") {
      view = pickOne(where, view, dim, item.item()); // as torch has it: a number, and so a view
    } else if (typeof item === "boolean" || (item instanceof Tensor && item.dtype === "bool")) {
      const mask = typeof item === "boolean" ? tensor(item) : item;
      if (mask.ndim === 0) view = unsqueeze(view, dim);
      dim = maskPlaces(where, view, dim, mask, places);
    } else if (item instanceof Tensor) places.set(dim++, indexTensor(where, item));
    else view = pickRange(where, view, dim++, item);
  }
  return places.size === 0 ? { view, advanced: null } : together(where, view, places);
}

type List = Int32Array | IndexList | MaskList;

type Item = Exclude<Index, List>;

const isList = (index: Index): index is List => Array.isArray(index) || index instanceof Int32Array;

function fromList(where: string, list: List): Item {
  let first: unknown = list;
  while (Array.isArray(first)) first = first[0];
  return typeof first === "boolean" ? tensor(list as MaskList) : indexTensor(where, list as Int32Array | IndexList);
}

function dimsTaken(item: Item): number {
  if (item === null || item === "..." || typeof item === "boolean") return 0;
  return item instanceof Tensor && item.dtype === "bool" ? item.ndim : 1;
}

function pickOne(where: string, view: Tensor, dim: number, index: number): Tensor {
  const size = view.shape[dim]!;
  if (!Number.isInteger(index)) {
    fail("invalid_index", where, "an index must be a whole number", { index });
  }
  if (index < -size || index >= size) outOfRange(where, index, dim, size);
  return select(view, dim, index);
}

function pickRange(where: string, view: Tensor, dim: number, range: Slice): Tensor {
  if (typeof range !== "object" || !("step" in range)) {
    const hint = 'an index is a number, slice(), null, "...", integers or truth values';
    return fail("invalid_argument", where, "this is not an index", { index: String(range) }, hint);
  }
  const { start, stop, step } = range;
  const size = view.shape[dim]!;
  const [first, last] = step > 0 ? [0, size] : [-1, size - 1]; // where a bound may lie
  const bound = (at: number | null, otherwise: number): number =>
    at === null ? otherwise : Math.min(Math.max(at < 0 ? at + size : at, first), last);
  const from = bound(start, step > 0 ? 0 : size - 1);
  const to = bound(stop, step > 0 ? size : -1);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return count === size && step === 1 ? view : strideOver(view, dim, from, count, step);
}

/** Adds the indices of a mask's true elements, one for each of its dimensions, and returns the dimension after them. */
function maskPlaces(where: string, view: Tensor, dim: number, given: Tensor, places: Map<number, Tensor>): number {
  const mask = given.ndim === 0 ? reshape(given, [1]) : given;
  const covered = view.shape.slice(dim, dim + mask.ndim);
  if (!sameShape(covered, mask.shape)) {
    const facts = { mask: mask.shape, dimensions: covered, tensor: view.shape };
    fail("shape_mismatch", where, "the mask does not have the shape of the dimensions that it indexes", facts);
  }
  const found = nonzero(mask);
  for (let d = 0; d < mask.ndim; d++) places.set(dim + d, select(found, 1, d));
  return dim + mask.ndim;
}

/** Brings the dimensions that are pointed into together, and their indices into one. */
function together(where: string, view: Tensor, places: ReadonlyMap<number, Tensor>): Resolved {
  const dims = [...places.keys()];
  const neighbours = dims.at(-1)! - dims[0]! === dims.length - 1;
  const rest = view.shape.map((_, d) => d).filter((d) => !places.has(d));
  const ordered = neighbours ? view : permute(view, [...dims, ...rest]);
  const dim = neighbours ? dims[0]! : 0;
  const count = dims.length;
  const sizes = ordered.shape.slice(dim, dim + count);
  return { view: ordered, advanced: { dim, count, places: placesOf([...places.values()], { where, dim, sizes }) } };
}
