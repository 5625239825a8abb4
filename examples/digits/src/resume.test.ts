import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadSafetensors, type NamedTensors, saveSafetensors, zeros } from "tapegrad";
import { describe, expect, it } from "vitest";
import { command, firstLines, metricsOf, type Outcome, temporaryFolder } from "./testing.ts";

const short = ["--data", "few.csv", "--epochs", "3", "--batch-size", "20"];
const checkpoint = "out/digits/checkpoint.safetensors";

function folderWithDigits(): string {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "few.csv"), firstLines(60).join("\n"));
  writeFileSync(join(folder, "other.csv"), firstLines(61).slice(1).join("\n"));
  return folder;
}

const resume = (folder: string, args: readonly string[], stop = false): Promise<Outcome> =>
  command(folder, ["--data", "few.csv", "--resume", checkpoint, ...args], { stop });

describe("an interrupted run", () => {
  it("saves a checkpoint and says how to go on", async () => {
    const folder = folderWithDigits();
    const { code, err } = await command(folder, short, { stop: true });
    expect(code).toBe(130);
    expect(err).toMatch(
      /interrupted in epoch 1, after batch 1 of 3; go on with\n.* start --resume out\/digits\/checkpoint\.safetensors --data few\.csv\n/,
    );
  });

  it.each(["cnn", "mlp"])(
    "of a %s, broken off after every batch, ends as an unbroken one: the same bytes, the same metrics",
    async (model) => {
      const folder = folderWithDigits();
      const flags = [...short, "--model", model];
      await command(folder, [...flags, "--out", "whole"]);
      let { code } = await command(folder, flags, { stop: true });
      let breaks = 0;
      for (; code === 130; breaks++) ({ code } = await resume(folder, [], true));
      expect(code).toBe(0);
      expect(breaks).toBe(9); // 3 epochs of 3 batches
      const file = (name: string): Buffer => readFileSync(join(folder, name));
      expect(file("out/digits/model.safetensors").equals(file("whole/model.safetensors"))).toBe(true);
      const metrics = metricsOf(join(folder, "out/digits/metrics.jsonl"));
      expect(metrics.map(({ epoch }) => epoch)).toEqual([1, 2, 3]);
      expect(metrics).toEqual(metricsOf(join(folder, "whole/metrics.jsonl")));
    },
  );

  it("does not depend on what was drawn before it is resumed", async () => {
    const folder = folderWithDigits();
    await command(folder, short, { stop: true });
    await resume(folder, ["--out", "first"]);
    await command(folder, [...short, "--seed", "9", "--out", "between"]);
    await resume(folder, ["--out", "second"]);
    const file = (name: string): Buffer => readFileSync(join(folder, name, "model.safetensors"));
    expect(file("first").equals(file("second"))).toBe(true);
  });
});

describe("a checkpoint", () => {
  it.each([
    [
      ["--model", "mlp"],
      /--model +mlp, but the checkpoint was made with cnn[\s\S]*missing +model\.1\.weight {2}float32 \[128, 64\][\s\S]*unexpected +model\.conv1\.weight {2}float32 \[16, 1, 3, 3\]/,
    ],
    [["--batch-size", "10"], /--batch-size +10, but the checkpoint was made with 20/],
    [["--epochs", "9", "--seed", "1"], /--epochs +9, but[\s\S]*with 3\n +--seed +1, but[\s\S]*with 0/],
    [["--lr", "0.1"], /--lr +0\.1, but/],
    [["--data", "other.csv"], /--data +other digits/],
  ])("of another run is refused with %j", async (args, message) => {
    const folder = folderWithDigits();
    await command(folder, short, { stop: true });
    const { code, err } = await resume(folder, args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it("takes flags that say what it says", async () => {
    const folder = folderWithDigits();
    await command(folder, short, { stop: true });
    expect((await resume(folder, ["--epochs", "3", "--model", "cnn", "--quiet"])).code).toBe(0);
  });

  /** Resumes from a checkpoint that was tampered with. */
  async function tampered(
    change: (content: { tensors: NamedTensors["tensors"]; metadata: Record<string, string> }) => void,
  ): Promise<Outcome> {
    const folder = folderWithDigits();
    await command(folder, short, { stop: true });
    const path = join(folder, checkpoint);
    const { tensors, metadata } = loadSafetensors(path);
    const content = { tensors: { ...tensors }, metadata: { ...metadata } };
    change(content);
    saveSafetensors(path, content.tensors, content.metadata);
    return resume(folder, []);
  }

  it("whose tensors do not fit is refused with all their names and shapes", async () => {
    const { code, err } = await tampered(({ tensors }) => {
      Reflect.deleteProperty(tensors, "model.conv1.bias");
      tensors["model.linear.bias"] = zeros(11);
      tensors.extra = zeros(2, 3);
    });
    expect(code).toBe(2);
    expect(err).toMatch(/^error: the checkpoint does not fit the model/);
    expect(err).toMatch(/missing +model\.conv1\.bias {2}float32 \[16\]/);
    expect(err).toMatch(/unexpected +extra {2}float32 \[2, 3\]/);
    expect(err).toMatch(/different +model\.linear\.bias {2}float32 \[11\], needed float32 \[10\]/);
  });

  it.each([
    ["{}", /damaged[\s\S]*config/],
    ["no JSON", /damaged[\s\S]*not JSON/],
  ])("whose state is %j is refused", async (state, message) => {
    const { code, err } = await tampered(({ metadata }) => {
      metadata.state = state;
    });
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it("with a count that is none is refused", async () => {
    const { code, err } = await tampered(({ metadata }) => {
      metadata.state = metadata.state!.replace(/"batch":\d+/, '"batch":-1');
    });
    expect(code).toBe(2);
    expect(err).toMatch(/damaged[\s\S]*position\.batch/);
  });
});
