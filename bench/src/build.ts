import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = join(root, "bench", "out");

/**
 * Bundles the packages as they are published, and compiles the benchmark itself, so that plain Node can run them: a loader of TypeScript in
 * the process would be measured too. Gives the folder of the benchmark's files. Types are not checked.
 *
 * @throws Error with what the bundler or the compiler says
 */
export function build(): string {
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name));
  run("--import", "tsx", join("scripts", "bundle.ts"), ...packages);
  const compiler = join("node_modules", "typescript", "bin", "tsc");
  const emit = ["--noEmit", "false", "--outDir", out, "--rootDir", join("bench", "src")];
  run(compiler, "--noCheck", "-p", "bench", ...emit);
  return out;
}

function run(...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`the build fails:\n${stdout}${stderr}`);
}
