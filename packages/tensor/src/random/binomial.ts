import type { NDArray } from "../ndarray.ts";
import type { Generator } from "./generator.ts";
import type { MT19937 } from "./mt19937.ts";
import { fillFrom } from "./target.ts";

type Round = (x: number) => number;

// log k! less Stirling's formula for it, for k < 10
const TAILS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
] as const;

/**
 * Fills `out` with binomial numbers: the successes among `counts` trials of probability `p`. By waiting times where fewer than
 * 10 are expected, else by transformed rejection.
 *
 * Source: Kachitvichyanukul and Schmeiser (1988), Binomial random variate generation; Hörmann (1993), The generation of
 * binomial random variates.
 *
 * @param out    float32 or float64, any strides; filled in logical order
 * @param counts the trials, and
 * @param p      their probabilities, both of the shape and dtype of `out`. As in torch, no trials below 0, no success with p ≤ 0, all
 *   with p ≥ 1, NaN where p is NaN
 * @throws TensorError `invalid_dtype`, `shape_mismatch`, `in_place`
 * @see torch.binomial
 */
export function fillBinomial(out: NDArray, counts: NDArray, p: NDArray, { engine }: Generator): void {
  const round: Round = out.dtype === "float32" ? Math.fround : (x) => x;
  fillFrom("binomial", out, { counts, p }, (count, probability) => {
    if (count <= 0 || probability <= 0) return 0;
    if (probability >= 1) return count;
    if (Number.isNaN(probability)) return Number.NaN;
    if (probability <= 0.5) return successes(count, probability, engine, round);
    return count - successes(count, round(1 - probability), engine, round);
  });
}

function successes(count: number, p: number, engine: MT19937, round: Round): number {
  return round(count * p) >= 10 ? byRejection(count, p, engine, round) : byWaiting(count, p, engine, round);
}

/** Counts the geometric waiting times that fit into the trials. */
function byWaiting(count: number, p: number, engine: MT19937, round: Round): number {
  const logFailure = round(Math.log1p(-p));
  let trials = 0;
  for (let found = 0; ; found++) {
    trials += Math.ceil(Math.log(engine.uniform53()) / logFailure);
    if (trials > count) return found;
  }
}

/** Hörmann's BTRS. What torch computes in the dtype of the parameters goes through `round`. */
function byRejection(count: number, p: number, engine: MT19937, round: Round): number {
  const deviation = round(Math.sqrt(round(round(count * p) * round(1 - p))));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const c = round(count * p) + 0.5;
  const ceiling = 0.92 - 4.2 / b;
  const odds = round(p / round(1 - p));
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor(round(round(count + 1) * p));
  for (;;) {
    const u = engine.uniform53() - 0.5;
    const v = engine.uniform53();
    const us = 0.5 - Math.abs(u);
    const k = round(Math.floor(((2 * a) / us + b) * u + c));
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= ceiling) return k;
    const rest = round(round(count - k) + 1);
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (count - mode + 1))) +
      round(count + 1) * Math.log((count - mode + 1) / rest) +
      (k + 0.5) * Math.log((odds * rest) / round(k + 1)) +
      (stirlingTail(mode) + stirlingTail(count - mode) - stirlingTail(k) - stirlingTail(round(count - k)));
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

function stirlingTail(k: number): number {
  const known = TAILS[Math.trunc(k)];
  if (known !== undefined) return known;
  const z = (k + 1) * (k + 1);
  return (1 / 12 - (1 / 360 - 1 / 1260 / z) / z) / (k + 1);
}
