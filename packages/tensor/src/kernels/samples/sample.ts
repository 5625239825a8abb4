import fc from "fast-check";
import type { DType } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { broadcastable, extremes, type ShapeOptions, type ValueOptions, values, views } from "../../testing.ts";

/** Arguments with which the laws of kernel pairs are tried. */
export interface KernelSample {
  /** Arguments as the kernel takes them: what is written first. Arrays should be views of all kinds. */
  readonly args: fc.Arbitrary<readonly unknown[]>;
  /** How many of the first arguments are written. @defaultValue 1 */
  readonly outputs?: number;
  /** What rounding errors of output number `output` are measured against, in units of its last place. @defaultValue the largest finite magnitude in it */
  readonly scale?: (args: readonly unknown[], output: number) => number;
}

/** An array to be written: any view whose elements do not share places. */
export function output(shape: readonly number[], dtype: DType = "float32"): fc.Arbitrary<NDArray> {
  return views(shape, { dtype, expand: false });
}

/** Which elements a sample has. */
export interface ElementOptions extends ValueOptions {
  /** Leave out numbers beyond the range of the moderate ones, whose products and sums could overflow. @defaultValue false */
  readonly tame?: boolean;
}

/** Moderate elements in one run, NaN, infinities and the like among them in another. */
export function friendlyOrExtreme(options: ElementOptions = {}): fc.Arbitrary<fc.Arbitrary<number>> {
  const { min = -4, max = 4, tame = false } = options;
  const wild = extremes(options).map((x) => (tame && Number.isFinite(x) ? Math.min(max, Math.max(min, x)) : x));
  return fc.constantFrom(values(options), wild);
}

/** Samples of elementwise kernels: an output and operands that broadcast to it, followed by numbers. */
export function elementwise(
  operands: number,
  options: ElementOptions & {
    /** dtype of the result. @defaultValue float32 */
    readonly output?: DType;
    /** dtypes of the operands. @defaultValue float32 */
    readonly inputs?: readonly DType[];
    /** Operands of moderate elements only, by number: ∞ times something very small is NaN or not by chance. @defaultValue none */
    readonly moderate?: readonly number[];
    /** Numbers that follow. @defaultValue none */
    readonly numbers?: fc.Arbitrary<readonly (number | null)[]>;
  } = {},
): KernelSample {
  const { output: dtype = "float32", inputs = [], moderate = [], numbers = fc.constant([]) } = options;
  const viewOf = (shape: readonly number[], i: number, elements: fc.Arbitrary<number>): fc.Arbitrary<NDArray> => {
    const own = inputs[i] ?? "float32";
    if (own !== "float32") return views(shape, { dtype: own });
    return views(shape, { elements: moderate.includes(i) ? values(options) : elements });
  };
  const args = fc
    .tuple(broadcastable(operands + 1), friendlyOrExtreme(options))
    .chain(([[shape, ...rest], elements]) =>
      fc
        .tuple(output(shape, dtype), fc.tuple(...rest.map((own, i) => viewOf(own, i, elements))), numbers)
        .map(([out, given, more]) => [out, ...given, ...more]),
    );
  return { args };
}

/** An operand of a given shape, of moderate elements or extreme ones. */
export function operand(shape: readonly number[], options: ElementOptions = {}): fc.Arbitrary<NDArray> {
  return friendlyOrExtreme(options).chain((elements) => views(shape, { elements }));
}

/** Shapes with at least one dimension, and one of these. */
export function shapeAndDim(options: ShapeOptions = {}): fc.Arbitrary<{ shape: number[]; dim: number }> {
  const { minRank = 1, maxRank = 4, minSize = 1, maxSize = 7 } = options;
  return fc
    .array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank })
    .chain((shape) => fc.record({ shape: fc.constant(shape), dim: fc.nat({ max: shape.length - 1 }) }));
}

/** The sum of the magnitudes of finite elements: what the rounding errors of a sum are proportional to. */
export function magnitude(a: NDArray): number {
  let sum = 0;
  for (const x of a.toArray()) if (Number.isFinite(x)) sum += Math.abs(x);
  return sum;
}

/** The largest magnitude of finite elements. */
export function largest(a: NDArray): number {
  let most = 0;
  for (const x of a.toArray()) if (Number.isFinite(x)) most = Math.max(most, Math.abs(x));
  return most;
}
