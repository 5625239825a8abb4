import { fail } from "@tapegrad/tensor";

/** A Python expression that calls something: what the `call` of a file of fixtures is made of. */
export type Expression =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string }
  | { readonly kind: "index"; readonly of: Expression; readonly index: Expression | Range }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "call"; readonly callee: Expression; readonly args: readonly Argument[] };

/** `start:` of a Python slice. */
export interface Range {
  readonly kind: "from";
  readonly start: number;
}

/** An argument, plain or unpacked: `x`, `*x`, `**x`. */
export interface Argument {
  readonly unpack: 0 | 1 | 2;
  readonly value: Expression;
}

/** Who gives names their values and carries out calls while an expression is evaluated. */
export interface Scope {
  /** The value of a name that stands alone; undefined where there is none. */
  value(name: string): unknown;
  /** Calls a function of torch, `path` without the leading `torch.`. */
  call(path: string, args: readonly unknown[], kwargs: ReadonlyMap<string, unknown>): unknown;
  /** Calls a method. */
  method(self: unknown, name: string, args: readonly unknown[], kwargs: ReadonlyMap<string, unknown>): unknown;
  /** Reads an attribute. */
  attribute(self: unknown, name: string): unknown;
  /** Indexes a tensor. */
  index(self: unknown, index: unknown): unknown;
}

/**
 * Parses the part of Python that calls are written in: names, attributes, indices, calls with `*` and `**`.
 *
 * @throws TensorError `file_format` for anything else
 */
export function parseExpression(text: string): Expression {
  const tokens = text.match(/\*\*|[A-Za-z_]\w*|\d+|\S/g) ?? [];
  let at = 0;
  const take = (wanted: string): boolean => tokens[at] === wanted && ++at > 0;
  const expect = (wanted: string): void => {
    if (!take(wanted)) {
      fail("file_format", "conformance", "the call cannot be read", { call: text, expected: wanted, at: tokens[at] });
    }
  };

  const atom = (): Expression => {
    const token = tokens[at++] ?? "";
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (/^\w/.test(token)) return { kind: "name", name: token };
    return fail("file_format", "conformance", "the call cannot be read", { call: text, at: token });
  };
  const expression = (): Expression => {
    let found = atom();
    for (;;) {
      if (take(".")) found = { kind: "attribute", of: found, name: tokens[at++] ?? "" };
      else if (take("(")) found = { kind: "call", callee: found, args: listed() };
      else if (take("[")) {
        const start = expression();
        const ranged = start.kind === "number" && take(":");
        found = { kind: "index", of: found, index: ranged ? { kind: "from", start: start.value } : start };
        expect("]");
      } else return found;
    }
  };
  const listed = (): Argument[] => {
    const args: Argument[] = [];
    while (!take(")")) {
      const unpack = take("**") ? 2 : take("*") ? 1 : 0;
      args.push({ unpack, value: expression() });
      if (tokens[at] !== ")") expect(",");
    }
    return args;
  };

  const parsed = expression();
  if (at < tokens.length) fail("file_format", "conformance", "the call cannot be read", { call: text, at: tokens[at] });
  return parsed;
}

/** The value of an expression. */
export function evaluate(expression: Expression, scope: Scope): unknown {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "name":
      return scope.value(expression.name);
    case "attribute":
      return scope.attribute(evaluate(expression.of, scope), expression.name);
    case "index":
      return indexed(evaluate(expression.of, scope), expression.index, scope);
    case "call":
      return called(expression.callee, expression.args, scope);
  }
}

function indexed(of: unknown, index: Expression | Range, scope: Scope): unknown {
  if (index.kind === "from") return (of as readonly unknown[]).slice(index.start);
  const at = evaluate(index, scope);
  return Array.isArray(of) ? of[at as number] : scope.index(of, at);
}

function called(callee: Expression, args: readonly Argument[], scope: Scope): unknown {
  const positional: unknown[] = [];
  const keywords = new Map<string, unknown>();
  for (const { unpack, value } of args) {
    const given = evaluate(value, scope);
    if (unpack === 0) positional.push(given);
    else if (unpack === 1) positional.push(...(given as unknown[]));
    else for (const [name, option] of given as ReadonlyMap<string, unknown>) keywords.set(name, option);
  }
  const path = pathOf(callee);
  if (path?.[0] === "torch") return scope.call(path.slice(1).join("."), positional, keywords);
  if (callee.kind !== "attribute") {
    return fail("file_format", "conformance", "neither a function of torch nor a method is called");
  }
  return scope.method(evaluate(callee.of, scope), callee.name, positional, keywords);
}

/** `a.b.c` as its names; null for anything else. */
function pathOf(expression: Expression): string[] | null {
  if (expression.kind === "name") return [expression.name];
  if (expression.kind !== "attribute") return null;
  const before = pathOf(expression.of);
  return before === null ? null : [...before, expression.name];
}
