import { fail } from "@tapegrad/tensor";

/** What a parameter accepts where overloads must be told apart. */
export type Kind = "bool" | "list" | "number" | "string" | "tensor";

/** A parameter of torch's. */
export interface Parameter {
  /** In torch's spelling. */
  readonly name: string;
  /** Set where this overload is meant only for arguments of a kind. */
  readonly kind: Kind | null;
  /** The value, in Python, that is left out because it is what we do anyway; "any": no value means anything here. */
  readonly usual: string | null;
  /** Whether None is a value of its own and not the same as leaving it out. */
  readonly nullable: boolean;
}

/** What one of our arguments is made of. */
export interface Source {
  /** The parameter of torch's whose value it is. */
  readonly from: string;
  /** Whether the value is a list whose items are passed one by one. */
  readonly spread: boolean;
}

/** One line of the table: how torch calls something, and how we do. */
export interface Form {
  /** Torch's parameters in order. */
  readonly parameters: readonly Parameter[];
  /** The parameter that takes all further positional arguments, `*sizes` in torch, and what stands before it. */
  readonly rest: { readonly name: string; readonly after: number } | null;
  /** What stands for us: `crossEntropy`, or `.view` for a method of the first argument. */
  readonly ours: string;
  /** Our positional arguments. */
  readonly positional: readonly Source[];
  /** The names in our options object, ours to torch's; null: we take no options. */
  readonly options: ReadonlyMap<string, string> | null;
  /** Whether our options object takes every keyword, known here or not: it names the ones it does not know. */
  readonly open: boolean;
}

/** `snake_case` in camelCase; torch's leading and trailing underscores stay. */
export function camelCase(name: string): string {
  return name.replaceAll(/(?<=[A-Za-z0-9])_([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * Reads lines of the table, by torch's name.
 *
 * `sum(input, dim, { keepdim, dtype })` says that torch's `sum` takes these parameters in this order, and that ours, whose name
 * is torch's in camelCase, takes the last two in a trailing options object. After ` -> ` stands how we are called where that
 * differs: `view_as(input, other) -> input.viewAs(other)`. `*sizes` takes all further arguments of torch's, `...sizes` passes a
 * list one by one, `name: other` in our braces renames an option, `**` in them passes every keyword on, `unbiased:bool` keeps
 * an overload for arguments of a kind, `copy=False` says which value is not passed on because it is what we do anyway, and in
 * `momentum!` None is a value of its own.
 */
export function parseTable(lines: string): ReadonlyMap<string, readonly Form[]> {
  const table = new Map<string, Form[]>();
  for (const line of lines.split("\n")) {
    if (line.trim() === "") continue;
    const [torch = "", ours = torch] = line.split("->").map((side) => side.trim());
    const call = split(torch);
    const form = formOf(call, split(ours), ours === torch);
    table.set(call.name, [...(table.get(call.name) ?? []), form]);
  }
  return table;
}

interface Side {
  readonly name: string;
  readonly positional: readonly string[];
  readonly options: readonly string[] | null;
}

function split(text: string): Side {
  const parts = /^([\w.]+)\((.*)\)$/.exec(text);
  if (parts === null) return fail("file_format", "conformance", "a line of the table cannot be read", { line: text });
  const inner = parts[2]!;
  const braces = /\{(.*)\}/.exec(inner);
  const listed = (list: string): string[] =>
    list
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  return {
    name: parts[1]!,
    positional: listed(braces === null ? inner : inner.slice(0, braces.index)),
    options: braces === null ? null : listed(braces[1]!),
  };
}

const isStarred = (name: string): boolean => name.startsWith("*");

function formOf(torch: Side, ours: Side, same: boolean): Form {
  const after = torch.positional.findIndex(isStarred);
  const named = [...torch.positional, ...(torch.options ?? [])].filter((name) => !isStarred(name));
  const options = ours.options?.filter((name) => !isStarred(name));
  const method = ours.name.startsWith("input.");
  const positional = ours.positional.map((name) => ({ from: plain(name), spread: name.startsWith("...") }));
  return {
    parameters: named.map(parameterOf),
    rest: after < 0 ? null : { name: plain(torch.positional[after]!), after },
    ours: method ? ours.name.slice("input".length) : same ? camelCase(ours.name) : ours.name,
    positional: method ? [{ from: "input", spread: false }, ...positional] : positional,
    options: options === undefined ? null : new Map(options.map((option) => optionOf(option, same))),
    open: ours.options?.includes("**") ?? false,
  };
}

/** A name without its marks. */
const plain = (text: string): string => text.replace(/^(\*|\.\.\.)/, "").replace(/[:=!].*$/, "");

function parameterOf(text: string): Parameter {
  const [, kind = null] = /:(\w+)/.exec(text) ?? [];
  const [, usual = null] = /=(.+)/.exec(text) ?? [];
  return { name: plain(text), kind: kind as Kind | null, usual, nullable: text.endsWith("!") };
}

function optionOf(text: string, same: boolean): [ours: string, torch: string] {
  if (same) return [camelCase(plain(text)), plain(text)];
  const [first = "", second] = text.split(":").map((word) => word.trim());
  return second === undefined ? [camelCase(first), first] : [first, second];
}
