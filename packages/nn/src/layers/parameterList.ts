import type { Tensor } from "@tapegrad/autograd";
import { type DType, fail } from "@tapegrad/tensor";
import { Module } from "../module.ts";
import { checkName, type Member } from "../moduleTree.ts";
import { Parameter } from "../parameter.ts";
import { checkIndex } from "./position.ts";

/** Parameters in a list, named by their positions (torch.nn.ParameterList). Tensors become parameters. */
export class ParameterList extends Module<never, never> {
  static override readonly name: string = "ParameterList";
  readonly #items: Parameter[] = [];

  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  /** Number of parameters. */
  override get length(): number {
    return this.#items.length;
  }

  override forward(): never {
    return fail("unsupported", "ParameterList", "a list of parameters cannot be called");
  }

  /** The parameter at a position; negative ones count from the end. */
  at(index: number): Parameter {
    return this.#items[checkIndex("ParameterList", index, this.length)]!;
  }

  /** Puts a parameter at the end. */
  append(value: Tensor): this {
    this.#items.push(asParameter(value));
    return this;
  }

  /** Puts parameters at the end. */
  extend(values: Iterable<Tensor>): this {
    for (const value of values) this.append(value);
    return this;
  }

  /** Replaces the parameter at a position. */
  set(index: number, value: Tensor): this {
    this.#items[checkIndex("ParameterList", index, this.length)] = asParameter(value);
    return this;
  }

  override *members(): Iterable<readonly [name: string, member: Member]> {
    yield* super.members();
    for (const [i, item] of this.#items.entries()) yield [String(i), item];
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#items.values();
  }

  override extraRepr(): string {
    return this.#items.map((item, i) => line(String(i), `torch.${item.dtype}`, item)).join("\n");
  }
}

/** Parameters by name, in the order in which they came (torch.nn.ParameterDict). Tensors become parameters. */
export class ParameterDict extends Module<never, never> {
  static override readonly name: string = "ParameterDict";
  readonly #items = new Map<string, Parameter>();

  constructor(values: Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor> = {}) {
    super();
    const named: Iterable<[string, Tensor]> = values instanceof Map ? values : Object.entries(values);
    for (const [name, value] of named) this.set(name, value);
  }

  /** Number of parameters. */
  get size(): number {
    return this.#items.size;
  }

  override forward(): never {
    return fail("unsupported", "ParameterDict", "a dictionary of parameters cannot be called");
  }

  /** The parameter of a name. */
  get(name: string): Parameter {
    const known = this.keys();
    const found = this.#items.get(name);
    return found ?? fail("invalid_argument", "ParameterDict", "no parameter has this name", { name, known });
  }

  /** Whether there is a parameter of this name. */
  has(name: string): boolean {
    return this.#items.has(name);
  }

  /** Puts a parameter under a name, in place of the one that has it or at the end. */
  set(name: string, value: Tensor): this {
    checkName("ParameterDict", name);
    this.#items.set(name, asParameter(value));
    return this;
  }

  /** Takes out the parameter of a name and returns it. */
  pop(name: string): Parameter {
    const parameter = this.get(name);
    this.#items.delete(name);
    return parameter;
  }

  /** The names, in order. */
  keys(): string[] {
    return [...this.#items.keys()];
  }

  /** The parameters, in order. */
  values(): Parameter[] {
    return [...this.#items.values()];
  }

  /** Names and parameters, in order. */
  entries(): [name: string, parameter: Parameter][] {
    return [...this.#items];
  }

  override *members(): Iterable<readonly [name: string, member: Member]> {
    yield* super.members();
    yield* this.#items;
  }

  [Symbol.iterator](): IterableIterator<[name: string, parameter: Parameter]> {
    return this.#items.entries();
  }

  override extraRepr(): string {
    return this.entries()
      .map(([name, item]) => line(name, legacyTypes[item.dtype], item))
      .join("\n");
  }
}

const legacyTypes: Readonly<Record<DType, string>> = {
  float32: "torch.FloatTensor",
  float64: "torch.DoubleTensor",
  int32: "torch.LongTensor",
  bool: "torch.BoolTensor",
};

function line(name: string, type: string, { shape }: Parameter): string {
  return `  (${name}): Parameter containing: [${type} of size ${shape.join("x")}]`;
}

function asParameter(value: Tensor): Parameter {
  return value instanceof Parameter ? value : new Parameter(value);
}
