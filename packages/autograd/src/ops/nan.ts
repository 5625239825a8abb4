import { fail, isFloating, normaliseDim } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { div, floorDivide, sub } from "./arithmetic.ts";
import { clampMin, where } from "./choose.ts";
import { isnan, logicalNot } from "./compare.ts";
import type { ValuesAndIndices } from "./extrema.ts";
import { gather } from "./gather.ts";
import { maskedSelect } from "./masked.ts";
import { type Dims, type ReduceOptions, type SumOptions, sum } from "./reduce.ts";
import { squeeze } from "./shape.ts";
import { argsort, median } from "./sort.ts";

/** {@link sum} where NaN counts as 0 (torch.nansum). */
export function nansum(input: Tensor, dim?: Dims | null, options?: SumOptions): Tensor {
  return sum(isFloating(input.dtype) ? where(isnan(input), 0, input) : input, dim, options);
}

/**
 * The mean of what is not NaN; NaN where there is nothing else (torch.nanmean).
 *
 * @throws TensorError `invalid_dtype` for integers and truth values
 */
export function nanmean(input: Tensor, dim?: Dims | null, options: SumOptions = {}): Tensor {
  if (!isFloating(input.dtype)) {
    const facts = { dtype: input.dtype };
    fail("invalid_dtype", "nanmean", "the mean of integers is not an integer", facts, "convert it with .float()");
  }
  const { keepdim = false } = options;
  return div(nansum(input, dim, options), sum(logicalNot(isnan(input)), dim, { keepdim }));
}

/**
 * The middle of what is not NaN, of an even number the lower of the two: of all elements, or along a dimension together with
 * where it is; NaN where there is nothing else (torch.nanmedian).
 *
 * @throws TensorError `invalid_dim`; `invalid_shape` along a dimension of size 0
 */
export function nanmedian(input: Tensor): Tensor;
export function nanmedian(input: Tensor, dim: number, options?: ReduceOptions): ValuesAndIndices;
export function nanmedian(input: Tensor, dim?: number, options: ReduceOptions = {}): Tensor | ValuesAndIndices {
  if (dim === undefined) return median(maskedSelect(input, logicalNot(isnan(input))));
  const at = normaliseDim("nanmedian", dim, input.ndim);
  if (input.ndim === 0) return median(input, dim, options);
  if (input.shape[at] === 0) {
    fail("invalid_shape", "nanmedian", "a dimension of size 0 has no median", { shape: input.shape, dim });
  }
  const valid = sum(logicalNot(isnan(input)), at, { keepdim: true });
  const middle = floorDivide(clampMin(sub(valid, 1), 0), 2);
  const indices = gather(argsort(input, at), at, middle); // NaN stand last
  const values = gather(input, at, indices);
  return options.keepdim ? { values, indices } : { values: squeeze(values, at), indices: squeeze(indices, at) };
}
