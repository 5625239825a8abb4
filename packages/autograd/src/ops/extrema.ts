import { fail, k, type NDArray, normaliseDim, reducedShape } from "@tapegrad/tensor";
import { defineOp, type InputGradient, type Op, type OpSpec } from "../op.ts";
import { Tensor } from "../tensor.ts";
import { div } from "./arithmetic.ts";
import { where } from "./choose.ts";
import { eq } from "./compare.ts";
import { gather } from "./indexing.ts";
import { sum } from "./reduce.ts";
import { type Reduce, type ReduceAttrs, type ReduceOptions, reduction, restored } from "./reduction.ts";
import { reshape, squeeze } from "./shape.ts";

/** The gradient shared evenly among the elements equal to the extremum, as torch.amax and amin do. */
const toExtrema: InputGradient<ReduceAttrs> = (ctx) => {
  const input = ctx.input(0);
  const best = restored(ctx.output, ctx.attrs, input.shape);
  const hit = eq(input, best);
  const share = div(restored(ctx.grad, ctx.attrs, input.shape), sum(hit, ctx.attrs.dims, { keepdim: true }));
  return where(hit, share, 0);
};

/** The largest over dimensions, NaN if any is; ties share the gradient evenly (torch.amax). */
export const amax: Op<Reduce> = reduction(() => ({
  name: "amax",
  kernel: k.amax,
  nonEmpty: true,
  saves: [0, "output"],
  backward: toExtrema,
}));

/** The smallest over dimensions, NaN if any is; ties share the gradient evenly (torch.amin). */
export const amin: Op<Reduce> = reduction(() => ({
  name: "amin",
  kernel: k.amin,
  nonEmpty: true,
  saves: [0, "output"],
  backward: toExtrema,
}));

/** A function that finds where the extremum is. */
export type ArgReduce = (input: Tensor, dim?: number | null, options?: ReduceOptions) => Tensor;

/** Declares a function that finds an extremum, of truth values too. */
function argReduction(name: string, kernel: (out: NDArray, input: NDArray, dim: number) => void): Op<ArgReduce> {
  const spec: OpSpec<[Tensor], { dim: number; keepdim: boolean }> = {
    name,
    infer: ([{ shape }], { dim, keepdim }) => {
      if (shape[dim] === 0) fail("invalid_shape", name, "a dimension of size 0 has no extremum", { shape, dim });
      return { shape: reducedShape(shape, [dim], keepdim), dtype: "int32" };
    },
    forward: (out, [input], { dim }) => {
      if (input.shape.length === 0) return; // the index of a single number is 0
      kernel(out.reshaped(reducedShape(input.shape, [dim], true))!, input, dim);
    },
    backward: null,
  };
  return defineOp(spec, (call) => (input, dim, { keepdim = false } = {}) => {
    if (dim === undefined || dim === null) {
      const flat = call([reshape(input, [-1])], { dim: 0, keepdim: false });
      return keepdim
        ? reshape(
            flat,
            input.shape.map(() => 1),
          )
        : flat;
    }
    return call([input], { dim: normaliseDim(name, dim, input.ndim), keepdim });
  });
}

const largestAt: Op<ArgReduce> = argReduction("argmax", k.argmax);
const smallestAt: Op<ArgReduce> = argReduction("argmin", k.argmin);

/**
 * The index of the largest along a dimension, or in the flattened tensor; the first of equals, and NaN is largest (torch.argmax).
 *
 * @throws TensorError `invalid_dtype` for truth values; `invalid_dim` | `invalid_shape`
 */
export const argmax: Op<ArgReduce> = ofNumbers(largestAt);

/**
 * The index of the smallest along a dimension, or in the flattened tensor; the first of equals, and NaN is smallest (torch.argmin).
 *
 * @throws TensorError `invalid_dtype` for truth values; `invalid_dim` | `invalid_shape`
 */
export const argmin: Op<ArgReduce> = ofNumbers(smallestAt);

function ofNumbers(find: Op<ArgReduce>): Op<ArgReduce> {
  const { spec } = find;
  const call: ArgReduce = (input, dim, options) => {
    if (input.dtype === "bool") {
      fail("invalid_dtype", spec.name, "truth values have no extremum", { dtype: "bool" }, "convert it with .int()");
    }
    return find(input, dim, options);
  };
  return Object.assign(call, { spec });
}

/** Values found along a dimension, and where. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** Largest of all (a scalar), along a dimension with the indices, or of two tensors element by element (torch.max). */
export function max(input: Tensor): Tensor;
export function max(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function max(input: Tensor, dim?: number, options?: ReduceOptions): Tensor | ValuesAndIndices {
  return dim === undefined ? amax(input) : extremum("max", input, dim, options, largestAt);
}

/** Smallest of all (a scalar), or along a dimension with the indices (torch.min). */
export function min(input: Tensor): Tensor;
export function min(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function min(input: Tensor, dim?: number, options?: ReduceOptions): Tensor | ValuesAndIndices {
  return dim === undefined ? amin(input) : extremum("min", input, dim, options, smallestAt);
}

/** The ends of the range of the elements. */
export interface MinMax {
  readonly min: Tensor;
  readonly max: Tensor;
}

/** What {@link aminmax} takes. */
export interface AminmaxOptions extends ReduceOptions {
  /** The dimension to reduce; without it, all. */
  readonly dim?: number | null;
}

/** The smallest and the largest, of all or along a dimension; ties share the gradient evenly (torch.aminmax). */
export function aminmax(input: Tensor, { dim, ...options }: AminmaxOptions = {}): MinMax {
  return { min: amin(input, dim, options), max: amax(input, dim, options) };
}

function extremum(
  where: string,
  input: Tensor,
  dim: number,
  { keepdim = false }: ReduceOptions = {},
  find: Op<ArgReduce>,
): ValuesAndIndices {
  if (!(input instanceof Tensor))
    fail("invalid_argument", where, "the input must be a tensor", { found: typeof input });
  if (input.ndim === 0) return { values: input, indices: find(input, dim) };
  const at = normaliseDim(where, dim, input.ndim);
  const indices = find(input, at, { keepdim: true });
  const values = gather(input, at, indices);
  return keepdim ? { values, indices } : { values: squeeze(values, at), indices: squeeze(indices, at) };
}
