/**
 * Writes docs/mutation.md from the JSON reports of mutation runs: `node --import tsx scripts/mutationReport.ts reports/mutation/*.json`.
 * What is said there of a survivor is kept.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What matters of a report of Stryker. */
export interface MutationReport {
  readonly files: Readonly<Record<string, MutatedFile>>;
}

interface MutatedFile {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

interface Mutant {
  readonly status: string;
  readonly replacement: string;
  readonly location: { readonly start: Position; readonly end: Position };
}

interface Position {
  readonly line: number;
  readonly column: number;
}

const beginning = "<!-- generated from here -->";

/** The document: `previous` up to its mark, the table of scores, and the survivors with what `previous` says of them. */
export function mutationReport(reports: readonly MutationReport[], previous: string): string {
  const files = new Map(reports.flatMap((report) => Object.entries(report.files)));
  const names = [...files.keys()].sort();
  const reasons = reasonsIn(previous);
  const [introduction = ""] = previous.split(beginning);
  const rows = names.map((name) => row(short(name), files.get(name)!.mutants));
  const all = [...files.values()].flatMap(({ mutants }) => mutants);
  const survivors = names.flatMap((name) => sectionOf(short(name), files.get(name)!, reasons));
  return [
    `${introduction}${beginning}\n`,
    "| File | Mutants | Killed | Timed out | Survived | Score |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...rows,
    row("**all**", all),
    "\n## The survivors",
    ...survivors,
    "",
  ].join("\n");
}

function row(name: string, mutants: readonly Mutant[]): string {
  const count = (...statuses: string[]): number => mutants.filter(({ status }) => statuses.includes(status)).length;
  const [killed, late, alive] = [count("Killed"), count("Timeout"), count("Survived", "NoCoverage")];
  const score = (100 * (killed + late)) / (killed + late + alive);
  return `| ${name} | ${killed + late + alive} | ${killed} | ${late} | ${alive} | ${score.toFixed(1)} % |`;
}

function sectionOf(name: string, { source, mutants }: MutatedFile, reasons: ReadonlyMap<string, string>): string[] {
  const alive = mutants.filter(({ status }) => status === "Survived" || status === "NoCoverage");
  const entries = alive.map(({ location, replacement }) => {
    const line = source.split("\n")[location.start.line - 1] ?? "";
    const [from, to] = [textAt(source, location), oneLine(replacement)];
    const key = `- \`${from}\` → \`${to}\` in \`${oneLine(line)}\``;
    return `${key}\n  ${reasons.get(`${name}${key}`) ?? "Not looked at yet."}`;
  });
  return entries.length === 0 ? [] : [`\n### ${name}\n`, ...new Set(entries)];
}

/** What the document says of each survivor, by file and mutation. */
function reasonsIn(document: string): Map<string, string> {
  const reasons = new Map<string, string>();
  let file = "";
  let key = "";
  for (const line of document.split("\n")) {
    if (line.startsWith("### ")) file = line.slice(4);
    else if (line.startsWith("- `")) key = line;
    else if (line.startsWith("  ") && key !== "") reasons.set(`${file}${key}`, line.trim());
  }
  return reasons;
}

const short = (path: string): string => path.replace(/^.*\/losses\//, "");

function textAt(source: string, { start, end }: Mutant["location"]): string {
  const lines = source.split("\n").slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = lines[last]!.slice(0, end.column - 1);
  lines[0] = lines[0]!.slice(start.column - 1);
  return oneLine(lines.join(" "));
}

function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ").replaceAll("`", "'");
  return line.length > 90 ? `${line.slice(0, 87)}...` : line;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const document = new URL("../docs/mutation.md", import.meta.url);
  const reports = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, "utf8")) as MutationReport);
  writeFileSync(document, mutationReport(reports, readFileSync(document, "utf8")));
}
