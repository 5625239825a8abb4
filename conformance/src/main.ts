/** The conformance suite: what the library computes, held against what PyTorch computed. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, TensorError } from "@tapegrad/tensor";
import { Command } from "commander";
import { conformancePage } from "./docs.ts";
import { jsonReport, summary } from "./report.ts";
import { type FileResult, runSuite } from "./suite.ts";

interface Options {
  readonly fixtures?: string;
  readonly only?: string;
  readonly json?: string;
  readonly docs?: string;
  readonly verbose?: boolean;
}

/** Paths are those of the folder from which the command was called, which pnpm changes. */
const fromCaller = (path: string): string => resolve(process.env.INIT_CWD ?? process.cwd(), path);

const ownFixtures = fileURLToPath(new URL("../fixtures", import.meta.url));

const program = new Command("conformance")
  .description("Runs fixtures computed by PyTorch and compares results, gradients, second derivatives and errors.")
  .option(
    "--fixtures <dir>",
    "a directory in the format of the fixtures, .json or .json.gz (default: the project's own)",
  )
  .option("--only <regex>", "only the files whose folder/name matches, as in functional/.*loss")
  .option("--json <file>", "write the counts and every failure to a file")
  .option("--docs <file>", "write the page docs/conformance.md for this run")
  .option("--verbose", "list every file with its time, every failure, and why cases are not supported")
  .allowExcessArguments(false)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2)); // commander has said what is wrong

function run({ fixtures, only, json, docs, verbose = false }: Options): number {
  const start = performance.now();
  const directory = fixtures === undefined ? ownFixtures : fromCaller(fixtures);
  const results = runSuite(directory, only === undefined ? null : patternOf(only), verbose ? printFile : undefined);
  if (results.length === 0) fail("invalid_argument", "conformance", "no file matches --only", { only });
  if (json !== undefined) write(json, `${JSON.stringify(jsonReport(results), null, 2)}\n`);
  if (docs !== undefined) write(docs, conformancePage(results));
  process.stdout.write(`${summary(results, verbose)}\n\n${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return results.some(({ outcomes }) => outcomes.some(({ status }) => status === "failed")) ? 1 : 0;
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    return fail(
      "invalid_argument",
      "conformance",
      "--only is not a regular expression",
      { only: text },
      undefined,
      error,
    );
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(fromCaller(path)), { recursive: true });
  writeFileSync(fromCaller(path), text);
}

function printFile({ folder, name, outcomes, seconds }: FileResult): void {
  const failed = outcomes.filter(({ status }) => status === "failed").length;
  const words = [`${seconds.toFixed(2).padStart(7)} s`, `${folder}/${name}`, `${outcomes.length} cases`];
  process.stdout.write(`${[...words, ...(failed > 0 ? [`${failed} failed`] : [])].join("  ")}\n`);
}

program.parse();
try {
  process.exitCode = run(program.opts<Options>());
} catch (error) {
  process.stderr.write(
    `${error instanceof TensorError ? error.message : error instanceof Error ? error.stack : error}\n`,
  );
  process.exitCode = 2;
}
