import { broadcastShapes, fail, normaliseDim } from "@tapegrad/tensor";
import { arange } from "../creation.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { mul, pow, sub } from "./arithmetic.ts";
import { flip, roll } from "./arrange.ts";
import { byOps } from "./byOps.ts";
import { checkTensors } from "./checkTensors.ts";
import { ne } from "./compare.ts";
import { type Unary, unary } from "./families.ts";
import { matmul } from "./matmul.ts";
import { sum } from "./reduce.ts";
import { flat } from "./rounding.ts";
import { expand, reshape, unsqueeze } from "./shape.ts";
import { norm } from "./statistics.ts";

/** Each element of the first times the whole second tensor, laid out as blocks: the Kronecker product (torch.kron). */
export function kron(input: Tensor, other: Tensor): Tensor {
  const rank = Math.max(input.ndim, other.ndim);
  const padded = ({ shape }: Tensor): number[] => [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const [outer, inner] = [padded(input), padded(other)];
  const blocks = reshape(
    input,
    outer.flatMap((size) => [size, 1]),
  );
  const block = reshape(
    other,
    inner.flatMap((size) => [1, size]),
  );
  return reshape(
    mul(blocks, block),
    outer.map((size, d) => size * inner[d]!),
  );
}

/**
 * The vector products along a dimension of size 3, with the others broadcast.
 *
 * @param dim @defaultValue the first of size 3
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dim`
 * @see torch.cross
 */
export function cross(input: Tensor, other: Tensor, dim?: number): Tensor {
  const facts = { input: input.shape, other: other.shape };
  if (input.ndim !== other.ndim) fail("shape_mismatch", "cross", "the numbers of dimensions differ", facts);
  const shape = broadcastShapes("cross", input.shape, other.shape);
  const at = dim === undefined ? shape.indexOf(3) : normaliseDim("cross", dim, input.ndim);
  if (at < 0 || input.shape[at] !== 3 || other.shape[at] !== 3) {
    fail("invalid_shape", "cross", "both need a dimension of size 3", { ...facts, ...(dim !== undefined && { dim }) });
  }
  const [a, b] = [expand(input, shape), expand(other, shape)];
  return sub(mul(roll(a, -1, at), roll(b, -2, at)), mul(roll(a, -2, at), roll(b, -1, at)));
}

/** 1 where an element is not 0, else 0. */
const present: Op<Unary> = unary(() => ({
  name: "isNonzero",
  kernel: (out, input) => byOps(out, [input], (x) => ne(x, 0)),
  floats: false,
  backward: ({ grad }) => flat(grad),
}));

/** What {@link cdist} takes. */
export interface CdistOptions {
  /** How torch is to compute it; it does not matter here. */
  readonly computeMode?: string;
}

/**
 * The distance of each vector of the first from each of the second: ‖x1ᵢ − x2ⱼ‖ₚ.
 *
 * All differences are held at once: P · R · M numbers.
 *
 * @param x1 [..., P, M]
 * @param x2 [..., R, M]
 * @param p  the order of the norm, at least 0. @defaultValue 2
 * @returns [..., P, R]
 * @throws TensorError `shape_mismatch` | `invalid_shape` | `invalid_dtype` | `invalid_argument`
 * @see torch.cdist
 */
export function cdist(x1: Tensor, x2: Tensor, p = 2, _options: CdistOptions = {}): Tensor {
  const facts = { x1: x1.shape, x2: x2.shape };
  if (x1.ndim < 2 || x2.ndim < 2) fail("invalid_shape", "cdist", "both must be matrices, or batches of them", facts);
  if (x1.shape.at(-1) !== x2.shape.at(-1)) fail("shape_mismatch", "cdist", "the vectors differ in length", facts);
  if (!(p >= 0)) fail("invalid_argument", "cdist", "the order must be at least 0", { p });
  const apart = sub(unsqueeze(x1, -2), unsqueeze(x2, -3));
  return p === 0 ? sum(present(apart), -1) : norm(apart, p, -1);
}

/** The norm of the difference of two tensors, taken as vectors (torch.dist). */
export function dist(input: Tensor, other: Tensor, p = 2): Tensor {
  return norm(sub(input, other), p);
}

/** The product of several matrices, from left to right (torch.chain_matmul). */
export function chainMatmul(...matrices: Tensor[]): Tensor {
  checkTensors("chainMatmul", matrices);
  return matrices.reduce((product, matrix) => matmul(product, matrix));
}

/** How {@link vander} orders the powers. */
export interface VanderOptions {
  /** From power 0 up, else down to it. @defaultValue false */
  readonly increasing?: boolean;
}

/**
 * The powers of the elements of a vector, a row for each: the Vandermonde matrix (torch.vander).
 *
 * @param columns how many powers. @defaultValue as many as elements
 * @throws TensorError `invalid_shape` | `invalid_argument`
 */
export function vander(x: Tensor, columns: number = x.numel(), { increasing = false }: VanderOptions = {}): Tensor {
  if (x.ndim !== 1) fail("invalid_shape", "vander", "the powers are those of a vector", { x: x.shape });
  if (!Number.isInteger(columns) || columns < 0) {
    fail("invalid_argument", "vander", "needs a whole number of columns of at least 0", { columns });
  }
  const powers = pow(unsqueeze(x, 1), arange(columns));
  return increasing ? powers : flip(powers, 1);
}
