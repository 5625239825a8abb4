import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { run } from "./run.ts";

/** The digits that come with the example. */
export const digitsPath: string = fileURLToPath(new URL("../data/digits.csv", import.meta.url));

/** The first lines of the digits. */
export function firstLines(count: number): string[] {
  return readFileSync(digitsPath, "utf8").split("\n").slice(0, count);
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tapegrad-digits-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file in a folder that is gone after the test. */
export function temporaryFile(name: string, text: string): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, text);
  return path;
}

/** How the command ended, and what it said. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command in a folder; with `stop` it is interrupted after its first batch. */
export async function command(
  folder: string,
  args: readonly string[],
  { stop = false }: { readonly stop?: boolean } = {},
): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []];
  const controller = new AbortController();
  if (stop) controller.abort();
  const code = await run(args, {
    folder,
    out: { write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
    stop: controller.signal,
  });
  return { code, out: out.join(""), err: err.join("") };
}

/** The lines of metrics.jsonl without what differs from run to run. */
export function metricsOf(path: string): Record<string, number>[] {
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  return lines.map((line) => {
    const { seconds: _, ...rest } = JSON.parse(line) as Record<string, number>;
    return rest;
  });
}
