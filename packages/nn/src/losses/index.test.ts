import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";

const folder = new URL(".", import.meta.url);
const files = readdirSync(folder).filter((file) => file.endsWith("Loss.ts"));

describe("every loss", () => {
  it.each(files)("%s has its class and its function exported, and knows its options", (file) => {
    const text = readFileSync(new URL(file, folder), "utf8");
    const className = /^export class (\w+Loss) /m.exec(text)?.[1] ?? "no class";
    const functionName = /^export function (\w+)\(/m.exec(text)?.[1] ?? "no function";
    const Class = Reflect.get(nn, className) as new (options: object) => nn.Loss;
    expect(new Class({}).reduction).toBe("mean");
    expect(() => new Class({ reductoin: "sum" })).toThrow(`${className}: unknown option "reductoin"`);
    expect(Reflect.get(nn.functional, functionName)).toBeTypeOf("function");
  });

  it("is found", () => {
    expect(files.length).toBeGreaterThanOrEqual(6);
  });
});
