/**
 * How near a result must be to torch's. This is the whole policy:
 *
 * - **float32**: computed in float32 and compared with the float64 truth, within 1e-5 of the largest magnitude in the tensor. It is
 *   looser only where torch's own float32 result is further off than that: by `err32` (for gradients `grad_err32`), which the
 *   file states above 1e-4, and which is computed from torch's float32 result in the same way below.
 * - **float64**: the same inputs as float64, within 1e-9 of the largest magnitude.
 * - A largest magnitude below 0.001 counts as 0.001, as in the definition of `err32`.
 * - Infinities and NaN must be where torch has them. Where torch's own float32 and float64 results disagree about them
 *   (`err32` is a word), each element may agree with either.
 * - Integers and truth values are exact; so is every dtype and shape. torch's int64 is int32 here.
 * - Where there is no float64 truth (integers, mixed dtypes) torch's plain result is the truth, within what its dtype allows.
 */
export const relativeTolerance: Readonly<Record<"float32" | "float64", number>> = { float32: 1e-5, float64: 1e-9 };

/** The error of torch's own float32 results from which on the fixtures state it, as `err32`. */
export const statedFrom = 1e-4;

/** Magnitudes below this one count as this one. */
export const smallestScale = 1e-3;

/** The distance between neighbouring numbers, relative to their size: one ulp of the largest magnitude. */
export const ulp: Readonly<Record<"float32" | "float64", number>> = { float32: 2 ** -23, float64: 2 ** -52 };

/** What a comparison allows. */
export interface Tolerance {
  /** Largest difference of a result of this dtype, relative to the largest finite magnitude of the truth. */
  readonly float32: number;
  readonly float64: number;
  /** Whether each element may agree with a second truth instead. */
  readonly either: boolean;
}

/** What is allowed to what was computed in float32, given the `err32` of the case, which is rounded to three digits. */
export function float32Tolerance(err32: number | string | undefined): Tolerance {
  const allowed = Math.max(relativeTolerance.float32, typeof err32 === "number" ? 1.005 * err32 : 0);
  return { float32: allowed, float64: allowed, either: typeof err32 === "string" };
}

/** What is allowed to what was computed in float64, and where torch's plain result is the truth. */
export const float64Tolerance: Tolerance = { ...relativeTolerance, either: false };

/** The magnitude that differences are measured against. */
export function scaleOf(truth: ArrayLike<number>): number {
  let largest = smallestScale;
  for (let i = 0; i < truth.length; i++) {
    const magnitude = Math.abs(truth[i]!);
    if (magnitude > largest && magnitude !== Number.POSITIVE_INFINITY) largest = magnitude;
  }
  return largest;
}

/** How two numbers differ: 0 when they are the same, infinities and NaN included; Infinity when only one is finite. */
export function distance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const difference = Math.abs(a - b);
  return Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
}

/** The largest difference between two lists of numbers, relative to the magnitude of the truth, and where it is. */
export function largestError(
  got: ArrayLike<number>,
  truth: ArrayLike<number>,
  either?: ArrayLike<number>,
): { readonly error: number; readonly at: number } {
  const scale = scaleOf(truth);
  let error = 0;
  let at = -1;
  for (let i = 0; i < truth.length; i++) {
    let found = distance(got[i]!, truth[i]!) / scale;
    if (either !== undefined) found = Math.min(found, distance(got[i]!, either[i]!) / scale);
    if (found > error) {
      error = found;
      at = i;
    }
  }
  return { error, at };
}

/**
 * What is allowed to drawn numbers: they are torch's bit for bit where only integers and uniform arithmetic are involved. Where
 * a logarithm, a root or a cosine is taken (normal and exponential numbers and what is made of them), the last places may come
 * from another mathematical library: 4 ulps of the largest magnitude. An orthogonal matrix is factored, in float32: 1e-5.
 *
 * @param fn torch's name of the function that drew
 */
export function drawnTolerance(fn: string): Tolerance {
  if (fn.endsWith(".orthogonal_")) return float64Tolerance;
  const places = throughLibm.test(fn) ? 4 : 0;
  return { float32: places * ulp.float32, float64: places * ulp.float64, either: false };
}

const throughLibm =
  /randn|normal|exponential|cauchy|gumbel|nn\.Embedding|distributions\.(?!Uniform|Bernoulli|Categorical|OneHotCategorical)/;
