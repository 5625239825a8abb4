import { describe, expect, it } from "vitest";
import { checkChoice, checkCount, withDefaults } from "./options.ts";

interface Sample {
  readonly stride?: number;
  readonly paddingMode?: "zeros" | "circular";
  readonly bias?: boolean;
}

const defaults = { stride: 1, paddingMode: "zeros", bias: true } as const;
const read = (options: object): object => withDefaults<Sample, typeof defaults>("Conv2d", options, defaults);

describe("withDefaults", () => {
  it("fills in what is left out or undefined", () => {
    expect(read({ stride: 2, bias: undefined })).toEqual({ stride: 2, paddingMode: "zeros", bias: true });
    expect(read({ bias: false })).toEqual({ stride: 1, paddingMode: "zeros", bias: false });
  });

  it("names the nearest option for one that is not known", () => {
    expect(() => read({ strid: 2 })).toThrow(/Conv2d: unknown option "strid"[\s\S]*did you mean stride\?/);
    expect(() => read({ padding_mode: "zeros" })).toThrow(/did you mean paddingMode\?/);
    expect(() => read(false as unknown as object)).toThrow(/options come as an object/);
  });
});

describe("checkChoice and checkCount", () => {
  it("let through what is right, and name what is near", () => {
    expect(checkChoice("f", "reduction", "sum", ["mean", "sum"])).toBe("sum");
    expect(() => checkChoice<string>("f", "reduction", "Mean", ["mean", "sum"])).toThrow(/did you mean "mean"\?/);
    expect(() => checkChoice<string>("f", "reduction", "batch", ["mean", "sum"])).toThrow(/known\s+\[mean, sum\]/);
    expect(checkCount("f", "size", 0)).toBe(0);
    expect(() => checkCount("f", "size", 1.5)).toThrow(/size must be a whole number of at least 0/);
    expect(() => checkCount("f", "size", 0, 1)).toThrow(/at least 1/);
  });
});
