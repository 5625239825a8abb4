import { describe, expect, it } from "vitest";
import { evaluate, parseExpression, type Scope } from "./expression.ts";

/** Writes down what would be called. */
const scope: Scope = {
  value: (name) => ({ input: "x", args: ["a", "b", "c"], kwargs: new Map([["dim", 1]]) })[name],
  call: (path, args, kwargs) => ({ path, args, kwargs: Object.fromEntries(kwargs) }),
  method: (self, name, args, kwargs) => ({ self, name, args, kwargs: Object.fromEntries(kwargs) }),
  attribute: (self, name) => ({ self, attribute: name }),
  index: (self, index) => ({ self, index }),
};

const run = (text: string): unknown => evaluate(parseExpression(text), scope);

describe("the calls of fixtures", () => {
  it.each([
    [
      "torch.nn.functional.relu(input, *args, **kwargs)",
      { path: "nn.functional.relu", args: ["x", "a", "b", "c"], kwargs: { dim: 1 } },
    ],
    ["torch.where(args[0], input, *args[1:])", { path: "where", args: ["a", "x", "b", "c"], kwargs: {} }],
    ["torch.chain_matmul(*input)", { path: "chain_matmul", args: ["x"], kwargs: {} }],
    ["input.view(*args, **kwargs)", { self: "x", name: "view", args: ["a", "b", "c"], kwargs: { dim: 1 } }],
    ["input.mT", { self: "x", attribute: "mT" }],
    ["input[args[0]]", { self: "x", index: "a" }],
    [
      "input.clone().zero_()",
      { self: { self: "x", name: "clone", args: [], kwargs: {} }, name: "zero_", args: [], kwargs: {} },
    ],
  ])("%s", (text, expected) => {
    expect(run(text)).toEqual(expected);
  });

  it.each(["torch.add(input", "torch.add(input) input", "input + 1", ""])("refuses %j", (text) => {
    expect(() => run(text)).toThrow(/cannot be read/);
  });
});
