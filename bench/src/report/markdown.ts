import type { HostFacts } from "../hostFacts.ts";
import { titles } from "../sides/sides.ts";
import type { Table } from "./table.ts";

const mark = (section: string, edge: "begin" | "end"): string => `<!-- bench ${section}: ${edge} -->`;

/** A table in Markdown, its columns aligned as the formatter would. */
export function asMarkdown({ head, body, notes }: Table): string {
  const all = [head, ...body].map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  const widths = head.map((_, column) => Math.max(4, ...all.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const pad = (row: readonly string[]): string =>
    line(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))));
  const rule = line(widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)));
  const [first, ...rest] = all;
  const listed = notes.map((note, i) => `${i + 1}. ${note}`);
  return [pad(first!), rule, ...rest.map(pad), ...(notes.length > 0 ? ["", ...listed] : [])].join("\n");
}

/** On what a run was made, in a sentence or two. */
export function asSentence({
  cpu,
  cores,
  system,
  runtime,
  versions,
  threads,
  rounds,
  budget,
  date,
}: HostFacts): string {
  const others = Object.entries(versions).filter(([name]) => name !== "ours");
  const named = others.map(([name, version]) => `${titles[name] ?? name} ${version ?? "(not there)"}`);
  const thread = threads === 1 ? "one thread" : `${threads} threads`;
  return `${date}, ${cpu} with ${cores} cores (${system}), ${runtime}, ${[...named, thread].join(", ")}; ${rounds} rounds of ${budget} ms.`;
}

/**
 * A page with `content` in the place of what stands between its marks, `<!-- bench section: begin -->` and
 * `<!-- bench section: end -->`; null if it does not have them.
 */
export function replaceSection(page: string, section: string, content: string): string | null {
  const [begin, end] = [page.indexOf(mark(section, "begin")), page.indexOf(mark(section, "end"))];
  if (begin < 0 || end < begin) return null;
  return `${page.slice(0, begin)}${mark(section, "begin")}\n\n${content}\n\n${page.slice(end)}`;
}
