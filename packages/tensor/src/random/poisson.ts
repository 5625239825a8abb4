import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import type { Generator } from "./generator.ts";
import type { MT19937 } from "./mt19937.ts";
import { fillFrom } from "./target.ts";

/**
 * Fills `out` with Poisson numbers: for rates below 10 by multiplying uniform numbers, else by transformed rejection.
 *
 * Source: Hörmann (1993), The transformed rejection method for generating Poisson random variables.
 *
 * @param out   float32 or float64, any strides; filled in logical order
 * @param rates the means, at least 0, of the shape and dtype of `out`
 * @throws TensorError `invalid_argument` for a rate that is negative or NaN, `invalid_dtype`, `shape_mismatch`, `in_place`
 * @see torch.poisson
 */
export function fillPoisson(out: NDArray, rates: NDArray, { engine }: Generator): void {
  for (const rate of rates.toArray()) {
    if (!(rate >= 0)) fail("invalid_argument", "poisson", "a rate must be at least 0", { rate });
  }
  fillFrom("poisson", out, { rates }, (rate) => (rate < 10 ? byProducts(rate, engine) : byRejection(rate, engine)));
}

function byProducts(rate: number, engine: MT19937): number {
  if (rate === 0) return 0;
  const limit = Math.exp(-rate);
  let product = 1;
  for (let count = 0; ; count++) {
    product *= engine.uniform53();
    if (product <= limit) return count;
  }
}

function byRejection(rate: number, engine: MT19937): number {
  if (rate === Infinity) return Infinity;
  const logRate = Math.log(rate);
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const logInverseAlpha = Math.log(1.1239 + 1.1328 / (b - 3.4));
  const ceiling = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = engine.uniform53() - 0.5;
    const v = engine.uniform53();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= ceiling) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const left = Math.log(v) + logInverseAlpha - Math.log(a / (us * us) + b);
    if (left <= -rate + k * logRate - logFactorial(k)) return k;
  }
}

/** log k!, by Stirling's series from k = 20 on. */
function logFactorial(k: number): number {
  if (k < 20) {
    let product = 1; // exact: 19! has 53 bits at most beside its factors of 2
    for (let i = 2; i <= k; i++) product *= i;
    return Math.log(product);
  }
  const x = k + 1;
  const z = 1 / (x * x);
  const tail = (1 / 12 - z * (1 / 360 - z * (1 / 1260 - z * (1 / 1680 - z / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + tail;
}
