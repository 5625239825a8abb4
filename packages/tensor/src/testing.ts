/**
 * Help for tests of numerical code: arbitraries for fast-check, and comparisons in units of the last place.
 *
 * A subpath of its own, `@tapegrad/tensor/testing`, since it needs fast-check, which programs do not.
 */
import fc from "fast-check";
import { arrayFrom, bytesOf, type DType, NDArray, type Shape, Storage, sizeOf, stridesOf } from "./index.ts";

/** Which shapes to make. */
export interface ShapeOptions {
  /** @defaultValue 0 */
  readonly minRank?: number;
  /** @defaultValue 4 */
  readonly maxRank?: number;
  /** Smallest size of a dimension. @defaultValue 0 */
  readonly minSize?: number;
  /** Largest size of a dimension. @defaultValue 6 */
  readonly maxSize?: number;
}

/** Shapes, empty and 0-d ones among them. */
export function shapes(options: ShapeOptions = {}): fc.Arbitrary<number[]> {
  const { minRank = 0, maxRank = 4, minSize = 0, maxSize = 6 } = options;
  // sizes of 0 are rare, or almost every shape would be empty
  const size = minSize > 0 ? fc.integer({ min: minSize, max: maxSize }) : sizeOrZero(maxSize);
  return fc.array(size, { minLength: minRank, maxLength: maxRank });
}

function sizeOrZero(maxSize: number): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 15, arbitrary: fc.integer({ min: 1, max: maxSize }) },
    { weight: 1, arbitrary: fc.constant(0) },
  );
}

/** Two or more shapes that broadcast to the first, which is at least as large as each of the others. */
export function broadcastable(count: number, options: ShapeOptions = {}): fc.Arbitrary<[Shape, ...Shape[]]> {
  return shapes(options).chain((shape) => {
    const smaller = fc
      .tuple(fc.integer({ min: 0, max: shape.length }), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }))
      .map(([drop, ones]) => shape.slice(drop).map((n, i) => (ones[i] ? 1 : n)));
    const others = fc.array(smaller, { minLength: count - 1, maxLength: count - 1 });
    return others.map((rest): [Shape, ...Shape[]] => [shape, ...rest]);
  });
}

/** The range of values. */
export interface ValueOptions {
  /** @defaultValue -4 */
  readonly min?: number;
  /** @defaultValue 4 */
  readonly max?: number;
  /** dtype that the values are exact in. @defaultValue float32 */
  readonly dtype?: DType;
}

/** Values of moderate size, exact in their dtype. */
export function values({ min = -4, max = 4, dtype = "float32" }: ValueOptions = {}): fc.Arbitrary<number> {
  if (dtype === "bool") return fc.integer({ min: 0, max: 1 });
  if (dtype === "int32") return fc.integer({ min: Math.ceil(min), max: Math.floor(max) });
  const plain = fc.double({ min, max, noNaN: true });
  return dtype === "float64" ? plain : plain.map((x) => Math.min(max, Math.max(min, Math.fround(x))));
}

/** float32 values where things go wrong: NaN, infinities, signed zeros, subnormals, the largest and smallest. */
export const corners: readonly number[] = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1, -1],
  ...[2 ** -149, -(2 ** -149), 2 ** -126, -(2 ** -126), Math.fround(1e-39), Math.fround(-3e-40)],
  ...[Math.fround(3.4e38), Math.fround(-3.4e38), Math.fround(1e20), Math.fround(-1e20), 2 ** 24, 2 ** 31, -(2 ** 31)],
  ...[0.5, -0.5, 1.5, 2.5, Math.fround(88.73), -104, Math.fround(1 - 2 ** -24), Math.fround(1 + 2 ** -23)],
];

/** Moderate values with the {@link corners} among them. */
export function extremes(options: ValueOptions = {}): fc.Arbitrary<number> {
  return fc.oneof({ weight: 2, arbitrary: values(options) }, { weight: 1, arbitrary: fc.constantFrom(...corners) });
}

/** Which views to make. */
export interface ViewOptions {
  /** @defaultValue float32 */
  readonly dtype?: DType;
  /** What the elements are. @defaultValue values({ dtype }) */
  readonly elements?: fc.Arbitrary<number>;
  /** Whether dimensions may be expanded, so that elements share their place; not for arrays that are written. @defaultValue true */
  readonly expand?: boolean;
}

