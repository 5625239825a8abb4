/**
 * `pnpm check`: types, lint, formatting and tests, in that order, one line each; then what went wrong, in full.
 * Runs all four even when one fails. Ends with exit code 1 if any did.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { styleText } from "node:util";

/** What we read of vitest's JSON report. */
interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

interface Finished {
  readonly ok: boolean;
  readonly output: string;
}

interface Step {
  readonly name: string;
  readonly command: readonly [program: string, ...args: string[]];
  /** What the step has looked at, in a few words: "214 files". */
  readonly count: (output: string) => string;
  /** The output without what was only asked for to be counted. */
  readonly clean?: (output: string) => string;
}

const terminal = process.stdout.isTTY === true;
const scratch = mkdtempSync(join(tmpdir(), "tapegrad-check-"));
const testReport = join(scratch, "tests.json");

const steps: readonly Step[] = [
  {
    name: "types",
    command: ["tsc", "--noEmit", "--listFiles", "--pretty", String(terminal), "-p", "."],
    count: (output) =>
      `${output.split("\n").filter((line) => isListed(line) && !line.includes("node_modules")).length} files`,
    clean: (output) => output.replaceAll(/^.*\n?/gm, (line) => (isListed(line.trimEnd()) ? "" : line)),
  },
  { name: "lint", command: ["biome", "lint", "--error-on-warnings", "."], count: filesOfBiome },
  { name: "formatting", command: ["biome", "check", "--linter-enabled=false", "."], count: filesOfBiome },
  {
    name: "tests",
    command: ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${testReport}`],
    count: countTests,
  },
];

process.exitCode = (await checkAll()) ? 0 : 1;

async function checkAll(): Promise<boolean> {
  const failures: string[] = [];
  const begin = performance.now();
  for (const step of steps) {
    const start = performance.now();
    const ticker = terminal ? setInterval(() => rewrite(`· ${step.name} ${seconds(start)}`), 250) : undefined;
    const { ok, output } = await run(step.command);
    clearInterval(ticker);
    const mark = ok ? styleText("green", "✓") : styleText("red", "✗");
    rewrite(`${mark} ${step.name.padEnd(12)}${seconds(start).padStart(8)}   ${step.count(output)}\n`);
    if (!ok) failures.push(`\n${styleText(["red", "bold"], step.name)}\n${(step.clean?.(output) ?? output).trim()}\n`);
  }
  rmSync(scratch, { recursive: true, force: true });
  const verdict = failures.length === 0 ? "all in order" : `${failures.length} of ${steps.length} failed`;
  process.stdout.write(`${failures.join("")}\n${verdict}, ${seconds(begin)}\n`);
  return failures.length === 0;
}

/** Runs a command of node_modules/.bin (which pnpm puts on the PATH) and keeps what it says. */
function run([program, ...args]: Step["command"]): Promise<Finished> {
  return new Promise((resolve) => {
    const pieces: string[] = [];
    const env = { ...process.env, ...(terminal ? { FORCE_COLOR: "1" } : {}) };
    const child = spawn(program, args, { env, shell: process.platform === "win32" });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => pieces.push(text));
    child.on("error", (error) => resolve({ ok: false, output: `${program}: ${error.message}` }));
    child.on("close", (code) => resolve({ ok: code === 0, output: pieces.join("") }));
  });
}

/** Whether a line of tsc's output is the whole path of a file, and no message about one. */
function isListed(line: string): boolean {
  return isAbsolute(line) && /\.[cm]?ts$/.test(line);
}

function filesOfBiome(output: string): string {
  return /Checked (\d+ files?)/.exec(output)?.[1] ?? "";
}

function countTests(): string {
  try {
    const report: TestReport = JSON.parse(readFileSync(testReport, "utf8"));
    const unloaded = report.testResults.filter(
      (file) => file.status === "failed" && file.assertionResults.length === 0,
    );
    const counts = [
      [report.numPassedTests, "passed"],
      [report.numFailedTests, "failed"],
      [report.numPendingTests + report.numTodoTests, "skipped"],
      [unloaded.length, "files would not load"],
    ] as const;
    const said = counts.filter(([n, what]) => n > 0 || what === "passed").map(([n, what]) => `${n} ${what}`);
    return `${said.join(", ")}, of ${report.testResults.length} files`;
  } catch {
    return "no report";
  }
}

function seconds(start: number): string {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

function rewrite(text: string): void {
  process.stdout.write(terminal ? `\r\x1b[2K${text}` : text);
}
