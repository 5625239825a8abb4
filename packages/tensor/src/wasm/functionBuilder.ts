import { fail } from "../errors.ts";
import { joined, unsigned, vector } from "./bytes.ts";
import { simd } from "./expressions.ts";
import { constant, f32x4, f64x2, type I32, i32, type V128, type Value, type ValueType } from "./values.ts";

/** How WebAssembly writes each type. */
export const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const STORES: Readonly<Record<ValueType, readonly number[]>> = {
  i32: [0x36],
  f32: [0x38],
  f64: [0x39],
  v128: [0xfd, 0x0b],
};
const NO_RESULT = 0x40;

/** A parameter or local variable: its value, where it is read. */
export interface Local<T extends ValueType = ValueType> extends Value<T> {
  readonly index: number;
  readonly owner: FunctionBuilder;
}

/** Parameter names and their types, in order. */
export type Params = Readonly<Record<string, ValueType>>;

/** The parameters as locals. */
export type Locals<P extends Params> = { readonly [K in keyof P]: Local<P[K]> };

/** What the arguments of a call are: a value or constant for each parameter. */
export type Arguments<P extends Params> = { readonly [K in keyof P]: Value<P[K]> | number };

/** A function of the module, to be called by others of it. */
export interface Callee<P extends Params = Params, R extends ValueType | null = ValueType | null> {
  readonly index: number;
  readonly name: string;
  readonly params: P;
  readonly result: R;
}

/**
 * Vector constants of a module, kept as mutable globals: V8 puts a constant that it can see into its register again at each use,
 * inside the loop, which costs more than reading it from the stack (exp ran at 2.2 ns an element, and at 1.4 this way).
 */
export class Constants {
  readonly #indices: Map<string, number> = new Map();
  readonly #globals: number[][] = [];

  /** Code that reads a constant, which is added if it is new. */
  read(value: Value): number[] {
    const key = value.code.join();
    let index = this.#indices.get(key);
    if (index === undefined) {
      index = this.#globals.push([TYPE_CODES.v128, 0x01, ...value.code, 0x0b]) - 1;
      this.#indices.set(key, index);
    }
    return [0x23, ...unsigned(index)];
  }

  /** The global section's content. */
  finish(): number[] {
    return vector(this.#globals);
  }
}

function isVectorConstant({ code }: Value): boolean {
  return code[0] === 0xfd && code[1] === 0x0c && code.length === 18;
}

/** The body of one function while it is written. */
export class FunctionBuilder {
  readonly #where: string;
  readonly #relaxed: boolean;
  readonly #paramCount: number;
  readonly #types: ValueType[];
  readonly #hoisted: Map<string, Local> = new Map();
  readonly #prologue: (readonly number[])[] = [];
  readonly #constants: Constants;
  readonly #code: (readonly number[])[] = [];

  constructor(where: string, params: readonly ValueType[], constants: Constants, relaxed: boolean) {
    this.#constants = constants;
    this.#where = where;
    this.#relaxed = relaxed;
    this.#paramCount = params.length;
    this.#types = [...params];
  }

