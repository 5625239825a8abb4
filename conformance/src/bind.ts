import { fail } from "@tapegrad/tensor";
import { Tensor } from "tapegrad";
import { camelCase, type Form, type Kind, type Parameter } from "./signature.ts";

/** How one of our functions is to be called. */
export interface Binding {
  /** As in {@link Form.ours}. */
  readonly ours: string;
  /** Our arguments in order, the options object among them. */
  readonly args: readonly unknown[];
}

/** Keyword arguments by torch's names. */
export type Keywords = ReadonlyMap<string, unknown>;

/**
 * Turns a call of torch's into one of ours.
 *
 * @param forms the table's lines for this name; none: positional arguments as they are, and no options
 * @throws TensorError `unsupported` for arguments that have no counterpart here
 */
export function bind(name: string, forms: readonly Form[], args: readonly unknown[], kwargs: Keywords): Binding {
  if (forms.length === 0) {
    const [option] = kwargs.keys();
    if (option !== undefined) unsupported(name, `the option ${option}`);
    return { ours: name.split(".").map(camelCase).join("."), args: trimmed(args.map(given)) };
  }
  for (const form of forms) {
    const values = assign(form, args, kwargs);
    if (values !== null) return { ours: form.ours, args: argumentsOf(name, form, values) };
  }
  const known = new Set(forms.flatMap(({ parameters }) => parameters.map((parameter) => parameter.name)));
  const stranger = [...kwargs.keys()].find((key) => !known.has(key));
  return unsupported(name, stranger === undefined ? "these arguments" : `the option ${stranger}`);
}

const unsupported = (name: string, what: string): never =>
  fail("unsupported", "conformance", `${name} has no counterpart here for ${what}`);

/** The value of every parameter that is given, by torch's name; null when the arguments are not meant for this form. */
function assign(form: Form, args: readonly unknown[], kwargs: Keywords): Map<string, unknown> | null {
  const values = new Map<string, unknown>();
  const { parameters, rest, open } = form;
  const fixed = rest?.after ?? parameters.length;
  for (let i = 0; i < Math.min(args.length, fixed); i++) values.set(parameters[i]!.name, args[i]);
  if (args.length > fixed) {
    if (rest === null) return null;
    const more = args.slice(fixed);
    values.set(rest.name, more.length === 1 && Array.isArray(more[0]) ? more[0] : more);
  }
  for (const [name, value] of kwargs) {
    if (values.has(name)) return null;
    if (!open && name !== rest?.name && !parameters.some((parameter) => parameter.name === name)) return null;
    values.set(name, value);
  }
  const fits = parameters.every(
    ({ name, kind }) => kind === null || (values.has(name) && isOf(kind, values.get(name))),
  );
  return fits ? values : null;
}

function isOf(kind: Kind, value: unknown): boolean {
  switch (kind) {
    case "bool":
      return typeof value === "boolean";
    case "list":
      return Array.isArray(value);
    case "number":
      return typeof value === "number";
    case "string":
      return typeof value === "string" && !/^(float|int|bool)\d*$/.test(value);
    case "tensor":
      return value instanceof Tensor;
  }
}

/** None at the top of a call means "not given". */
const given = (value: unknown): unknown => (value === null ? undefined : value);

function argumentsOf(name: string, form: Form, values: ReadonlyMap<string, unknown>): unknown[] {
  const used = new Set<string>();
  const take = (torch: string): unknown => {
    used.add(torch);
    const parameter = form.parameters.find((known) => known.name === torch);
    const value = values.get(torch);
    return parameter === undefined ? given(value) : meansNothing(parameter, value) ? undefined : value;
  };
  const args = form.positional.flatMap(({ from, spread }) => {
    const value = take(from);
    return spread && Array.isArray(value) ? value : [value];
  });
  const options: Record<string, unknown> = {};
  const put = (ours: string, torch: string): void => {
    const value = take(torch);
    if (value !== undefined) options[ours] = optionValue(value, ours !== camelCase(torch));
  };
  for (const [ours, torch] of form.options ?? []) put(ours, torch);
  if (form.open) for (const torch of values.keys()) if (!used.has(torch)) put(camelCase(torch), torch);
  for (const torch of values.keys()) {
    if (!used.has(torch) && given(take(torch)) !== undefined) unsupported(name, `the argument ${torch}`);
  }
  return Object.keys(options).length > 0 ? [...args, options] : trimmed(args);
}

/** Whether passing this value is the same as passing nothing. */
function meansNothing({ usual, nullable }: Parameter, value: unknown): boolean {
  if (value === null) return !nullable;
  const python = Array.isArray(value) && value.length === 0 ? "()" : String(value);
  return usual === "any" || usual?.toLowerCase() === python;
}

/** Without what is not given at the end. */
function trimmed(args: readonly unknown[]): unknown[] {
  return args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1);
}

/** Words among options are spelt as names are: "fan_out" is "fanOut". A truth value under another name is a number. */
function optionValue(value: unknown, renamed: boolean): unknown {
  if (typeof value === "boolean" && renamed) return Number(value);
  return typeof value === "string" ? camelCase(value) : value;
}
