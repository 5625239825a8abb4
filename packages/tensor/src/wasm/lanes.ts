/**
 * Four float32 lanes at a time: what an elementwise kernel computes, as an expression.
 *
 * A lane function such as `(l, a, b) => l.madd(a, b, 1)` is written once; `laneKernel` (kernels/elementwise/stream.ts) makes
 * the loops over it, for every pattern of operands. Results are named values, so using one twice costs nothing, and numbers
 * are constants that are loaded once.
 */
import { type F32, type FunctionBuilder, f32x4, i32x4, type Value, v128 } from "./encoder.ts";

/** Four lanes, as a value of the function being built. */
export type Lane = Value<"v128">;
/** Four lanes, or one float32 for all of them. */
export type LaneOrNumber = Lane | number;
/** Lanes of the result from lanes of the operands. */
export type LaneFunction = (l: Lanes, ...operands: Lane[]) => Lane;

type One = (a: LaneOrNumber) => Lane;
type Two = (a: LaneOrNumber, b: LaneOrNumber) => Lane;

/** The operations on lanes. Comparisons give masks: all bits of a lane set, or none. */
export class Lanes {
  readonly #f: FunctionBuilder;

  constructor(f: FunctionBuilder) {
    this.#f = f;
  }

  readonly add: Two = (a, b) => this.#two(f32x4.add, a, b);
  readonly sub: Two = (a, b) => this.#two(f32x4.sub, a, b);
  readonly mul: Two = (a, b) => this.#two(f32x4.mul, a, b);
  readonly div: Two = (a, b) => this.#two(f32x4.div, a, b);
  /** The smaller, NaN if one is; several instructions. */
  readonly min: Two = (a, b) => this.#two(f32x4.min, a, b);
  /** The larger, NaN if one is; several instructions. */
  readonly max: Two = (a, b) => this.#two(f32x4.max, a, b);
  /** `b < a ? b : a` in one instruction: a NaN in `a` stays, one in `b` does not. */
  readonly pmin: Two = (a, b) => this.#two(f32x4.pmin, a, b);
  /** `a < b ? b : a` in one instruction: a NaN in `a` stays, one in `b` does not. */
  readonly pmax: Two = (a, b) => this.#two(f32x4.pmax, a, b);
  readonly eq: Two = (a, b) => this.#two(f32x4.eq, a, b);
  readonly ne: Two = (a, b) => this.#two(f32x4.ne, a, b);
  readonly lt: Two = (a, b) => this.#two(f32x4.lt, a, b);
  readonly le: Two = (a, b) => this.#two(f32x4.le, a, b);
  readonly gt: Two = (a, b) => this.#two(f32x4.gt, a, b);
  readonly ge: Two = (a, b) => this.#two(f32x4.ge, a, b);
  readonly and: Two = (a, b) => this.#two(v128.and, a, b);
  readonly or: Two = (a, b) => this.#two(v128.or, a, b);
  readonly xor: Two = (a, b) => this.#two(v128.xor, a, b);
  /** Bits of `a` that `b` does not have. */
  readonly andnot: Two = (a, b) => this.#two(v128.andnot, a, b);
  readonly neg: One = (a) => this.#one(f32x4.neg, a);
  readonly abs: One = (a) => this.#one(f32x4.abs, a);
  readonly sqrt: One = (a) => this.#one(f32x4.sqrt, a);
  readonly floor: One = (a) => this.#one(f32x4.floor, a);
  readonly ceil: One = (a) => this.#one(f32x4.ceil, a);
  readonly trunc: One = (a) => this.#one(f32x4.trunc, a);
  /** Halves to even. */
  readonly nearest: One = (a) => this.#one(f32x4.nearest, a);
  readonly not: One = (a) => this.#one(v128.not, a);
  /** int32 lanes to the nearest float32. */
  readonly fromInt: One = (a) => this.#one(f32x4.convertI32x4S, a);
  /** Sums of int32 lanes. */
  readonly addInt: Two = (a, b) => this.#two(i32x4.add, a, b);
  /** Differences of int32 lanes. */
  readonly subInt: Two = (a, b) => this.#two(i32x4.sub, a, b);

  /** a·b + c, in one rounding or two ({@link FunctionBuilder.madd}). */
  madd(a: LaneOrNumber, b: LaneOrNumber, c: LaneOrNumber): Lane {
    return this.#f.let(this.#f.madd(this.#lane(a), this.#lane(b), this.#lane(c)));
  }

  /** `a` where the mask has ones, `b` where zeros. */
  select(mask: Lane, a: LaneOrNumber, b: LaneOrNumber): Lane {
    return this.#f.let(v128.bitselect(this.#lane(a), this.#lane(b), mask));
  }

  /** int32 lanes moved to higher bits. */
  shiftLeft(a: Lane, bits: number): Lane {
    return this.#f.let(i32x4.shl(a, bits));
  }

  /** int32 lanes moved to lower bits, keeping the sign. */
  shiftRight(a: Lane, bits: number): Lane {
    return this.#f.let(i32x4.shrS(a, bits));
  }

  /** One int32, or the bits of a float, in every lane. */
  bits(value: number): Lane {
    return this.#f.hoist(i32x4.const(value));
  }

  /** A scalar parameter in every lane. */
  splat(value: F32): Lane {
    return this.#f.hoist(f32x4.splat(value));
  }

  /** Σ coefficients[i]·xⁱ: highest power first, by Horner's rule. */
  polynomial(x: Lane, coefficients: readonly number[]): Lane {
    const [first = 0, ...rest] = coefficients;
    return rest.reduce<Lane>((value, c) => this.madd(value, x, c), this.#lane(first));
  }

  #lane(a: LaneOrNumber): Lane {
    return typeof a === "number" ? this.#f.hoist(f32x4.const(a)) : a;
  }

  #one(operation: (a: Lane) => Lane, a: LaneOrNumber): Lane {
    return this.#f.let(operation(this.#lane(a)));
  }

  #two(operation: (a: Lane, b: Lane) => Lane, a: LaneOrNumber, b: LaneOrNumber): Lane {
    return this.#f.let(operation(this.#lane(a), this.#lane(b)));
  }
}
