import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { readInputs, writeInputs } from "./inputFolder.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-inputs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

it("hands arrays over as they are, views and empty ones too", async () => {
  const inputs = {
    "model.0.weight": { shape: [2, 2], values: Float32Array.of(1.5, -2, Number.NaN, 3e38) },
    y: { shape: [2], values: Int32Array.of(0, 7, -1, 9).subarray(1, 3) },
    none: { shape: [0], values: new Float32Array(0) },
  };
  writeInputs(folder, inputs);
  const read = await readInputs(folder);
  expect(Object.keys(read)).toEqual(Object.keys(inputs));
  expect(read).toEqual({ ...inputs, y: { shape: [2], values: Int32Array.of(7, -1) } });
});
