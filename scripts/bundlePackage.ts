/**
 * Bundles a package for publication. What a program waits for when it imports hundreds of small files is mostly Node, finding and
 * linking them: a published package has one module for each entry that its package.json names, and one for what these share.
 */
import { isAbsolute, join } from "node:path";
import { type OutputChunk, type Plugin, rolldown } from "rolldown";

/** Where an entry leads: a path, or paths by condition. */
export type Targets = string | null | { readonly [key: string]: Targets };

/** The part of package.json that is read here. */
export interface Manifest {
  readonly exports?: Targets;
  readonly imports?: Targets;
}

/**
 * The TypeScript sources of the modules that a package publishes, by their name in `dist`: all that `exports` leads to, and all that `imports`
 * does, since whoever runs or bundles the package chooses among them.
 *
 * @example { "index": "src/index.ts", "platform/node": "src/platform/node.ts" }
 */
export function entriesOf({ exports = null, imports = null }: Manifest): Record<string, string> {
  const entries: Record<string, string> = {};
  for (const target of [exports, imports].flatMap(leaves)) {
    const name = /^\.\/dist\/(.+)\.js$/.exec(target)?.[1];
    if (name !== undefined) entries[name] = `src/${name}.ts`;
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

const ascii: Plugin = {
  name: "ascii",
  generateBundle(_options, files) {
    for (const file of Object.values(files)) if (file.type === "chunk") file.code = inAscii(file.code);
  },
};

/**
 * Writes the modules of a package, with source maps. Packages, modules of Node and `#platform` stay imports. Functions and classes keep their
 * names, which errors print.
 *
 * @param folder the package's folder, an absolute path
 * @param outDir where to write; what was there is removed. @defaultValue the package's `dist`
 * @returns what was written
 */
export async function bundlePackage(
  folder: string,
  manifest: Manifest,
  outDir: string = join(folder, "dist"),
): Promise<readonly OutputChunk[]> {
  const bundle = await rolldown({
    cwd: folder,
    input: entriesOf(manifest),
    external: (id) => !id.startsWith(".") && !isAbsolute(id),
    tsconfig: join(folder, "tsconfig.build.json"),
    preserveEntrySignatures: "strict",
    plugins: [ascii],
  });
  try {
    const { output } = await bundle.write({
      dir: outDir,
      cleanDir: true,
      format: "es",
      sourcemap: true,
      sourcemapExcludeSources: true, // they are published beside it
      keepNames: true,
      minify: false,
      minifyInternalExports: false,
      comments: { legal: true, annotation: true, jsdoc: false }, // the declarations have the rest
      entryFileNames: "[name].js",
      chunkFileNames: "[name].js",
      codeSplitting: { groups: [{ name: "shared", minShareCount: 2 }] },
    });
    return output.filter((file) => file.type === "chunk");
  } finally {
    await bundle.close();
  }
}
