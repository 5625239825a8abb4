import type { Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { Callable } from "./callable.ts";
import type { AnyModule } from "./moduleBase.ts";
import { Buffer, type BufferOptions, Parameter } from "./parameter.ts";

/** What a module registers: parameters, buffers and submodules. */
export type Member = Parameter | Buffer | AnyModule;

/** How the members of a module are listed. */
export interface ListOptions {
  /** What names begin with. @defaultValue "" */
  readonly prefix?: string;
  /** Whether submodules are searched too. @defaultValue true */
  readonly recurse?: boolean;
  /** Whether what is shared is listed once. @defaultValue true */
  readonly removeDuplicate?: boolean;
}

/** The part of a module that knows what it is made of: registration, listing, lookup. */
export abstract class ModuleTree extends Callable {
  static override readonly name: string = "ModuleTree";
  /** What is registered in this module itself, by name, in order. Containers add what they hold. */
  *members(): Iterable<readonly [name: string, member: Member]> {
    for (const [property, value] of Object.entries(this)) {
      if (isMember(value)) yield [this.nameOf(property), value];
    }
  }

  /** The name under which a property is registered: `runningMean` is `running_mean`. Override it for another scheme. */
  protected nameOf(property: string): string {
    return property.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }

  /** The parameters, those of submodules included, shared ones once (torch.nn.Module.parameters). */
  parameters({ recurse = true }: Pick<ListOptions, "recurse"> = {}): Parameter[] {
    return this.namedParameters({ recurse }).map(([, parameter]) => parameter);
  }

  /** The parameters by name: `["0.weight", ...]` (torch.nn.Module.named_parameters). */
  namedParameters(options: ListOptions = {}): [name: string, parameter: Parameter][] {
    return this.#list(options, isParameter);
  }

  /** The buffers, those of submodules included, shared ones once (torch.nn.Module.buffers). */
  buffers({ recurse = true }: Pick<ListOptions, "recurse"> = {}): Buffer[] {
    return this.namedBuffers({ recurse }).map(([, buffer]) => buffer);
  }

  /** The buffers by name (torch.nn.Module.named_buffers). */
  namedBuffers(options: ListOptions = {}): [name: string, buffer: Buffer][] {
    return this.#list(options, isBuffer);
  }

  /** The direct submodules (torch.nn.Module.children). */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** The direct submodules by name, shared ones once (torch.nn.Module.named_children). */
  namedChildren(): [name: string, child: AnyModule][] {
    const seen = new Set<Member>();
    const children: [string, AnyModule][] = [];
    for (const [name, member] of this.members()) {
      if (!isModule(member) || seen.has(member)) continue;
      seen.add(member);
      children.push([name, member]);
    }
    return children;
  }

  /** This module and all below it (torch.nn.Module.modules). */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** This module, as "", and all below it by name, shared ones once (torch.nn.Module.named_modules). */
  namedModules(options: Omit<ListOptions, "recurse"> = {}): [name: string, module: AnyModule][] {
    const { prefix = "", removeDuplicate = true } = options;
    const found: [string, AnyModule][] = [];
    const seen = new Set<AnyModule>();
    const walk = (name: string, module: AnyModule): void => {
      if (removeDuplicate && seen.has(module)) return;
      seen.add(module);
      found.push([name, module]);
      for (const [child, member] of module.members()) if (isModule(member)) walk(join(name, child), member);
    };
    walk(prefix, this.#module);
    return found;
  }

  /** The submodule of this name: `getSubmodule("encoder.0")`; "" is this module (torch.nn.Module.get_submodule). */
  getSubmodule(target: string): AnyModule {
    let module: AnyModule = this.#module;
    for (const name of target === "" ? [] : target.split(".")) {
      module = find("getSubmodule", module, target, name, isModule);
    }
    return module;
  }

  /** The parameter of this name: `getParameter("encoder.0.weight")` (torch.nn.Module.get_parameter). */
  getParameter(target: string): Parameter {
    const [path, name] = split(target);
    return find("getParameter", this.getSubmodule(path), target, name, isParameter);
  }

  /** The buffer of this name (torch.nn.Module.get_buffer). */
  getBuffer(target: string): Buffer {
    const [path, name] = split(target);
    return find("getBuffer", this.getSubmodule(path), target, name, isBuffer);
  }

  /** Makes `parameter` the property `name`, and so a parameter; null leaves its place empty. Returns it. */
  registerParameter<T extends Parameter | null>(name: string, parameter: T): T {
    return this.#register("registerParameter", name, parameter);
  }

  /** Makes a tensor the property `name` as a {@link Buffer}; null leaves its place empty. Returns the buffer. */
  registerBuffer<T extends Tensor | null>(
    name: string,
    tensor: T,
    options: BufferOptions = {},
  ): T extends null ? null : Buffer {
    const buffer = tensor === null ? null : new Buffer(tensor, options);
    return this.#register("registerBuffer", name, buffer) as T extends null ? null : Buffer;
  }

  /** Makes `module` the property `name`, and so a submodule. Returns it. */
  registerModule<T extends AnyModule>(name: string, module: T): T {
    return this.#register("registerModule", name, module);
  }

  get #module(): AnyModule {
    return this as unknown as AnyModule;
  }

  #list<T extends Tensor>(options: ListOptions, is: (member: Member) => member is Member & T): [string, T][] {
    const { prefix = "", recurse = true, removeDuplicate = true } = options;
    const found: [string, T][] = [];
    const seen = new Set<Member>();
    const modules = recurse ? this.namedModules({ prefix, removeDuplicate }) : ([[prefix, this.#module]] as const);
    for (const [path, module] of modules) {
      for (const [name, member] of module.members()) {
        if (!is(member) || (removeDuplicate && seen.has(member))) continue;
        seen.add(member);
        found.push([join(path, name), member]);
      }
    }
    return found;
  }

  #register<T extends Member | null>(where: string, name: string, member: T): T {
    if (member !== null && !isMember(member)) {
      fail("invalid_argument", where, "this is neither a parameter, a buffer nor a module", {
        name,
        found: typeof member,
      });
    }
    checkName(where, name);
    const present: unknown = Reflect.get(this, name);
    if (present !== undefined && present !== null && !isMember(present)) {
      fail("invalid_argument", where, "the module has another property of this name", { name });
    }
    Object.defineProperty(this, name, { value: member, writable: true, enumerable: true, configurable: true });
    return member;
  }
}

/** Whether a value is a module. */
export function isModule(value: unknown): value is AnyModule {
  return value instanceof ModuleTree;
}

const isParameter = (member: Member): member is Parameter => member instanceof Parameter;

const isBuffer = (member: Member): member is Buffer => member instanceof Buffer;

function isMember(value: unknown): value is Member {
  return value instanceof Parameter || value instanceof Buffer || isModule(value);
}

/** Checks a name under which something is registered: no dots, which separate the steps of a path. */
export function checkName(where: string, name: string): void {
  if (typeof name !== "string" || name === "" || name.includes(".")) {
    fail("invalid_argument", where, "a name must be text without dots, and not empty", { name: JSON.stringify(name) });
  }
}

function find<T extends Member>(
  where: string,
  module: AnyModule,
  target: string,
  name: string,
  is: (member: Member) => member is T,
): T {
  const known: string[] = [];
  for (const [other, member] of module.members()) {
    if (!is(member)) continue;
    if (other === name) return member;
    known.push(other);
  }
  const facts = { target, missing: name, known };
  return fail("invalid_argument", where, `${module.constructor.name} has nothing of this kind by that name`, facts);
}

function join(prefix: string, name: string): string {
  return prefix === "" ? name : `${prefix}.${name}`;
}

function split(target: string): [path: string, name: string] {
  const at = target.lastIndexOf(".");
  return at < 0 ? ["", target] : [target.slice(0, at), target.slice(at + 1)];
}
