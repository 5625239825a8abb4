import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { command, firstLines, temporaryFolder } from "./testing.ts";

const main = fileURLToPath(new URL("main.ts", import.meta.url));

/** Starts the command as `pnpm start` does, in a folder with a few digits. */
function start(folder: string, args: readonly string[], nodeFlags: readonly string[] = []): ChildProcess {
  writeFileSync(join(folder, "few.csv"), firstLines(60).join("\n"));
  const flags = [...nodeFlags, "--conditions=tapegrad:source", "--import", "tsx", main, "--data", "few.csv", ...args];
  return spawn(process.execPath, flags, {
    env: { ...process.env, INIT_CWD: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function ended(child: ChildProcess): Promise<{ code: number | null; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  child.stdout?.setEncoding("utf8").on("data", (text: string) => out.push(text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => err.push(text));
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out: out.join(""), err: err.join("") })));
}

describe("the command", () => {
  it("runs where code may not be made from strings", async () => {
    const folder = temporaryFolder();
    const flags = ["--epochs", "1", "--batch-size", "20", "--quiet"];
    const { code, out, err } = await ended(start(folder, flags, ["--disallow-code-generation-from-strings"]));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("out/digits/report.html");
    expect(readFileSync(join(folder, "out/digits/report.html"), "utf8")).toContain("</html>");
  });

  it("ends with exit code 2 and no stack when something is wrong", async () => {
    const folder = temporaryFolder();
    const { code, out, err } = await ended(start(folder, ["--epochs", "0"]));
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^error: option '--epochs <n>'/);
    expect(err).not.toContain("    at ");
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("stops at SIGINT with a checkpoint and exit code 130, and ends as an unbroken run when it is resumed", async () => {
    const folder = temporaryFolder();
    const flags = ["--model", "mlp", "--epochs", "100", "--batch-size", "20"];
    const child = start(folder, flags);
    const end = ended(child);
    child.stdout!.once("data", () => child.kill("SIGINT"));
    const { code, err } = await end;
    expect(code).toBe(130);
    expect(err).toMatch(/^interrupted in epoch/);

    await command(folder, ["--data", "few.csv", "--resume", "out/digits/checkpoint.safetensors", "--quiet"]);
    await command(folder, ["--data", "few.csv", ...flags, "--out", "whole", "--quiet"]);
    const model = (out: string): Buffer => readFileSync(join(folder, out, "model.safetensors"));
    expect(model("out/digits").equals(model("whole"))).toBe(true);
  });
});
