import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";

const folder = new URL(".", import.meta.url);
// the adaptive softmax is a module with a loss rather than a function with options
const files = readdirSync(folder).filter(
  (file) => file.endsWith("Loss.ts") && file !== "adaptiveLogSoftmaxWithLoss.ts",
);
/** What classes with parameters take before their options. */
const sizes: Readonly<Record<string, readonly number[]>> = { LinearCrossEntropyLoss: [4, 3] };

describe("every loss", () => {
  it.each(files)("%s has its class and its function exported, and knows its options", (file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const className = /^export class (\w+Loss) /m.exec(text)?.[1] ?? "no class";
    const functionName = /^export function (\w+)\(/m.exec(text)?.[1] ?? "no function";
    const Class = Reflect.get(nn, className) as new (...args: readonly unknown[]) => nn.Loss;
    const before = sizes[className] ?? [];
    expect(new Class(...before, {}).reduction).toBe("mean");
    expect(() => new Class(...before, { reductoin: "sum" })).toThrow(`${className}: unknown option "reductoin"`);
    expect(Reflect.get(nn.functional, functionName)).toBeTypeOf("function");
  });

  it("is found", () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
  });
});
