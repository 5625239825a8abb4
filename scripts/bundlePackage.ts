/**
 * Bundles a package for publication. What a program waits for when it imports hundreds of small files is mostly Node, finding and
 * linking them: a published package has one module for each entry that its package.json names.
 */
import { rmSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import { type Plugin, rolldown } from "rolldown";
import { minifySync } from "rolldown/utils";
import { linedUp, quickToCompile } from "./quickToCompile.ts";

/** Where an entry leads: a path, or paths by condition. */
export type Targets = string | null | { readonly [key: string]: Targets };

/** The part of package.json that is read here. */
export interface Manifest {
  readonly name: string;
  readonly exports?: Targets;
}

/**
 * The TypeScript sources of the modules that a package publishes, by their name in `dist`: all that `exports` leads to. A name that ends in
 * `.node` is the same source for Node: where it imports `#platform`, the modules differ.
 *
 * @example { "index": "src/index.ts", "index.node": "src/index.ts" }
 */
export function entriesOf({ exports = null }: Pick<Manifest, "exports">): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const target of leaves(exports)) {
    const [, name, suffix = ""] = /^\.\/dist\/(.+?)(\.node)?\.js$/.exec(target) ?? [];
    if (name !== undefined) entries[name + suffix] = `src/${name}.ts`;
  }
  return entries;
}

function leaves(targets: Targets): string[] {
  if (typeof targets === "string") return [targets];
  return targets === null ? [] : Object.values(targets).flatMap(leaves);
}

/** The same program in ASCII: V8 keeps a file with any other character in it as two bytes a character, and reads it more slowly. */
export function inAscii(code: string): string {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Other entries import the main one by the package's name, so that there is one of everything, for whichever platform. */
function mainByName(main: string, name: string): Plugin {
  return {
    name: "main-by-name",
    async resolveId(source, importer, options) {
      if (importer === undefined) return null;
      const found = await this.resolve(source, importer, { ...options, skipSelf: true });
      return found?.id === main ? { id: name, external: true } : found;
    },
  };
}

/** Names of functions and classes stay, for errors and traces; a line a statement, since Node prints the line at which an error was thrown. */
const small: Plugin = {
  name: "small",
  renderChunk(code, { fileName }) {
    const names = { function: true, class: true };
    const result = minifySync(fileName, code, {
      module: true,
      compress: { keepNames: names, joinVars: false, sequences: false },
      mangle: { toplevel: true, keepNames: names },
      codegen: { removeWhitespace: true, legalComments: "inline" },
      sourcemap: true,
    });
    if (result.errors.length > 0) throw new Error(result.errors.map(({ message }) => message).join("\n"));
    return { code: result.code, map: result.map ?? null };
  },
};

const ascii: Plugin = {
  name: "ascii",
  generateBundle(_options, files) {
    for (const file of Object.values(files)) if (file.type === "chunk") file.code = inAscii(file.code);
  },
};

/**
 * Writes the modules of a package, with source maps. Packages and modules of Node stay imports; `#platform` does not. Functions and classes
 * keep their names, which errors print.
 *
 * @param folder the package's folder, an absolute path
 * @param outDir where to write; what was there is removed. @defaultValue the package's `dist`
 */
export async function bundlePackage(
  folder: string,
  manifest: Manifest,
  outDir: string = join(folder, "dist"),
): Promise<void> {
  const main = resolve(folder, "src", "index.ts");
  rmSync(outDir, { recursive: true, force: true });
  for (const [name, source] of Object.entries(entriesOf(manifest))) {
    const isMain = resolve(folder, source) === main;
    const bundle = await rolldown({
      cwd: folder,
      input: { [name]: source },
      external: (id) => !(id.startsWith(".") || id.startsWith("#") || isAbsolute(id)),
      platform: "neutral",
      resolve: { conditionNames: ["tapegrad:source", ...(name.endsWith(".node") ? ["node"] : [])] },
      tsconfig: join(folder, "tsconfig.build.json"),
      preserveEntrySignatures: "strict",
      plugins: [...(isMain ? [] : [mainByName(main, manifest.name)]), quickToCompile, small, linedUp, ascii],
    });
    try {
      await bundle.write({
        dir: outDir,
        format: "es",
        sourcemap: true,
        sourcemapExcludeSources: true, // they are published beside it
        keepNames: true,
        minify: false,
        comments: { legal: true, annotation: true, jsdoc: false }, // the declarations have the rest
        entryFileNames: "[name].js",
        codeSplitting: false,
      });
    } finally {
      await bundle.close();
    }
  }
}
