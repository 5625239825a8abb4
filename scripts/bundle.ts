/** `bundle.ts [folder...]`: bundles packages for publication, by default the one in the current folder. Declarations are tsc's affair. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundlePackage } from "./bundlePackage.ts";

const folders = process.argv.length > 2 ? process.argv.slice(2) : ["."];
for (const folder of folders.map((path) => resolve(path))) {
  await bundlePackage(folder, JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
}
