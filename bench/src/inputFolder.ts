import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Inputs, packInputs, unpackInputs } from "./inputs.ts";

/** Writes arrays into a folder. */
export function writeInputs(folder: string, inputs: Inputs): void {
  for (const [name, bytes] of packInputs(inputs)) writeFileSync(join(folder, name), bytes);
}

/** Reads what {@link writeInputs} has written. */
export function readInputs(folder: string): Promise<Inputs> {
  return unpackInputs((name) => new Uint8Array(readFileSync(join(folder, name))).buffer); // a copy, so that it is aligned
}
