import { readFileSync, writeFileSync } from "node:fs";
import { endianness } from "node:os";
import { join } from "node:path";

/** An array that one side hands to the others. */
export interface Input {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

/** Arrays by name, in order. */
export type Inputs = Readonly<Record<string, Input>>;

/** What stands in `inputs.json`, beside one file of little-endian numbers for each array. */
type Manifest = readonly {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32";
}[];

/** Writes arrays into a folder. */
export function writeInputs(folder: string, inputs: Inputs): void {
  if (endianness() !== "LE") throw new Error("the benchmark needs a little-endian machine");
  const entries = Object.entries(inputs);
  const manifest: Manifest = entries.map(([name, { shape, values }]) => ({
    name,
    shape,
    dtype: values instanceof Float32Array ? "float32" : "int32",
  }));
  writeFileSync(join(folder, "inputs.json"), JSON.stringify(manifest));
  entries.forEach(([, { values }], i) => {
    writeFileSync(join(folder, `${i}.bin`), new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  });
}

/** Reads what {@link writeInputs} has written. */
export function readInputs(folder: string): Inputs {
  const manifest = JSON.parse(readFileSync(join(folder, "inputs.json"), "utf8")) as Manifest;
  const entries = manifest.map(({ name, shape, dtype }, i) => {
    const bytes = new Uint8Array(readFileSync(join(folder, `${i}.bin`))).buffer; // a copy, so that it is aligned
    return [name, { shape, values: dtype === "float32" ? new Float32Array(bytes) : new Int32Array(bytes) }] as const;
  });
  return Object.fromEntries(entries);
}
