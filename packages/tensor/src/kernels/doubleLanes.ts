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

/** Rounded to four float32 lanes. */
export function joined(low: Value<"v128">, high: Value<"v128">): Value<"v128"> {
  return v128.shuffle32(f32x4.demoteF64x2(low), f32x4.demoteF64x2(high), [0, 1, 4, 5]);
}

/** A sum in double precision, over four lanes at a time or over one. */
export class DoubleSum {
  readonly #f: FunctionBuilder;
  /** Two of each: an addition takes as long as several loads, so neighbouring steps do not wait for each other. */
  readonly #low: readonly [Local<"v128">, Local<"v128">];
  readonly #high: readonly [Local<"v128">, Local<"v128">];

  constructor(f: FunctionBuilder) {
    this.#f = f;
    this.#low = [f.local("v128", 0), f.local("v128", 0)];
    this.#high = [f.local("v128", 0), f.local("v128", 0)];
  }

  /** Starts again from 0. */
  reset(): void {
    for (const sum of [...this.#low, ...this.#high]) this.#f.set(sum, f64x2.const(0));
  }

  /** Adds what a step along a row has: all lanes, or where the row is nearly at its end only the first. */
  add({ lanes, turn }: Step, low: Value<"v128">, high: Value<"v128">): void {
    const f = this.#f;
    const [sum, upper] = [this.#low[turn], this.#high[turn]];
    if (lanes === 4) {
      f.set(sum, f64x2.add(sum, low));
      f.set(upper, f64x2.add(upper, high));
    } else {
      const first = v128.shuffle32(f.let(low), f.hoist(f64x2.const(0)), [0, 1, 4, 5]);
      f.set(sum, f64x2.add(sum, first));
    }
  }

  /** The sum, as a new variable. */
  total(): Local<"f64"> {
    const f = this.#f;
    const both = f.let(f64x2.add(f64x2.add(...this.#low), f64x2.add(...this.#high)));
    return f.let(f64.add(f64x2.extract(both, 0), f64x2.extract(both, 1)));
  }
}

/** A step along rows: four elements, or one of those that are left over. */
export interface Step {
  readonly lanes: 4 | 1;
  /** Which of two steps in a turn of the loop it is. */
  readonly turn: 0 | 1;
  /** The elements, in the first lanes; zeros behind. */
  readonly load: (p: Local<"i32">) => Local<"v128">;
  /** The same in double precision, which costs less than {@link halves} of what is loaded already. */
  readonly loadHalves: (p: Local<"i32">) => Halves;
  /** Writes as many elements as the step has. */
  readonly store: (p: Local<"i32">, lanes: Value<"v128">) => void;
}

/**
 * Walks along rows of `bytes` bytes: eights first, as two steps, then fours, the rest singly. The pointers move on to the end of their rows.
 *
 * @param body writes the code for a step; called for each of the two of eight, for fours and for single elements
 */
export function alongRow(
  f: FunctionBuilder,
  bytes: Value<"i32">,
  pointers: readonly Local<"i32">[],
  body: (step: Step) => void,
): void {
  const leader = pointers[0]!;
  const end = f.let(i32.add(leader, bytes));
  const [eights, fours] = [-32, -16].map((mask) => f.let(i32.add(leader, i32.and(bytes, mask))));
  const walk = (until: Local<"i32">, steps: readonly Step[]): void =>
    f.while(i32.ltU(leader, until), () => {
      steps.forEach(body);
      for (const pointer of pointers) f.step(pointer, 4 * steps.length * steps[0]!.lanes);
    });
  const vector = (turn: 0 | 1): Step => ({
    lanes: 4,
    turn,
    load: (p) => f.let(v128.load(p, 16 * turn)),
    loadHalves: (p) => ({
      low: f.let(f64x2.promoteLowF32x4(v128.load64Zero(p, 16 * turn))),
      high: f.let(f64x2.promoteLowF32x4(v128.load64Zero(p, 16 * turn + 8))),
    }),
    store: (p, v) => f.store(p, v, 16 * turn),
  });
  walk(eights!, [vector(0), vector(1)]);
  walk(fours!, [vector(0)]);
  const load = (p: Local<"i32">): Local<"v128"> => f.let(v128.load32Zero(p));
  const single: Step = {
    lanes: 1,
    turn: 0,
    load,
    loadHalves: (p) => halves(f, load(p)),
    store: (p, v) => f.storeLane32(p, v),
  };
  walk(end, [single]);
}
