import { fail } from "./errors.ts";

/** Sizes of the dimensions, outermost first; `[]` is a single number. */
export type Shape = readonly number[];

/** Number of elements: the product of the sizes, 1 for `[]`. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

const NONE: readonly number[] = [];
const ONE: readonly number[] = [1];
/** Strides of row-major matrices by the length of their rows. */
const ofMatrices: (readonly number[])[] = [];
/** Rows up to this length have their strides there: few enough for V8 to keep a plain array. */
const MOST_COLUMNS = 256;

/**
 * Strides of a row-major array, in elements. Nobody may change them: those of small arrays are shared.
 *
 * Every result has strides, and gradients live for a step: V8 may take them for arrays that live long, and allocate all later ones where
 * only a full collection frees them.
 */
export function stridesOf(shape: Shape): readonly number[] {
  const dimensions = shape.length;
  if (dimensions === 0) return NONE;
  if (dimensions === 1) return ONE;
  if (dimensions === 2) {
    const columns = Math.max(shape[1]!, 1);
    const known = ofMatrices[columns];
    if (known !== undefined) return known;
    const strides = [columns, 1];
    if (columns <= MOST_COLUMNS) ofMatrices[columns] = strides;
    return strides;
  }
  const strides = new Array<number>(dimensions);
  let step = 1;
  for (let i = dimensions - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i]!, 1);
  }
  return strides;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether elements laid out by `stride` are row-major without gaps. Strides of dimensions of size 1 do not matter. */
export function isRowMajor(shape: Shape, stride: readonly number[]): boolean {
  let step = 1;
  let rowMajor = true;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = shape[i]!;
    if (size === 0) return true;
    if (size === 1) continue;
    if (stride[i] !== step) rowMajor = false;
    step *= size;
  }
  return rowMajor;
}

/** Checks that every size is a whole number of at least 0, and returns the shape. */
export function checkShape(where: string, shape: Shape): Shape {
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      fail("invalid_shape", where, "sizes must be whole numbers of at least 0", { shape });
    }
  }
  return shape;
}

/** The dimension `dim` counted from the front; negative ones count from the end. A 0-d array takes 0 and -1, as in torch. */
export function normaliseDim(where: string, dim: number, dimensions: number): number {
  const limit = Math.max(dimensions, 1);
  if (!Number.isInteger(dim) || dim < -limit || dim >= limit) {
    fail("invalid_dim", where, "dimension out of range", { dim, range: `${-limit} to ${limit - 1}` });
  }
  return dim < 0 ? dim + limit : dim;
}

/** As torch, which keeps a set of dimensions in 64 bits. */
const MOST_REDUCIBLE = 64;

/** Several dimensions at once, each at most once; none given means all of them. */
export function normaliseDims(
  where: string,
  dims: number | readonly number[] | undefined,
  dimensions: number,
): number[] {
  if (dimensions > MOST_REDUCIBLE) {
    fail("invalid_shape", where, `only arrays of up to ${MOST_REDUCIBLE} dimensions can be reduced`, { dimensions });
  }
  if (dims === undefined || (typeof dims === "object" && dims.length === 0)) {
    const all: number[] = [];
    for (let i = 0; i < dimensions; i++) all.push(i);
    return all;
  }
  if (typeof dims === "number") {
    const dim = normaliseDim(where, dims, dimensions);
    return dimensions === 0 ? [] : [dim];
  }
  const found = dims.map((dim) => normaliseDim(where, dim, dimensions));
  if (new Set(found).size !== found.length) {
    fail("invalid_dim", where, "a dimension appears twice", { dims });
  }
  return dimensions === 0 ? [] : found;
}

/** The shape that both broadcast to: aligned at the end, sizes equal or 1 (torch.broadcast_shapes). */
export function broadcastShapes(where: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const out = new Array<number>(Math.max(a.length, b.length));
  for (let i = 1; i <= out.length; i++) {
    const m = i <= a.length ? a[a.length - i]! : 1;
    const n = i <= b.length ? b[b.length - i]! : 1;
    if (m !== n && m !== 1 && n !== 1) {
      fail(
        "shape_mismatch",
        where,
        "shapes do not broadcast",
        { left: a, right: b },
        "counted from the end, sizes must be equal or one of them 1",
      );
    }
    out[out.length - i] = m === 1 ? n : m;
  }
  return out;
}

/** Whether `from` broadcasts to exactly `to`. */
export function broadcastsTo(from: Shape, to: Shape): boolean {
  if (from.length > to.length) return false;
  for (let i = 1; i <= from.length; i++) {
    const size = from[from.length - i]!;
    if (size !== 1 && size !== to[to.length - i]) return false;
  }
  return true;
}

/** The shape after reducing `dims` (already normalised). */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  const out: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!dims.includes(i)) out.push(shape[i]!);
    else if (keepdim) out.push(1);
  }
  return out;
}

/** A shape in which one size may be -1, to be found from the number of elements (torch.reshape). */
export function inferShape(where: string, requested: Shape, size: number): number[] {
  const shape = [...requested];
  const unknown = shape.indexOf(-1);
  const known = shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  if (shape.some((n) => !Number.isInteger(n) || n < -1) || unknown !== shape.lastIndexOf(-1)) {
    fail("invalid_shape", where, "sizes must be whole numbers, at most one of them -1", { shape: requested });
  }
  if (unknown >= 0) {
    if (known === 0) fail("invalid_shape", where, "-1 is ambiguous beside a size of 0", { shape: requested });
    shape[unknown] = size / known;
  }
  if (sizeOf(shape) !== size || !shape.every(Number.isInteger)) {
    fail("invalid_shape", where, "the number of elements must stay the same", { shape: requested, elements: size });
  }
  return shape;
}

/** Strides under which the same elements show as `to`, or null where a copy is needed (torch's computeStride). */
export function reshapeStrides(shape: Shape, stride: readonly number[], to: Shape): readonly number[] | null {
  if (sizeOf(shape) === 0) return stridesOf(to);
  const out = new Array<number>(to.length);
  let view = to.length - 1;
  let chunk = 1; // elements of the current run of mergeable source dimensions
  let base = shape.length > 0 ? stride[shape.length - 1]! : 1;
  let taken = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    chunk *= shape[d]!;
    const boundary = d === 0 || (shape[d - 1] !== 1 && stride[d - 1] !== chunk * base);
    if (!boundary) continue;
    while (view >= 0 && (taken < chunk || to[view] === 1)) {
      out[view] = taken * base;
      taken *= to[view]!;
      view--;
    }
    if (taken !== chunk) return null;
    if (d > 0) {
      base = stride[d - 1]!;
      chunk = 1;
      taken = 1;
    }
  }
  for (; view >= 0; view--) {
    if (to[view] !== 1) return null;
    out[view] = base;
  }
  return out;
}
