/**
 * `pnpm check:packages`: packs every public package as npm would receive it, then asks publint and arethetypeswrong
 * whether the tarballs are well formed, and a stranger's project, which has nothing but the tarballs, whether they
 * type-check, run in Node and bundle for a browser. Expects `pnpm build` to have run.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build } from "vite";

interface Packed {
  readonly name: string;
  readonly tarball: string;
  /** What a user may import: "@tapegrad/tensor", "@tapegrad/tensor/testing". */
  readonly entries: readonly string[];
}

const scratch = mkdtempSync(join(tmpdir(), "tapegrad-packages-"));
const stranger = join(scratch, "stranger");
let failed = 0;

/** Imports one function. The methods of its result are installed by a module that a bundler could take for unused. */
const few = `
import { tensor } from "tapegrad";
const sum = tensor([1, 2]).add(1).sum().item();
if (sum !== 5) throw new Error("expected 5, got " + sum);
`;

try {
  await checkAll();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exitCode = failed === 0 ? 0 : 1;

async function checkAll(): Promise<void> {
  const packages = readdirSync("packages").map((folder) => pack(resolve("packages", folder)));
  for (const { name, tarball } of packages) {
    await attempt(`${name}: publint`, () => run("publint", ["run", tarball, "--strict"]));
    await attempt(`${name}: arethetypeswrong`, () => run("attw", [tarball, "--profile", "esm-only"]));
  }
  settle(packages);
  const forbidStrings = "--disallow-code-generation-from-strings";
  await attempt("a stranger installs them", () => run("pnpm", ["install", "--prefer-offline"], stranger));
  await attempt("a stranger's types check", () => run("tsc", ["--project", stranger]));
  await attempt("a stranger runs them in Node", () => run(process.execPath, ["main.js"], stranger));
  await attempt("and without code from strings", () => run(process.execPath, [forbidStrings, "main.js"], stranger));
  await attempt("a stranger bundles them for browsers", () => bundle("main.js"));
  await attempt("and methods survive tree shaking", async () => run(process.execPath, [await bundle("few.js")]));
}

function pack(folder: string): Packed {
  const { name, exports } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { filename } = JSON.parse(run("pnpm", ["pack", "--json", "--pack-destination", scratch], folder));
  const subpaths = Object.keys(exports).filter((subpath) => !subpath.endsWith(".json"));
  return { name, tarball: filename, entries: subpaths.map((subpath) => name + subpath.slice(1)) };
}

/** Writes a project that imports every entry. It sees the browser's types but not Node's, which must not be needed. */
function settle(packages: readonly Packed[]): void {
  const tarballs = Object.fromEntries(packages.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const manifest = { type: "module", dependencies: { ...tarballs, "fast-check": "^4" }, pnpm: { overrides: tarballs } };
  const compilerOptions = {
    target: "es2023",
    lib: ["es2023", "dom"],
    types: [],
    module: "nodenext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
  };
  const entries = packages.flatMap((packed) => packed.entries);
  const imports = entries.map((entry, i) => `import * as entry${i} from ${JSON.stringify(entry)};\n`);
  const program = `${imports.join("")}console.log([${entries.map((_, i) => `entry${i}`)}].map(Object.keys));\n`;
  mkdirSync(stranger);
  writeFileSync(join(stranger, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(stranger, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["main.ts"] }));
  writeFileSync(join(stranger, "few.js"), few);
  for (const name of ["main.ts", "main.js"]) writeFileSync(join(stranger, name), program);
}

/** Bundles a program as for a browser, and returns where the bundle lies. */
async function bundle(program: string): Promise<string> {
  const outDir = join(stranger, "bundles", program);
  await build({
    root: stranger,
    configFile: false,
    logLevel: "error",
    plugins: [{ name: "no-node", enforce: "pre", resolveId: refuseNode }],
    build: {
      outDir,
      modulePreload: false,
      rolldownOptions: { input: join(stranger, program), output: { entryFileNames: "bundle.js" } },
    },
  });
  return join(outDir, "bundle.js");
}

/** vite would put an empty object in the place of a module of Node. */
function refuseNode(id: string, importer: string | undefined): null {
  if (isBuiltin(id)) throw new Error(`${importer} imports ${id}, which no browser has`);
  return null;
}

async function attempt(what: string, work: () => unknown): Promise<void> {
  try {
    await work();
    process.stdout.write(`✓ ${what}\n`);
  } catch (error) {
    failed += 1;
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    process.stdout.write(`✗ ${what}\n${[message, stdout, stderr].join("\n").trim()}\n\n`);
  }
}

function run(program: string, args: readonly string[], cwd: string = process.cwd()): string {
  return execFileSync(program, args, { cwd, encoding: "utf8", shell: process.platform === "win32" });
}
