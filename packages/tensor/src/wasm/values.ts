/**
 * Typed WebAssembly expressions: small objects that carry their type and their bytes.
 *
 * Wherever a value is read a plain number may stand: `i32.add(p, 16)`, `f32x4.mul(x, 0.5)` (splat into four lanes). An expression
 * that is used twice is computed twice: name it with `f.let(...)` first.
 */
import { float32, float64, int32, signed, unsigned } from "./bytes.ts";

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

type Encode<T extends ValueType> = (value: Value<T> | number) => Value<T>;
type Unary<A extends ValueType, R extends ValueType> = (a: Value<A> | number) => Value<R>;
type Binary<A extends ValueType, R extends ValueType> = (a: Value<A> | number, b: Value<A> | number) => Value<R>;
type Ops<Names extends readonly string[], F> = { readonly [Name in Names[number]]: F };

function value<T extends ValueType>(type: T, ...code: readonly (readonly number[])[]): Value<T> {
  return { type, code: code.flat() };
}

const simd = (opcode: number): number[] => [0xfd, ...unsigned(opcode)];

// a number where a value stands, by type
const asI32: Encode<"i32"> = (v) => (typeof v === "number" ? value("i32", [0x41], signed(v)) : v);
const asF32: Encode<"f32"> = (v) => (typeof v === "number" ? value("f32", [0x43], float32(v)) : v);
const asF64: Encode<"f64"> = (v) => (typeof v === "number" ? value("f64", [0x44], float64(v)) : v);
const lanes =
  (bytes: (v: number) => number[], count: number): Encode<"v128"> =>
  (v) =>
    typeof v === "number" ? value("v128", simd(0x0c), ...Array.from({ length: count }, () => bytes(v))) : v;
const asI32x4 = lanes(int32, 4);
const asF32x4 = lanes(float32, 4);
const asF64x2 = lanes(float64, 2);
const asBytes = lanes((v) => [v & 0xff], 16);

/** The constant that a plain number stands for; values pass. Where a vector is wanted, a float32 in every lane. */
export function constant<T extends ValueType>(type: T, v: Value<T> | number): Value<T> {
  const encoders = { i32: asI32, f32: asF32, f64: asF64, v128: asF32x4 };
  return (encoders[type] as unknown as Encode<T>)(v);
}

// instructions come in runs of consecutive opcodes: the names of each run, in order
const intCompare = ["eq", "ne", "ltS", "ltU", "gtS", "gtU", "leS", "leU", "geS", "geU"] as const;
const intBits = ["clz", "ctz", "popcnt"] as const;
const intAdd = ["add", "sub", "mul"] as const;
const intDivide = ["divS", "divU", "remS", "remU"] as const;
const intLogic = ["and", "or", "xor", "shl", "shrS", "shrU"] as const;
const floatCompare = ["eq", "ne", "lt", "gt", "le", "ge"] as const;
const floatRound = ["ceil", "floor", "trunc", "nearest"] as const;
const floatSign = ["abs", "neg"] as const;
const floatBinary = ["add", "sub", "mul", "div", "min", "max"] as const;
const pseudo = ["pmin", "pmax"] as const;
const laneMinMax = ["minS", "minU", "maxS", "maxU"] as const;

