import { folders } from "./fixture.ts";
import { drawHistogram, floorUlps, histogram, precisionsOf } from "./histogram.ts";
import type { FileResult } from "./suite.ts";
import type { Outcome, Precision, Problem, Status } from "./verdict.ts";

/** How many cases ended in each way. */
export type Counts = Record<Status, number>;

/** A run as data. */
export interface JsonReport {
  readonly folders: Readonly<Record<string, Counts & { readonly files: Readonly<Record<string, Counts>> }>>;
  readonly failures: readonly ({ readonly file: string; readonly id: string } & Problem)[];
}

/** Counts outcomes. */
export function countOf(outcomes: Iterable<Outcome>): Counts {
  const counts: Counts = { passed: 0, failed: 0, unsupported: 0 };
  for (const { status } of outcomes) counts[status]++;
  return counts;
}

/** The results of a run by folder, in the order in which folders are run. */
export function byFolder(results: readonly FileResult[]): [folder: string, files: FileResult[]][] {
  const present = folders.map((folder): [string, FileResult[]] => [
    folder,
    results.filter((file) => file.folder === folder),
  ]);
  return present.filter(([, files]) => files.length > 0);
}

/** A run as data: counts by folder and file, and every check that did not hold. */
export function jsonReport(results: readonly FileResult[]): JsonReport {
  const entries = byFolder(results).map(([folder, files]) => {
    const counts = countOf(files.flatMap(({ outcomes }) => outcomes));
    return [folder, { ...counts, files: Object.fromEntries(files.map((file) => [file.name, countOf(file.outcomes)])) }];
  });
  const failures = results.flatMap(({ folder, name, outcomes }) =>
    outcomes.flatMap(({ id, problems }) => problems.map((problem) => ({ file: `${folder}/${name}`, id, ...problem }))),
  );
  return { folders: Object.fromEntries(entries) as JsonReport["folders"], failures };
}

/** A table: names on the left, numbers on the right. */
export function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  ");
  return cells.map(line).join("\n");
}

/** The number of cases by folder, with a line for all of them. */
export function folderTable(results: readonly FileResult[]): string {
  const row = (name: string, files: readonly FileResult[]): (string | number)[] => {
    const outcomes = files.flatMap((file) => file.outcomes);
    const { passed, failed, unsupported } = countOf(outcomes);
    return [name, files.length, outcomes.length, passed, failed, unsupported];
  };
  const rows = byFolder(results).map(([folder, files]) => row(folder, files));
  return table(["folder", "files", "cases", "passed", "failed", "unsupported"], [...rows, row("all", results)]);
}

/** A run as text: the table of folders, what failed, what is not supported, and how precise the rest is. */
export function summary(results: readonly FileResult[], verbose: boolean): string {
  const precisions = precisionsOf(results);
  const sections: [title: string, lines: readonly string[]][] = [
    ["failures", cut(failureLines(results), verbose ? Number.POSITIVE_INFINITY : 20, "--json lists them all")],
    ["not supported", cut(reasonLines(results), verbose ? Number.POSITIVE_INFINITY : 10, "--verbose lists them all")],
    ["largest relative errors among what passed", worstErrors(results, verbose ? 10 : 2)],
    [`our float32 error against torch's own, ${precisions.length} cases`, histogramLines(precisions)],
    [`cases in which it is more than twice torch's, and more than ${floorUlps} ulps`, lessPrecise(results)],
  ];
  const present = sections.filter(([, lines]) => lines.length > 0);
  return [folderTable(results), ...present.map(([title, lines]) => `${title}\n${lines.join("\n")}`)].join("\n\n");
}

function cut(lines: readonly string[], limit: number, where: string): readonly string[] {
  const more = lines.length - limit;
  return more > 0 ? [...lines.slice(0, limit), `  ... and ${more} more: ${where}`] : lines;
}

function failureLines(results: readonly FileResult[]): string[] {
  return jsonReport(results).failures.map(({ file, id, check, got, want, error }) => {
    const size = error === null ? "" : `  (relative error ${error.toExponential(1)})`;
    return `  ${file}  ${id}  ${check}: got ${got}, want ${want}${size}`;
  });
}

/** Why cases are not supported, the most frequent reasons first. */
export function unsupportedReasons(results: readonly FileResult[]): [reason: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { status, reason } of results.flatMap(({ outcomes }) => outcomes)) {
    if (status === "unsupported" && reason !== null) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a);
}

function reasonLines(results: readonly FileResult[]): string[] {
  return unsupportedReasons(results).map(([reason, count]) => `  ${String(count).padStart(5)}  ${reason}`);
}

/** The largest errors of checks that held, by kind of check: how much of the tolerance is used. */
function worstErrors(results: readonly FileResult[], limit: number): string[] {
  const found = results.flatMap(({ folder, name, outcomes }) =>
    outcomes
      .filter(({ status }) => status === "passed")
      .flatMap(({ id, errors }) =>
        [...errors].map(([check, error]) => ({ check, error, where: `${folder}/${name}  ${id}` })),
      ),
  );
  const largest = found.filter(({ error }) => error > 0).sort((a, b) => b.error - a.error);
  return [...new Set(found.map(({ check }) => check))].flatMap((kind) =>
    largest
      .filter(({ check }) => check === kind)
      .slice(0, limit)
      .map(({ check, error, where }) => `  ${check.padEnd(12)} ${error.toExponential(1).padStart(8)}  ${where}`),
  );
}

function histogramLines(precisions: readonly Precision[]): string[] {
  return precisions.length === 0 ? [] : [drawHistogram(histogram(precisions))];
}

function lessPrecise(results: readonly FileResult[]): string[] {
  return results.flatMap(({ folder, name, outcomes }) =>
    outcomes.flatMap(({ id, precision }) => {
      if (precision === null || precision.ours <= Math.max(floorUlps, 2 * precision.torch)) return [];
      const { ours, torch } = precision;
      return [`  ${folder}/${name}  ${id}: ${ours.toFixed(1)} ulps, torch ${torch.toFixed(1)}`];
    }),
  );
}
