import { isBuiltin } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, defaultClientConditions, type InlineConfig, type Plugin, type Rolldown } from "vite";

/** Files by path, as a server hands them out. */
export type Site = ReadonlyMap<string, string | Uint8Array>;

/** vite would put an empty object in the place of a module of Node. */
const refuseNode: Plugin = {
  name: "refuse-node",
  enforce: "pre",
  resolveId(id, importer) {
    if (isBuiltin(id)) throw new Error(`${importer} imports ${id}, which no browser has`);
    return null;
  },
};

/** The pages, with the library from its TypeScript source, minified as users' bundlers do it. */
export async function bundlePages(): Promise<Site> {
  const from = (file: string): string => join(import.meta.dirname, file);
  const input = { page: from("entry.ts"), workerPage: from("workerPage.ts"), threads: from("threadsPage.ts") };
  const files = await bundle({ input, output: { entryFileNames: "[name].js" } });
  const site = new Map(files.map((file) => [file.fileName, contentOf(file)]));
  for (const name of Object.keys(input)) site.set(`${name}.html`, htmlOf(name));
  return site;
}

/** Bytes of everything that `import * as tapegrad from "tapegrad"` brings at once, and later on demand. */
export async function measureFace(): Promise<Record<"start" | "later", { minified: number; gzipped: number }>> {
  const files = await bundle({ input: "tapegrad", preserveEntrySignatures: "strict" });
  const chunks = files.filter((file) => file.type === "chunk");
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    for (const other of chunks.find(({ fileName }) => fileName === name)?.imports ?? []) add(other);
  };
  for (const chunk of chunks) if (chunk.isEntry) add(chunk.fileName);
  const sizeOf = (some: readonly Rolldown.OutputChunk[]) => ({
    minified: some.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0),
    gzipped: some.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0),
  });
  return {
    start: sizeOf(chunks.filter(({ fileName }) => needed.has(fileName))),
    later: sizeOf(chunks.filter(({ fileName }) => !needed.has(fileName))),
  };
}

async function bundle(options: Rolldown.RolldownOptions): Promise<(Rolldown.OutputChunk | Rolldown.OutputAsset)[]> {
  const config: InlineConfig = {
    root: import.meta.dirname,
    base: "./",
    configFile: false,
    logLevel: "warn",
    plugins: [refuseNode],
    resolve: { conditions: ["tapegrad:source", ...defaultClientConditions] },
    worker: { format: "es", plugins: () => [refuseNode] },
    build: { write: false, rolldownOptions: options },
  };
  const built = (await build(config)) as Rolldown.RolldownOutput | Rolldown.RolldownOutput[];
  return [built].flat().flatMap(({ output }) => output);
}

function contentOf(file: Rolldown.OutputChunk | Rolldown.OutputAsset): string | Uint8Array {
  return file.type === "chunk" ? file.code : file.source;
}

/** A page without a single inline script, which the policies would refuse; nor an icon, which a browser would ask for. */
function htmlOf(name: string): string {
  return `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="${name}.js"></script>`;
}
