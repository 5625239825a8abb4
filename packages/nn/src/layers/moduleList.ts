import { fail } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import type { AnyModule } from "../moduleBase.ts";
import { describeList } from "../moduleRepr.ts";
import { isModule, type Member } from "../moduleTree.ts";
import { checkIndex } from "./position.ts";

/** Modules in a list, named by their positions (torch.nn.ModuleList). It is a container: it cannot be called. */
export class ModuleList<T extends AnyModule = Module> extends Module<never, never> {
  static override readonly name: string = "ModuleList";
  readonly #items: T[] = [];

  constructor(modules: Iterable<T> = []) {
    super();
    this.extend(modules);
  }

  /** Number of modules. */
  override get length(): number {
    return this.#items.length;
  }

  override forward(): never {
    return fail("unsupported", "ModuleList", "a list of modules cannot be called", {}, "call the modules in it");
  }

  /** The module at a position; negative ones count from the end. */
  at(index: number): T {
    return this.#items[checkIndex("ModuleList", index, this.length)]!;
  }

  /** The modules from one position up to another as a list of their own, which shares them. */
  slice(start?: number, end?: number): ModuleList<T> {
    return new ModuleList(this.#items.slice(start, end));
  }

  /** Puts a module at the end. */
  append(module: T): this {
    this.#items.push(check(module));
    return this;
  }

  /** Puts modules at the end. */
  extend(modules: Iterable<T>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** Puts a module at a position. */
  insert(index: number, module: T): this {
    this.#items.splice(index, 0, check(module));
    return this;
  }

  /** Replaces the module at a position. */
  set(index: number, module: T): this {
    this.#items[checkIndex("ModuleList", index, this.length)] = check(module);
    return this;
  }

  /** Takes out the module at a position and returns it. */
  pop(index = -1): T {
    return this.#items.splice(checkIndex("ModuleList", index, this.length), 1)[0]!;
  }

  override *members(): Iterable<readonly [name: string, member: Member]> {
    yield* super.members();
    for (const [i, item] of this.#items.entries()) yield [String(i), item];
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#items.values();
  }

  override toString(): string {
    return describeList(this, this.#items);
  }
}

function check<T extends AnyModule>(module: T): T {
  if (!isModule(module)) fail("invalid_argument", "ModuleList", "an item must be a module", { found: typeof module });
  return module;
}
