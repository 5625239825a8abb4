import { between, retire, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import type { AnyModule } from "../moduleBase.ts";
import { checkName, isModule, type Member } from "../moduleTree.ts";
import { checkIndex } from "./position.ts";
import { isSingleOp } from "./singleOp.ts";

/** A module that can stand in a {@link Sequential}: one tensor in, one out. */
export type Layer = Module<[input: Tensor], Tensor>;

/**
 * Modules one after the other, each given the result of the one before (torch.nn.Sequential).
 *
 * Named by their positions, or by the keys of an object: `new Sequential(a, b)`, `new Sequential({ conv: a, relu: b })`.
 */
export class Sequential extends Module {
  static override readonly name: string = "Sequential";
  readonly #layers = new Map<string, Layer>();

  constructor(...layers: readonly Layer[] | [layers: Readonly<Record<string, Layer>> | ReadonlyMap<string, Layer>]) {
    super();
    const [first] = layers;
    if (layers.length === 1 && typeof first === "object" && first !== null) {
      const named = first instanceof Map ? first : Object.entries(first as Readonly<Record<string, Layer>>);
      for (const [name, layer] of named) this.registerModule(name, layer);
    } else {
      this.extend(layers as readonly Layer[]);
    }
  }

  /** Number of layers. */
  override get length(): number {
    return this.#layers.size;
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    let ours = false; // whether x is known to nobody else
    const layers = this.#layers.values();
    let layer = layers.next().value;
    let single = layer !== undefined && isSingleOp(layer);
    while (layer !== undefined) {
      const next = layers.next().value;
      const before = x;
      let nextSingle = single && next !== undefined && isSingleOp(next);
      x = nextSingle ? between(layer, before) : layer(before);
      if (ours && single) retire(before, x);
      // a layer of another kind may have changed the next one
      if (!single) nextSingle = next !== undefined && isSingleOp(next);
      ours = single;
      layer = next;
      single = nextSingle;
    }
    return x;
  }

  /** The layer at a position; negative ones count from the end. */
  at(index: number): Layer {
    return [...this][checkIndex("Sequential", index, this.length)]!;
  }

  /** The layers from one position up to another as a Sequential of their own, which shares them. */
  slice(start?: number, end?: number): Sequential {
    return new Sequential(new Map([...this.#layers].slice(start, end)));
  }

  /** Puts a layer at the end. */
  append(layer: Layer): this {
    this.registerModule(String(this.length), layer);
    return this;
  }

  /** Puts layers at the end. */
  extend(layers: Iterable<Layer>): this {
    for (const layer of layers) this.append(layer);
    return this;
  }

  /** Puts a layer at a position; all are then named by their positions. */
  insert(index: number, layer: Layer): this {
    const layers = [...this];
    layers.splice(index < 0 ? index + layers.length : index, 0, layer);
    return this.#renew(layers);
  }

  /** Replaces the layer at a position. */
  set(index: number, layer: Layer): this {
    this.registerModule([...this.#layers.keys()][checkIndex("Sequential", index, this.length)]!, layer);
    return this;
  }

  /** Takes out the layer at a position and returns it; the rest are then named by their positions. */
  pop(index = -1): Layer {
    const layers = [...this];
    const [layer] = layers.splice(checkIndex("Sequential", index, this.length), 1);
    this.#renew(layers);
    return layer!;
  }

  /** Puts a layer under a name, in place of the one that has it or at the end. Returns it. */
  override registerModule<T extends AnyModule>(name: string, module: T): T {
    checkName("Sequential", name);
    if (!isModule(module))
      fail("invalid_argument", "Sequential", "a layer must be a module", { name, found: typeof module });
    this.#layers.set(name, module as unknown as Layer);
    return module;
  }

  override *members(): Iterable<readonly [name: string, member: Member]> {
    yield* super.members();
    yield* this.#layers;
  }

  [Symbol.iterator](): IterableIterator<Layer> {
    return this.#layers.values();
  }

  #renew(layers: readonly Layer[]): this {
    this.#layers.clear();
    return this.extend(layers);
  }
}
