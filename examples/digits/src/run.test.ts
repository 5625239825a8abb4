import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSafetensors, saveSafetensors, zeros } from "tapegrad";
import { describe, expect, it } from "vitest";
import { command, firstLines, metricsOf, temporaryFolder } from "./testing.ts";

/** A folder with a file of a few digits, and the flags of a short run on them. */
function smallRun(): { folder: string; flags: string[]; path: (name: string) => string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "few.csv"), firstLines(60).join("\n"));
  const flags = ["--data", "few.csv", "--epochs", "2", "--batch-size", "20"];
  return { folder, flags, path: (name) => join(folder, name) };
}

describe("a run", () => {
  it("writes the model, the metrics and the report", async () => {
    const { folder, flags, path } = smallRun();
    const { code, out, err } = await command(folder, flags);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(readdirSync(path("out/digits")).sort()).toEqual(["metrics.jsonl", "model.safetensors", "report.html"]);

    const metrics = readFileSync(path("out/digits/metrics.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(metrics.map(({ epoch }) => epoch)).toEqual([1, 2]);
    const keys = ["epoch", "trainLoss", "testLoss", "testAccuracy", "learningRate", "seconds"];
    for (const line of metrics) expect(Object.keys(line)).toEqual(keys);
    expect(metrics.map(({ learningRate }) => learningRate)).toEqual([0.01, expect.closeTo(0.005, 12)]);

    const { tensors } = loadSafetensors(path("out/digits/model.safetensors"));
    expect(tensors["conv2.weight"]?.shape).toEqual([32, 16, 3, 3]);
    expect(tensors["norm1.running_mean"]?.shape).toEqual([16]);

    expect(out).toMatch(/epoch 2\/2 {2}train loss \d/);
    expect(out).toMatch(/digit {3}0 {3}1 {3}2/);
    expect(out).toMatch(/test accuracy \d+\.\d\d % \(\d+ of 12\)/);
    expect(out).toContain("out/digits/report.html");
  });

  it("says only the result when quiet", async () => {
    const { folder, flags } = smallRun();
    const { out } = await command(folder, [...flags, "--quiet", "--out", "elsewhere"]);
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^test accuracy/),
      "elsewhere/report.html",
      "elsewhere/model.safetensors",
      "elsewhere/metrics.jsonl",
      "",
    ]);
  });

  it.each(["cnn", "mlp"])(
    "of a %s gives the same file and the same metrics for the same seed, and others for another",
    async (model) => {
      const { folder, flags, path } = smallRun();
      for (const [out, seed] of [
        ["a", "3"],
        ["b", "3"],
        ["c", "4"],
      ] as const) {
        await command(folder, [...flags, "--model", model, "--seed", seed, "--out", out]);
      }
      const bytes = (out: string): Buffer => readFileSync(path(`${out}/model.safetensors`));
      expect(bytes("a").equals(bytes("b"))).toBe(true);
      expect(bytes("a").equals(bytes("c"))).toBe(false);
      expect(metricsOf(path("a/metrics.jsonl"))).toEqual(metricsOf(path("b/metrics.jsonl")));
    },
  );
});

describe("bad input", () => {
  /** What lies in a folder of results, with its content. */
  const snapshot = (folder: string): Record<string, string> =>
    Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "base64")]));

  it.each([
    [["--epochs", "none"], /^error: option '--epochs <n>'/],
    [["--epoch", "1"], /hint: Did you mean --epochs\?/],
    [["--data", "none.csv"], /^error: the data cannot be read\n.*none\.csv\n.*there is no such file/],
    [["--data", "bad.csv"], /^error: .*bad\.csv, line 2, column 65: "x" is not a number/],
    [["--resume", "none"], /^error: the checkpoint cannot be read/],
    [["--resume", "few.csv"], /^error: the checkpoint cannot be read/],
    [
      ["--resume", "other.safetensors"],
      /^error: this file is not a checkpoint[\s\S]*holds {2}weight {2}float32 \[2, 3\]/,
    ],
    [["--out", "few.csv"], /^error: the results cannot be written[\s\S]*it is a file/],
    [["--out", "few.csv/in/it"], /^error: the results cannot be written[\s\S]*it is a file/],
    [["--out", "taken"], /^error: the results cannot be written[\s\S]*taken\/report\.html/],
  ])("%j ends with one message and exit code 2, and leaves earlier results alone", async (args, message) => {
    const { folder, flags, path } = smallRun();
    writeFileSync(
      path("bad.csv"),
      firstLines(20)
        .map((line, i) => (i === 1 ? line.replace(/\d$/, "x") : line))
        .join("\n"),
    );
    saveSafetensors(path("other.safetensors"), { weight: zeros(2, 3) });
    mkdirSync(path("taken/report.html"), { recursive: true });
    mkdirSync(path("out/digits"), { recursive: true });
    for (const name of ["report.html", "metrics.jsonl", "model.safetensors"])
      writeFileSync(path(`out/digits/${name}`), name);
    const before = snapshot(path("out/digits"));
    const { code, out, err } = await command(folder, [...flags, ...args]);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
    expect(err.match(/error: /g)).toHaveLength(1);
    expect(err).not.toMatch(/\n\s+at /);
    expect(snapshot(path("out/digits"))).toEqual(before);
  });

  it("makes no folder", async () => {
    const { folder, flags, path } = smallRun();
    await command(folder, [...flags, "--resume", "none"]);
    expect(existsSync(path("out"))).toBe(false);
  });
});
