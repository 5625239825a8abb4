import { fail, isFloating, normaliseDim } from "@tapegrad/tensor";
import { as } from "../operands.ts";
import { Tensor } from "../tensor.ts";
import { mul, sub } from "./arithmetic.ts";
import { int } from "./cast.ts";
import { clampMin, lerp, where } from "./choose.ts";
import { isnan, logicalNot } from "./compare.ts";
import { gather } from "./gather.ts";
import { ceil, floor, round } from "./pointwise.ts";
import { any, type ReduceOptions, sum } from "./reduce.ts";
import { expand, movedim, reshape, squeeze, unsqueeze } from "./shape.ts";
import { sort } from "./sort.ts";

/** How quantiles are taken. */
export interface QuantileOptions extends ReduceOptions {
  /** What stands between two elements: what is in proportion, one of them, or their middle. @defaultValue "linear" */
  readonly interpolation?: "linear" | "lower" | "higher" | "nearest" | "midpoint";
}

/**
 * The values below which given parts of the elements lie; NaN where there is one among them.
 *
 * @param input floating-point
 * @param q     parts from 0 to 1: a number, or a vector, whose results stand along a new first dimension
 * @param dim   without it, or null: of all elements
 * @throws TensorError `invalid_dtype` | `invalid_argument` | `invalid_option` | `invalid_shape` | `invalid_dim`
 * @see torch.quantile
 */
export function quantile(input: Tensor, q: number | Tensor, dim?: number | null, options?: QuantileOptions): Tensor {
  return quantiles("quantile", input, q, dim, options);
}

/** {@link quantile} of what is not NaN; NaN where there is nothing else (torch.nanquantile). */
export function nanquantile(input: Tensor, q: number | Tensor, dim?: number | null, options?: QuantileOptions): Tensor {
  return quantiles("nanquantile", input, q, dim, options);
}

const METHODS = ["linear", "lower", "higher", "nearest", "midpoint"];

function quantiles(
  where_: "quantile" | "nanquantile",
  input: Tensor,
  q: number | Tensor,
  dim?: number | null,
  { keepdim = false, interpolation = "linear" }: QuantileOptions = {},
): Tensor {
  check(where_, input, q, interpolation);
  const parts = as(q, input.dtype, where_);
  const whole = dim === undefined || dim === null;
  const at = whole ? 0 : normaliseDim(where_, dim, input.ndim);
  const lines = whole || input.ndim === 0 ? reshape(input, [-1]) : movedim(input, at, -1);
  const sorted = sort(lines).values; // NaN stand last
  const size = sorted.shape.at(-1)!;
  const undefinedAt = isnan(lines);
  const last =
    where_ === "quantile" ? size - 1 : clampMin(sub(sum(logicalNot(undefinedAt), -1, { keepdim: true }), 1), 0);
  const places = mul(reshape(parts, [-1]), last);
  const ranks = where_ === "quantile" ? where(any(undefinedAt, -1, { keepdim: true }), size - 1, places) : places;
  const found = between(sorted, expand(ranks, [...sorted.shape.slice(0, -1), parts.numel()]), interpolation);
  const kept = !keepdim
    ? found
    : whole
      ? reshape(found, [...input.shape.map(() => 1), -1])
      : keepPlace(found, at, input);
  return parts.ndim === 0 ? squeeze(kept, -1) : movedim(kept, -1, 0);
}

/** Puts the reduced dimension back, with size 1, beside the last one, which holds the quantiles. */
function keepPlace(found: Tensor, at: number, { ndim }: Tensor): Tensor {
  return ndim === 0 ? found : unsqueeze(found, at);
}

function between(sorted: Tensor, ranks: Tensor, method: string): Tensor {
  const pick = (rank: Tensor): Tensor => gather(sorted, -1, int(rank));
  if (method === "lower") return pick(floor(ranks));
  if (method === "higher") return pick(ceil(ranks));
  if (method === "nearest") return pick(round(ranks));
  const below = floor(ranks);
  const weight = method === "midpoint" ? 0.5 : sub(ranks, below);
  return lerp(pick(below), pick(ceil(ranks)), weight);
}

function check(where_: string, input: Tensor, q: number | Tensor, interpolation: string): void {
  if (!isFloating(input.dtype)) {
    fail(
      "invalid_dtype",
      where_,
      "only floating-point elements have quantiles",
      { dtype: input.dtype },
      "use .float()",
    );
  }
  if (input.numel() === 0) fail("invalid_shape", where_, "no elements have no quantiles", { shape: input.shape });
  if (!METHODS.includes(interpolation)) {
    fail("invalid_option", where_, "unknown interpolation", { interpolation }, `one of ${METHODS.join(", ")}`);
  }
  if (q instanceof Tensor) {
    if (q.ndim > 1) fail("invalid_shape", where_, "q must be a number or a vector", { q: q.shape });
    if (q.dtype !== input.dtype) {
      fail("invalid_dtype", where_, "the dtypes differ", { input: input.dtype, q: q.dtype });
    }
  } else if (!(q >= 0 && q <= 1)) fail("invalid_argument", where_, "q must be from 0 to 1", { q });
}
