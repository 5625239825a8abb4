import {
  asF32,
  asF64,
  asI32,
  type Binary,
  binary,
  type I32,
  load,
  type Ops,
  plain,
  runs,
  type Unary,
  unary,
  type Value,
  value,
} from "./expressions.ts";

/** Integers and pointers. Comparisons give 1 or 0; suffix S is signed, U unsigned (pointers). */
export const i32: Ops<typeof runs.intBits, Unary<"i32", "i32">> &
  Ops<
    typeof runs.intCompare | typeof runs.intAdd | typeof runs.intDivide | typeof runs.intLogic,
    Binary<"i32", "i32">
  > & {
    readonly const: (v: number) => Value<"i32">;
    /** 1 if the value is 0. */
    readonly eqz: Unary<"i32", "i32">;
    readonly load: (p: I32, offset?: number) => Value<"i32">;
    readonly load8U: (p: I32, offset?: number) => Value<"i32">;
    /** Toward zero, saturating, NaN to 0. */
    readonly truncF32: Unary<"f32", "i32">;
    readonly reinterpret: Unary<"f32", "i32">;
  } = {
  ...unary(runs.intBits, plain(0x67), asI32, "i32"),
  ...binary(runs.intCompare, plain(0x46), asI32, "i32"),
  ...binary(runs.intAdd, plain(0x6a), asI32, "i32"),
  ...binary(runs.intDivide, plain(0x6d), asI32, "i32"),
  ...binary(runs.intLogic, plain(0x71), asI32, "i32"),
  const: asI32,
  eqz: (a) => value("i32", asI32(a).code, [0x45]),
  load: load("i32", [0x28]),
  load8U: load("i32", [0x2d]),
  truncF32: (a) => value("i32", asF32(a).code, [0xfc, 0]),
  reinterpret: (a) => value("i32", asF32(a).code, [0xbc]),
};

type ScalarFloat<T extends "f32" | "f64"> = Ops<typeof runs.floatSign | typeof runs.floatRound, Unary<T, T>> &
  Ops<typeof runs.floatBinary, Binary<T, T>> &
  Ops<typeof runs.floatCompare, Binary<T, "i32">> & {
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
  ...unary(runs.floatSign, plain(0x8b), asF32, "f32"),
  ...unary(runs.floatRound, plain(0x8d), asF32, "f32"),
  ...binary(runs.floatBinary, plain(0x92), asF32, "f32"),
  ...binary(runs.floatCompare, plain(0x5b), asF32, "i32"),
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
  ...unary(runs.floatSign, plain(0x99), asF64, "f64"),
  ...unary(runs.floatRound, plain(0x9b), asF64, "f64"),
  ...binary(runs.floatBinary, plain(0xa0), asF64, "f64"),
  ...binary(runs.floatCompare, plain(0x61), asF64, "i32"),
  const: asF64,
  load: load("f64", [0x2b]),
  sqrt: (a) => value("f64", asF64(a).code, [0x9f]),
  copysign: (a, b) => value("f64", asF64(a).code, asF64(b).code, [0xa6]),
  convertI32S: (a) => value("f64", asI32(a).code, [0xb7]),
  promote: (a) => value("f64", asF32(a).code, [0xbb]),
};
