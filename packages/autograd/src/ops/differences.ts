import { fail, normaliseDim } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { add, div, mul, sub } from "./arithmetic.ts";
import { clone } from "./cast.ts";
import { logicalXor } from "./compare.ts";
import { cat } from "./join.ts";
import { sum } from "./reduce.ts";
import { cumsum } from "./scan.ts";
import { narrow, reshape } from "./shape.ts";

/** What {@link diff} puts around its input. */
export interface DiffOptions {
  /** What comes before, along the dimension. */
  readonly prepend?: Tensor;
  /** What comes after. */
  readonly append?: Tensor;
}

/**
 * Each element less the one before it along a dimension, several times over; of truth values, whether they differ.
 *
 * @param order how often; each time there is one element less. @defaultValue 1
 * @param dim   @defaultValue -1
 * @throws TensorError `invalid_argument` | `invalid_shape` | `invalid_dim` | `shape_mismatch`
 * @see torch.diff
 */
export function diff(input: Tensor, order = 1, dim = -1, { prepend, append }: DiffOptions = {}): Tensor {
  if (input.ndim === 0) fail("invalid_shape", "diff", "a single number has no neighbour", {});
  if (!Number.isInteger(order) || order < 0) {
    fail("invalid_argument", "diff", "the order must be a whole number of at least 0", { order });
  }
  const at = normaliseDim("diff", dim, input.ndim);
  if (order === 0) return clone(input);
  const parts = [prepend, input, append].filter((part) => part !== undefined);
  let rest = parts.length === 1 ? input : cat(parts, at);
  for (let n = Math.min(order, rest.shape[at]!); n > 0; n--) rest = steps(rest, at);
  return rest;
}

function steps(input: Tensor, dim: number): Tensor {
  const [before, after] = neighbours(input, dim);
  return input.dtype === "bool" ? logicalXor(after, before) : sub(after, before);
}

/** All but the last along a dimension, and all but the first. */
function neighbours(input: Tensor, dim: number): [Tensor, Tensor] {
  const count = Math.max(input.shape[dim]! - 1, 0);
  return [narrow(input, dim, 0, count), narrow(input, dim, input.shape[dim]! - count, count)];
}

/** How far apart the samples of an integral are. */
export interface TrapezoidOptions {
  /** The distance of neighbours, where their places are not given. @defaultValue 1 */
  readonly dx?: number;
  /** @defaultValue -1 */
  readonly dim?: number;
}

/**
 * The integral along a dimension by the trapezoidal rule: Σ (yᵢ + yᵢ₊₁) · (xᵢ₊₁ − xᵢ) / 2.
 *
 * @param y values
 * @param x their places: a vector along the dimension, or a tensor that broadcasts with `y`; else `dx` apart
 * @throws TensorError `shape_mismatch` | `invalid_dim`
 * @see torch.trapezoid
 */
export function trapezoid(y: Tensor, x?: Tensor, options: TrapezoidOptions = {}): Tensor {
  const [areas, dim] = trapezoids("trapezoid", y, x, options);
  return div(sum(areas, dim), 2);
}

/** {@link trapezoid} up to each sample but the first (torch.cumulative_trapezoid). */
export function cumulativeTrapezoid(y: Tensor, x?: Tensor, options: TrapezoidOptions = {}): Tensor {
  const [areas, dim] = trapezoids("cumulativeTrapezoid", y, x, options);
  return div(cumsum(areas, dim), 2);
}

/** Twice the areas between neighbours, and the dimension along which they lie. */
function trapezoids(
  where: string,
  y: Tensor,
  x: Tensor | undefined,
  { dx = 1, dim = -1 }: TrapezoidOptions,
): [Tensor, number] {
  if (y.ndim === 0) fail("invalid_shape", where, "a single number has no integral", {});
  const at = normaliseDim(where, dim, y.ndim);
  const heights = add(...neighbours(y, at));
  if (x === undefined) return [mul(heights, dx), at];
  if (x.ndim === 1) {
    if (x.shape[0] !== y.shape[at]) {
      fail("shape_mismatch", where, "there must be one place for each value", { y: y.shape, x: x.shape, dim });
    }
    const widths = steps(x, 0);
    return [
      mul(
        heights,
        reshape(
          widths,
          y.shape.map((_, d) => (d === at ? widths.numel() : 1)),
        ),
      ),
      at,
    ];
  }
  const along = at - y.ndim + x.ndim;
  const areas = mul(heights, steps(x, along));
  return [areas, at - y.ndim + areas.ndim];
}
