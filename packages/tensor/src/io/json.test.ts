import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fail } from "../errors.ts";
import { type JsonNode, parseJson } from "./json.ts";

function read(text: string): JsonNode {
  return parseJson(text, (problem, at) => fail("file_format", "test", problem, { at }));
}

/** The value that JSON.parse would give. */
function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]));
    case "array":
      return node.items.map(plain);
    case "number":
      return Number(node.text);
    default:
      return node.value;
  }
}

describe("parseJson", () => {
  it("reads what JSON.stringify writes", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "binary" }), fc.constantFrom(0, 1, "\t", " \n"), (json, indent) => {
        const text = JSON.stringify(JSON.parse(json), null, indent);
        expect(plain(read(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it("accepts nothing that JSON.parse refuses, and refuses only doubled keys and half surrogates besides", () => {
    const pieces = fc.constantFrom(
      ...'{}[]:,"\\ 01-.eE+tu\n\u0001a',
      "true",
      "null",
      '"k"',
      "\\u00e9",
      "\\ud83d",
      "1.5",
      "false",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        const accepts = (parse: (text: string) => unknown): string | null => {
          try {
            parse(text);
            return null;
          } catch (error) {
            return error instanceof Error ? error.message : "";
          }
        };
        const [ours, theirs] = [accepts(read), accepts(JSON.parse)];
        if (theirs !== null) expect(ours).not.toBeNull();
        else if (ours !== null) expect(ours).toMatch(/twice|surrogate/);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["", "expected a value, the text ends", 0],
    ["  ", "expected a value, the text ends", 2],
    ["{", 'expected "\\"", the text ends', 1],
    ['{"a" 1}', 'expected ":", found "1"', 5],
    ['{"a":1,}', 'expected "\\"", found "}"', 7],
    ['{"a":1 "b":2}', 'expected ",", found "\\""', 7],
    ['{"a":1,"a":2}', 'the key "a" appears twice', 7],
    ["[1,]", 'expected a value, found "]"', 3],
    ["[01]", 'expected ",", found "1"', 2],
    ["[1.]", 'expected ",", found "."', 2],
    ["[nul]", 'expected a value, found "n"', 1],
    ['"a\nb"', "control character in a string", 2],
    ['"ab', "the text ends in a string", 3],
    ['"\\x"', "unknown escape in a string", 1],
    ['"\\u12g4"', "unknown escape in a string", 1],
    ['"\\ud800"', "half a surrogate pair in a string", 0],
    ["1 2", 'text after the end, found "2"', 2],
    ["[".repeat(200), "nested too deeply", 101],
  ])("says what is wrong with %j, and where", (text, problem, at) => {
    expect(() => read(text)).toThrow(problem);
    expect(() => read(text)).toThrow(expect.objectContaining({ facts: { at } }));
  });

  it("keeps the digits of numbers and the places of values", () => {
    const node = read(' {"n": 12345678901234567890.50, "m": [-0]}');
    expect(node).toMatchObject({ kind: "object", at: 1 });
    if (node.kind !== "object") return;
    expect(node.entries.get("n")).toEqual({ kind: "number", at: 7, text: "12345678901234567890.50" });
    expect(node.entries.get("m")).toMatchObject({ items: [{ kind: "number", text: "-0", at: 38 }] });
  });
});
