import { expect, it } from "vitest";
import { mutationReport } from "./mutationReport.ts";

const source = "export const a = 1 + 2;\nexport const b =\n  a > 0;\n";
const at = (line: number, column: number, end: number): object => ({
  start: { line, column },
  end: { line, column: end },
});
const mutants = [
  { status: "Killed", replacement: "1 - 2", location: at(1, 18, 23) },
  { status: "Timeout", replacement: "a", location: at(1, 18, 23) },
  { status: "Survived", replacement: "a >= 0", location: at(3, 3, 8) },
  { status: "NoCoverage", replacement: "true", location: at(3, 3, 8) },
  { status: "CompileError", replacement: "x", location: at(3, 3, 8) },
];
const report = { files: { "packages/nn/src/losses/common/a.ts": { source, mutants } } } as never;

it("counts the mutants of each file, and lists those that live", () => {
  const text = mutationReport([report], "# Mutation\n\n<!-- generated from here -->\nold");
  expect(text).toMatch(/^# Mutation\n\n<!-- generated from here -->\n\n\| File/);
  expect(text).toContain("\n| common/a.ts | 4 | 1 | 1 | 2 | 50.0 % |\n| **all** | 4 | 1 | 1 | 2 | 50.0 % |\n");
  expect(text).toContain("### common/a.ts\n\n- `a > 0` → `a >= 0` in `a > 0;`\n  Not looked at yet.\n");
  expect(text).not.toContain("old");
});

it("keeps what is said of a survivor", () => {
  const first = mutationReport([report], "");
  const said = first.replace("Not looked at yet.", "No input tells them apart.");
  expect(mutationReport([report], said)).toBe(said);
});