/** Functions of one operand for a run of opcodes from `first` on. */
function unary<Names extends readonly string[], A extends ValueType, R extends ValueType>(
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
function binary<Names extends readonly string[], A extends ValueType, R extends ValueType>(
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

const plain =
  (first: number) =>
  (i: number): number[] => [first + i];
const vector =
  (first: number) =>
  (i: number): number[] =>
    simd(first + i);

function load<T extends ValueType>(type: T, opcode: readonly number[]): (p: I32, offset?: number) => Value<T> {
  // the alignment is only a hint: 1 byte is always true
  return (p, offset = 0) => value(type, asI32(p).code, opcode, [0], unsigned(offset));
}

/** Moves every lane of an i32x4 by the same number of bits. */
type Shift = (a: V128, bits: I32) => Value<"v128">;
const shift =
  (opcode: number): Shift =>
  (a, bits) =>
    value("v128", asI32x4(a).code, asI32(bits).code, simd(opcode));

/** Integers and pointers. Comparisons give 1 or 0; suffix S is signed, U unsigned (pointers). */
export const i32: Ops<typeof intBits, Unary<"i32", "i32">> &
  Ops<typeof intCompare | typeof intAdd | typeof intDivide | typeof intLogic, Binary<"i32", "i32">> & {
    readonly const: (v: number) => Value<"i32">;
    /** 1 if the value is 0. */
    readonly eqz: Unary<"i32", "i32">;
    readonly load: (p: I32, offset?: number) => Value<"i32">;
    readonly load8U: (p: I32, offset?: number) => Value<"i32">;
    /** Toward zero, saturating, NaN to 0. */
    readonly truncF32: Unary<"f32", "i32">;
    readonly reinterpret: Unary<"f32", "i32">;
  } = {
  ...unary(intBits, plain(0x67), asI32, "i32"),
  ...binary(intCompare, plain(0x46), asI32, "i32"),
  ...binary(intAdd, plain(0x6a), asI32, "i32"),
  ...binary(intDivide, plain(0x6d), asI32, "i32"),
  ...binary(intLogic, plain(0x71), asI32, "i32"),
  const: asI32,
  eqz: (a) => value("i32", asI32(a).code, [0x45]),
  load: load("i32", [0x28]),
  load8U: load("i32", [0x2d]),
  truncF32: (a) => value("i32", asF32(a).code, [0xfc, 0]),
  reinterpret: (a) => value("i32", asF32(a).code, [0xbc]),
};

type ScalarFloat<T extends "f32" | "f64"> = Ops<typeof floatSign | typeof floatRound, Unary<T, T>> &
  Ops<typeof floatBinary, Binary<T, T>> &
  Ops<typeof floatCompare, Binary<T, "i32">> & {
    readonly const: (v: number) => Value<T>;
    readonly load: (p: I32, offset?: number) => Value<T>;
    readonly sqrt: Unary<T, T>;
    readonly copysign: Binary<T, T>;
    readonly convertI32S: Unary<"i32", T>;
  };

/** Single precision scalars. `min` and `max` propagate NaN. */
export const f32: ScalarFloat<"f32"> & {
  readonly demote: Unary<"f64", "f32">;
  readonly reinterpret: Unary<"i32", "f32">;
} = {
  ...unary(floatSign, plain(0x8b), asF32, "f32"),
  ...unary(floatRound, plain(0x8d), asF32, "f32"),
  ...binary(floatBinary, plain(0x92), asF32, "f32"),
  ...binary(floatCompare, plain(0x5b), asF32, "i32"),
  const: asF32,
  load: load("f32", [0x2a]),
  sqrt: (a) => value("f32", asF32(a).code, [0x91]),
  copysign: (a, b) => value("f32", asF32(a).code, asF32(b).code, [0x98]),
  convertI32S: (a) => value("f32", asI32(a).code, [0xb2]),
  demote: (a) => value("f32", asF64(a).code, [0xb6]),
  reinterpret: (a) => value("f32", asI32(a).code, [0xbe]),
};

/** Double precision scalars. */
export const f64: ScalarFloat<"f64"> & { readonly promote: Unary<"f32", "f64"> } = {
  ...unary(floatSign, plain(0x99), asF64, "f64"),
  ...unary(floatRound, plain(0x9b), asF64, "f64"),
  ...binary(floatBinary, plain(0xa0), asF64, "f64"),
  ...binary(floatCompare, plain(0x61), asF64, "i32"),
  const: asF64,
  load: load("f64", [0x2b]),
  sqrt: (a) => value("f64", asF64(a).code, [0x9f]),
  copysign: (a, b) => value("f64", asF64(a).code, asF64(b).code, [0xa6]),
  convertI32S: (a) => value("f64", asI32(a).code, [0xb7]),
  promote: (a) => value("f64", asF32(a).code, [0xbb]),
};

type VectorFloat = Ops<typeof floatSign, Unary<"v128", "v128">> &
  Ops<typeof floatBinary | typeof pseudo | typeof floatCompare, Binary<"v128", "v128">> & {
    readonly const: (v: number) => Value<"v128">;
    readonly sqrt: Unary<"v128", "v128">;
  };

/**
 * Four float32 lanes; a number stands for itself in every lane. Comparisons give all ones or zeros a lane. `min` and `max` propagate
 * NaN; `pmin(a, b)` is `b < a ? b : a` and `pmax(a, b)` is `a < b ? b : a`, one instruction each.
 */
export const f32x4: VectorFloat &
  Ops<typeof floatRound, Unary<"v128", "v128">> & {
    readonly splat: Unary<"f32", "v128">;
    readonly extract: (a: V128, lane: number) => Value<"f32">;
    readonly convertI32x4S: Unary<"v128", "v128">;
    /** Two float64 lanes to the first two float32 lanes, zeros behind. */
    readonly demoteF64x2: Unary<"v128", "v128">;
  } = {
  ...unary(floatSign, vector(0xe0), asF32x4, "v128"),
  ...unary(floatRound, vector(0x67), asF32x4, "v128"),
  ...binary(floatBinary, vector(0xe4), asF32x4, "v128"),
  ...binary(pseudo, vector(0xea), asF32x4, "v128"),
  ...binary(floatCompare, vector(0x41), asF32x4, "v128"),
  const: asF32x4,
  sqrt: (a) => value("v128", asF32x4(a).code, simd(0xe3)),
  splat: (a) => (typeof a === "number" ? asF32x4(a) : value("v128", a.code, simd(0x13))),
  extract: (a, lane) => value("f32", asF32x4(a).code, simd(0x1f), [lane]),
  convertI32x4S: (a) => value("v128", asI32x4(a).code, simd(0xfa)),
  demoteF64x2: (a) => value("v128", asF64x2(a).code, simd(0x5e)),
};

/** Two float64 lanes. */
export const f64x2: VectorFloat & {
  readonly splat: Unary<"f64", "v128">;
  readonly extract: (a: V128, lane: number) => Value<"f64">;
  /** The first two float32 lanes. */
  readonly promoteLowF32x4: Unary<"v128", "v128">;
} = {
  ...unary(floatSign, vector(0xec), asF64x2, "v128"),
  ...binary(floatBinary, vector(0xf0), asF64x2, "v128"),
  ...binary(pseudo, vector(0xf6), asF64x2, "v128"),
  ...binary(floatCompare, vector(0x47), asF64x2, "v128"),
  const: asF64x2,
  sqrt: (a) => value("v128", asF64x2(a).code, simd(0xef)),
  splat: (a) => (typeof a === "number" ? asF64x2(a) : value("v128", a.code, simd(0x14))),
  extract: (a, lane) => value("f64", asF64x2(a).code, simd(0x21), [lane]),
  promoteLowF32x4: (a) => value("v128", asF32x4(a).code, simd(0x5f)),
};

/** Four int32 lanes. */
export const i32x4: Ops<typeof intCompare | typeof laneMinMax, Binary<"v128", "v128">> & {
  readonly const: (v: number) => Value<"v128">;
  readonly add: Binary<"v128", "v128">;
  readonly sub: Binary<"v128", "v128">;
  readonly mul: Binary<"v128", "v128">;
  readonly shl: Shift;
  readonly shrS: Shift;
  readonly shrU: Shift;
  readonly splat: Unary<"i32", "v128">;
  readonly extract: (a: V128, lane: number) => Value<"i32">;
  /** The sign bits of the lanes, lane 0 in bit 0. */
  readonly bitmask: Unary<"v128", "i32">;
  /** Toward zero, saturating, NaN to 0. */
  readonly truncF32x4: Unary<"v128", "v128">;
} = {
  ...binary(intCompare, vector(0x37), asI32x4, "v128"),
  ...binary(laneMinMax, vector(0xb6), asI32x4, "v128"),
  const: asI32x4,
  add: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0xae)),
  sub: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0xb1)),
  mul: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0xb5)),
  shl: shift(0xab),
  shrS: shift(0xac),
  shrU: shift(0xad),
  splat: (a) => (typeof a === "number" ? asI32x4(a) : value("v128", a.code, simd(0x11))),
  extract: (a, lane) => value("i32", asI32x4(a).code, simd(0x1b), [lane]),
  bitmask: (a) => value("i32", asI32x4(a).code, simd(0xa4)),
  truncF32x4: (a) => value("v128", asF32x4(a).code, simd(0xf8)),
};

