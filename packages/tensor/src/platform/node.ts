import type { TypedArray } from "../dtype.ts";
import { fail } from "../errors.ts";

export { ndarrayOps } from "./ndarrayOpsNode.ts";
export { startWorker, type WorkerHandle, workersAvailable } from "./workerNode.ts";

// not imported: an import of a module of Node reads all that it exports, for which it loads streams, readline and more
const fs = process.getBuiltinModule("node:fs");
const { dirname, isAbsolute, join } = process.getBuiltinModule("node:path");

/** Where this module runs. */
export const platformName: "node" | "browser" = "node";

/**
 * Turns on relaxed SIMD where V8 has it behind a flag: in Node 20. Other versions have it by default, or would warn of the flag.
 *
 * @returns whether it was turned on
 */
export function enableRelaxedSimd(): boolean {
  if (!process.versions.v8.startsWith("11.3.")) return false;
  process.getBuiltinModule("node:v8").setFlagsFromString("--experimental-wasm-relaxed-simd");
  return true;
}

/** Whether every new array is memory that the system hands out page by page. Node's allocator keeps what was freed, see `keepPages`. */
export const FRESH_IS_DEAR: boolean = false;

/** Memory that is about to be written, with whatever was there before. */
export function unfilled(bytes: number): ArrayBuffer {
  // very large memory comes from the system, which clears it anyway
  return bytes > 2 ** 30 ? new ArrayBuffer(bytes) : (Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer);
}

/** Copies elements from array to array, through memory that threads share or not: Node's `fill` moves bytes as they are. */
export function copyElements(to: TypedArray, toAt: number, from: TypedArray, fromAt: number, count: number): void {
  const bytes = to.BYTES_PER_ELEMENT;
  const target = Buffer.from(to.buffer, to.byteOffset + toAt * bytes, count * bytes);
  target.fill(new Uint8Array(from.buffer, from.byteOffset + fromAt * bytes, count * bytes));
}

/** Most bytes that one call to the system moves: below Node's limit of 2 GiB. */
const CHUNK = 2 ** 30;

/**
 * Writes a file whole or not at all: to a temporary file in the same folder, flushed to the disk, then renamed.
 *
 * Whatever fails, an earlier file at `path` stays as it was and no temporary file is left. A symbolic link is followed, and
 * the permissions of an earlier file are kept.
 *
 * @param where the function that errors name
 * @throws TensorError `io`
 */
export function writeFileAtomic(path: string, bytes: Uint8Array, where = "writeFileAtomic"): void {
  const earlier = attempt(where, "write", path, () => fs.statSync(path, { throwIfNoEntry: false }));
  // a rename would put an ordinary file in the place of a device or a pipe
  if (earlier?.isFile() === false) refuse(where, "write", path, earlier.isDirectory() ? "EISDIR" : "EINVAL");
  const target = attempt(where, "write", path, () => {
    if (earlier === undefined) return path;
    fs.accessSync(path, fs.constants.W_OK); // a rename asks only the folder
    return fs.realpathSync(path);
  });
  const temporary = join(dirname(target), `.tapegrad-${crypto.randomUUID()}.tmp`);
  let done = false;
  try {
    attempt(where, "write", path, () => {
      writeThrough(temporary, bytes, earlier?.mode);
      fs.renameSync(temporary, target);
    });
    done = true;
  } finally {
    if (!done) orNothing(() => fs.rmSync(temporary, { force: true }));
  }
  orNothing(() => syncFolder(dirname(target)));
}

/**
 * The bytes of a file.
 *
 * @param where the function that errors name
 * @throws TensorError `io`
 */
export function readFile(path: string, where = "readFile"): Uint8Array {
  return attempt(where, "read", path, () => {
    const file = fs.openSync(path, "r");
    try {
      return readAll(file);
    } finally {
      fs.closeSync(file);
    }
  });
}

function readAll(file: number): Uint8Array {
  const { size } = fs.fstatSync(file);
  if (size <= CHUNK) {
    const { buffer, byteOffset, byteLength } = fs.readFileSync(file);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (let count = -1; count !== 0 && at < size; at += count) {
    count = fs.readSync(file, bytes, at, Math.min(CHUNK, size - at), null);
  }
  return bytes.subarray(0, at);
}

/** Writes a new file and waits until the disk has it. */
function writeThrough(path: string, bytes: Uint8Array, mode: number | undefined): void {
  const file = fs.openSync(path, "wx");
  try {
    if (mode !== undefined) fs.fchmodSync(file, mode & 0o777);
    for (let at = 0; at < bytes.length; ) {
      at += fs.writeSync(file, bytes, at, Math.min(CHUNK, bytes.length - at));
    }
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** Makes a rename last through a power cut. */
function syncFolder(path: string): void {
  const folder = fs.openSync(path, "r");
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}

/** Runs a step after which nothing depends on its success: not every system can flush a folder, and the file is in place. */
function orNothing(step: () => void): void {
  try {
    step();
  } catch {
    // the caller's own result or error says more
  }
}

/** Runs a step; what the file system says against it becomes a TensorError. */
function attempt<T>(where: string, action: Action, path: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return refuse(where, action, path, code, error);
  }
}

type Action = "read" | "write";

/** Why a file system refuses, and what to do about it, by its code. */
const refusals: Readonly<Record<string, { readonly problem: string; readonly hint: string }>> = {
  EACCES: { problem: "permission denied", hint: "check who owns the file and its folder, and their permissions" },
  EPERM: { problem: "permission denied", hint: "check who owns the file and its folder, and their permissions" },
  EISDIR: { problem: "this is a folder, not a file", hint: "name a file in it" },
  EINVAL: { problem: "this is not an ordinary file", hint: "name an ordinary file, not a device or a pipe" },
  ENOTDIR: { problem: "a part of the path is not a folder", hint: "check the path" },
  ENAMETOOLONG: { problem: "the name is too long", hint: "choose a shorter one" },
  ENOSPC: { problem: "no space is left on the disk", hint: "free some space; nothing was overwritten" },
  EDQUOT: { problem: "no space is left in the quota", hint: "free some space; nothing was overwritten" },
  EROFS: { problem: "the file system is read-only", hint: "choose another folder" },
};

function refuse(where: string, action: Action, path: string, code: string, cause?: unknown): never {
  const missing =
    action === "read"
      ? { problem: "no such file", hint: "check the path" }
      : { problem: "the folder does not exist", hint: "create it first: mkdirSync(folder, { recursive: true })" };
  const other = { problem: `the file could not be ${action === "read" ? "read" : "written"}`, hint: "see the cause" };
  const { problem, hint } = code === "ENOENT" ? missing : (refusals[code] ?? other);
  const folder = isAbsolute(path) ? {} : { from: process.cwd() };
  return fail("io", where, problem, { path, ...folder, code }, hint, cause);
}
