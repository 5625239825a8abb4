import type { AnyModule } from "./moduleBase.ts";
import { isModule } from "./moduleTree.ts";

/** A module as torch prints it: `Linear(in_features=3, out_features=2, bias=True)`, submodules indented below. */
export function describe(module: AnyModule): string {
  const extra = module.extraRepr();
  const settings = extra === "" ? [] : extra.split("\n");
  const children: string[] = [];
  for (const [name, member] of module.members()) {
    if (isModule(member)) children.push(`(${name}): ${indent(member.toString())}`);
  }
  return enclose(module, settings, children);
}

/** A list of modules as torch prints it: neighbours that print alike as one, `(0-3): 4 x Linear(...)`. */
export function describeList(module: AnyModule, items: readonly AnyModule[]): string {
  const runs: { first: number; last: number; text: string }[] = [];
  for (const [i, item] of items.entries()) {
    const text = item.toString();
    const run = runs.at(-1);
    if (run?.text === text) run.last = i;
    else runs.push({ first: i, last: i, text });
  }
  const lines = runs.map(({ first, last, text }) => {
    const line = first === last ? `(${first}): ${text}` : `(${first}-${last}): ${last - first + 1} x ${text}`;
    return indent(line);
  });
  return enclose(module, [], lines);
}

function enclose(module: AnyModule, settings: readonly string[], children: readonly string[]): string {
  const name = module.constructor.name;
  if (settings.length + children.length === 0) return `${name}()`;
  if (settings.length === 1 && children.length === 0) return `${name}(${settings[0]})`;
  return `${name}(\n  ${[...settings, ...children].join("\n  ")}\n)`;
}

/** Every line but the first moved in. */
function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
