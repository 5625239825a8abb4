import { fail } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import { broadcastsTo } from "../shape.ts";
import { forEachIndex } from "../visit.ts";
import type { Generator } from "./generator.ts";
import { checkTarget, fillSerially, memoryOrder } from "./target.ts";

const CHUNK = 1024;

/**
 * Fills `out` with 1 where a uniform number is below `p`, else 0.
 *
 * One number `p` takes 53 bits, two draws, an element; an array of them 24 bits, one draw, in float32 and 53 bits in float64.
 * With `generator.bernoulli` "mkl", one number `p` takes a single draw for all of `out`, which seeds an MKL stream.
 *
 * @param out any dtype, any strides; filled in the order of memory
 * @param p   the probability of 1, or an array of them that broadcasts to the shape of `out`
 * @throws TensorError `invalid_argument` unless 0 ≤ p ≤ 1, `invalid_dtype` for integer p, `shape_mismatch`, `in_place`
 * @see torch.bernoulli, torch.Tensor.bernoulli_
 */
export function fillBernoulli(out: NDArray, p: number | NDArray, generator: Generator): void {
  checkTarget("bernoulli_", out, ["bool", "int32", "float32", "float64"]);
  if (p instanceof NDArray) {
    fillFromArray(out, p, generator);
    return;
  }
  checkProbability(p);
  if (generator.bernoulli === "mkl") {
    if (out.size > 0) fillFromMkl(out, p, generator.engine.u32());
  } else {
    fillFromNumber(out, p, generator);
  }
}

function fillFromNumber(out: NDArray, p: number, { engine }: Generator): void {
  if (!out.isContiguous) {
    fillSerially(out, () => (engine.uniform53() < p ? 1 : 0));
    return;
  }
  // every mask of dropout comes this way: in chunks it takes half the time
  const { data, offset } = out;
  const end = offset + out.size;
  const chunk = new Float64Array(Math.min(out.size, CHUNK));
  for (let start = offset; start < end; start += CHUNK) {
    const count = Math.min(CHUNK, end - start);
    engine.fillUniform53(chunk, 0, count);
    for (let k = 0; k < count; k++) data[start + k] = chunk[k]! < p ? 1 : 0;
  }
}

function fillFromArray(out: NDArray, p: NDArray, { engine }: Generator): void {
  if (p.dtype !== "float32" && p.dtype !== "float64") {
    fail("invalid_dtype", "bernoulli_", "probabilities must be floating-point", { dtype: p.dtype });
  }
  if (!broadcastsTo(p.shape, out.shape)) {
    fail("shape_mismatch", "bernoulli_", "p does not broadcast to the output", { p: p.shape, output: out.shape });
  }
  const order = memoryOrder(out);
  const { data } = out;
  const probabilities = p
    .expand(out.shape)
    .transpose(...order)
    .toArray();
  for (const probability of probabilities) checkProbability(probability);
  let k = 0;
  const place = out.transpose(...order);
  if (p.dtype === "float32") {
    forEachIndex(place, (i) => {
      data[i] = engine.uniform24() < probabilities[k++]! ? 1 : 0;
    });
  } else {
    forEachIndex(place, (i) => {
      data[i] = engine.uniform53() < probabilities[k++]! ? 1 : 0;
    });
  }
}

const MODULUS = 2 ** 31 - 1;
const MULTIPLIER = 1132489760;

/**
 * Fills in logical order from MKL's MCG31m1: x ← 1132489760·x mod (2³¹ - 1), from x = seed, and 1 where x/(2³¹ - 1) < p.
 *
 * Source: L'Ecuyer (1999), Tables of linear congruential generators; Intel oneMKL, Notes on the vector statistics generators.
 */
function fillFromMkl(out: NDArray, p: number, seed: number): void {
  const { data } = out;
  let x = seed % MODULUS || 1;
  forEachIndex(out, (i) => {
    data[i] = x / MODULUS < p ? 1 : 0;
    // the product has 61 bits: by halves of the multiplier it stays exact
    const upper = (x * (MULTIPLIER >>> 16)) % MODULUS;
    x = (upper * 2 ** 16 + x * (MULTIPLIER & 0xffff)) % MODULUS;
  });
}

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) fail("invalid_argument", "bernoulli_", "a probability must lie in [0, 1]", { p });
}
