import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bundlePackage, entriesOf, inAscii, type Manifest } from "./bundlePackage.ts";

const manifest: Manifest = {
  exports: {
    ".": { "tapegrad:source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./extra": { types: "./dist/extra.d.ts", default: "./dist/extra.js" },
    "./package.json": "./package.json",
    "./private/*": null,
  },
  imports: { "#platform": { node: "./dist/platform/node.js", default: "./dist/platform/browser.js" } },
};

const sources: Record<string, string> = {
  "package.json": `{ "type": "module", "imports": { "#platform": "./dist/platform/node.js" } }`,
  "tsconfig.build.json": `{ "compilerOptions": { "target": "es2023", "verbatimModuleSyntax": true } }`,
  "src/index.ts": `
    import { platform } from "#platform";
    import { helped } from "./helper.ts";
    import { Thing } from "./shared.ts";
    /*! licence */
    function help(x: number): string { return \`\${x} ≤ \${platform}\`; }
    export const both: readonly string[] = [help(1), helped(2), help.name];
    export { Thing };
  `,
  "src/helper.ts": `
    function help(x: number): string { return "other " + x; }
    export const helped = (x: number): string => help(x) + " " + help.name;
  `,
  "src/shared.ts": "export class Thing { readonly #n: number = 1; get n(): number { return this.#n; } }",
  "src/extra.ts": `export { Thing as Same } from "./shared.ts";`,
  "src/platform/node.ts": `export const platform: string = "node";`,
  "src/platform/browser.ts": `export const platform: string = "browser";`,
  "dist/left.js": "what an earlier build has left",
};

describe("entriesOf", () => {
  it("finds what exports and imports lead to, whatever the condition", () => {
    expect(entriesOf(manifest)).toEqual({
      index: "src/index.ts",
      extra: "src/extra.ts",
      "platform/node": "src/platform/node.ts",
      "platform/browser": "src/platform/browser.ts",
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

  it("writes one module an entry and one for what they share, with maps, and removes what was there", async () => {
    await bundlePackage(folder, manifest);
    const files = readdirSync(join(folder, "dist"), { recursive: true }).filter((file) => `${file}`.endsWith(".js"));
    expect(files).toEqual(expect.arrayContaining(["index.js", "extra.js", "shared.js", join("platform", "node.js")]));
    expect(files).not.toContain("left.js");
    expect(files).not.toContain("helper.js");
    const map = JSON.parse(readFileSync(join(folder, "dist", "index.js.map"), "utf8"));
    expect(map.sources).toContain("../src/helper.ts");
  });

  it("leaves #platform to whoever runs it, keeps licences and the names of functions, and is ASCII", async () => {
    await bundlePackage(folder, manifest);
    const code = readFileSync(join(folder, "dist", "index.js"), "utf8");
    expect(code).toContain(`from "#platform"`);
    expect(code).toContain("/*! licence */");
    expect(code).toMatch(/^[\0-\x7f]*$/);
    const [index, extra] = [await load("index.js"), await load("extra.js")];
    expect(index.both).toEqual(["1 ≤ node", "other 2 help", "help"]);
    expect(extra.Same).toBe(index.Thing);
  });
});
