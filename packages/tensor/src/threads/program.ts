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

/** Pieces of work, each of them calls of kernels' entries one after the other, as the numbers that a worker reads. */
export class Program {
  #numbers = new Float64Array(256);
  #length = 0;
  readonly #pieces: number[] = [];

  /** Begins anew, in the memory that it has. */
  clear(): void {
    this.#length = 0;
    this.#pieces.length = 0;
  }

  /** Begins the next piece. */
  beginPiece(): void {
    this.#pieces.push(this.#length);
    this.#reserve(1);
    this.#numbers[this.#length++] = 0;
  }

  /** Adds a call to the piece. Scalars are rounded to the parameter's type by the callee. */
  readonly call = (entry: Entry, ...args: readonly number[]): void => {
    const number = numbers.get(entry) ?? fail("unsupported", "threads", "an entry that no worker knows");
    this.#reserve(2 + args.length);
    const target = this.#numbers;
    target[this.#pieces.at(-1)!]! += 1;
    target[this.#length++] = number;
    target[this.#length++] = args.length;
    for (let i = 0; i < args.length; i++) target[this.#length++] = args[i]!;
  };

  #reserve(more: number): void {
    const earlier = this.#numbers;
    if (this.#length + more <= earlier.length) return;
    this.#numbers = new Float64Array(2 * (this.#length + more));
    this.#numbers.set(earlier);
  }

  /** How many numbers {@link write} writes after as many of the head. */
  lengthAfter(head: number): number {
    return head + this.#pieces.length + this.#length;
  }

  /** Writes a head; where each piece begins; and of each piece how many calls, and for each the entry's number, how many arguments, and these. */
  write(target: Float64Array, start: number, head: readonly number[]): void {
    const first = head.length + this.#pieces.length;
    target.set(head, start);
    for (const [i, at] of this.#pieces.entries()) target[start + head.length + i] = first + at;
    target.set(this.#numbers.subarray(0, this.#length), start + first);
  }
}
