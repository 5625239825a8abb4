import { arrayOf, type DType, fail, isFloating, NDArray, promote } from "@tapegrad/tensor";
import { to } from "./ops/cast.ts";
import { Tensor } from "./tensor.ts";

/** What arithmetic takes: a tensor, or a number that becomes one. */
export type Operand = Tensor | number | boolean;

/** A 0-d tensor. */
export function scalar(value: number | boolean, dtype: DType): Tensor {
  const array = arrayOf(dtype, 1);
  array[0] = dtype === "bool" ? Number(value !== 0 && value !== false) : Number(value);
  return new Tensor(NDArray.wrap(array, [], dtype));
}

/**
 * The dtype in which two operands meet (torch.result_type): numbers and 0-d tensors only raise the category, not the width.
 *
 * @throws TensorError `invalid_argument` where one of them is neither a tensor nor a number
 */
export function resultType(a: Operand, b: Operand, where = "resultType"): DType {
  const [rankA, rankB] = [rank(a), rank(b)];
  const [typeA, typeB] = [dtypeOfOperand(a, where), dtypeOfOperand(b, where)];
  if (rankA === rankB) return promote(typeA, typeB);
  const [strong, weak] = rankA > rankB ? [typeA, typeB] : [typeB, typeA];
  if (category(strong) >= category(weak)) return strong;
  return rankA === 0 || rankB === 0 ? promote(strong, weak) : weak;
}

/** Both operands as tensors of the dtype in which they meet, or of the one given. */
export function meet(where: string, a: Operand, b: Operand, dtype: DType = commonType(a, b, where)): [Tensor, Tensor] {
  return [as(a, dtype, where), as(b, dtype, where)];
}

function commonType(a: Operand, b: Operand, where: string): DType {
  if (a instanceof Tensor && b instanceof Tensor && a.array.dtype === b.array.dtype) return a.array.dtype;
  return resultType(a, b, where);
}

/** An operand as a tensor of a dtype. */
export function as(operand: Operand, dtype: DType, where = "operand"): Tensor {
  if (!(operand instanceof Tensor)) return scalar(checkNumber(operand, where), dtype);
  return operand.array.dtype === dtype ? operand : to(operand, dtype);
}

/** Numbers count less than 0-d tensors, and these less than others. */
function rank(operand: Operand): number {
  return operand instanceof Tensor ? Math.min(operand.ndim, 1) + 1 : 0;
}

/** JavaScript cannot tell 1 from 1.0: a whole number counts as an integer, which takes the dtype of what it meets. */
function dtypeOfOperand(operand: Operand, where: string): DType {
  if (operand instanceof Tensor) return operand.dtype;
  if (typeof operand === "boolean") return "bool";
  return Number.isInteger(checkNumber(operand, where)) ? "int32" : "float32";
}

/** Refuses what the types forbid and JavaScript would convert: "2", null, lists. */
function checkNumber<T extends number | boolean>(operand: T, where: string): T {
  if (typeof operand === "number" || typeof operand === "boolean") return operand;
  const facts = { operand: operand as unknown, type: typeof operand };
  return fail("invalid_argument", where, "an operand is neither a tensor nor a number", facts);
}

function category(dtype: DType): number {
  if (dtype === "bool") return 0;
  return isFloating(dtype) ? 2 : 1;
}
