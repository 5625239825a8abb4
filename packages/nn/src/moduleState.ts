import { noGrad, Tensor } from "@tapegrad/autograd";
import { fail, sameShape } from "@tapegrad/tensor";
import type { AnyModule } from "./moduleBase.ts";
import { Buffer, Parameter } from "./parameter.ts";

/** Tensors by name, as an object or a map. */
export type StateDict = Readonly<Record<string, Tensor>> | ReadonlyMap<string, Tensor>;

/** How a state dict is made. */
export interface StateOptions {
  /** What names begin with. @defaultValue "" */
  readonly prefix?: string;
  /** Give the parameters themselves instead of detached tensors. @defaultValue false */
  readonly keepVars?: boolean;
}

/** How a state dict is loaded. */
export interface LoadOptions {
  /** Whether the names must match exactly. Shapes must match in any case. @defaultValue true */
  readonly strict?: boolean;
}

/** Names that did not match. */
export interface LoadReport {
  /** What the module has and the dict lacks. */
  readonly missingKeys: string[];
  /** What the dict has and the module does not know. */
  readonly unexpectedKeys: string[];
}

interface Entry {
  readonly key: string;
  readonly tensor: Parameter | Buffer;
  readonly mayLack: boolean;
}

/** The state of a module by name: for each module its parameters, then its persistent buffers, then its submodules. */
export function saveState(module: AnyModule, { prefix = "", keepVars = false }: StateOptions): Record<string, Tensor> {
  const entries = entriesOf(module, prefix);
  return Object.fromEntries(entries.map(({ key, tensor }) => [key, keepVars ? tensor : tensor.detach()]));
}

/** Copies a state dict into a module, or fails without having changed anything. */
export function loadState(module: AnyModule, dict: StateDict, { strict = true }: LoadOptions): LoadReport {
  const given: ReadonlyMap<string, unknown> = dict instanceof Map ? dict : new Map(Object.entries(dict));
  const entries = entriesOf(module, "");
  const known = new Set(entries.map(({ key }) => key));
  const missingKeys = entries.filter(({ key, mayLack }) => !given.has(key) && !mayLack).map(({ key }) => key);
  const unexpectedKeys = [...given.keys()].filter((key) => !known.has(key));
  const copies: [target: Tensor, source: Tensor][] = [];
  const misfits: string[] = [];
  for (const { key, tensor } of entries) {
    if (!given.has(key)) continue;
    const source = given.get(key);
    if (!(source instanceof Tensor)) misfits.push(`${key} is no tensor`);
    else if (sameShape(source.shape, tensor.shape)) copies.push([tensor, source]);
    else misfits.push(`${key} is [${tensor.shape.join(", ")}] here, [${source.shape.join(", ")}] in the dict`);
  }

  const names = strict && missingKeys.length + unexpectedKeys.length > 0;
  if (names || misfits.length > 0) {
    // joined, because long lists in facts are cut short, and here every name matters
    fail(
      "state_mismatch",
      "loadStateDict",
      `the state dict does not fit ${module.constructor.name}`,
      {
        ...(strict && missingKeys.length > 0 ? { missing: missingKeys.join(", ") } : {}),
        ...(strict && unexpectedKeys.length > 0 ? { unexpected: unexpectedKeys.join(", ") } : {}),
        ...(misfits.length > 0 ? { misfits: misfits.join("; ") } : {}),
      },
      names && misfits.length === 0 ? "pass { strict: false } to load what fits" : undefined,
    );
  }
  noGrad(() => {
    for (const [target, source] of copies) target.copy_(source);
  });
  return { missingKeys, unexpectedKeys };
}

function entriesOf(module: AnyModule, prefix: string): Entry[] {
  const parameters: Entry[] = [];
  const buffers: Entry[] = [];
  const below: Entry[] = [];
  for (const [name, member] of module.members()) {
    const key = `${prefix}${name}`;
    if (member instanceof Parameter) parameters.push({ key, tensor: member, mayLack: module.mayLack(name) });
    else if (!(member instanceof Buffer)) below.push(...entriesOf(member, `${key}.`));
    else if (member.persistent) buffers.push({ key, tensor: member, mayLack: module.mayLack(name) });
  }
  return [...parameters, ...buffers, ...below];
}
