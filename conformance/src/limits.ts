import { TensorError } from "tapegrad";
import type { Difference } from "./compare.ts";
import type { CaseRecord } from "./fixture.ts";
import { isJsonTensor, isObject } from "./reader.ts";

/** Whether a value holds a tensor, or is a dtype, of one of these dtypes of torch's. */
export function hasDType(json: unknown, ...dtypes: readonly string[]): boolean {
  if (isJsonTensor(json)) return dtypes.includes(json.t);
  if (isObject(json) && typeof json.dtype === "string") return dtypes.includes(json.dtype);
  return typeof json === "object" && json !== null && Object.values(json).some((inner) => hasDType(inner, ...dtypes));
}

/** Why a call that torch refuses is accepted here with good reason; null: there is none. */
export function acceptedHere(record: CaseRecord): string | null {
  const { error, message, floats } = record;
  if (hasDType(record, "int32") && /\bint(32)?\b/i.test(message ?? "")) {
    return "torch refuses int32 where it wants int64; here they are one type";
  }
  if (floats !== undefined && error === "TypeError") {
    return "torch refuses 1.0 where it wants 1; in JavaScript they are one number";
  }
  return null;
}

/** Why an error of ours means that integers and truth values are not taken here; null when it does not. */
export function refusesIntegers(error: unknown, { input, args, kwargs }: CaseRecord): string | null {
  if (!(error instanceof TensorError) || error.code !== "invalid_dtype") return null;
  const call = [input, args, kwargs];
  const integral = hasDType(call, "int32", "int64", "bool") && !hasDType(call, "float32", "float64");
  return integral ? `not for integers: ${error.message.split("\n", 1)[0]}` : null;
}

/** Functions of torch's that name one of several equal elements without saying which. */
const choosesAmongEquals = /^(kthvalue|topk|median|nanmedian|mode|sort|argsort)$/;

/** Why another result than torch's is as right; null when it is not. @param name torch's name of the function */
export function asRight(name: string, record: CaseRecord, differences: ReadonlySet<Difference>): string | null {
  const only = (kind: Difference): boolean => differences.size === 1 && differences.has(kind);
  if (only("integers") && choosesAmongEquals.test(name) && hasEquals(record.input)) {
    return "torch does not say which of several equal elements is named";
  }
  if (name === "arange" && hasDType(record.kwargs, "int64")) {
    return "torch counts the steps of int64 by another rule than those of int32, our integer type";
  }
  if (name === "item" && hasDType(record.input, "bool")) return "item() gives numbers: 1 and 0 for truth values";
  if (only("dtype") && record.floats !== undefined)
    return "a whole number that Python calls a float is an integer here";
  return null;
}

function hasEquals(json: unknown): boolean {
  return isJsonTensor(json) && new Set(json.data).size < json.data.length;
}
