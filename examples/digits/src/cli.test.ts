import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readArguments, type Settings } from "./cli.ts";

const read = (...args: string[]): Settings | null => readArguments(args, "/home/someone", () => {});

describe("readArguments", () => {
  it("has a default for everything", () => {
    const settings = read()!;
    expect(settings.typed).toEqual({});
    expect(settings.out).toBe(join("/home/someone", "out", "digits"));
    expect(settings.data).toMatch(/digits\.csv$/);
    expect(settings.resume).toBeNull();
    expect(settings.quiet).toBe(false);
  });

  it("reads every flag, also after the -- that pnpm hands on", () => {
    const flags = "--model mlp --epochs 3 --batch-size 8 --lr 1e-3 --seed 7 --data d.csv --out o --resume c --quiet";
    const settings = read("--", ...flags.split(" "))!;
    expect(settings.typed).toEqual({ model: "mlp", epochs: 3, batchSize: 8, lr: 0.001, seed: 7 });
    expect(settings.data).toBe("/home/someone/d.csv");
    expect(settings.out).toBe("/home/someone/o");
    expect(settings.resume).toBe("/home/someone/c");
    expect(settings.quiet).toBe(true);
    expect(settings.places).toEqual(["--data", "d.csv", "--out", "o"]);
  });

  it("counts a default that was typed as typed", () => {
    expect(read("--seed", "0")!.typed).toEqual({ seed: 0 });
  });

  it.each([
    [["--epoch", "3"], /unknown option '--epoch'\n\s+hint: Did you mean --epochs\?/],
    [["--frobnicate"], /unknown option '--frobnicate'/],
    [["--model", "rnn"], /'rnn' is invalid\. Allowed choices are cnn, mlp/],
    [["--epochs", "0"], /'--epochs <n>'.*whole number of at least 1/],
    [["--epochs", "1e3"], /whole number/],
    [["--epochs", ""], /whole number/],
    [["--epochs"], /argument missing/],
    [["--batch-size", "2.5"], /'--batch-size <n>'.*whole number/],
    [["--lr", "0"], /above 0 and at most 1/],
    [["--lr", "1.5"], /above 0 and at most 1/],
    [["--lr", "fast"], /above 0 and at most 1/],
    [["--seed", "-1"], /'--seed <n>'.*whole number of at least 0/],
    [["--seed", "9007199254740993"], /whole number/],
    [["now"], /too many arguments/],
  ])("refuses %j", (args, message) => {
    expect(() => read(...args)).toThrow(message);
  });

  it("shows the help and nothing else", () => {
    const shown: string[] = [];
    expect(readArguments(["--help"], "/", (text) => shown.push(text))).toBeNull();
    for (const flag of ["model", "epochs", "batch-size", "lr", "seed", "data", "out", "resume", "quiet"]) {
      expect(shown.join("")).toContain(`--${flag}`);
    }
  });
});
