import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { TensorError } from "../errors.ts";
import { NDArray } from "../ndarray.ts";
import * as browser from "../platform/browser.ts";
import { loadSafetensors, saveSafetensors } from "./file.ts";
import { encodeSafetensors } from "./safetensors.ts";

let folder = "";

beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "tapegrad-"));
});

afterEach(() => {
  fs.rmSync(folder, { recursive: true, force: true });
});

const weights = { weight: NDArray.of([1, 2, 3, 4], [2, 2]) };

function errorOf(run: () => unknown): TensorError {
  try {
    run();
  } catch (error) {
    if (error instanceof TensorError) return error;
  }
  return expect.unreachable("a TensorError was expected");
}

describe("saveSafetensors and loadSafetensors", () => {
  it("keep arrays and metadata, and leave nothing else in the folder", () => {
    const path = join(folder, "model.safetensors");
    saveSafetensors(path, weights, { epoch: "1" });
    saveSafetensors(path, { weight: weights.weight.transpose(1, 0) }, { epoch: "2" });
    const { tensors, metadata } = loadSafetensors(path);
    expect(metadata).toEqual({ epoch: "2" });
    expect([...(tensors.get("weight")?.toArray() ?? [])]).toEqual([1, 3, 2, 4]);
    expect(fs.readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  it("write through a symbolic link and keep permissions", () => {
    const [path, link] = [join(folder, "real"), join(folder, "link")];
    fs.writeFileSync(path, "old", { mode: 0o600 });
    fs.symlinkSync("real", link);
    saveSafetensors(link, weights);
    expect(fs.lstatSync(link).isSymbolicLink()).toBe(true);
    expect(new Uint8Array(fs.readFileSync(path))).toEqual(encodeSafetensors(weights));
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
  });

  it("change nothing where the arrays cannot be written", () => {
    const path = join(folder, "model.safetensors");
    fs.writeFileSync(path, "old");
    expect(errorOf(() => saveSafetensors(path, { "\ud800": weights.weight })).code).toBe("invalid_argument");
    expect(fs.readFileSync(path, "utf8")).toBe("old");
    expect(fs.readdirSync(folder)).toEqual(["model.safetensors"]);
  });

  it("leave no temporary file where the renaming fails", () => {
    // the name fits, the folder that a trailing slash asks for does not exist
    const path = `${join(folder, "model")}/`;
    const error = errorOf(() => saveSafetensors(path, weights));
    expect(error).toMatchObject({ code: "io", where: "saveSafetensors", facts: { path } });
    expect(error.cause).toBeInstanceOf(Error);
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it.each<[string, (folder: string) => unknown, string]>([
    ["the folder does not exist", (at) => saveSafetensors(join(at, "no", "model"), weights), "ENOENT"],
    ["this is a folder", (at) => saveSafetensors(at, weights), "EISDIR"],
    ["not an ordinary file", () => saveSafetensors("/dev/null", weights), "EINVAL"],
    ["the name is too long", (at) => saveSafetensors(join(at, "x".repeat(300)), weights), "ENAMETOOLONG"],
    ["no such file", (at) => loadSafetensors(join(at, "model")), "ENOENT"],
    ["this is a folder", (at) => loadSafetensors(at), "EISDIR"],
  ])("say: %s", (problem, run, code) => {
    const error = errorOf(() => run(folder));
    expect(error.message).toContain(problem);
    expect(error.hint).toBeDefined();
    expect(error).toMatchObject({ code: "io", facts: { code } });
    expect(fs.readdirSync(folder)).toEqual([]);
  });

  it("say where a relative path was looked for", () => {
    expect(errorOf(() => loadSafetensors("no-such-file")).facts).toMatchObject({
      path: "no-such-file",
      from: process.cwd(),
    });
  });

  it("say which part of a path is not a folder", () => {
    fs.writeFileSync(join(folder, "file"), "");
    expect(errorOf(() => saveSafetensors(join(folder, "file", "model"), weights)).facts).toMatchObject({
      code: "ENOTDIR",
    });
    expect(errorOf(() => loadSafetensors(join(folder, "file", "model"))).message).toContain("is not a folder");
  });

  it("name the file whose content is wrong", () => {
    const path = join(folder, "model.safetensors");
    fs.writeFileSync(path, "hello");
    expect(errorOf(() => loadSafetensors(path))).toMatchObject({
      code: "file_format",
      where: "loadSafetensors",
      facts: { path, bytes: 5 },
    });
  });
});

it("in a browser, files are unsupported and the hint says what to do", () => {
  expect(errorOf(() => browser.readFile("model", "loadSafetensors"))).toMatchObject({
    code: "unsupported",
    where: "loadSafetensors",
    hint: expect.stringContaining("decodeSafetensors"),
  });
  expect(errorOf(() => browser.writeFileAtomic("model", new Uint8Array(0)))).toMatchObject({
    code: "unsupported",
    hint: expect.stringContaining("encodeSafetensors"),
  });
});
