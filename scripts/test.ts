/**
 * Runs vitest on the TypeScript source: `pnpm test`, and `pnpm test laws` or `pnpm test -- laws` for the files whose
 * path contains "laws". pnpm hands the `--` on, and vitest would not take what follows it for a filter.
 */
import { spawnSync } from "node:child_process";

const asked = process.argv.slice(2).filter((argument) => argument !== "--");
const { status } = spawnSync("vitest", ["run", ...asked], { stdio: "inherit", shell: process.platform === "win32" });
process.exitCode = status ?? 1;
