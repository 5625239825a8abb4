import { type FunctionBuilder, f32x4, f64, f64x2, i32, type Local, type Value, v128 } from "../wasm/encoder.ts";

/** Four float32 lanes as float64, two and two: where sums and fused steps need the precision. */
export interface Halves {
  readonly low: Local<"v128">;
  readonly high: Local<"v128">;
}

/** Four lanes in double precision. */
export function halves(f: FunctionBuilder, lanes: Local<"v128">): Halves {
  return {
    low: f.let(f64x2.promoteLowF32x4(lanes)),
    high: f.let(f64x2.promoteLowF32x4(v128.shuffle32(lanes, lanes, [2, 3, 2, 3]))),
  };
}

/** Four lanes that are the same, in double precision. */
export function everywhere(f: FunctionBuilder, lanes: Value<"v128">): Halves {
  const both = f.let(f64x2.promoteLowF32x4(lanes));
  return { low: both, high: both };
}

/** Rounded to four float32 lanes. */
export function joined(low: Value<"v128">, high: Value<"v128">): Value<"v128"> {
  return v128.shuffle32(f32x4.demoteF64x2(low), f32x4.demoteF64x2(high), [0, 1, 4, 5]);
}

/** A sum in double precision, over four lanes at a time or over one. */
export class DoubleSum {
  readonly #f: FunctionBuilder;
  readonly #low: Local<"v128">;
  readonly #high: Local<"v128">;

  constructor(f: FunctionBuilder) {
    this.#f = f;
    this.#low = f.local("v128", 0);
    this.#high = f.local("v128", 0);
  }

  /** Starts again from 0. */
  reset(): void {
    this.#f.set(this.#low, f64x2.const(0));
    this.#f.set(this.#high, f64x2.const(0));
  }

  /** Adds what a step along a row has: all lanes, or where the row is nearly at its end only the first. */
  add(step: Step, low: Value<"v128">, high: Value<"v128">): void {
    const f = this.#f;
    if (step.lanes === 4) {
      f.set(this.#low, f64x2.add(this.#low, low));
      f.set(this.#high, f64x2.add(this.#high, high));
    } else {
      const first = v128.shuffle32(f.let(low), f.hoist(f64x2.const(0)), [0, 1, 4, 5]);
      f.set(this.#low, f64x2.add(this.#low, first));
    }
  }

  /** The sum, as a new variable. */
  total(): Local<"f64"> {
    const f = this.#f;
    const both = f.let(f64x2.add(this.#low, this.#high));
    return f.let(f64.add(f64x2.extract(both, 0), f64x2.extract(both, 1)));
  }
}

/** A step along rows: four elements, or one of those that are left over. */
export interface Step {
  readonly lanes: 4 | 1;
  /** The elements, in the first lanes; zeros behind. */
  readonly load: (p: Local<"i32">) => Local<"v128">;
  /** Writes as many elements as the step has. */
  readonly store: (p: Local<"i32">, lanes: Value<"v128">) => void;
}

/**
 * Walks along rows of `bytes` bytes: fours first, the rest singly. The pointers move on to the end of their rows.
 *
 * @param body writes the code for a step; called once for fours and once for single elements
 */
export function alongRow(
  f: FunctionBuilder,
  bytes: Value<"i32">,
  pointers: readonly Local<"i32">[],
  body: (step: Step) => void,
): void {
  const leader = pointers[0]!;
  const end = f.let(i32.add(leader, bytes));
  const fours = f.let(i32.add(leader, i32.and(bytes, -16)));
  const walk = (until: Local<"i32">, step: Step): void =>
    f.while(i32.ltU(leader, until), () => {
      body(step);
      for (const pointer of pointers) f.step(pointer, 4 * step.lanes);
    });
  walk(fours, { lanes: 4, load: (p) => f.let(v128.load(p)), store: (p, v) => f.store(p, v) });
  walk(end, { lanes: 1, load: (p) => f.let(v128.load32Zero(p)), store: (p, v) => f.storeLane32(p, v) });
}
