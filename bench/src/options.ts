import { Command, InvalidArgumentError } from "commander";
import { type OtherName, otherNames } from "./sides/sides.ts";

/** What the command was asked. */
export interface Options {
  readonly only: RegExp | null;
  readonly against: readonly OtherName[];
  readonly threads: number;
  /** Another Node for the JavaScript sides. */
  readonly node: string | null;
  /** Whether JavaScript sides run in pages. */
  readonly browser: boolean;
  readonly rounds: number;
  readonly budget: number;
  readonly json: string | null;
  readonly markdown: string | null;
  readonly memory: boolean;
  readonly steps: number;
  readonly startup: boolean;
}

/** What was asked, or what to print and the exit code to leave with: 2 for a mistake, 0 for help. */
export type Parsed = { readonly options: Options } | { readonly text: string; readonly exitCode: 0 | 2 };

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1) throw new InvalidArgumentError("It must be a whole number of at least 1.");
  return value;
}

function pattern(text: string): RegExp {
  let found: RegExp | null = null;
  try {
    found = new RegExp(text);
  } catch {
    // told below, in the words of this command
  }
  if (found === null) throw new InvalidArgumentError("It is not a regular expression.");
  return found;
}

function sideNames(text: string): OtherName[] {
  const asked = text === "none" ? [] : text.split(",").map((name) => name.trim());
  const unknown = asked.filter((name) => !otherNames.some((known) => known === name));
  if (unknown.length > 0) throw new InvalidArgumentError(`There are ${otherNames.join(", ")}, or none.`);
  return otherNames.filter((name) => asked.includes(name));
}

/** What does not go together, and why. */
const clashes: readonly (readonly [one: keyof Options, other: keyof Options, why: string])[] = [
  ["memory", "startup", "--memory and --startup are two commands"],
  ["browser", "node", "--browser and --node are two places: choose one"],
  ["browser", "memory", "--memory asks the system about a process, which a page is not: leave --browser out"],
  ["browser", "startup", "--startup measures Node: leave --browser out"],
];

/** Reads the arguments of the command. */
export function parseOptions(args: readonly string[]): Parsed {
  let text = "";
  const write = (more: string): void => {
    text += more;
  };
  const command = new Command("bench")
    .description("Times tapegrad against other libraries, line by line, all of them in turn.")
    .option("--only <regex>", "only the lines whose names match", pattern)
    .option("--against <names>", `libraries to compare with, of ${otherNames.join(",")}; or none`, sideNames, [
      ...otherNames,
    ])
    .option("--threads <n>", "threads of tapegrad and of PyTorch; the other libraries have one", whole, 1)
    .option("--node <path>", "another Node that runs tapegrad and the JavaScript libraries")
    .option("--browser", "runs tapegrad and the JavaScript libraries in Chromium, in a page each", false)
    .option("--rounds <n>", "how often the libraries take turns", whole, 5)
    .option("--budget <ms>", "how long each turn lasts", whole, 300)
    .option("--json <file>", "writes the result as data")
    .option("--markdown <file>", "writes the table into a page, between two marks")
    .option("--memory", "measures the memory of the training lines instead, on the built packages", false)
    .option("--steps <n>", "training steps for --memory", whole, 3000)
    .option("--startup", "measures loading and the first training step instead, on the built packages", false)
    .allowExcessArguments(false)
    .showSuggestionAfterError()
    .configureOutput({ writeOut: write, writeErr: write })
    .exitOverride();
  try {
    command.parse(
      args.filter((arg) => arg !== "--"), // pnpm hands it on
      { from: "user" },
    );
  } catch (error) {
    return { text, exitCode: (error as { readonly exitCode?: number }).exitCode === 0 ? 0 : 2 };
  }
  const given = command.opts<Partial<Options>>();
  const clash = clashes.find(([one, other]) => given[one] && given[other]);
  if (clash !== undefined) return { text: `error: ${clash[2]}\n`, exitCode: 2 };
  return { options: { only: null, node: null, json: null, markdown: null, ...given } as Options };
}
