import { fail } from "../errors.ts";
import type { Entry } from "../wasm/launch.ts";

/** Every export of the modules over shared memory, by the number under which workers know it. */
const numbers: Map<Entry, number> = new Map();
/** The modules, in the order in which their exports were numbered. */
const modules: Uint8Array[] = [];

/** Numbers the exports of a module over shared memory, so that workers can be asked to call them. */
export function registerModule(bytes: Uint8Array, exports: readonly Entry[]): void {
  modules.push(bytes);
  for (const entry of exports) numbers.set(entry, numbers.size);
}

/** The bytes of the modules that were registered after the first `count`. */
export function modulesAfter(count: number): readonly Uint8Array[] {
  return modules.slice(count);
}

/** Calls of kernels' entries, one after the other, to be carried out by this thread or another. */
export class Program {
  readonly #calls: (readonly [entry: Entry, args: readonly number[]])[] = [];

  /** Adds a call. Scalars are rounded to the parameter's type by the callee. */
  readonly call = (entry: Entry, ...args: readonly number[]): void => {
    this.#calls.push([entry, args]);
  };

  /** Whether there is nothing to do. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** Carries it out here. */
  run(): void {
    for (const [entry, args] of this.#calls) entry(...args);
  }

  /** As the numbers that a worker reads. */
  encode(): Float64Array {
    const flat = [this.#calls.length];
    for (const [entry, args] of this.#calls) {
      const number = numbers.get(entry) ?? fail("unsupported", "threads", "an entry that no worker knows");
      flat.push(number, args.length, ...args);
    }
    return Float64Array.from(flat);
  }
}
