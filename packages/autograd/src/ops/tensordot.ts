import { fail, normaliseDims, sizeOf } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { mul } from "./arithmetic.ts";
import { dot } from "./matmul.ts";
import { checkProductDTypes, matrixProduct } from "./matrixProduct.ts";
import { sum } from "./reduce.ts";
import { permute, reshape } from "./shape.ts";

/** Dimensions of two tensors that are paired up and summed over. */
export type Contraction = number | readonly [dims: readonly number[], otherDims: readonly number[]];

/**
 * Sum of products over pairs of dimensions: those of `input` that are not paired come first, then those of `other`.
 *
 * @param dims how many: the last ones of `input` with the first ones of `other`; or which. @defaultValue 2
 * @throws TensorError `shape_mismatch` | `invalid_dim` | `invalid_dtype` | `invalid_argument`
 * @see torch.tensordot
 */
export function tensordot(input: Tensor, other: Tensor, dims: Contraction = 2): Tensor {
  const where = "tensordot";
  checkProductDTypes(where, input, other);
  const [left, right] = paired(where, input, other, dims);
  let [a, b] = [input, other];
  left.forEach((d, i) => {
    const [m, n] = [input.shape[d]!, other.shape[right[i]!]!];
    if (m === n) return;
    // a single slice meets all of the others: their sum
    if (m === 1) b = sum(b, right[i]!, { keepdim: true });
    else if (n === 1) a = sum(a, d, { keepdim: true });
    else {
      const facts = { input: input.shape, other: other.shape, dims: left, otherDims: right };
      fail("shape_mismatch", where, "paired dimensions differ in size", facts);
    }
  });
  const [keptA, keptB] = [rest(a, left), rest(b, right)];
  const [shapeA, shapeB] = [keptA.map((d) => a.shape[d]!), keptB.map((d) => b.shape[d]!)];
  const summed = left.reduce((size, d) => size * a.shape[d]!, 1);
  const product = matrixProduct(
    reshape(permute(a, [...keptA, ...left]), [sizeOf(shapeA), summed]),
    reshape(permute(b, [...right, ...keptB]), [summed, sizeOf(shapeB)]),
  );
  return reshape(product, [...shapeA, ...shapeB]);
}

const rest = (input: Tensor, dims: readonly number[]): number[] =>
  input.shape.map((_, d) => d).filter((d) => !dims.includes(d));

function paired(where: string, input: Tensor, other: Tensor, dims: Contraction): [number[], number[]] {
  if (typeof dims === "number") {
    if (!Number.isInteger(dims) || dims < 0 || dims > Math.min(input.ndim, other.ndim)) {
      const facts = { dims, input: input.shape, other: other.shape };
      fail("invalid_argument", where, "so many dimensions cannot be paired", facts);
    }
    const count = Array.from({ length: dims }, (_, i) => i);
    return [count.map((i) => input.ndim - dims + i), count];
  }
  const [left, right] = dims;
  if (left.length !== right.length) {
    fail("invalid_argument", where, "as many dimensions of one as of the other must be named", { left, right });
  }
  const named = (list: readonly number[], ndim: number): number[] =>
    list.length === 0 ? [] : normaliseDims(where, list, ndim);
  return [named(left, input.ndim), named(right, other.ndim)];
}

/**
 * Sum of products over the last dimension of both; with a single number, the plain product.
 *
 * @throws TensorError `shape_mismatch` | `invalid_dtype`
 * @see torch.inner
 */
export function inner(input: Tensor, other: Tensor): Tensor {
  if (input.ndim === 0 || other.ndim === 0) return mul(input, other);
  if (input.shape.at(-1) !== other.shape.at(-1)) {
    const facts = { input: input.shape, other: other.shape };
    fail("shape_mismatch", "inner", "the last dimensions differ in size", facts);
  }
  return tensordot(input, other, [[-1], [-1]]);
}

/** Sum of the products of two vectors' elements; of real numbers it is {@link dot} (torch.vdot). */
export function vdot(input: Tensor, other: Tensor): Tensor {
  return dot(input, other);
}
