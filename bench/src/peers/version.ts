import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version of an installed package, also of one that does not show its package.json. */
export function versionOf(name: string): string {
  const path = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url));
  return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
}
