/** `pnpm bench`: see docs/performance.md. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "./build.ts";
import { hostFacts } from "./hostFacts.ts";
import { lines } from "./lines/index.ts";
import { measureMemory } from "./memory.ts";
import { type Options, parseOptions } from "./options.ts";
import { asJson } from "./report/json.ts";
import { asMarkdown, asSentence, replaceSection } from "./report/markdown.ts";
import { memoryJson, memoryTable } from "./report/memory.ts";
import { startupJson, startupTable } from "./report/startup.ts";
import { asText, type Table, tableOf } from "./report/table.ts";
import { measureLine, type Row } from "./rounds.ts";
import { closeAll } from "./sides/child.ts";
import { titles } from "./sides/sides.ts";
import { startSides } from "./sides/start.ts";
import { measureStartup } from "./startup.ts";

/** What a run has found, in each form that it may be wanted in. */
interface Report {
  /** Which section of the page it is. */
  readonly section: "times" | "chromium" | `node${string}` | "memory" | "startup";
  readonly table: Table;
  readonly sentence: string;
  readonly data: object;
}

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.on(signal, () => process.exit(code));
}
const folder = mkdtempSync(join(tmpdir(), "tapegrad-bench-"));
process.on("exit", () => {
  closeAll();
  rmSync(folder, { recursive: true, force: true });
});

const parsed = parseOptions(process.argv.slice(2));
if ("options" in parsed) await main(parsed.options).catch((error: Error) => leave(`error: ${error.message}\n`, 1));
else leave(parsed.text, parsed.exitCode);

async function main(options: Options): Promise<void> {
  const chosen = lines.filter(({ name }) => options.only === null || options.only.test(name));
  const names = (options.memory ? chosen.filter(({ trains }) => trains) : chosen).map(({ name }) => name);
  if (names.length === 0 && !options.startup) {
    leave(`error: no line matches; there are:\n${lines.map(({ name }) => `  ${name}`).join("\n")}\n`, 2);
  }
  const page = options.markdown === null ? null : openPage(options.markdown);
  const report = await (options.memory
    ? memory(names, options)
    : options.startup
      ? startup(options)
      : times(names, options));
  say(`${asText(report.table)}\n`);
  if (options.json !== null) writeFileSync(pathOf(options.json), `${JSON.stringify(report.data, null, 2)}\n`);
  if (page !== null) {
    const changed = replaceSection(page.text, report.section, `${report.sentence}\n\n${asMarkdown(report.table)}`);
    if (changed === null)
      leave(`error: ${options.markdown} has no marks <!-- bench ${report.section}: begin --> and end\n`, 2);
    else writeFileSync(page.path, changed);
  }
  closeAll();
}

async function times(names: readonly string[], options: Options): Promise<Report> {
  const { ours, others, close } = await startSides(options, folder);
  if (ours.absent !== null) leave(`error: ${ours.absent}\n`, 2);
  const runtime = ours.runtime ?? "unknown";
  const facts = hostFacts(runtime, [ours, ...others], options);
  say(`${asSentence(facts)}\n\n`);
  for (const { name, absent } of others) if (absent !== null) say(`${titles[name] ?? name} is not there: ${absent}\n`);
  const rows: Row[] = [];
  for (const name of names) {
    const row = await measureLine(name, { ours, others, folder }, options);
    rows.push(row);
    process.stderr.write(`${name}\n`);
    for (const difference of row.differences) process.stderr.write(`  the results differ: ${difference}\n`);
    if ("cannot" in row.ours || row.differences.length > 0) process.exitCode = 1;
  }
  close();
  const table = tableOf(
    rows,
    others.map(({ name }) => name),
  );
  return { section: sectionOf(options, runtime), table, sentence: asSentence(facts), data: asJson(rows, facts) };
}

/** Each place where the lines may run has a table of its own. */
function sectionOf({ browser, node }: Options, runtime: string): Report["section"] {
  if (browser) return "chromium";
  return node === null ? "times" : `node${/\d+/.exec(runtime)?.[0] ?? ""}`;
}

async function memory(lineNames: readonly string[], options: Options): Promise<Report> {
  const { program, version } = nodeOf(options);
  const ours = { program, args: [join(build(), "sides", "ours.js")] };
  const rows = await measureMemory({ ...options, lines: lineNames, ours }, (name) => process.stderr.write(`${name}\n`));
  const facts = hostFacts(version, [], options);
  return {
    section: "memory",
    table: memoryTable(rows),
    sentence: `${facts.date}, ${facts.cpu}, ${version}: ${options.steps.toLocaleString("en")} steps each.`,
    data: memoryJson(rows, options.steps, facts),
  };
}

function startup(options: Options): Report {
  const { program, version } = nodeOf(options);
  const result = measureStartup(build(), options.rounds, program);
  const facts = hostFacts(version, [], options);
  return {
    section: "startup",
    table: startupTable(result),
    sentence: `${facts.date}, ${facts.cpu}, ${version}: ${options.rounds} processes, one after the other.`,
    data: startupJson(result, facts),
  };
}

/** The Node that was asked for, or this one. */
function nodeOf({ node }: Options): { readonly program: string; readonly version: string } {
  if (node === null) return { program: process.execPath, version: `Node ${process.version}` };
  return {
    program: node,
    version: `Node ${execFileSync(node, ["-p", "process.version"], { encoding: "utf8" }).trim()}`,
  };
}

function openPage(file: string): { readonly path: string; readonly text: string } {
  const path = pathOf(file);
  try {
    return { path, text: readFileSync(path, "utf8") };
  } catch {
    return leave(`error: ${file} cannot be read\n`, 2);
  }
}

/** A path as the caller means it: pnpm runs scripts in the folder of the package. */
function pathOf(file: string): string {
  return resolve(process.env.INIT_CWD ?? process.cwd(), file);
}

function say(text: string): void {
  process.stdout.write(text);
}

function leave(text: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}
