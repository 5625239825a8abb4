import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const out = join(root, "bench", "out");

/**
 * Compiles the packages as they are published, and the benchmark itself, so that plain Node can run them: a loader of TypeScript in the
 * process would be measured too. Gives the folder of the benchmark's files. Types are not checked.
 *
 * @throws Error with what the compiler says
 */
export function build(): string {
  const packages = readdirSync(join(root, "packages")).map((name) => join("packages", name, "tsconfig.build.json"));
  for (const project of packages) compile("-p", project);
  compile("-p", "bench", "--noEmit", "false", "--outDir", out, "--rootDir", join("bench", "src"));
  return out;
}

function compile(...args: string[]): void {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "--noCheck", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`the compiler fails on ${args[1]}:\n${stdout}`);
}
