import { expect, it } from "vitest";
import type { HostFacts } from "../hostFacts.ts";
import { asMarkdown, asSentence, replaceSection } from "./markdown.ts";

it("writes a table as the formatter would", () => {
  expect(asMarkdown({ head: ["", "time"], body: [["a | b", "12.00 ms"]], notes: ["why"] })).toBe(
    ["|        |     time |", "| ------ | -------: |", "| a \\| b | 12.00 ms |", "", "1. why"].join("\n"),
  );
});

it("replaces what stands between the marks, and nothing else", () => {
  const page = "before\n<!-- bench times: begin -->\nold\n<!-- bench times: end -->\nafter\n";
  const changed = "before\n<!-- bench times: begin -->\n\nnew\n\n<!-- bench times: end -->\nafter\n";
  expect(replaceSection(page, "times", "new")).toBe(changed);
  expect(replaceSection(changed, "times", "new")).toBe(changed);
  expect(replaceSection(page, "memory", "new")).toBeNull();
});

it("says on what a run was made", () => {
  const host: HostFacts = {
    cpu: "A processor",
    cores: 2,
    system: "linux x64",
    runtime: "Node v20",
    versions: { ours: "this one", torch: "2.13", tfjs: null },
    threads: 1,
    rounds: 5,
    budget: 300,
    date: "2026-01-02",
  };
  expect(asSentence(host)).toBe(
    "2026-01-02, A processor with 2 cores (linux x64), Node v20, PyTorch 2.13, tfjs (not there), one thread; 5 rounds of 300 ms.",
  );
});
