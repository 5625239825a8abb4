import { drawHistogram, floorUlps, histogram, precisionsOf } from "./histogram.ts";
import { losses } from "./losses.ts";
import { byFolder, countOf, unsupportedReasons } from "./report.ts";
import { camelCase } from "./signature.ts";
import type { FileResult } from "./suite.ts";

/** The page `docs/conformance.md` for a run. */
export function conformancePage(results: readonly FileResult[]): string {
  const sections = [folderSection, lossSection, precisionSection, gapSection].flatMap((section) => section(results));
  return `${[...opening, ...sections].join("\n").trimEnd()}\n`;
}

const opening = [
  "# Conformance",
  "",
  "What tapegrad computes, held against what PyTorch 2.13 computed for the same calls: results in float32 and float64, gradients,",
  "second derivatives, changed inputs, state, drawn numbers, and which calls are refused. PyTorch's own test databases and hand-written",
  "sweeps supply the calls. This page is written by the suite itself:",
  "",
  "```sh",
  "npx -y pnpm@10 conformance                              # every case",
  "npx -y pnpm@10 conformance --only 'ctc|CTC' --verbose   # the files whose name matches",
  "npx -y pnpm@10 conformance --docs docs/conformance.md   # this page",
  "```",
  "",
  "A case passes when all of it holds: in float32 within 1e-5 of the float64 truth, relative to the largest magnitude (looser only where",
  "PyTorch's own float32 result is further off), in float64 within 1e-9, integers, dtypes and shapes exactly. The policy stands in",
  "`conformance/src/tolerance.ts`. A case is _unsupported_ when something in it has no counterpart here; it is counted, with the reason.",
  "PyTorch's int64 is int32 here.",
  "",
];

function markdownTable(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const cells = [header, ...rows].map((row) => row.map(String));
  const widths = header.map((_, i) => Math.max(3, ...cells.map((row) => row[i]!.length)));
  const numeric = header.map((_, i) => rows.every((row) => /^[\d.]*$/.test(String(row[i]))));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!))).join(" | ")} |`;
  const rule = `| ${widths.map((width, i) => (numeric[i] ? `${"-".repeat(width - 1)}:` : "-".repeat(width))).join(" | ")} |`;
  return [line(cells[0]!), rule, ...cells.slice(1).map(line), ""];
}

function folderSection(results: readonly FileResult[]): string[] {
  const rows = [...byFolder(results), ["all", results] as const].map(([folder, files]) => {
    const outcomes = files.flatMap((file) => file.outcomes);
    const { passed, failed, unsupported } = countOf(outcomes);
    return [folder, files.length, outcomes.length, passed, failed, unsupported];
  });
  return ["## Cases", "", ...markdownTable(["folder", "files", "cases", "passed", "failed", "unsupported"], rows)];
}

function lossSection(results: readonly FileResult[]): string[] {
  const find = (folder: string, name: string | null): FileResult | undefined =>
    results.find((file) => file.folder === folder && file.name === name);
  const rows = Object.entries(losses).map(([name, functional]) => {
    const files = [find("functional", functional), find("modules", name)].flatMap((file) => (file ? [file] : []));
    const outcomes = files.flatMap((file) => file.outcomes);
    const { passed, failed, unsupported } = countOf(outcomes);
    const precisions = precisionsOf(files);
    const worst = (of: "ours" | "torch"): string =>
      precisions.length === 0 ? "" : Math.max(...precisions.map((precision) => precision[of])).toFixed(2);
    const options = [...new Set(files.flatMap((file) => file.options.map(camelCase)))].sort();
    return [
      `\`${name}\``,
      options.join(", "),
      outcomes.length,
      passed,
      failed,
      unsupported,
      worst("ours"),
      worst("torch"),
    ];
  });
  const header = ["loss", "options set", "cases", "passed", "failed", "unsupported", "our error", "PyTorch's"];
  return [
    "## Losses",
    "",
    "The class and its function together. Errors are the largest of all cases in float32, in ulps of the result's largest magnitude.",
    "",
    ...markdownTable(header, rows),
  ];
}

function precisionSection(results: readonly FileResult[]): string[] {
  const precisions = precisionsOf(results);
  return [
    "## Our float32 error against PyTorch's own",
    "",
    `Both against the float64 truth, case by case, ${precisions.length} cases; up to ${floorUlps} ulps no comparison means anything.`,
    "",
    "```",
    drawHistogram(histogram(precisions)),
    "```",
    "",
  ];
}

const missing = /^there is no (?:function|class) (\S+)$|^tensors have no (?:method|attribute) (\S+)$/;

function gapSection(results: readonly FileResult[]): string[] {
  const reasons = unsupportedReasons(results);
  const byNamespace = new Map<string, string[]>();
  for (const [reason] of reasons) {
    const [found, plain, method] = missing.exec(reason) ?? [];
    if (found === undefined) continue;
    const path = plain ?? `Tensor.${method}`;
    const dot = path.lastIndexOf(".");
    const namespace = dot < 0 ? "functions" : `\`${path.slice(0, dot)}\``;
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), path.slice(dot + 1)]);
  }
  const lines = [...byNamespace].map(([namespace, names]) => `- ${namespace}: ${names.sort().join(", ")}`);
  const others = reasons.filter(([reason]) => !missing.test(reason));
  const rows = others.map(([reason, count]) => [reason.replaceAll("|", "\\|"), count]);
  return [
    "## What is not supported",
    "",
    ...(lines.length === 0 ? [] : ["Not here yet, of what the fixtures call:", "", ...lines.sort(), ""]),
    ...(rows.length === 0 ? [] : ["And of what is here:", "", ...markdownTable(["reason", "cases"], rows)]),
  ];
}
