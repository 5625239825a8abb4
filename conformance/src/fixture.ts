import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { fail } from "@tapegrad/tensor";

/** A value as JSON.parse gives it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** An object of {@link Json}. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** The arguments of a call, as torch was given them. */
export interface CallRecord {
  readonly input?: Json;
  readonly args?: readonly Json[];
  readonly kwargs?: JsonObject;
  /** Paths of whole numbers that were floats in Python. */
  readonly floats?: readonly string[];
}

/** Gradients by the path of what they belong to; null: torch gives none. */
export type JsonGradients = Readonly<Record<string, Json>>;

/** One case of any folder. Which fields are there depends on the folder. */
export interface CaseRecord extends CallRecord {
  readonly id: string;
  readonly out32?: Json;
  readonly out64?: Json;
  readonly err32?: number | "nonfinite" | "integer";
  readonly grad_err32?: number | "nonfinite" | "integer";
  readonly cotangent?: readonly Json[];
  readonly grads64?: JsonGradients;
  readonly grads32?: JsonGradients;
  readonly v?: JsonGradients;
  readonly hvp64?: JsonGradients;
  readonly mutated32?: JsonGradients;
  readonly mutated64?: JsonGradients;
  /** Error cases only: the error that torch raises; null: none. */
  readonly error?: string | null;
  readonly message?: string | null;
  readonly [key: string]: unknown;
}

/** One file of fixtures: what torch gives for many calls of one function or class. */
export interface FixtureFile {
  readonly name: string;
  readonly folder: string;
  readonly torch: string;
  readonly seed: number;
  /** The call in Python, over `input`, `args` and `kwargs`. */
  readonly call: string;
  readonly cases: readonly CaseRecord[];
  readonly errors?: readonly CaseRecord[];
  readonly [key: string]: unknown;
}

/** Where a file of fixtures lies. */
export interface FixturePath {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
}

/** The folders of a set of fixtures, in the order in which they are run. */
export const folders: readonly string[] = [
  "ops",
  "functional",
  "modules",
  "optim",
  "schedulers",
  "distributions",
  "random",
];

/**
 * Every file of fixtures in a directory, `.json` or `.json.gz`, by folder and name.
 *
 * @throws TensorError `io` when the directory is not there or holds no fixtures
 */
export function listFixtures(directory: string): FixturePath[] {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    fail("io", "conformance", "there is no such directory", { fixtures: directory });
  }
  const found = folders.flatMap((folder) => {
    const path = join(directory, folder);
    if (!existsSync(path)) return [];
    const files = readdirSync(path).filter((file) => /\.json(\.gz)?$/.test(file));
    return files.sort().map((file) => ({ folder, name: file.replace(/\.json(\.gz)?$/, ""), path: join(path, file) }));
  });
  if (found.length === 0) {
    const hint = `one of the folders ${folders.join(", ")} must hold .json or .json.gz files`;
    fail("io", "conformance", "the directory holds no fixtures", { fixtures: directory }, hint);
  }
  return found;
}

/**
 * Reads one file of fixtures.
 *
 * @throws TensorError `file_format` when it is not one
 */
export function readFixture({ path, folder, name }: FixturePath): FixtureFile {
  const parsed = parse(path);
  const file = parsed as unknown as FixtureFile;
  if (typeof parsed !== "object" || parsed === null || !Array.isArray(file.cases) || typeof file.call !== "string") {
    fail("file_format", "conformance", "the file is not one of fixtures", { file: path }, "it needs a call and cases");
  }
  return { ...file, folder, name };
}

function parse(path: string): Json {
  const bytes = readFileSync(path);
  try {
    return JSON.parse((path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")) as Json;
  } catch (error) {
    return fail("file_format", "conformance", "the file cannot be read", { file: path }, undefined, error);
  }
}
