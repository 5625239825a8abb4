import { fail, k, type NDArray, normaliseDim, reducedShape } from "@tapegrad/tensor";
import { defineOp, type InputGradient, type Op, type OpSpec } from "../op.ts";
import type { Tensor } from "../tensor.ts";
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
export const amax: Op<Reduce> = reduction({
  name: "amax",
  kernel: k.amax,
  nonEmpty: true,
  saves: [0, "output"],
  backward: toExtrema,
});

/** The smallest over dimensions, NaN if any is; ties share the gradient evenly (torch.amin). */
export const amin: Op<Reduce> = reduction({
  name: "amin",
  kernel: k.amin,
  nonEmpty: true,
  saves: [0, "output"],
  backward: toExtrema,
});

/** A function that finds where the extremum is. */
export type ArgReduce = (input: Tensor, dim?: number | null, options?: ReduceOptions) => Tensor;

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

/** The index of the largest along a dimension, or in the flattened tensor; the first of equals, and NaN is largest (torch.argmax). */
export const argmax: Op<ArgReduce> = argReduction("argmax", k.argmax);

/** The index of the smallest along a dimension, or in the flattened tensor; the first of equals, and NaN is smallest (torch.argmin). */
export const argmin: Op<ArgReduce> = argReduction("argmin", k.argmin);

/** Values found along a dimension, and where. */
export interface ValuesAndIndices {
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** Largest of all (a scalar), along a dimension with the indices, or of two tensors element by element (torch.max). */
export function max(input: Tensor): Tensor;
export function max(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function max(input: Tensor, dim?: number, options?: ReduceOptions): Tensor | ValuesAndIndices {
  return dim === undefined ? amax(input) : extremum(input, dim, options, argmax);
}

/** Smallest of all (a scalar), or along a dimension with the indices (torch.min). */
export function min(input: Tensor): Tensor;
export function min(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function min(input: Tensor, dim?: number, options?: ReduceOptions): Tensor | ValuesAndIndices {
  return dim === undefined ? amin(input) : extremum(input, dim, options, argmin);
}

function extremum(
  input: Tensor,
  dim: number,
  { keepdim = false }: ReduceOptions = {},
  find: Op<ArgReduce>,
): ValuesAndIndices {
  if (input.ndim === 0) return { values: input, indices: find(input, dim) };
  const at = normaliseDim("max", dim, input.ndim);
  const indices = find(input, at, { keepdim: true });
  const values = gather(input, at, indices);
  return keepdim ? { values, indices } : { values: squeeze(values, at), indices: squeeze(indices, at) };
}
