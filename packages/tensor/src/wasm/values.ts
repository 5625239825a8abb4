/** What kernels are written with: typed expressions, and the instructions that make them. */
import { asI32, type I32, type Value, type ValueType, value } from "./expressions.ts";

export { constant, type F32, type F64, type I32, type V128, type Value, type ValueType } from "./expressions.ts";
export { f32, f64, i32 } from "./scalars.ts";
export { f32x4, f64x2, i32x4, i64x2, v128 } from "./vectors.ts";

/** `a` if `condition` is not 0, else `b`; both are computed. */
export function select<T extends ValueType>(condition: I32, a: Value<T>, b: Value<T>): Value<T> {
  const opcode = a.type === "v128" ? [0x1c, 1, 0x7b] : [0x1b];
  return value(a.type, a.code, b.code, asI32(condition).code, opcode);
}
