import { quote } from "./source.ts";

/** A value read from JSON, with the place in the text where it begins. */
export type JsonNode = { readonly at: number } & (
  | { readonly kind: "object"; readonly entries: ReadonlyMap<string, JsonNode> }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "number"; readonly text: string }
  | { readonly kind: "literal"; readonly value: boolean | null }
);

/** Reports what is wrong with the text, and where. */
export type JsonComplaint = (problem: string, at: number) => never;

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LONE_SURROGATE = /\p{Surrogate}/u;
const DEEPEST = 100;

/**
 * Reads strict JSON (RFC 8259) and keeps what `JSON.parse` drops: places, the digits of numbers, and keys given twice,
 * which are refused.
 */
export function parseJson(text: string, complain: JsonComplaint): JsonNode {
  let at = 0;

  const match = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? null;
    if (found !== null) at += found.length;
    return found;
  };

  const describe = (): string => {
    const point = text.codePointAt(at);
    return point === undefined ? "the text ends" : `found ${JSON.stringify(String.fromCodePoint(point))}`;
  };

  const expect = (character: string): void => {
    if (text[at] !== character) complain(`invalid JSON: expected ${JSON.stringify(character)}, ${describe()}`, at);
    at++;
  };

  /** Items between brackets, separated by commas, each read by `item`. */
  const list = (close: string, item: () => void): void => {
    at++;
    match(WHITESPACE);
    if (text[at] === close) {
      at++;
      return;
    }
    for (;;) {
      match(WHITESPACE);
      item();
      match(WHITESPACE);
      if (text[at] === close) break;
      expect(",");
    }
    at++;
  };

  const string = (): string => {
    const start = at;
    expect('"');
    for (; text[at] !== '"'; at++) {
      const code = text.charCodeAt(at);
      // beyond the end the code is NaN, which is not at least 0x20 either
      if (!(code >= 0x20))
        complain(`invalid JSON: ${at < text.length ? "control character" : "the text ends"} in a string`, at);
      if (code !== 0x5c) continue;
      if (match(ESCAPE) === null) complain("invalid JSON: unknown escape in a string", at);
      at--;
    }
    at++;
    const value: unknown = JSON.parse(text.slice(start, at));
    if (typeof value !== "string" || LONE_SURROGATE.test(value))
      complain("invalid JSON: half a surrogate pair in a string", start);
    return value;
  };

  const object = (start: number, depth: number): JsonNode => {
    const entries = new Map<string, JsonNode>();
    list("}", () => {
      const keyAt = at;
      const key = string();
      if (entries.has(key)) complain(`the key ${quote(key)} appears twice`, keyAt);
      match(WHITESPACE);
      expect(":");
      match(WHITESPACE);
      entries.set(key, value(depth + 1));
    });
    return { kind: "object", at: start, entries };
  };

  const value = (depth: number): JsonNode => {
    if (depth > DEEPEST) complain("invalid JSON: nested too deeply", at);
    const start = at;
    const first = text[at];
    if (first === "{") return object(start, depth);
    if (first === "[") {
      const items: JsonNode[] = [];
      list("]", () => items.push(value(depth + 1)));
      return { kind: "array", at: start, items };
    }
    if (first === '"') return { kind: "string", at: start, value: string() };
    const literal = match(LITERAL);
    if (literal !== null) return { kind: "literal", at: start, value: literal === "null" ? null : literal === "true" };
    const number = match(NUMBER);
    if (number !== null) return { kind: "number", at: start, text: number };
    return complain(`invalid JSON: expected a value, ${describe()}`, at);
  };

  match(WHITESPACE);
  const root = value(0);
  match(WHITESPACE);
  if (at < text.length) complain(`invalid JSON: text after the end, ${describe()}`, at);
  return root;
}
