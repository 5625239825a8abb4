import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import { fma64 } from "./fma.ts";
import type { Generator } from "./generator.ts";
import { checkTarget, fillSerially } from "./target.ts";

/**
 * Fills `out` with exponential numbers: -1/rate · log(1 - u), u uniform with 53 bits. Two draws each.
 *
 * @param out float32 or float64, any strides; filled in the order of memory
 * @throws TensorError `invalid_argument` unless rate > 0, `invalid_dtype`, `in_place`
 * @see torch.Tensor.exponential_
 */
export function fillExponential(out: NDArray, rate: number, { engine }: Generator): void {
  if (!(rate > 0)) fail("invalid_argument", "exponential_", "the rate must be above 0", { rate });
  checkTarget("exponential_", out, ["float32", "float64"]);
  const scale = -1 / rate;
  fillSerially(out, () => scale * Math.log1p(-engine.uniform53()));
}

/**
 * Fills `out` with Cauchy numbers: median + sigma·tan(π·(u - ½)), u uniform with 53 bits. Two draws each.
 *
 * @param out float32 or float64, any strides; filled in the order of memory
 * @throws TensorError `invalid_argument` unless sigma > 0, `invalid_dtype`, `in_place`
 * @see torch.Tensor.cauchy_
 */
export function fillCauchy(out: NDArray, median: number, sigma: number, { engine }: Generator): void {
  if (!(sigma > 0)) fail("invalid_argument", "cauchy_", "sigma must be above 0", { sigma });
  checkTarget("cauchy_", out, ["float32", "float64"]);
  fillSerially(out, () => fma64(sigma, Math.tan(Math.PI * (engine.uniform53() - 0.5)), median));
}

/**
 * Fills `out` with geometric numbers 1, 2, ...: ⌈log u / log(1 - p)⌉, u uniform with 53 bits. Two draws each.
 *
 * @param out int32, float32 or float64, any strides; filled in the order of memory
 * @throws TensorError `invalid_argument` unless 0 < p < 1, `invalid_dtype`, `in_place`
 * @see torch.Tensor.geometric_
 */
export function fillGeometric(out: NDArray, p: number, { engine }: Generator): void {
  if (!(p > 0 && p < 1)) fail("invalid_argument", "geometric_", "p must lie in (0, 1)", { p });
  checkTarget("geometric_", out, ["int32", "float32", "float64"]);
  const logFailure = Math.log1p(-p);
  fillSerially(out, () => Math.ceil(Math.log(engine.uniform53()) / logFailure));
}
