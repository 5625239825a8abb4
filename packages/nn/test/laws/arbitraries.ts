import { Tensor } from "@tapegrad/autograd";
import { NDArray, type Shape, sizeOf } from "@tapegrad/tensor";
import { shapes, values } from "@tapegrad/tensor/testing";
import * as fc from "fast-check";

/** A float64 tensor. */
export const doubles = (elements: ArrayLike<number>, shape: Shape): Tensor =>
  new Tensor(NDArray.wrap(Float64Array.from(elements), shape));

/** An int32 tensor. */
export const integers = (elements: ArrayLike<number>, shape: Shape): Tensor =>
  new Tensor(NDArray.wrap(Int32Array.from(elements), shape, "int32"));

/** A range of numbers. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** The most elements of an input: derivatives by finite differences take the square of that. */
const MOST = 12;

const STEP = 2 ** -16;

/**
 * Numbers spread evenly over a range, exact in float32, and now and then a corner: a bound, a signed zero, a subnormal number.
 *
 * Doubles that are drawn as such are spread evenly over their exponents: almost all are as good as 0.
 */
export function numbers({ min, max }: Range): fc.Arbitrary<number> {
  const even = fc.integer({ min: Math.ceil(min / STEP), max: Math.floor(max / STEP) }).map((steps) => steps * STEP);
  return fc.oneof({ weight: 15, arbitrary: even }, { weight: 1, arbitrary: values({ min, max }) });
}

/** Lists of a fixed length. */
const lists = <T>(one: fc.Arbitrary<T>, length: number): fc.Arbitrary<T[]> =>
  fc.array(one, { minLength: length, maxLength: length });

/** Tensors in float64 whose elements are exact in float32, so that both precisions can be given the same numbers. */
export const reals = (shape: Shape, range: Range = { min: -4, max: 4 }): fc.Arbitrary<Tensor> =>
  lists(numbers(range), sizeOf(shape)).map((elements) => doubles(elements, shape));

/** Tensors of numbers of which each is one of a few. */
export const oneOf = (shape: Shape, ...choices: number[]): fc.Arbitrary<Tensor> =>
  lists(fc.constantFrom(...choices), sizeOf(shape)).map((elements) => doubles(elements, shape));

/** Labels of −1 and 1. */
export const signs = (shape: Shape): fc.Arbitrary<Tensor> => oneOf(shape, -1, 1);

/** Labels of 0 and 1. */
export const bits = (shape: Shape): fc.Arbitrary<Tensor> => oneOf(shape, 0, 1);

/** Probabilities of yes, away from 0 and 1. */
export const chances = (shape: Shape): fc.Arbitrary<Tensor> => reals(shape, { min: 1 / 16, max: 15 / 16 });

/** Weights above 0. */
export const weights = (shape: Shape): fc.Arbitrary<Tensor> => reals(shape, { min: 1 / 8, max: 4 });

/** Whole numbers in [low, high]. */
export const wholes = (shape: Shape, low: number, high: number): fc.Arbitrary<Tensor> =>
  lists(fc.integer({ min: low, max: high }), sizeOf(shape)).map((elements) => integers(elements, shape));

/** Distributions over the last dimension; some give nothing to a class. */
export function distributions(shape: Shape): fc.Arbitrary<Tensor> {
  const classes = shape.at(-1)!;
  const share = fc.oneof({ weight: 4, arbitrary: numbers({ min: 1 / 64, max: 1 }) }, fc.constant(0));
  const row = lists(share, classes)
    .filter((shares) => shares.some((x) => x > 0))
    .map((shares) => {
      const total = shares.reduce((a, b) => a + b, 0);
      return shares.map((x) => x / total);
    });
  return lists(row, sizeOf(shape) / classes).map((rows) => doubles(rows.flat(), shape));
}

/** A dimension moved to another place. */
export function moved(tensor: Tensor, from: number, to: number): Tensor {
  const order = tensor.shape.map((_, d) => d);
  const [dim] = order.splice(from < 0 ? from + tensor.ndim : from, 1);
  order.splice(to, 0, dim!);
  return tensor.permute(order);
}

/** Distributions over dimension 1 of [N, C, ...], or dimension 0 of [C]. */
export function classDistributions(shape: Shape): fc.Arbitrary<Tensor> {
  if (shape.length === 1) return distributions(shape);
  const last = [shape[0]!, ...shape.slice(2), shape[1]!];
  return distributions(last).map((p) => moved(p, -1, 1));
}

/** How many of what. */
export interface Sizes {
  readonly batch: number;
  readonly classes: number;
  /** Sizes of further dimensions. */
  readonly rest: Shape;
  /** [N, C, ...] */
  readonly input: Shape;
  /** [N, ...] */
  readonly target: Shape;
}

/** What {@link sizes} takes. */
export interface SizeOptions {
  /** @defaultValue 1 */
  readonly minClasses?: number;
  /** The largest number of dimensions beside batch and classes. @defaultValue 2 */
  readonly maxRest?: number;
}

/** Sizes of a classification. */
export function sizes({ minClasses = 1, maxRest = 2 }: SizeOptions = {}): fc.Arbitrary<Sizes> {
  return fc
    .record({
      batch: fc.integer({ min: 1, max: 3 }),
      classes: fc.integer({ min: minClasses, max: 4 }),
      rest: shapes({ maxRank: maxRest, minSize: 1, maxSize: 2 }),
    })
    .map(({ batch, classes, rest }) => {
      return { batch, classes, rest, input: [batch, classes, ...rest], target: [batch, ...rest] };
    })
    .filter(({ input }) => sizeOf(input) <= MOST);
}

/** Shapes of elementwise losses: at least one dimension, at most three, none empty. */
export const boxes: fc.Arbitrary<Shape> = shapes({ minRank: 1, maxRank: 3, minSize: 1, maxSize: 3 }).filter(
  (shape) => sizeOf(shape) <= MOST,
);

/** Matrices of at most 3 rows and 4 columns. */
export const matrices: fc.Arbitrary<readonly [rows: number, columns: number]> = fc.tuple(
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 4 }),
);

/** Numbers of moderate size above 0. */
export const positives: fc.Arbitrary<number> = numbers({ min: 1 / 8, max: 4 });
