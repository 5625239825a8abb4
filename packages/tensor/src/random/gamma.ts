import { fail } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import type { Generator } from "./generator.ts";
import { drawNormal } from "./normal.ts";
import { fillFrom } from "./target.ts";

const SMALLEST = { float32: 2 ** -126, float64: 2 ** -1022 } as const;
const BELOW_ONE = { float32: 1 - 2 ** -24, float64: 1 - 2 ** -53 } as const;
const THIRD = Math.fround(1 / 3);
const SQUEEZE = Math.fround(0.0331);

/**
 * Fills `out` with gamma numbers of scale 1, at least the smallest normal number of the dtype.
 *
 * Source: Marsaglia and Tsang (2000), A simple method for generating gamma variables.
 *
 * @param out   float32 or float64, any strides; filled in logical order
 * @param shape the shape parameters (alpha, concentration), of the shape and dtype of `out`
 * @throws TensorError `invalid_argument` for a parameter that is negative or NaN, `invalid_dtype`, `shape_mismatch`, `in_place`
 * @see torch._standard_gamma, torch.distributions.Gamma
 */
export function fillGamma(out: NDArray, shape: NDArray, generator: Generator): void {
  checkParameters("gamma", shape);
  const least = SMALLEST[out.dtype === "float32" ? "float32" : "float64"];
  const round = out.dtype === "float32" ? Math.fround : (x: number): number => x;
  fillFrom("gamma", out, { shape }, (alpha) => Math.max(least, drawGamma(alpha, generator, round)));
}

/**
 * Fills rows of `out` (its last dimension) with points of a Dirichlet distribution: gamma numbers divided by their sum.
 *
 * @param out           float32 or float64, any strides; filled in logical order
 * @param concentration the parameters, of the shape and dtype of `out`
 * @throws TensorError `invalid_shape` for 0-d, `invalid_argument` for a parameter that is negative or NaN, `invalid_dtype`,
 *   `shape_mismatch`, `in_place`
 * @see torch._sample_dirichlet, torch.distributions.Dirichlet
 */
export function fillDirichlet(out: NDArray, concentration: NDArray, generator: Generator): void {
  if (out.dimension === 0) fail("invalid_shape", "dirichlet", "needs at least one dimension", { shape: out.shape });
  checkParameters("dirichlet", concentration);
  const type = out.dtype === "float32" ? "float32" : "float64";
  const gammas = NDArray.zeros(out.shape, "float64");
  const alphas = NDArray.of(concentration.toArray(), concentration.shape, "float64");
  fillGamma(gammas, alphas, generator);
  const width = out.shape.at(-1)!;
  for (let row = 0; row < gammas.size; row += width) {
    let sum = 0;
    for (let i = row; i < row + width; i++) sum += gammas.data[i]!;
    for (let i = row; i < row + width; i++) gammas.data[i] = gammas.data[i]! / sum;
  }
  const shares = gammas.data;
  let k = 0;
  fillFrom("dirichlet", out, { concentration }, () =>
    Math.min(BELOW_ONE[type], Math.max(SMALLEST[type], shares[k++]!)),
  );
}

/** One gamma number. What torch computes in the dtype of the parameter goes through `round`, the rest is float64. */
function drawGamma(parameter: number, generator: Generator, round: (x: number) => number): number {
  const { engine } = generator;
  let alpha = parameter;
  let scale = 1;
  if (alpha < 1) {
    if (alpha === 0) return 0;
    scale = (1 - engine.uniform53()) ** round(1 / alpha);
    alpha = round(alpha + 1);
  }
  const d = round(alpha - THIRD);
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    let x: number;
    let y: number;
    do {
      x = drawNormal(generator);
      y = 1 + c * x;
    } while (y <= 0);
    const v = y * y * y;
    const u = 1 - engine.uniform53();
    const xx = x * x;
    if (u < 1 - SQUEEZE * xx * xx || Math.log(u) < 0.5 * xx + d * (1 - v + Math.log(v))) return round(scale * d * v);
  }
}

function checkParameters(where: string, parameters: NDArray): void {
  for (const value of parameters.toArray()) {
    if (!(value >= 0 && value < Infinity)) {
      fail("invalid_argument", where, "parameters must be finite and at least 0", { value });
    }
  }
}
