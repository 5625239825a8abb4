import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundlePackage, entriesOf, inAscii, type Manifest } from "./bundlePackage.ts";

const manifest: Manifest = {
  name: "made",
  exports: {
    ".": {
      "tapegrad:source": "./src/index.ts",
      types: "./dist/index.d.ts",
      node: "./dist/index.node.js",
      default: "./dist/index.js",
    },
    "./extra": { types: "./dist/extra.d.ts", default: "./dist/extra.js" },
    "./package.json": "./package.json",
    "./private/*": null,
  },
};

const imports = { "#platform": { node: "./src/platform/node.ts", default: "./src/platform/browser.ts" } };

const sources: Record<string, string> = {
  "package.json": JSON.stringify({ ...manifest, type: "module", imports }),
  "tsconfig.build.json": `{ "compilerOptions": { "target": "es2023", "verbatimModuleSyntax": true } }`,
  "src/index.ts": `
    import { platform } from "#platform";
    import { helped } from "./helper.ts";
    import { Thing } from "./shared.ts";
    /*! licence */
    function help(x: number): string { return \`\${x} ≤ \${platform}\`; }
    export const both: readonly string[] = [help(1), helped(2), help.name];
    export * as helpers from "./helper.ts";
    export { Thing };
  `,
  "src/helper.ts": `
    function help(x: number): string { return "other " + x; }
    export const helped = (x: number): string => help(x) + " " + help.name;
  `,
  "src/shared.ts": "export class Thing { readonly #n: number = 1; get n(): number { return this.#n; } }",
  "src/extra.ts": `
    import { Thing } from "./index.ts";
    export { Thing as Same } from "./index.ts";
    export const made: Thing = new Thing();
  `,
  "src/platform/node.ts": `export const platform: string = "node";`,
  "src/platform/browser.ts": `export const platform: string = "browser";`,
  "dist/left.js": "what an earlier build has left",
};

describe("entriesOf", () => {
  it("finds what exports leads to, whatever the condition", () => {
    expect(entriesOf(manifest)).toEqual({
      index: "src/index.ts",
      "index.node": "src/index.ts",
      extra: "src/extra.ts",
    });
    expect(entriesOf({})).toEqual({});
  });
});

describe("inAscii", () => {
  it("writes every other character as its code, which JavaScript reads as the same text", () => {
    const text = "≤ é 𝛽 a";
    expect(inAscii(text)).toBe("\\u2264 \\u00e9 \\ud835\\udefd a");
    expect(JSON.parse(inAscii(JSON.stringify(text)))).toBe(text);
  });
});

describe("bundlePackage", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tapegrad-bundle-"));
    for (const [path, text] of Object.entries(sources)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const load = (name: string): Promise<Record<string, unknown>> =>
    import(/* @vite-ignore */ pathToFileURL(join(folder, "dist", name)).href);

  it("writes one module an entry, with maps, and removes what was there", async () => {
    await bundlePackage(folder, manifest);
    const files = readdirSync(join(folder, "dist")).sort();
    const modules = ["extra.js", "index.js", "index.node.js"];
    expect(files).toEqual(modules.flatMap((name) => [name, `${name}.map`]));
    const map = JSON.parse(readFileSync(join(folder, "dist", "index.js.map"), "utf8"));
    expect(map.sources).toContain("../src/helper.ts");
    expect(map.mappings.split(/[,;]/).length).toBeGreaterThan(40); // of words, not of lines
  });

  it("takes the platform that the entry is for, and keeps names of functions", async () => {
    await bundlePackage(folder, manifest);
    const [browser, node] = [await load("index.js"), await load("index.node.js")];
    expect(browser.both).toEqual(["1 ≤ browser", "other 2 help", "help"]);
    expect(node.both).toEqual(["1 ≤ node", "other 2 help", "help"]);
    expect((node.helpers as { helped: (x: number) => string }).helped(3)).toBe("other 3 help");
  });

  it("has other entries take from the main one, by the package's name, what is there", async () => {
    await bundlePackage(folder, manifest);
    const code = readFileSync(join(folder, "dist", "extra.js"), "utf8");
    expect(code).toMatch(/^import ?\{.*\} ?from ?"made";/);
    expect(code).not.toContain("class");
  });

  it("keeps licences, is ASCII, and has a line for each statement of the module", async () => {
    await bundlePackage(folder, manifest);
    const code = readFileSync(join(folder, "dist", "index.js"), "utf8");
    expect(code).toContain("/*! licence */");
    expect(code).toMatch(/^[\0-\x7f]*$/);
    expect(code).toMatch(/^class Thing|^var Thing/m);
    expect(code).toMatch(/^export ?\{/m);
  });
});