/** Bits of any lanes, loads, and movements of lanes. Numbers stand for int32 lanes. */
export const v128: {
  readonly and: Binary<"v128", "v128">;
  /** Bits of `a` that `b` does not have. */
  readonly andnot: Binary<"v128", "v128">;
  readonly or: Binary<"v128", "v128">;
  readonly xor: Binary<"v128", "v128">;
  readonly not: Unary<"v128", "v128">;
  /** Bits of `a` where `mask` has ones, of `b` where zeros. Numbers stand for float32 lanes. */
  readonly bitselect: (a: V128, b: V128, mask: Value<"v128">) => Value<"v128">;
  /** 1 if any bit is set. */
  readonly anyTrue: Unary<"v128", "i32">;
  readonly load: (p: I32, offset?: number) => Value<"v128">;
  /** One float32 (or int32) in all four lanes. */
  readonly load32Splat: (p: I32, offset?: number) => Value<"v128">;
  /** One 32-bit element in lane 0, zeros elsewhere. */
  readonly load32Zero: (p: I32, offset?: number) => Value<"v128">;
  /** Two 32-bit elements in lanes 0 and 1, zeros elsewhere. */
  readonly load64Zero: (p: I32, offset?: number) => Value<"v128">;
  /** 32-bit lanes by number: 0-3 of `a`, 4-7 of `b`. */
  readonly shuffle32: (a: Value<"v128">, b: Value<"v128">, from: readonly number[]) => Value<"v128">;
  /** Four masks of 32 bits as four bytes of 0 or 1, in lane 0 (the bool dtype). */
  readonly maskToBytes: Unary<"v128", "v128">;
  /** The four bytes of lane 0 as four 32-bit lanes. */
  readonly bytesTo32: Unary<"v128", "v128">;
} = {
  and: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0x4e)),
  andnot: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0x4f)),
  or: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0x50)),
  xor: (a, b) => value("v128", asI32x4(a).code, asI32x4(b).code, simd(0x51)),
  not: (a) => value("v128", asI32x4(a).code, simd(0x4d)),
  bitselect: (a, b, mask) => value("v128", asF32x4(a).code, asF32x4(b).code, mask.code, simd(0x52)),
  anyTrue: (a) => value("i32", asI32x4(a).code, simd(0x53)),
  load: load("v128", simd(0)),
  load32Splat: load("v128", simd(0x09)),
  load32Zero: load("v128", simd(0x5c)),
  load64Zero: load("v128", simd(0x5d)),
  shuffle32: (a, b, from) =>
    value(
      "v128",
      a.code,
      b.code,
      simd(0x0d),
      from.flatMap((lane) => [0, 1, 2, 3].map((byte) => lane * 4 + byte)),
    ),
  maskToBytes: (a) => {
    const halves = value("v128", asI32x4(a).code, asI32x4(0).code, simd(0x85));
    const bytes = value("v128", halves.code, asI32x4(0).code, simd(0x65));
    return value("v128", bytes.code, asBytes(1).code, simd(0x4e));
  },
  bytesTo32: (a) => value("v128", asI32x4(a).code, simd(0x89), simd(0xa9)),
};

/** `a` if `condition` is not 0, else `b`; both are computed. */
export function select<T extends ValueType>(condition: I32, a: Value<T>, b: Value<T>): Value<T> {
  const opcode = a.type === "v128" ? [0x1c, 1, 0x7b] : [0x1b];
  return value(a.type, a.code, b.code, asI32(condition).code, opcode);
}
