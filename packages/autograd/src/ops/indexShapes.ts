import { fail, type Shape } from "@tapegrad/tensor";
import type { Meta } from "../op.ts";

/** Values by name, for a message. */
export type Named = Readonly<Record<string, Meta>>;

const shapesOf = (named: Named): Record<string, Shape> =>
  Object.fromEntries(Object.entries(named).map(([name, { shape }]) => [name, shape]));

/**
 * Checks that an index of gather or scatter fits: as many dimensions as the others, sizes of at most those of `input`
 * except along `dim`, and of at most those of `src` throughout. An empty index fits everything.
 */
export function checkAlong(where: string, named: { input: Meta; index: Meta; src?: Meta }, dim: number): void {
  const { input, index, src } = named;
  if (index.shape.includes(0)) return;
  // a single number counts as a vector of one
  const others = src === undefined ? [input] : [input, src];
  if (others.some(({ shape }) => Math.max(shape.length, 1) !== Math.max(index.shape.length, 1))) {
    const hint = "the index needs as many dimensions as the tensors that it is for";
    fail("shape_mismatch", where, "the index differs in its number of dimensions", { ...shapesOf(named), dim }, hint);
  }
  index.shape.forEach((size, d) => {
    if ((d !== dim && size > (input.shape[d] ?? 1)) || (src !== undefined && size > (src.shape[d] ?? 1))) {
      const problem = `the index is too large in dimension ${d}`;
      const hint = "its sizes are at most those of the input except along dim, and at most those of src";
      fail("shape_mismatch", where, problem, { ...shapesOf(named), dim }, src === undefined ? undefined : hint);
    }
  });
}

/** Checks a vector of indices of whole slices: at most one dimension. */
export function checkVector(where: string, index: Meta): void {
  if (index.shape.length > 1) {
    fail("invalid_shape", where, "the index must be a vector", { index: index.shape }, "flatten it first");
  }
}

/** Checks that `source` has the shape of `input`, but along `dim` one slice for each index. */
export function checkSlices(where: string, named: { input: Meta; index: Meta; source: Meta }, dim: number): void {
  const { input, index, source } = named;
  checkVector(where, index);
  const count = index.shape[0] ?? 1;
  const wanted = input.shape.map((size, d) => (d === dim ? count : size));
  const fits =
    wanted.length === 0
      ? count === 1 && source.shape.every((size) => size === 1) && source.shape.length <= 1
      : source.shape.length === wanted.length && wanted.every((size, d) => size === source.shape[d]);
  if (!fits) {
    const facts = { ...shapesOf(named), dim, wanted };
    fail("shape_mismatch", where, "the source does not hold one slice for each index", facts);
  }
}

/** Checks that two values have the same dtype. */
export function checkSameDType(where: string, named: Named): void {
  const dtypes = Object.fromEntries(Object.entries(named).map(([name, { dtype }]) => [name, dtype]));
  if (new Set(Object.values(dtypes)).size > 1) {
    fail("invalid_dtype", where, "the dtypes differ", dtypes, "convert one of them, for example with .to()");
  }
}