  /** A new variable, 0 unless an initial value is given. Like C's, it keeps its value from one turn of a loop to the next. */
  local<T extends ValueType>(type: T, initial?: Value<T> | number): Local<T> {
    this.#types.push(type);
    const made = this.parameter(type, this.#types.length - 1);
    if (initial !== undefined) this.set(made, initial);
    return made;
  }

  /** The variable with a given index; for parameters. */
  parameter<T extends ValueType>(type: T, index: number): Local<T> {
    return { type, index, owner: this, code: [0x20, ...unsigned(index)] };
  }

  /** Names a value: computes it here, once. */
  let<T extends ValueType>(value: Value<T>): Local<T> {
    return this.local(value.type, value);
  }

  /** A value that does not change, computed once at the start of the function and shared; for constants and splats of parameters. */
  hoist<T extends ValueType>(value: Value<T>): Local<T> {
    const key = `${value.type} ${value.code.join()}`;
    let made = this.#hoisted.get(key);
    if (made === undefined) {
      made = this.local(value.type);
      const code = isVectorConstant(value) ? this.#constants.read(value) : value.code;
      this.#prologue.push(code, [0x21], unsigned(made.index));
      this.#hoisted.set(key, made);
    }
    return made as Local<T>;
  }

  /** Assigns a variable. */
  set<T extends ValueType>(target: Local<T>, value: Value<T> | number): void {
    const given = constant(target.type, value);
    if (target.owner !== this) fail("invalid_argument", this.#where, "a local of another function was assigned");
    if (given.type !== target.type) {
      fail("invalid_argument", this.#where, "a value of another type was assigned", {
        to: target.type,
        from: given.type,
      });
    }
    this.#code.push(given.code, [0x21], unsigned(target.index));
  }

  /** Adds to an integer variable: `p += bytes`. */
  step(target: Local<"i32">, by: I32): void {
    this.set(target, i32.add(target, by));
  }

  /** Writes a value to memory at `p + offset`; its type says how many bytes. */
  store(p: I32, value: Value, offset = 0): void {
    this.#write(STORES[value.type], p, value, offset);
  }

  /** Writes the low byte of an integer. */
  store8(p: I32, value: Value<"i32">, offset = 0): void {
    this.#write([0x3a], p, value, offset);
  }

  /** Writes one 32-bit lane of a vector. */
  storeLane32(p: I32, value: Value<"v128">, lane = 0, offset = 0): void {
    this.#code.push(constant("i32", p).code, value.code, [0xfd, 0x5a, 0], unsigned(offset), [lane]);
  }

  /** Writes the first two 32-bit lanes of a vector. */
  storeLow64(p: I32, value: Value<"v128">, offset = 0): void {
    this.#code.push(constant("i32", p).code, value.code, [0xfd, 0x5b, 0], unsigned(offset), [0]);
  }

  /** Sets `bytes` bytes from `p` on to `value`. */
  fill(p: I32, value: I32, bytes: I32): void {
    this.#code.push(...[p, value, bytes].map((v) => constant("i32", v).code), [0xfc, 11, 0]);
  }

  /** Copies `bytes` bytes; the two may overlap. */
  copy(to: I32, from: I32, bytes: I32): void {
    this.#code.push(...[to, from, bytes].map((v) => constant("i32", v).code), [0xfc, 10, 0, 0]);
  }

  /** Repeats `body` while `condition`, which is tested first, holds. */
  while(condition: Value<"i32">, body: () => void): void {
    this.#code.push([0x03, NO_RESULT], condition.code, [0x04, NO_RESULT]);
    body();
    this.#code.push([0x0c, 1, 0x0b, 0x0b]); // br to the loop, end of if, end of loop
  }

  /** Runs `body` with a counter from `start` up to but not including `end`. Not for hot inner loops. */
  range(start: I32, end: I32, step: I32, body: (i: Local<"i32">) => void): void {
    const i = this.local("i32", start);
    this.while(i32.ltS(i, end), () => {
      body(i);
      this.step(i, step);
    });
  }

  /** Runs `then` if `condition` is not 0, else `otherwise`. */
  if(condition: Value<"i32">, then: () => void, otherwise?: () => void): void {
    this.#code.push(condition.code, [0x04, NO_RESULT]);
    then();
    if (otherwise !== undefined) {
      this.#code.push([0x05]);
      otherwise();
    }
    this.#code.push([0x0b]);
  }

  /** Leaves the function; with a value if it has a result. */
  return(value?: Value): void {
    this.#code.push(value?.code ?? [], [0x0f]);
  }

  /** Calls a function of the module; gives its result, if it has one, as a new local. */
  call<P extends Params, R extends ValueType | null>(
    callee: Callee<P, R>,
    args: Arguments<P>,
  ): R extends ValueType ? Local<R> : null {
    for (const [name, type] of Object.entries(callee.params)) {
      const given = constant(type, args[name]!);
      if (given.type !== type) {
        fail("invalid_argument", this.#where, `${callee.name} takes another type`, {
          argument: name,
          type,
          given: given.type,
        });
      }
      this.#code.push(given.code);
    }
    this.#code.push([0x10], unsigned(callee.index));
    type Result = R extends ValueType ? Local<R> : null;
    if (callee.result === null) return null as Result;
    const made = this.local(callee.result);
    this.#code.push([0x21], unsigned(made.index));
    return made as unknown as Result;
  }

  /** Whether {@link madd} rounds once. */
  get fuses(): boolean {
    return this.#relaxed;
  }

  /** a·b + c in four float32 lanes: one rounding where the module is built for relaxed SIMD, else two. */
  madd(a: V128, b: V128, c: V128): Value<"v128"> {
    if (!this.#relaxed) return f32x4.add(f32x4.mul(a, b), c);
    const code = [a, b, c].map((v) => constant("v128", v).code);
    return { type: "v128", code: joined([...code, simd(0x105)]) };
  }

  /** The same in two float64 lanes. */
  maddDouble(a: Value<"v128">, b: Value<"v128">, c: Value<"v128">): Value<"v128"> {
    if (!this.#relaxed) return f64x2.add(f64x2.mul(a, b), c);
    return { type: "v128", code: joined([a.code, b.code, c.code, simd(0x107)]) };
  }

  /** The finished body: locals, hoisted values, statements, result. */
  finish(result: Value | null): number[] {
    const groups: [number, ValueType][] = [];
    for (const type of this.#types.slice(this.#paramCount)) {
      const last = groups.at(-1);
      if (last?.[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    const locals = vector(groups.map(([count, type]) => [...unsigned(count), TYPE_CODES[type]]));
    const body = joined([locals, ...this.#prologue, ...this.#code, result?.code ?? [], [0x0b]]);
    return joined([unsigned(body.length), body]);
  }

  #write(opcode: readonly number[], p: I32, value: Value, offset: number): void {
    this.#code.push(constant("i32", p).code, value.code, opcode, [0], unsigned(offset));
  }
}
