/**
 * The definition of elementwise kernels: loops over any strides, for every dtype.
 *
 * A kernel gives its inner loop, a row: strided, over operands that are typed arrays. Where all operands are contiguous there is
 * one row; else dimensions are merged first, and `ndarray-ops` does the arithmetic that it knows where it can be loaded.
 */
import { ndarrayOps } from "#platform";
import { isFloating, type TypedArray } from "../dtype.ts";
import type { NDArray } from "../ndarray.ts";
import { sameShape } from "../shape.ts";
import { nestOf, rowStrides, walkRows } from "./nest.ts";

/** `o[p + i·s] = f(a[q + i·t])` for i < n. */
export type UnaryRow = (
  ...row: [n: number, o: TypedArray, p: number, s: number, a: TypedArray, q: number, t: number]
) => void;

/** `o[p + i·s] = f(a[q + i·t], b[r + i·u])` for i < n. */
export type BinaryRow = (
  ...row: [
    ...[n: number, o: TypedArray, p: number, s: number],
    ...[a: TypedArray, q: number, t: number, b: TypedArray, r: number, u: number],
  ]
) => void;

/** The row of a function of one number. */
export function unaryRow(f: (x: number) => number): UnaryRow {
  return (n, o, p, s, a, q, t) => {
    for (let i = 0; i < n; i++, p += s, q += t) o[p] = f(a[q]!);
  };
}

/** The row of a function of two numbers. */
export function binaryRow(f: (x: number, y: number) => number): BinaryRow {
  return (n, o, p, s, a, q, t, b, r, u) => {
    for (let i = 0; i < n; i++, p += s, q += t, r += u) o[p] = f(a[q]!, b[r]!);
  };
}

/** Runs a row over arrays of any strides; `a` broadcasts to the shape of `out`. */
export function runUnary(row: UnaryRow, out: NDArray, a: NDArray, known: string | null = null): void {
  if (isUniform(a) && out.isContiguous) row(out.size, out.data, out.offset, 1, a.data, a.offset, 0);
  else if (isFlat(out, a)) row(out.size, out.data, out.offset, 1, a.data, a.offset, 1);
  else if (!(known !== null && runKnown(known, out, [a]))) {
    const nest = nestOf(out.shape, [out, a]);
    const [s = 0, t = 0] = rowStrides(nest);
    walkRows(nest, (at, n) => row(n, out.data, at[0]!, s, a.data, at[1]!, t));
  }
}

/** Runs a row over arrays of any strides; `a` and `b` broadcast to the shape of `out`. */
export function runBinary(row: BinaryRow, out: NDArray, a: NDArray, b: NDArray, known: string | null = null): void {
  const aStep = isUniform(a) ? 0 : 1;
  const bStep = isUniform(b) ? 0 : 1;
  if (out.isContiguous && (aStep === 0 || isFlat(out, a)) && (bStep === 0 || isFlat(out, b))) {
    row(out.size, out.data, out.offset, 1, a.data, a.offset, aStep, b.data, b.offset, bStep);
    return;
  }
  const columns = out.size < WORTH_ASKING ? columnsBeside(out, a, b) : 0;
  if (columns !== 0) runBeside(row, out, a, b, columns);
  else if (!(known !== null && runKnown(known, out, [a, b]))) {
    const nest = nestOf(out.shape, [out, a, b]);
    const [s = 0, t = 0, u = 0] = rowStrides(nest);
    walkRows(nest, (at, n) => row(n, out.data, at[0]!, s, a.data, at[1]!, t, b.data, at[2]!, u));
  }
}

/** Rows of one array beside a row of numbers, or beside a column of them where `columns` is negative. */
function runBeside(row: BinaryRow, out: NDArray, a: NDArray, b: NDArray, columns: number): void {
  const n = Math.abs(columns);
  const [o, x, y] = [out.data, a.data, b.data];
  for (let i = 0, at = 0; at < out.size; i++, at += n) {
    if (columns > 0) row(n, o, out.offset + at, 1, x, a.offset + at, 1, y, b.offset, 1);
    else row(n, o, out.offset + at, 1, x, a.offset + at, 1, y, b.offset + i, 0);
  }
}

/**
 * How `b` lies beside `out` and an `a` of the same shape, all row-major: the length of a row if it is one row that repeats, minus that if it
 * is one column, else 0.
 */
export function columnsBeside(out: NDArray, a: NDArray, b: NDArray): number {
  if (!b.isContiguous || b.size === 0 || !isFlat(out, a)) return 0;
  const { shape } = out;
  const lead = shape.length - b.shape.length;
  let i = b.shape.length - 1;
  while (i >= 0 && b.shape[i] === shape[i + lead]) i--;
  while (i >= 0 && b.shape[i] === 1) i--;
  if (i < 0) return b.size;
  const last = shape.length - 1;
  if (lead !== 0 || b.shape[last] !== 1) return 0;
  i = last - 1;
  while (i >= 0 && b.shape[i] === shape[i]) i--;
  return i < 0 ? -shape[last]! : 0;
}

/** Sets each element of `out` to `f` of those of three operands, which broadcast to its shape. */
export function runTernary(
  f: (x: number, y: number, z: number) => number,
  out: NDArray,
  a: NDArray,
  b: NDArray,
  c: NDArray,
): void {
  const nest = nestOf(out.shape, [out, a, b, c]);
  const [s = 0, t = 0, u = 0, v = 0] = rowStrides(nest);
  const [o, x, y, z] = [out.data, a.data, b.data, c.data];
  walkRows(nest, (at, n) => {
    let [p = 0, q = 0, r = 0, w = 0] = at;
    for (let i = 0; i < n; i++, p += s, q += t, r += u, w += v) o[p] = f(x[q]!, y[r]!, z[w]!);
  });
}

/** Whether all elements are one and the same in memory: a single number, or one that is expanded. */
function isUniform({ size, shape, stride }: NDArray): boolean {
  if (size === 1) return true;
  for (let i = 0; i < shape.length; i++) if (stride[i] !== 0 && shape[i] !== 1) return false;
  return true;
}

/** Whether both are row-major and of one shape, so that element i of one meets element i of the other. */
function isFlat(out: NDArray, a: NDArray): boolean {
  return sameShape(out.shape, a.shape) && a.isContiguous && out.isContiguous;
}

/** Elements from which on a call of `ndarray-ops`, which costs about a microsecond, is worth it. */
const WORTH_ASKING = 256;

/** Lets `ndarray-ops` do it, in floating point, where it could be loaded; says whether it did. */
function runKnown(name: string, out: NDArray, inputs: readonly NDArray[]): boolean {
  if (out.size < WORTH_ASKING) return false;
  const ops = ndarrayOps();
  if (ops === null || !isFloating(out.dtype) || !inputs.every((a) => a.dtype === out.dtype)) return false;
  ops[name]!(out, ...inputs.map((a) => (sameShape(a.shape, out.shape) ? a : a.expand(out.shape))));
  return true;
}
