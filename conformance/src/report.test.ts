import { describe, expect, it } from "vitest";
import { conformancePage } from "./docs.ts";
import type { CaseRecord, FixtureFile } from "./fixture.ts";
import { histogram } from "./histogram.ts";
import { jsonReport, summary, unsupportedReasons } from "./report.ts";
import { type FileResult, runFile } from "./suite.ts";

const double = (...data: number[]) => ({ t: "float64", shape: [data.length], data }) as const;
const single = (...data: number[]) => ({ t: "float32", shape: [data.length], data }) as const;

/** A file of fixtures in which torch's `name` squares; the cases may claim otherwise. */
function fileOf(
  name: string,
  cases: readonly Partial<CaseRecord>[],
  errors: readonly Partial<CaseRecord>[] = [],
): FixtureFile {
  const call = `torch.${name}(input, *args, **kwargs)`;
  const whole = (records: readonly Partial<CaseRecord>[]): CaseRecord[] =>
    records.map((record, i) => ({ id: `${name}/${i}`, input: single(1, 3), args: [], kwargs: {}, ...record }));
  return { name, folder: "ops", torch: "2.13", seed: 0, call, cases: whole(cases), errors: whole(errors) };
}

const right = {
  out32: single(1, 9),
  out64: double(1, 9),
  cotangent: [single(1, 2)],
  grads32: { input: single(2, 12) },
  grads64: { input: double(2, 12) },
  v: { input: single(1, -1) },
  hvp64: { input: double(2, -4) },
};

const resultOf = (file: FixtureFile): FileResult => ({
  folder: file.folder,
  name: file.name,
  outcomes: runFile(file),
  options: [],
  seconds: 0,
});

const checksOf = (record: Partial<CaseRecord>): string[] =>
  runFile(fileOf("square", [{ ...right, ...record }]))[0]!.problems.map(({ check }) => check);

describe("a case", () => {
  it("passes when everything agrees", () => {
    expect(runFile(fileOf("square", [right]))[0]).toMatchObject({ status: "passed", problems: [], reason: null });
  });

  it("fails at the check that does not agree", () => {
    expect(checksOf({ out64: double(1, 9 + 1e-7) })).toEqual(["out64"]);
    expect(checksOf({ out64: double(1, 10) })).toEqual(["out32", "out64"]);
    expect(checksOf({ out32: { ...single(1, 9), t: "int64" } })).toEqual(["out32"]);
    expect(checksOf({ grads64: { input: double(2, 13) } })).toEqual(["grads32 input", "grads64 input"]);
    expect(checksOf({ grads64: { input: null } })).toEqual(["grads32 input", "grads64 input"]);
    expect(checksOf({ hvp64: { input: double(2, 4) } })).toEqual(["hvp64 input"]);
    expect(checksOf({ hvp64: { input: null } })).toEqual(["hvp64 input"]);
    expect(checksOf({ mutated64: { input: double(0, 0) } })).toEqual(["mutated64 input"]);
  });

  it("is not supported when the function, an option or a value has no counterpart", () => {
    const [missing] = runFile(fileOf("no_such_function", [right], [{ error: "ValueError", message: "" }]));
    expect(missing).toMatchObject({ status: "unsupported", reason: "there is no function noSuchFunction" });
    const outcomes = [
      ...runFile(fileOf("no_such_function", [], [{ error: "ValueError", message: "" }])),
      ...runFile(
        fileOf("square", [
          { ...right, kwargs: { out: 1 } },
          { input: { t: "int64", shape: [1], data: [2 ** 33] }, out32: single(1) },
        ]),
      ),
    ];
    expect(outcomes.map(({ status }) => status)).toEqual(["unsupported", "unsupported", "unsupported"]);
  });

  it("is never passed when there was nothing to check", () => {
    expect(runFile(fileOf("square", [{ out32: undefined as never }]))[0]!.status).not.toBe("passed");
  });
});

describe("an error case", () => {
  const outcomeOf = (record: Partial<CaseRecord>) => runFile(fileOf("square", [], [record]))[0]!;

  it("passes when a TensorError is thrown where torch raises one, and none where it does not", () => {
    const shapes = { args: [single(1, 2, 3)], error: "RuntimeError", message: "shapes" };
    expect(runFile(fileOf("add", [], [shapes]))[0]!.status).toBe("passed");
    expect(outcomeOf({ error: null, message: null, out32: single(1, 9) }).status).toBe("passed");
  });

  it("fails otherwise", () => {
    expect(outcomeOf({ error: "RuntimeError", message: "no" }).problems[0]).toEqual({
      check: "error",
      got: "no error",
      want: "RuntimeError: no",
      error: null,
    });
    expect(outcomeOf({ error: null, message: null, out32: single(1, 8) }).status).toBe("failed");
    const shapes = { args: [single(1, 2, 3)], error: null, message: null };
    expect(runFile(fileOf("add", [], [shapes]))[0]!.problems[0]!.want).toBe("no error");
  });
});

describe("the report", () => {
  const results = [
    resultOf(fileOf("square", [right, { ...right, out64: double(1, 10) }])),
    resultOf(fileOf("no_such_function", [right])),
  ];

  it("is, as data, what the command line promises", () => {
    const report = jsonReport(results);
    expect(report.folders).toEqual({
      ops: {
        passed: 1,
        failed: 1,
        unsupported: 1,
        files: {
          square: { passed: 1, failed: 1, unsupported: 0 },
          no_such_function: { passed: 0, failed: 0, unsupported: 1 },
        },
      },
    });
    expect(report.failures.map((failure) => Object.keys(failure))).toEqual([
      ["file", "id", "check", "got", "want", "error"],
      ["file", "id", "check", "got", "want", "error"],
    ]);
    expect(report.failures[1]).toEqual({
      file: "ops/square",
      id: "square/1",
      check: "out64",
      got: "9 at [1]",
      want: "10 at [1]",
      error: 0.1,
    });
  });

  it("names what failed and what is not supported", () => {
    const text = summary(results, false);
    expect(text).toMatch(/^all +2 +3 +1 +1 +1$/m);
    expect(text).toContain("ops/square  square/1  out64: got 9 at [1], want 10 at [1]  (relative error 1.0e-1)");
    expect(text).toContain("1  there is no function noSuchFunction");
    expect(unsupportedReasons(results)).toEqual([["there is no function noSuchFunction", 1]]);
  });

  it("becomes a page", () => {
    const page = conformancePage(results);
    expect(page).toContain("| ops    |     2 |     3 |      1 |      1 |           1 |");
    expect(page).toContain("- functions: noSuchFunction");
  });

  it("counts each precision once, in the first bar that it fits", () => {
    const precisions = [
      { ours: 0.3, torch: 0.4 },
      { ours: 1, torch: 3 },
      { ours: 1.5, torch: 1 },
      { ours: 100, torch: 1 },
    ];
    const counts = Object.fromEntries(histogram(precisions).map(({ label, count }) => [label, count]));
    expect(counts).toMatchObject({
      "both within half an ulp": 1,
      "less than half of torch's": 1,
      "more, but at most 2 ulps": 1,
      "more than ten times torch's": 1,
    });
    expect(Object.values(counts).reduce((a, b) => a + b)).toBe(precisions.length);
  });
});
