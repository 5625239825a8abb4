import { rolldown } from "rolldown";
import { describe, expect, it } from "vitest";
import { linedUp, quickToCompile } from "./quickToCompile.ts";

/** The code that a module of these sources is bundled to. */
async function bundled(sources: Readonly<Record<string, string>>, plugin = quickToCompile): Promise<string> {
  const given = {
    name: "given",
    resolveId: (id: string) => id,
    load: (id: string) => sources[id] ?? null,
  };
  const bundle = await rolldown({ input: "main", plugins: [given, plugin] });
  const { output } = await bundle.generate({ format: "es", keepNames: true });
  await bundle.close();
  return output[0].code;
}

/** What the module exports as `seen`. */
async function seen(code: string): Promise<unknown> {
  const module: unknown = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
  return (module as { readonly seen: unknown }).seen;
}

describe("quickToCompile", () => {
  it("writes arrow functions of the module as ordinary ones, and leaves those within functions alone", async () => {
    const main = `
      const twice = (x) => x.map((y) => 2 * y);
      const later = async ({ x }, [y] = [1]) => ({ x, y });
      const table = { plain: (x) => x + 1, "with space": () => 3, [twice.name]: x => { return -x; }, not: 4 };
      const results = [twice([1, 2]), await later({ x: 5 }), table.plain(1), table["with space"](), table.twice(2)];
      export const seen = [results, [twice.name, later.name, table.plain.name]];
    `;
    const code = await bundled({ main });
    expect(code.match(/=>/g)).toHaveLength(1);
    expect(code).toContain("plain(x) {");
    const results = [[2, 4], { x: 5, y: 1 }, 2, 3, -2];
    expect(await seen(code)).toEqual([results, ["twice", "later", "plain"]]);
  });

  it("leaves arrow functions that read this", async () => {
    const main = `
      class A { n = 1; own = () => this.n; static sum = (x) => [x].map((y) => y + (() => 1)()); }
      class B extends A { up = () => super.constructor.name; }
      const { own } = new A();
      const { up } = new B();
      export const seen = [own(), up(), A.sum(1), A.name];
    `;
    expect(await seen(await bundled({ main }))).toEqual([1, "A", [2], "A"]);
  });

  it("makes namespaces objects of values, which stay as they are", async () => {
    const sources = {
      main: `
        import * as all from "all";
        export * as single from "one";
        export const seen = [{ ...all }, Object.keys(all).length, Object.isFrozen(all)];
      `,
      all: `import { one } from "one"; export { one }; export const two = [one]; export const three = [one, two];`,
      one: "export const one = [1];",
    };
    const code = await bundled(sources);
    expect(code).not.toContain("() =>");
    expect(code).toContain("Object.freeze({ one })");
    expect(await seen(code)).toEqual([{ one: [1], two: [[1]], three: [[1], [[1]]] }, 3, true]);
  });

  it("does not say twice what a class is called", async () => {
    const sources = {
      main: `import { A as B } from "other"; class A {} export const seen = [A.name, B.name, A === B];`,
      other: "export class A {}",
    };
    const code = await bundled(sources);
    expect(code.match(/static/g)).toHaveLength(1);
    expect(await seen(code)).toEqual(["A", "A", false]);
  });
});

describe("linedUp", () => {
  it("puts every statement on a line and strings into quotes", async () => {
    const tag = "const tag = (strings) => strings.raw[0];";
    const main = `${tag} export const seen = [\`a"b\`, \`c\nd\`, tag\`\\n\`, \`\${1}\`];`;
    const code = await bundled({ main }, linedUp);
    expect(code).toContain('"a\\"b"');
    expect(await seen(code)).toEqual(['a"b', "c\nd", "\\n", "1"]);
  });
});