/** Views of a given shape: row-major, permuted, sliced, stepped, reversed, expanded, and mixtures of them. */
export function views(shape: Shape, options: ViewOptions = {}): fc.Arbitrary<NDArray> {
  const { dtype = "float32", elements = values({ dtype }), expand = true } = options;
  const rank = shape.length;
  const each = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T[]> =>
    fc.array(arbitrary, { minLength: rank, maxLength: rank });
  const layout = fc.record({
    order: fc.shuffledSubarray([...shape.keys()], { minLength: rank, maxLength: rank }),
    step: each(fc.constantFrom(1, 1, 1, -1, 2, -3)),
    before: each(fc.constantFrom(0, 0, 1)),
    after: each(fc.constantFrom(0, 0, 2)),
    expanded: each(expand ? fc.constantFrom(false, false, false, true) : fc.constant(false)),
  });
  const rowMajor = {
    order: [...shape.keys()],
    step: shape.map(() => 1),
    before: shape.map(() => 0),
    after: shape.map(() => 0),
    expanded: shape.map(() => false),
  };
  const pool = fc.array(elements, { minLength: 1, maxLength: 60 });
  return fc
    .tuple(fc.oneof(fc.constant(rowMajor), layout), pool)
    .map(([{ order, step, before, after, expanded }, chosen]) => {
      const extent = shape.map((n, d) => (expanded[d] || n === 0 ? Math.min(n, 1) : (n - 1) * Math.abs(step[d]!) + 1));
      const padded = order.map((d) => before[d]! + extent[d]! + after[d]!);
      const strides = stridesOf(padded);
      let offset = 0;
      const stride = shape.map((n, d) => {
        const own = strides[order.indexOf(d)]!;
        offset += own * (before[d]! + (step[d]! < 0 && !expanded[d] && n > 0 ? (n - 1) * -step[d]! : 0));
        return expanded[d] ? 0 : own * step[d]!;
      });
      const length = sizeOf(padded);
      const data = arrayFrom(
        dtype,
        Array.from({ length }, (_, i) => chosen[(i * 7 + (i >> 4)) % chosen.length]!),
      );
      return new NDArray(new Storage(data), shape, stride, length === 0 ? 0 : offset, dtype);
    });
}

/** Views of shapes that are made as well. */
export function arrays(options: ShapeOptions & ViewOptions = {}): fc.Arbitrary<NDArray> {
  return shapes(options).chain((shape) => views(shape, options));
}

const word = new DataView(new ArrayBuffer(8));

/** A float's place in the order of all floats of its type; both zeros are 0. */
function rank(x: number, dtype: DType): bigint {
  if (dtype === "float64") {
    word.setFloat64(0, x);
    const bits = word.getBigInt64(0);
    return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
  }
  word.setFloat32(0, x);
  const bits = word.getInt32(0);
  return BigInt(bits < 0 ? -(bits & 0x7fffffff) : bits);
}

/**
 * How many steps from one representable number to the next lie between two values: 0 for equal ones (NaN equals NaN, −0 equals
 * 0), infinite if only one is NaN, the difference for integers.
 */
export function ulpDistance(a: number, b: number, dtype: DType = "float32"): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) && Number.isNaN(b) ? 0 : Number.POSITIVE_INFINITY;
  if (dtype === "int32" || dtype === "bool") return Math.abs(a - b);
  const distance = rank(a, dtype) - rank(b, dtype);
  return Number(distance < 0n ? -distance : distance);
}

/** The size of the last place of `x` in a dtype; of integers, 1. */
export function ulpOf(x: number, dtype: DType = "float32"): number {
  if (dtype === "int32" || dtype === "bool") return 1;
  const [digits, lowest] = bytesOf[dtype] === 8 ? [52, -1022] : [23, -126];
  const exponent = Math.max(lowest, Math.floor(Math.log2(Math.abs(x) || Number.MIN_VALUE)));
  return 2 ** (exponent - digits);
}

/** What counts as close: |actual − expected| ≤ atol + rtol · |expected|. */
export interface CloseOptions {
  /** @defaultValue 1e-5 */
  readonly rtol?: number;
  /** @defaultValue 1e-8 */
  readonly atol?: number;
  /** Whether NaN is close to NaN. @defaultValue false */
  readonly equalNan?: boolean;
}

/** Whether all elements are close, with torch's defaults; the shapes must be equal (torch.allclose). */
export function allClose(
  actual: NDArray | ArrayLike<number>,
  expected: NDArray | ArrayLike<number>,
  { rtol = 1e-5, atol = 1e-8, equalNan = false }: CloseOptions = {},
): boolean {
  if (actual instanceof NDArray && expected instanceof NDArray && actual.shape.join() !== expected.shape.join())
    return false;
  const a = actual instanceof NDArray ? actual.toArray() : actual;
  const b = expected instanceof NDArray ? expected.toArray() : expected;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    const close =
      x === y || Math.abs(x - y) <= atol + rtol * Math.abs(y) || (equalNan && Number.isNaN(x) && Number.isNaN(y));
    if (!close || (x !== y && Math.abs(y) === Number.POSITIVE_INFINITY)) return false;
  }
  return true;
}
