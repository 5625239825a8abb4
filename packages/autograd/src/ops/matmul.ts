import { fail, isFloating, sizeOf } from "@tapegrad/tensor";
import type { Tensor } from "../tensor.ts";
import { add, mul } from "./arithmetic.ts";
import { checkInner, checkProductDTypes, matrixProduct } from "./matrixProduct.ts";
import { sum } from "./reduce.ts";
import { expand, reshape, squeeze, unsqueeze } from "./shape.ts";

export * from "./attention.ts";
export * from "./einsum.ts";
export * from "./linear.ts";
export * from "./tensordot.ts";

/**
 * Matrix product of the last two dimensions, with the others broadcast. A vector counts as a row on the left and as a column
 * on the right, and that dimension is dropped again; two vectors give their dot product.
 *
 * @param input [..., M, K] or [K]
 * @param other [..., K, N] or [K]; of the dtype of `input`
 * @returns [..., M, N], [..., M], [..., N] or []
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.matmul
 */
export function matmul(input: Tensor, other: Tensor): Tensor {
  const where = "matmul";
  const [left, right] = [input.shape, other.shape];
  if (left.length === 0 || right.length === 0) {
    fail("invalid_shape", where, "both operands need at least one dimension", { left, right }, "use mul() for numbers");
  }
  checkProductDTypes(where, input, other);
  checkInner(where, left, right);
  if (left.length > 2 && right.length <= 2) {
    // one product of all rows, so that the gradient of the matrix is one product too
    const product = matmul(reshape(input, [sizeOf(left.slice(0, -1)), left.at(-1)!]), other);
    return reshape(product, [...left.slice(0, -1), ...right.slice(1)]);
  }
  const a = left.length === 1 ? unsqueeze(input, 0) : input;
  const b = right.length === 1 ? unsqueeze(other, 1) : other;
  let product = matrixProduct(a, b);
  if (right.length === 1) product = squeeze(product, -1);
  return left.length === 1 ? squeeze(product, right.length === 1 ? -1 : -2) : product;
}

function checkRank(where: string, operands: Readonly<Record<string, Tensor>>, ranks: readonly number[]): void {
  Object.values(operands).forEach(({ ndim }, i) => {
    if (ndim === ranks[i]) return;
    const facts = Object.fromEntries(Object.entries(operands).map(([name, { shape }]) => [name, shape]));
    const wanted = ["a number", "a vector", "a matrix", "a batch of matrices"][ranks[i]!];
    const hint = "matmul() takes vectors, matrices and batches of them";
    fail("invalid_shape", where, `${Object.keys(operands)[i]} must be ${wanted}`, facts, hint);
  });
}

/** Product of two matrices: [M, K] and [K, N] give [M, N] (torch.mm). */
export function mm(input: Tensor, mat2: Tensor): Tensor {
  checkRank("mm", { input, mat2 }, [2, 2]);
  checkProductDTypes("mm", input, mat2);
  checkInner("mm", input.shape, mat2.shape);
  return matrixProduct(input, mat2);
}

/** Products of as many pairs of matrices: [B, M, K] and [B, K, N] give [B, M, N] (torch.bmm). */
export function bmm(input: Tensor, mat2: Tensor): Tensor {
  checkRank("bmm", { input, mat2 }, [3, 3]);
  checkProductDTypes("bmm", input, mat2);
  checkInner("bmm", input.shape, mat2.shape);
  if (input.shape[0] !== mat2.shape[0]) {
    const facts = { input: input.shape, mat2: mat2.shape };
    fail("shape_mismatch", "bmm", "the numbers of matrices differ", facts, "matmul() broadcasts them");
  }
  return matrixProduct(input, mat2);
}

/** Product of a matrix and a vector: [M, K] and [K] give [M] (torch.mv). */
export function mv(input: Tensor, vec: Tensor): Tensor {
  checkRank("mv", { input, vec }, [2, 1]);
  return matmul(input, vec);
}

/** Sum of the products of two vectors' elements: a scalar (torch.dot). */
export function dot(input: Tensor, other: Tensor): Tensor {
  checkRank("dot", { input, other }, [1, 1]);
  return matmul(input, other);
}

/** All products of two vectors' elements: [M] and [N] give [M, N] (torch.outer). */
export function outer(input: Tensor, vec2: Tensor): Tensor {
  checkRank("outer", { input, vec2 }, [1, 1]);
  return mul(unsqueeze(input, 1), vec2);
}

/** Factors of the two terms of {@link addmm}; for integers they are cut off toward zero. */
export interface AddmmOptions {
  /** Factor of the added tensor; with 0 it is ignored, NaN included. @defaultValue 1 */
  readonly beta?: number;
  /** Factor of the product. @defaultValue 1 */
  readonly alpha?: number;
}

/**
 * `beta · input + alpha · (mat1 · mat2)`.
 *
 * @param input broadcast to [M, N]
 * @param mat1  [M, K]
 * @param mat2  [K, N]
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.addmm
 */
export function addmm(input: Tensor, mat1: Tensor, mat2: Tensor, options?: AddmmOptions): Tensor {
  return sumOf(input, mm(mat1, mat2), options);
}

/**
 * `beta · input + alpha · (batch1 · batch2)`, matrix by matrix.
 *
 * @param input  broadcast to [B, M, N]
 * @param batch1 [B, M, K]
 * @param batch2 [B, K, N]
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.baddbmm
 */
export function baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, options?: AddmmOptions): Tensor {
  return sumOf(input, bmm(batch1, batch2), options);
}

/** `beta · input + alpha · (mat · vec)`, with `input` broadcast to [M] (torch.addmv). */
export function addmv(input: Tensor, mat: Tensor, vec: Tensor, options?: AddmmOptions): Tensor {
  return sumOf(input, mv(mat, vec), options);
}

/**
 * `beta · input + alpha · Σ (batch1 · batch2)`, the sum over the products of all pairs of matrices.
 *
 * @param input  broadcast to [M, N]
 * @param batch1 [B, M, K]
 * @param batch2 [B, K, N]
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype`
 * @see torch.addbmm
 */
export function addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, options?: AddmmOptions): Tensor {
  return sumOf(input, sum(bmm(batch1, batch2), 0), options);
}

/** `beta · input + alpha · (vec1 ⊗ vec2)`, with `input` broadcast to [M, N] (torch.addr). */
export function addr(input: Tensor, vec1: Tensor, vec2: Tensor, options?: AddmmOptions): Tensor {
  return sumOf(input, outer(vec1, vec2), options);
}

function sumOf(input: Tensor, product: Tensor, { beta = 1, alpha = 1 }: AddmmOptions = {}): Tensor {
  const added = expand(input, product.shape); // an error where it would be the product that is broadcast
  const factor = (value: number): number | boolean =>
    isFloating(product.dtype) ? value : product.dtype === "bool" ? Boolean(value) : Math.trunc(value);
  const scaled = alpha === 1 ? product : mul(product, factor(alpha));
  if (!factor(beta)) return scaled;
  return add(beta === 1 ? added : mul(added, factor(beta)), scaled);
}
