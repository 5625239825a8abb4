/**
 * WebAssembly, assembled in TypeScript at run time.
 *
 * A module is a few functions over one imported memory. Expressions are typed values ({@link file://./values.ts}); statements are
 * methods of the function being built:
 *
 * ```ts
 * const bytes = buildModule("axpy", (m) => {
 *   // y[i] += s · x[i]; n a multiple of 4
 *   m.export("axpy", { n: "i32", s: "f32", x: "i32", y: "i32" }, (f, { n, s, x, y }) => {
 *     const end = f.let(i32.add(x, i32.shl(n, 2))); // a named value: computed once, here
 *     const factor = f.let(f32x4.splat(s));
 *     f.while(i32.ltU(x, end), () => {
 *       f.store(y, f.madd(factor, v128.load(x), v128.load(y))); // madd: a·b + c
 *       f.step(x, 16);                                          // x += 16
 *       f.step(y, 16);
 *     });
 *   });
 * });
 * ```
 *
 * What to know:
 * - parameters and locals are values and can be assigned: `f.set(x, value)`. `f.local("f32", 0)` is a new one, `f.let(value)` one that starts as `value`;
 * - an expression has no memory of its own: used twice it is computed twice, and a load happens where its value is used. Name it with `let`;
 * - helpers are TypeScript functions `(f, a, b) => value`, which are inlined; `m.function(...)` makes one that is called with `f.call`;
 * - hot loops are `f.while(i32.ltU(p, end), ...)` with the pointer stepped at the end and the body unrolled at most once: V8
 *   compiles this shape best by far. `f.range` is for outer loops;
 * - unrolling over registers is a JavaScript loop: `rows.map((r) => f.local("v128", 0))`.
 */
import { joined, section, text, unsigned, vector } from "./bytes.ts";
import { type Callee, Constants, FunctionBuilder, type Locals, type Params, TYPE_CODES } from "./functionBuilder.ts";
import type { Value, ValueType } from "./values.ts";

export * from "./functionBuilder.ts";
export * from "./values.ts";

/** The body of a function: statements, and the result if it has one. */
type Body<P extends Params, Result> = (f: FunctionBuilder, params: Locals<P>) => Result;

/** How a module is built for the host at hand. */
export interface BuildOptions {
  /** Use the fused multiply-add of relaxed SIMD for `madd`; only where the host has it. @defaultValue false */
  readonly relaxed?: boolean;
  /** Import a memory that is shared among threads. @defaultValue false */
  readonly shared?: boolean;
}

/** A module while it is written. */
export class ModuleBuilder {
  readonly #name: string;
  readonly #relaxed: boolean;
  readonly #shared: boolean;
  readonly #constants: Constants = new Constants();
  readonly #signatures: string[] = [];
  readonly #types: number[][] = [];
  readonly #functions: number[] = [];
  readonly #bodies: number[][] = [];
  readonly #exports: number[][] = [];

  constructor(name: string, { relaxed = false, shared = false }: BuildOptions = {}) {
    this.#name = name;
    this.#relaxed = relaxed;
    this.#shared = shared;
  }

  /** Whether `madd` rounds once, which also saves a register: kernels choose the sizes of their tiles by it. */
  get fuses(): boolean {
    return this.#relaxed;
  }

  /** A function that other functions of the module call. Its result is what `body` returns. */
  function<const P extends Params, R extends ValueType>(name: string, params: P, body: Body<P, Value<R>>): Callee<P, R>;
  function<const P extends Params>(name: string, params: P, body: Body<P, void>): Callee<P, null>;
  function<const P extends Params>(name: string, params: P, body: Body<P, unknown>): Callee<P> {
    const types = Object.values(params);
    const f = new FunctionBuilder(`${this.#name}.${name}`, types, this.#constants, this.#relaxed);
    const locals = Object.entries(params).map(([key, type], i) => [key, f.parameter(type, i)]);
    const value = (body(f, Object.fromEntries(locals) as Locals<P>) ?? null) as Value | null;
    const result = value?.type ?? null;
    this.#functions.push(this.#signature(types, result));
    this.#bodies.push(f.finish(value));
    return { index: this.#functions.length - 1, name, params, result };
  }

  /** A function that JavaScript calls; others of the module can, too. */
  export<const P extends Params, R extends ValueType>(name: string, params: P, body: Body<P, Value<R>>): Callee<P, R>;
  export<const P extends Params>(name: string, params: P, body: Body<P, void>): Callee<P, null>;
  export<const P extends Params>(name: string, params: P, body: Body<P, unknown>): Callee<P> {
    const made = this.function(name, params, body as Body<P, Value>);
    this.#exports.push([...text(name), 0x00, ...unsigned(made.index)]);
    return made;
  }

  /** The bytes of the module. */
  finish(): Uint8Array<ArrayBuffer> {
    const limits = this.#shared ? [0x03, 0x00, ...unsigned(65536)] : [0x00, 0x00]; // a shared memory must have a maximum
    const memory = [...text("env"), ...text("memory"), 0x02, ...limits];
    return new Uint8Array(
      joined([
        [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
        section(1, vector(this.#types)),
        section(2, vector([memory])),
        section(3, vector(this.#functions.map(unsigned))),
        section(6, this.#constants.finish()),
        section(7, vector(this.#exports)),
        section(10, vector(this.#bodies)),
      ]),
    );
  }

  /** The index of a function type, added if it is new. */
  #signature(params: readonly ValueType[], result: ValueType | null): number {
    const code = (type: ValueType): number[] => [TYPE_CODES[type]];
    const type = [0x60, ...vector(params.map(code)), ...vector(result === null ? [] : [code(result)])];
    const found = this.#signatures.indexOf(type.join());
    if (found >= 0) return found;
    this.#types.push(type);
    return this.#signatures.push(type.join()) - 1;
  }
}

/** Builds a module over the imported memory `env.memory`; the name appears in messages. */
export function buildModule(
  name: string,
  build: (m: ModuleBuilder) => void,
  options: BuildOptions = {},
): Uint8Array<ArrayBuffer> {
  const m = new ModuleBuilder(name, options);
  build(m);
  return m.finish();
}
