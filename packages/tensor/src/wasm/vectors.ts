import {
  asBytes,
  asF32x4,
  asF64x2,
  asI32,
  asI32x4,
  type Binary,
  binary,
  type I32,
  load,
  type Ops,
  runs,
  simd,
  type Unary,
  unary,
  type V128,
  type Value,
  value,
  vector,
} from "./expressions.ts";

/** Moves every lane of an i32x4 by the same number of bits. */
type Shift = (a: V128, bits: I32) => Value<"v128">;
const shift =
  (opcode: number): Shift =>
  (a, bits) =>
    value("v128", asI32x4(a).code, asI32(bits).code, simd(opcode));

type VectorFloat = Ops<typeof runs.floatSign, Unary<"v128", "v128">> &
  Ops<typeof runs.floatBinary | typeof runs.pseudo | typeof runs.floatCompare, Binary<"v128", "v128">> & {
    readonly const: (v: number) => Value<"v128">;
    readonly sqrt: Unary<"v128", "v128">;
  };

/**
 * Four float32 lanes; a number stands for itself in every lane. Comparisons give all ones or zeros a lane. `min` and `max` propagate
 * NaN; `pmin(a, b)` is `b < a ? b : a` and `pmax(a, b)` is `a < b ? b : a`, one instruction each.
 */
export const f32x4: VectorFloat &
  Ops<typeof runs.floatRound, Unary<"v128", "v128">> & {
    readonly splat: Unary<"f32", "v128">;
    readonly extract: (a: V128, lane: number) => Value<"f32">;
    readonly convertI32x4S: Unary<"v128", "v128">;
    /** Two float64 lanes to the first two float32 lanes, zeros behind. */
    readonly demoteF64x2: Unary<"v128", "v128">;
  } = {
  ...unary(runs.floatSign, vector(0xe0), asF32x4, "v128"),
  ...unary(runs.floatRound, vector(0x67), asF32x4, "v128"),
  ...binary(runs.floatBinary, vector(0xe4), asF32x4, "v128"),
  ...binary(runs.pseudo, vector(0xea), asF32x4, "v128"),
  ...binary(runs.floatCompare, vector(0x41), asF32x4, "v128"),
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
  ...unary(runs.floatSign, vector(0xec), asF64x2, "v128"),
  ...binary(runs.floatBinary, vector(0xf0), asF64x2, "v128"),
  ...binary(runs.pseudo, vector(0xf6), asF64x2, "v128"),
  ...binary(runs.floatCompare, vector(0x47), asF64x2, "v128"),
  const: asF64x2,
  sqrt: (a) => value("v128", asF64x2(a).code, simd(0xef)),
  splat: (a) => (typeof a === "number" ? asF64x2(a) : value("v128", a.code, simd(0x14))),
  extract: (a, lane) => value("f64", asF64x2(a).code, simd(0x21), [lane]),
  promoteLowF32x4: (a) => value("v128", asF32x4(a).code, simd(0x5f)),
};

/** Four int32 lanes. */
export const i32x4: Ops<typeof runs.intCompare | typeof runs.laneMinMax, Binary<"v128", "v128">> & {
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
  ...binary(runs.intCompare, vector(0x37), asI32x4, "v128"),
  ...binary(runs.laneMinMax, vector(0xb6), asI32x4, "v128"),
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

const loadLane =
  (opcode: number) =>
  (a: Value<"v128">, lane: number, p: I32): Value<"v128"> =>
    value("v128", asI32(p).code, a.code, simd(opcode), [0, 0, lane]);

/** Two int64 lanes. */
export const i64x2: {
  readonly shl: Shift;
} = { shl: shift(0xcb) };

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
  /** One 64-bit element in both halves. */
  readonly load64Splat: (p: I32, offset?: number) => Value<"v128">;
  /** `a` with one 32-bit lane from memory. */
  readonly load32Lane: (a: Value<"v128">, lane: number, p: I32) => Value<"v128">;
  /** `a` with one 64-bit half from memory. */
  readonly load64Lane: (a: Value<"v128">, lane: number, p: I32) => Value<"v128">;
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
  load64Splat: load("v128", simd(0x0a)),
  load32Lane: loadLane(0x56),
  load64Lane: loadLane(0x57),
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
