import { fail } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import type { AnyModule } from "../moduleBase.ts";
import { checkName, isModule, type Member } from "../moduleTree.ts";

/** Modules by name, in the order in which they came (torch.nn.ModuleDict). It is a container: it cannot be called. */
export class ModuleDict<T extends AnyModule = Module> extends Module<never, never> {
  static override readonly name: string = "ModuleDict";
  readonly #items = new Map<string, T>();

  constructor(modules: Readonly<Record<string, T>> | ReadonlyMap<string, T> = {}) {
    super();
    this.update(modules);
  }

  /** Number of modules. */
  get size(): number {
    return this.#items.size;
  }

  override forward(): never {
    return fail("unsupported", "ModuleDict", "a dictionary of modules cannot be called", {}, "call the modules in it");
  }

  /** The module of a name. */
  get(name: string): T {
    const known = this.keys();
    return this.#items.get(name) ?? fail("invalid_argument", "ModuleDict", "no module has this name", { name, known });
  }

  /** Whether there is a module of this name. */
  has(name: string): boolean {
    return this.#items.has(name);
  }

  /** Puts a module under a name, in place of the one that has it or at the end. */
  set(name: string, module: T): this {
    checkName("ModuleDict", name);
    if (!isModule(module)) {
      fail("invalid_argument", "ModuleDict", "an item must be a module", { name, found: typeof module });
    }
    this.#items.set(name, module);
    return this;
  }

  /** Takes out the module of a name and returns it. */
  pop(name: string): T {
    const module = this.get(name);
    this.#items.delete(name);
    return module;
  }

  /** Takes out all modules. */
  clear(): void {
    this.#items.clear();
  }

  /** Puts modules under their names. */
  update(modules: Readonly<Record<string, T>> | ReadonlyMap<string, T>): this {
    const named: Iterable<[string, T]> = modules instanceof Map ? modules : Object.entries(modules);
    for (const [name, module] of named) this.set(name, module);
    return this;
  }

  /** The names, in order. */
  keys(): string[] {
    return [...this.#items.keys()];
  }

  /** The modules, in order. */
  values(): T[] {
    return [...this.#items.values()];
  }

  /** Names and modules, in order. */
  entries(): [name: string, module: T][] {
    return [...this.#items];
  }

  override *members(): Iterable<readonly [name: string, member: Member]> {
    yield* super.members();
    yield* this.#items;
  }

  [Symbol.iterator](): IterableIterator<[name: string, module: T]> {
    return this.#items.entries();
  }
}
