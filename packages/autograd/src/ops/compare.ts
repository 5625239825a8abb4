import { fail, isFloating, k, type NDArray, sameShape } from "@tapegrad/tensor";
import { noGrad } from "../context.ts";
import type { Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { add, mul, sub } from "./arithmetic.ts";
import { to } from "./cast.ts";
import { binary, type Comparison, checkNumbers, type Numbers, type Pairwise, type Unary, unary } from "./families.ts";
import { abs } from "./pointwise.ts";
import { all } from "./reduce.ts";

type Kernel = (out: NDArray, input: NDArray, other: NDArray) => void;

/** A comparison of two operands in their common dtype: true or false, and no gradient. */
function comparison(name: string, kernel: Kernel, numbers: Numbers = "other"): Op<Comparison> {
  return binary(() => ({ name, kernel, result: "bool", numbers, backward: null }));
}

/** A question about each element: true or false, and no gradient. */
function predicate(name: string, kernel: (out: NDArray, input: NDArray) => void): Op<Unary> {
  return unary(() => ({ name, kernel, floats: false, result: "bool", backward: null }));
}

/** Whether the two are equal; NaN equals nothing (torch.eq). */
export const eq: Op<Comparison> = comparison("eq", k.eq);

/** Whether the two differ; NaN differs from everything (torch.ne). */
export const ne: Op<Comparison> = comparison("ne", k.ne);

/** Whether the first is smaller (torch.lt). */
export const lt: Op<Comparison> = comparison("lt", k.lt);

/** Whether the first is smaller or equal (torch.le). */
export const le: Op<Comparison> = comparison("le", k.le);

/** Whether the first is larger (torch.gt). */
export const gt: Op<Comparison> = comparison("gt", k.gt);

/** Whether the first is larger or equal (torch.ge). */
export const ge: Op<Comparison> = comparison("ge", k.ge);

/** Whether both are nonzero; NaN counts as nonzero (torch.logical_and). */
export const logicalAnd: Op<Pairwise> = comparison("logicalAnd", k.logicalAnd, "none");

/** Whether one or both are nonzero (torch.logical_or). */
export const logicalOr: Op<Pairwise> = comparison("logicalOr", k.logicalOr, "none");

/** Whether exactly one is nonzero (torch.logical_xor). */
export const logicalXor: Op<Pairwise> = comparison("logicalXor", k.logicalXor, "none");

/** Whether each element is zero (torch.logical_not). */
export const logicalNot: Op<Unary> = predicate("logicalNot", k.logicalNot);

/** Whether each element is NaN (torch.isnan). */
export const isnan: Op<Unary> = predicate("isnan", k.isnan);

/** Whether each element is infinite, of either sign (torch.isinf). */
export const isinf: Op<Unary> = predicate("isinf", k.isinf);

/** Whether each element is neither infinite nor NaN (torch.isfinite). */
export const isfinite: Op<Unary> = predicate("isfinite", k.isfinite);

/** Whether each element is +Infinity (torch.isposinf). */
export function isposinf(input: Tensor): Tensor {
  return eq(input, Number.POSITIVE_INFINITY);
}

/** Whether each element is -Infinity (torch.isneginf). */
export function isneginf(input: Tensor): Tensor {
  return eq(input, Number.NEGATIVE_INFINITY);
}

/** How near is near. */
export interface IscloseOptions {
  /** Tolerance in proportion to `other`. At least 0. @defaultValue 1e-5 */
  readonly rtol?: number;
  /** Tolerance on top of that. At least 0. @defaultValue 1e-8 */
  readonly atol?: number;
  /** Whether NaN is close to NaN. @defaultValue false */
  readonly equalNan?: boolean;
}

/**
 * Whether |input − other| ≤ atol + rtol·|other|, element by element; infinities are close to themselves only (torch.isclose).
 *
 * @param other broadcasts with `input`, and has its dtype
 * @throws TensorError `invalid_argument` | `invalid_dtype` | `shape_mismatch` | `invalid_option`
 */
export function isclose(input: Tensor, other: Tensor, options: IscloseOptions = {}): Tensor {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = options;
  checkNumbers("isclose", input, other, "none");
  sameDType("isclose", input, other);
  if (!(rtol >= 0 && atol >= 0)) {
    fail("invalid_option", "isclose", "tolerances must be at least 0", { rtol, atol });
  }
  return noGrad(() => {
    const equal = eq(input, other);
    const alike = equalNan ? logicalOr(equal, logicalAnd(ne(input, input), ne(other, other))) : equal;
    if (rtol === 0 && atol === 0) return alike;
    const distance = abs(sub(fractional(input), fractional(other)));
    const allowed = add(abs(mul(fractional(other), rtol)), atol);
    return logicalOr(alike, logicalAnd(isfinite(distance), le(distance, allowed)));
  });
}

/** Integers as fractions that hold them exactly. */
function fractional(operand: Tensor): Tensor {
  return isFloating(operand.dtype) ? operand : to(operand, "float64");
}

/**
 * Whether every element is close, as {@link isclose} says (torch.allclose).
 *
 * @returns true for empty tensors
 * @throws TensorError `invalid_dtype` | `shape_mismatch` | `invalid_option`
 */
export function allclose(input: Tensor, other: Tensor, options: IscloseOptions = {}): boolean {
  return all(isclose(input, other, options)).item() === 1;
}

/**
 * Whether two tensors have the same shape and the same elements; tensors with NaN differ (torch.equal).
 *
 * Dtypes do not matter: the elements are compared in the common one.
 */
export function equal(input: Tensor, other: Tensor): boolean {
  if (!sameShape(input.shape, other.shape)) return false;
  return noGrad(() => all(eq(input, other)).item() === 1);
}

function sameDType(where: string, a: Tensor, b: Tensor): void {
  if (a.dtype !== b.dtype) {
    fail(
      "invalid_dtype",
      where,
      "the dtypes differ",
      { input: a.dtype, other: b.dtype },
      "convert one with .to(dtype)",
    );
  }
}
