import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type FixtureFile, folders, listFixtures, readFixture } from "./fixture.ts";
import { countOf } from "./report.ts";
import { runFile } from "./suite.ts";

const paths = listFixtures(fileURLToPath(new URL("../fixtures", import.meta.url)));

const fileOf = (folder: string, name: string): FixtureFile =>
  readFixture(paths.find((path) => path.folder === folder && path.name === name)!);

/** What each kind of folder holds as the truth. */
const truths = /^(out32|out64|out|steps64|lrs|state_after64|param_grads64|input_grads64)$/;

/** The same file with every number of its truth doubled, and one added. */
function falsified(file: FixtureFile): FixtureFile {
  const twist = (value: unknown): unknown => {
    if (typeof value === "number") return 2 * value + 1;
    if (Array.isArray(value)) return value.map(twist);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === "shape" ? inner : twist(inner)]),
    );
  };
  const search = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(search);
    if (typeof value !== "object" || value === null) return value;
    const entries = Object.entries(value).map(([key, inner]) => [key, truths.test(key) ? twist(inner) : search(inner)]);
    return Object.fromEntries(entries);
  };
  return search(file) as FixtureFile;
}

describe("the committed fixtures", () => {
  it("are of every folder", () => {
    expect(new Set(paths.map(({ folder }) => folder))).toEqual(new Set(folders));
  });

  it.each([
    ["ops", "tril"],
    ["functional", "softplus"],
    ["functional", "soft_margin_loss"],
    ["modules", "Linear"],
    ["modules", "BatchNorm1d"],
    ["optim", "SGD"],
    ["schedulers", "StepLR"],
    ["random", "rand"],
    ["random", "nn.init"],
  ])("%s/%s agrees, and would not if the truth were another", (folder, name) => {
    const file = fileOf(folder, name);
    const counts = countOf(runFile(file));
    expect(counts.failed).toBe(0);
    expect(counts.passed).toBeGreaterThan(0);
    const changed = falsified(file).cases.filter(
      (record, i) => JSON.stringify(record) !== JSON.stringify(file.cases[i]),
    );
    const wrong = countOf(runFile({ ...file, cases: changed, errors: [] }));
    expect(wrong.failed).toBe(changed.length); // what is empty, or not a number, has no other truth
  });
});
