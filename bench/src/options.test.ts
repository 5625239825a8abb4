import { expect, it } from "vitest";
import { type Options, parseOptions } from "./options.ts";

function accepted(...args: string[]): Options {
  const parsed = parseOptions(args);
  if (!("options" in parsed)) throw new Error(parsed.text);
  return parsed.options;
}

it("has defaults", () => {
  expect(accepted()).toEqual({
    only: null,
    against: ["torch", "jax-js", "tfjs"],
    threads: 1,
    node: null,
    browser: false,
    rounds: 5,
    budget: 300,
    json: null,
    markdown: null,
    memory: false,
    steps: 3000,
    startup: false,
  });
});

it("reads what it is given", () => {
  expect(
    accepted("--", "--only", "^matmul", "--threads", "2", "--against", "tfjs,torch", "--json", "a.json"),
  ).toMatchObject({
    only: /^matmul/,
    threads: 2,
    against: ["torch", "tfjs"],
    json: "a.json",
  });
  expect(accepted("--against", "none").against).toEqual([]);
  expect(accepted("--node", "/opt/node24/bin/node", "--memory")).toMatchObject({ node: "/opt/node24/bin/node" });
  expect(accepted("--browser").browser).toBe(true);
});

it("answers a mistake with one message and exit code 2", () => {
  const messages = {
    "--onyl x": "error: unknown option '--onyl'\n(Did you mean --only?)\n",
    "--rounds 0": "error: option '--rounds <n>' argument '0' is invalid. It must be a whole number of at least 1.\n",
    "--threads 1.5":
      "error: option '--threads <n>' argument '1.5' is invalid. It must be a whole number of at least 1.\n",
    "--only [": "error: option '--only <regex>' argument '[' is invalid. It is not a regular expression.\n",
    "--against numpy":
      "error: option '--against <names>' argument 'numpy' is invalid. There are torch, jax-js, tfjs, or none.\n",
    "--json": "error: option '--json <file>' argument missing\n",
    matmul: "error: too many arguments. Expected 0 arguments but got 1.\n",
    "--memory --startup": "error: --memory and --startup are two commands\n",
    "--browser --node node24": "error: --browser and --node are two places: choose one\n",
    "--browser --startup": "error: --startup measures Node: leave --browser out\n",
  };
  for (const [line, text] of Object.entries(messages)) {
    expect(parseOptions(line.split(" "))).toEqual({ text, exitCode: 2 });
  }
});

it("gives help without complaint", () => {
  expect(parseOptions(["--help"])).toMatchObject({ exitCode: 0, text: expect.stringContaining("Usage: bench") });
});
