import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, defaultClientConditions, type InlineConfig, type Rolldown } from "vite";
import { backendFolder } from "../peers/tfjs/backendFolder.ts";
import { versionOf } from "../peers/version.ts";

/** Files by path, as a server hands them out. */
export type Site = ReadonlyMap<string, string | Uint8Array>;

const here = fileURLToPath(new URL(".", import.meta.url));
const entries = { ours: "ours.ts", "jax-js": "jaxJs.ts", tfjs: "tfjs.ts" };

/** A side that has a page. */
export type PageName = keyof typeof entries;

/** Bundles the pages of some sides, minified as users' bundlers do it, with tapegrad from its TypeScript source. */
export async function bundlePages(names: readonly PageName[]): Promise<Site> {
  const versions = { "jax-js": versionOf("@jax-js/jax"), tfjs: versionOf("@tensorflow/tfjs") };
  const config: InlineConfig = {
    root: here,
    base: "/",
    configFile: false,
    logLevel: "error",
    define: { VERSIONS: JSON.stringify(versions) },
    resolve: { conditions: ["tapegrad:source", ...defaultClientConditions] },
    build: {
      write: false,
      target: "esnext",
      modulePreload: false,
      chunkSizeWarningLimit: 10_000,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(here, entries[name])])),
        output: { entryFileNames: "[name].js" },
      },
    },
  };
  const built = (await build(config)) as Rolldown.RolldownOutput;
  const site = new Map<string, string | Uint8Array>();
  for (const file of built.output) site.set(`/${file.fileName}`, file.type === "chunk" ? file.code : file.source);
  for (const name of names) site.set(`/${name}.html`, htmlOf(name));
  if (names.includes("tfjs")) addBackend(site);
  return site;
}

function addBackend(site: Map<string, string | Uint8Array>): void {
  const folder = backendFolder();
  for (const file of readdirSync(folder)) {
    if (file.endsWith(".wasm")) site.set(`/tfjs/${file}`, readFileSync(join(folder, file)));
  }
}

/** A page with an icon of no bytes, for which a browser would ask. */
function htmlOf(name: string): string {
  return `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/${name}.js"></script>`;
}
