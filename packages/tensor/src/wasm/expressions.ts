/**
 * Typed WebAssembly expressions: small objects that carry their type and their bytes.
 *
 * Wherever a value is read a plain number may stand: `i32.add(p, 16)`, `f32x4.mul(x, 0.5)` (splat into four lanes). An expression
 * that is used twice is computed twice: name it with `f.let(...)` first.
 */
import { float32, float64, int32, joined, signed, unsigned } from "./bytes.ts";

/** The value types of WebAssembly that kernels use; pointers are i32 byte offsets. */
export type ValueType = "i32" | "f32" | "f64" | "v128";

/** An expression: bytes that leave one value of `type` on the stack. */
export interface Value<T extends ValueType = ValueType> {
  readonly type: T;
  readonly code: readonly number[];
}

/** A 32-bit integer or pointer, or a constant. */
export type I32 = Value<"i32"> | number;
/** A 32-bit float, or a constant. */
export type F32 = Value<"f32"> | number;
/** A 64-bit float, or a constant. */
export type F64 = Value<"f64"> | number;
/** Four or two lanes, or a constant for each of them. */
export type V128 = Value<"v128"> | number;

/** How a number that stands for a value of a type is written. */
export type Encode<T extends ValueType> = (value: Value<T> | number) => Value<T>;
/** An operation on one value. */
export type Unary<A extends ValueType, R extends ValueType> = (a: Value<A> | number) => Value<R>;
/** An operation on two values. */
export type Binary<A extends ValueType, R extends ValueType> = (a: Value<A> | number, b: Value<A> | number) => Value<R>;
/** Operations by name. */
export type Ops<Names extends readonly string[], F> = { readonly [Name in Names[number]]: F };

/** The expression of the given pieces of code. */
export function value<T extends ValueType>(type: T, ...code: readonly (readonly number[])[]): Value<T> {
  return { type, code: joined(code) };
}

/** A vector instruction. */
export const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

/** An i32, or the constant that a number stands for. */
export const asI32: Encode<"i32"> = (v) => (typeof v === "number" ? value("i32", [0x41], signed(v)) : v);
/** The same for f32. */
export const asF32: Encode<"f32"> = (v) => (typeof v === "number" ? value("f32", [0x43], float32(v)) : v);
/** The same for f64. */
export const asF64: Encode<"f64"> = (v) => (typeof v === "number" ? value("f64", [0x44], float64(v)) : v);
const lanes =
  (bytes: (v: number) => number[], count: number): Encode<"v128"> =>
  (v) =>
    typeof v === "number" ? value("v128", simd(0x0c), ...Array<number[]>(count).fill(bytes(v))) : v;
/** The same for four int32 lanes. */
export const asI32x4: Encode<"v128"> = lanes(int32, 4);
/** The same for four float32 lanes. */
export const asF32x4: Encode<"v128"> = lanes(float32, 4);
/** The same for two float64 lanes. */
export const asF64x2: Encode<"v128"> = lanes(float64, 2);
/** The same for sixteen bytes. */
export const asBytes: Encode<"v128"> = lanes((v) => [v & 0xff], 16);

/** The constant that a plain number stands for; values pass. Where a vector is wanted, a float32 in every lane. */
export function constant<T extends ValueType>(type: T, v: Value<T> | number): Value<T> {
  const encoders = { i32: asI32, f32: asF32, f64: asF64, v128: asF32x4 };
  return (encoders[type] as unknown as Encode<T>)(v);
}

/** Instructions come in runs of consecutive opcodes: the names of each run, in order. */
export const runs = {
  intCompare: ["eq", "ne", "ltS", "ltU", "gtS", "gtU", "leS", "leU", "geS", "geU"],
  intBits: ["clz", "ctz", "popcnt"],
  intAdd: ["add", "sub", "mul"],
  intDivide: ["divS", "divU", "remS", "remU"],
  intLogic: ["and", "or", "xor", "shl", "shrS", "shrU"],
  floatCompare: ["eq", "ne", "lt", "gt", "le", "ge"],
  floatRound: ["ceil", "floor", "trunc", "nearest"],
  floatSign: ["abs", "neg"],
  floatBinary: ["add", "sub", "mul", "div", "min", "max"],
  pseudo: ["pmin", "pmax"],
  laneMinMax: ["minS", "minU", "maxS", "maxU"],
} as const;

/** Functions of one operand for a run of opcodes from `first` on. */
export function unary<Names extends readonly string[], A extends ValueType, R extends ValueType>(
  names: Names,
  opcode: (i: number) => number[],
  as: Encode<A>,
  type: R,
): Ops<Names, Unary<A, R>> {
  const build =
    (i: number): Unary<A, R> =>
    (a) =>
      value(type, as(a).code, opcode(i));
  return Object.fromEntries(names.map((name, i) => [name, build(i)])) as Ops<Names, Unary<A, R>>;
}

/** Functions of two operands for a run of opcodes from `first` on. */
export function binary<Names extends readonly string[], A extends ValueType, R extends ValueType>(
  names: Names,
  opcode: (i: number) => number[],
  as: Encode<A>,
  type: R,
): Ops<Names, Binary<A, R>> {
  const build =
    (i: number): Binary<A, R> =>
    (a, b) =>
      value(type, as(a).code, as(b).code, opcode(i));
  return Object.fromEntries(names.map((name, i) => [name, build(i)])) as Ops<Names, Binary<A, R>>;
}

/** The opcodes of a run of scalar instructions. */
export const plain =
  (first: number) =>
  (i: number): number[] => [first + i];
/** The opcodes of a run of vector instructions. */
export const vector =
  (first: number) =>
  (i: number): number[] =>
    simd(first + i);

/** A load instruction. */
export function load<T extends ValueType>(type: T, opcode: readonly number[]): (p: I32, offset?: number) => Value<T> {
  // the alignment is only a hint: 1 byte is always true
  return (p, offset = 0) => value(type, asI32(p).code, opcode, [0], unsigned(offset));
}
