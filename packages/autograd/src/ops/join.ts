import { type DType, fail, k, normaliseDim, promote, type Shape, sameShape } from "@tapegrad/tensor";
import { defineOp, type Meta, type Op } from "../op.ts";
import { as } from "../operands.ts";
import type { Tensor } from "../tensor.ts";
import { checkTensors } from "./checkTensors.ts";
import { expand, narrow, reshape, unsqueeze } from "./shape.ts";

export * from "./arrange.ts";
export * from "./pad.ts";
export * from "./split.ts";
export * from "./triangle.ts";

/** Tensors laid one after the other along a dimension. */
export type Cat = (tensors: readonly Tensor[], dim?: number) => Tensor;

interface CatAttrs {
  readonly dim: number;
  /** Where each tensor starts. */
  readonly starts: readonly number[];
}

/** Tensors of shape [0] fit everywhere, as an empty list does. */
const isNothing = ({ shape }: Meta): boolean => shape.length === 1 && shape[0] === 0;

/**
 * Tensors laid one after the other along a dimension, in their common dtype.
 *
 * @param tensors at least one; alike in all sizes but that of `dim`. Those of shape [0] are passed over
 * @param dim     @defaultValue 0
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dim` | `invalid_argument`
 * @see torch.cat
 */
export const cat: Op<Cat> = defineOp<readonly Tensor[], CatAttrs, Cat>(
  () => ({
    name: "cat",
    infer: (inputs, { dim }) => {
      const first = inputs.find((input) => !isNothing(input)) ?? inputs[0]!;
      let size = 0;
      inputs.forEach((input, i) => {
        if (isNothing(input)) return;
        checkAlike(first, input, i, dim);
        size += input.shape[dim]!;
      });
      return { shape: first.shape.map((n, d) => (d === dim ? size : n)), dtype: first.dtype };
    },
    forward: (out, inputs, { dim, starts }) => {
      inputs.forEach((input, i) => {
        if (input.size > 0) k.copy(out.slice(dim, starts[i]!, input.shape[dim]!), input);
      });
    },
    backward: (ctx, i) => {
      const { shape } = ctx.inputMeta(i);
      const { dim, starts } = ctx.attrs;
      const nothing = shape.length < ctx.shape.length;
      return nothing ? reshape(narrow(ctx.grad, dim, 0, 0), shape) : narrow(ctx.grad, dim, starts[i]!, shape[dim]!);
    },
  }),
  (apply) =>
    (tensors, dim = 0) => {
      checkTensors("cat", tensors);
      for (const [position, { ndim }] of tensors.entries()) {
        if (ndim === 0) {
          const hint = "use stack(), which puts in a dimension";
          fail("invalid_shape", "cat", "0-d tensors cannot be laid one after the other", { position }, hint);
        }
      }
      const like = tensors.find((input) => !isNothing(input)) ?? tensors[0]!;
      const at = normaliseDim("cat", dim, like.ndim);
      let next = 0;
      const starts = tensors.map((input) => {
        const start = next;
        if (!isNothing(input)) next += input.shape[at] ?? 0;
        return start;
      });
      const dtype = tensors.reduce<DType>((common, input) => promote(common, input.dtype), tensors[0]!.dtype);
      return apply(
        tensors.map((input) => as(input, dtype)),
        { dim: at, starts },
      );
    },
);

function checkAlike(first: Meta, input: Meta, position: number, dim: number): void {
  const { shape } = input;
  if (shape.length === first.shape.length && shape.every((size, d) => d === dim || size === first.shape[d])) return;
  const facts = { first: first.shape, [`tensor ${position}`]: shape, dim };
  fail("shape_mismatch", "cat", "the shapes differ in more than the size of the dimension to join", facts);
}

/**
 * Tensors of one shape side by side in a new dimension.
 *
 * @param tensors at least one
 * @param dim     where the new dimension stands in the result. @defaultValue 0
 * @throws TensorError `shape_mismatch` | `invalid_dim` | `invalid_argument`
 * @see torch.stack
 */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors("stack", tensors);
  const first = tensors[0]!;
  tensors.forEach(({ shape }, i) => {
    if (sameShape(shape, first.shape)) return;
    fail("shape_mismatch", "stack", "the shapes differ", { first: first.shape, [`tensor ${i}`]: shape });
  });
  const at = normaliseDim("stack", dim, first.ndim + 1);
  return cat(
    tensors.map((input) => unsqueeze(input, at)),
    at,
  );
}

/** Tensors laid side by side: along the first dimension for vectors, else along the second (torch.hstack). */
export function hstack(tensors: readonly Tensor[]): Tensor {
  checkTensors("hstack", tensors);
  const joined = tensors.map((input) => (input.ndim === 0 ? reshape(input, [1]) : input));
  return cat(joined, joined[0]!.ndim === 1 ? 0 : 1);
}

/** Tensors laid on top of each other; vectors count as rows (torch.vstack). */
export function vstack(tensors: readonly Tensor[]): Tensor {
  checkTensors("vstack", tensors);
  return cat(
    tensors.map((input) => (input.ndim < 2 ? reshape(input, [1, input.numel()]) : input)),
    0,
  );
}

/** How {@link meshgrid} orders the first two dimensions. */
export interface MeshgridOptions {
  /** "ij": the first vector runs along the first dimension; "xy": along the second. @defaultValue "ij" */
  readonly indexing?: "ij" | "xy";
}

/**
 * The coordinates of a grid: for each vector a tensor of the grid's shape in which it runs along its own dimension. They
 * are views.
 *
 * @param tensors vectors, or single numbers, of one dtype
 * @throws TensorError `invalid_shape` | `invalid_dtype` | `invalid_option` | `invalid_argument`
 * @see torch.meshgrid
 */
export function meshgrid(tensors: readonly Tensor[], { indexing = "ij" }: MeshgridOptions = {}): Tensor[] {
  const where = "meshgrid";
  if (tensors.length === 0) fail("invalid_argument", where, "at least one tensor is needed");
  if (indexing !== "ij" && indexing !== "xy") {
    fail("invalid_option", where, "unknown order", { indexing }, 'one of "ij", "xy"');
  }
  for (const { shape, dtype } of tensors) {
    if (shape.length > 1) fail("invalid_shape", where, "a grid is made of vectors", { shape });
    if (dtype !== tensors[0]!.dtype) {
      const facts = { dtypes: tensors.map((input) => input.dtype) };
      fail("invalid_dtype", where, "the dtypes differ", facts);
    }
  }
  const swap = indexing === "xy" && tensors.length > 1;
  const own = tensors.map((_, i) => (swap && i < 2 ? 1 - i : i));
  const shape: Shape = own.map((i) => tensors[i]!.numel());
  return tensors.map((input, i) => {
    const along = shape.map((size, d) => (d === own[i] ? size : 1));
    return expand(reshape(input, along), shape);
  });
}
