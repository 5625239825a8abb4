import type { DType } from "../dtype.ts";
import { fail } from "../errors.ts";
import type { NDArray } from "../ndarray.ts";
import type { Generator } from "./generator.ts";
import type { MT19937 } from "./mt19937.ts";
import { checkTarget, fillSerially } from "./target.ts";

const NUMBERS: readonly DType[] = ["int32", "float32", "float64"];
const ALL: readonly DType[] = ["bool", ...NUMBERS];
/** From this range on, torch takes 64 bits for a number. */
const WIDE = 2 ** 28;

/**
 * Fills `out` with whole numbers in [low, high): low + u mod (high - low), where u has 32 bits, or 64 (two draws) from a
 * range of 2²⁸ on. The numbers and the draws do not depend on the dtype.
 *
 * In float32 a bound that is no float32 moves inwards to one, so that rounding cannot reach `high`.
 *
 * @param out any dtype, any strides; filled in the order of memory
 * @throws TensorError `invalid_argument` unless low < high are safe integers that the dtype holds; `in_place`
 * @see torch.randint, torch.Tensor.random_(from, to)
 */
export function fillRandint(out: NDArray, low: number, high: number, generator: Generator): void {
  checkTarget("randint", out, ALL);
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high) || !(low < high)) {
    fail("invalid_argument", "randint", "needs whole numbers low < high", { low, high });
  }
  if (!Number.isSafeInteger(high - low)) {
    fail("invalid_argument", "randint", "the range is too wide", { low, high });
  }
  const [from, to] = out.dtype === "float32" ? insideFloat32(low, high) : [low, high];
  const [least, most] = limits(out.dtype);
  if (from < least || to - 1 > most || from >= to) {
    fail("invalid_argument", "randint", "the bounds do not fit the dtype", { low, high, dtype: out.dtype });
  }
  const { engine } = generator;
  const range = to - from;
  if (range < WIDE) fillSerially(out, () => (engine.u32() % range) + from);
  else fillSerially(out, () => remainder64(engine, range) + from);
}

/**
 * Fills `out` with whole numbers over the range of its dtype, from 0: 31 bits in int32, 0 to 2²⁴ in float32, 0 to 2⁵³ in
 * float64 (two draws), 0 or 1 in bool.
 *
 * torch's default integer has 64 bits: for what its `random_()` draws there, see {@link randomInt64}.
 *
 * @see torch.Tensor.random_
 */
export function fillRandom(out: NDArray, generator: Generator): void {
  checkTarget("random_", out, ALL);
  fillSerially(out, wholeDtype(out.dtype, generator.engine));
}

/** One number in [0, 2⁶³): what `torch.empty((), dtype=torch.int64).random_()` draws, and DataLoader takes as its seed. */
export function randomInt64(generator: Generator): bigint {
  return generator.engine.u64() & (2n ** 63n - 1n);
}

/**
 * Fills `out` with a permutation of 0 ... n - 1, by n - 1 draws: place i swaps with place i + u mod (n - i).
 *
 * @param out int32, float32 or float64, of shape [n], any stride
 * @throws TensorError `invalid_shape` unless it has one dimension; `invalid_argument` where the dtype cannot count to n
 * @see torch.randperm
 */
export function fillRandperm(out: NDArray, generator: Generator): void {
  checkTarget("randperm", out, NUMBERS);
  if (out.dimension !== 1) fail("invalid_shape", "randperm", "a permutation has one dimension", { shape: out.shape });
  const { data, offset, size } = out;
  if (out.dtype === "float32" && size > 2 ** 24 + 1) {
    fail("invalid_argument", "randperm", "float32 cannot count so far", { n: size, most: 2 ** 24 + 1 });
  }
  const { engine } = generator;
  const step = out.stride[0]!;
  for (let i = 0; i < size; i++) data[offset + i * step] = i;
  for (let i = 0; i < size - 1; i++) {
    const here = offset + i * step;
    const there = here + (engine.u32() % (size - i)) * step;
    const kept = data[here]!;
    data[here] = data[there]!;
    data[there] = kept;
  }
}

function wholeDtype(dtype: DType, engine: MT19937): () => number {
  switch (dtype) {
    case "bool":
      return () => engine.i32() & 1;
    case "int32":
      return () => engine.i32() & 0x7fffffff;
    case "float32":
      return () => engine.u32() % (2 ** 24 + 1);
    case "float64":
      return () => Number(engine.u64() % (2n ** 53n + 1n));
  }
}

/** 64 random bits mod `range`. */
function remainder64(engine: MT19937, range: number): number {
  if (range > 2 ** 37) return Number(engine.u64() % BigInt(range));
  // in three steps of long division, none of which leaves the whole numbers that a double holds
  const high = engine.u32() % range;
  const low = engine.u32();
  const middle = (high * 2 ** 16 + (low >>> 16)) % range;
  return (middle * 2 ** 16 + (low & 0xffff)) % range;
}

function limits(dtype: DType): readonly [least: number, most: number] {
  if (dtype === "bool") return [0, 1];
  return dtype === "int32" ? [-(2 ** 31), 2 ** 31 - 1] : [-Infinity, Infinity];
}

/** The bounds moved inwards to where float32 can tell them from their neighbours (at::native::templates::update_from, update_to). */
function insideFloat32(low: number, high: number): [from: number, to: number] {
  const first = Math.fround(low + 1);
  const last = Math.fround(high - 1);
  return [first < low ? first + gap(low + 1) : low, last >= high ? last - gap(high - 1) : high];
}

/** The distance between float32 near x, as torch reckons it. */
function gap(x: number): number {
  return 2 ** (Math.floor(Math.log2(Math.abs(x))) - 23);
}
