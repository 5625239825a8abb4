import { fail, normaliseDims } from "@tapegrad/tensor";
import { Tensor } from "../tensor.ts";
import { flip } from "./arrange.ts";
import { clone } from "./cast.ts";
import { checkTensors } from "./checkTensors.ts";
import { cat, hstack } from "./join.ts";
import { movedim, reshape, transpose } from "./shape.ts";
import { tensorSplit } from "./split.ts";

function atLeast(where: string, input: Tensor, dimensions: number): void {
  if (input.ndim >= dimensions) return;
  fail("invalid_shape", where, `at least ${dimensions} dimensions are needed`, { shape: input.shape });
}

/** The columns in reverse order (torch.fliplr). */
export function fliplr(input: Tensor): Tensor {
  atLeast("fliplr", input, 2);
  return flip(input, 1);
}

/** The rows in reverse order (torch.flipud). */
export function flipud(input: Tensor): Tensor {
  atLeast("flipud", input, 1);
  return flip(input, 0);
}

/**
 * Turned by right angles in the plane of two dimensions, from the first to the second (torch.rot90).
 *
 * @param turns how many; negative ones the other way. @defaultValue 1
 * @param dims  @defaultValue [0, 1]
 * @throws TensorError `invalid_shape` | `invalid_dim` | `invalid_argument`
 */
export function rot90(input: Tensor, turns = 1, dims: readonly number[] = [0, 1]): Tensor {
  atLeast("rot90", input, 2);
  if (dims.length !== 2) fail("invalid_argument", "rot90", "a plane has two dimensions", { dims });
  if (!Number.isInteger(turns)) fail("invalid_argument", "rot90", "needs a whole number of turns", { turns });
  const [from, to] = normaliseDims("rot90", dims, input.ndim) as [number, number];
  const quarter = ((turns % 4) + 4) % 4;
  if (quarter === 0) return clone(input);
  if (quarter === 2) return flip(input, [from, to]);
  return transpose(flip(input, quarter === 1 ? to : from), from, to);
}

/** {@link transpose} under its other name (torch.swapaxes). */
export function swapaxes(input: Tensor, axis0: number, axis1: number): Tensor {
  return transpose(input, axis0, axis1);
}

/** {@link movedim} under its other name (torch.moveaxis). */
export function moveaxis(
  input: Tensor,
  source: number | readonly number[],
  destination: number | readonly number[],
): Tensor {
  return movedim(input, source, destination);
}

/** A number as a vector; others as they are; of a list, each (torch.atleast_1d). */
export function atleast1d(tensors: readonly Tensor[]): Tensor[];
export function atleast1d(input: Tensor): Tensor;
export function atleast1d(input: Tensor | readonly Tensor[]): Tensor | Tensor[] {
  return each(input, (one) => (one.ndim === 0 ? reshape(one, [1]) : one));
}

/** A number or vector as a matrix of one row; others as they are; of a list, each (torch.atleast_2d). */
export function atleast2d(tensors: readonly Tensor[]): Tensor[];
export function atleast2d(input: Tensor): Tensor;
export function atleast2d(input: Tensor | readonly Tensor[]): Tensor | Tensor[] {
  return each(input, (one) => (one.ndim < 2 ? reshape(one, [1, one.numel()]) : one));
}

/** With three dimensions: [N] becomes [1, N, 1], [M, N] becomes [M, N, 1]; others as they are; of a list, each (torch.atleast_3d). */
export function atleast3d(tensors: readonly Tensor[]): Tensor[];
export function atleast3d(input: Tensor): Tensor;
export function atleast3d(input: Tensor | readonly Tensor[]): Tensor | Tensor[] {
  return each(input, deep);
}

function deep(input: Tensor): Tensor {
  const { ndim, shape } = input;
  return ndim > 2 ? input : reshape(input, ndim === 2 ? [...shape, 1] : [1, input.numel(), 1]);
}

function each(input: Tensor | readonly Tensor[], f: (one: Tensor) => Tensor): Tensor | Tensor[] {
  return input instanceof Tensor ? f(input) : input.map(f);
}

/** Tensors joined along the third dimension; matrices count as [M, N, 1], vectors as [1, N, 1] (torch.dstack). */
export function dstack(tensors: readonly Tensor[]): Tensor {
  checkTensors("dstack", tensors);
  return cat(tensors.map(deep), 2);
}

/** Tensors joined along the second dimension; numbers and vectors count as columns (torch.column_stack). */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  checkTensors("columnStack", tensors);
  return hstack(tensors.map((input) => (input.ndim < 2 ? reshape(input, [input.numel(), 1]) : input)));
}

/**
 * Pieces along the second dimension, of a vector along its only one: so many equal ones, or cut at indices; views
 * (torch.hsplit).
 *
 * @throws TensorError `invalid_shape` | `invalid_argument`
 */
export function hsplit(input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
  atLeast("hsplit", input, 1);
  return pieces("hsplit", input, indicesOrSections, input.ndim === 1 ? 0 : 1);
}

/** {@link hsplit} along the first dimension, of at least two (torch.vsplit). */
export function vsplit(input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
  atLeast("vsplit", input, 2);
  return pieces("vsplit", input, indicesOrSections, 0);
}

/** {@link hsplit} along the third dimension (torch.dsplit). */
export function dsplit(input: Tensor, indicesOrSections: number | readonly number[]): Tensor[] {
  atLeast("dsplit", input, 3);
  return pieces("dsplit", input, indicesOrSections, 2);
}

function pieces(where: string, input: Tensor, cuts: number | readonly number[], dim: number): Tensor[] {
  if (typeof cuts === "number" && !(cuts > 0 && input.shape[dim]! % cuts === 0)) {
    const facts = { shape: input.shape, dim, sections: cuts };
    fail("invalid_argument", where, "the dimension does not split into equal sections", facts, "see tensorSplit");
  }
  return tensorSplit(input, cuts, dim);
}
