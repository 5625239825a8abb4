import type { TypedArray } from "../dtype.ts";
import { fail } from "../errors.ts";

export { ndarrayOps } from "./ndarrayOpsBrowser.ts";
export { startWorker, type WorkerHandle, workersAvailable } from "./workerBrowser.ts";

/** Where this module runs. */
export const platformName: "node" | "browser" = "browser";

/** Browsers have no switches: what is there is on. */
export function enableRelaxedSimd(): boolean {
  return false;
}

/** Whether every new array is memory that the system hands out page by page. Browsers give back to it what was freed. */
export const FRESH_IS_DEAR: boolean = true;

/** Memory that is about to be written. Browsers clear it. */
export function unfilled(bytes: number): ArrayBuffer {
  return new ArrayBuffer(bytes);
}

/** Copies elements from array to array, through memory that threads share or not. */
export function copyElements(to: TypedArray, toAt: number, from: TypedArray, fromAt: number, count: number): void {
  to.set(from.subarray(fromAt, fromAt + count), toAt);
}

/**
 * Not available in a browser.
 *
 * @throws TensorError `unsupported`
 */
export function writeFileAtomic(path: string, _bytes: Uint8Array, where = "writeFileAtomic"): void {
  const hint = "encodeSafetensors gives the bytes: offer them as new Blob([bytes])";
  fail("unsupported", where, "a browser cannot write files", { path }, hint);
}

/**
 * Not available in a browser.
 *
 * @throws TensorError `unsupported`
 */
export function readFile(path: string, where = "readFile"): Uint8Array {
  const hint = "fetch the bytes and hand them to decodeSafetensors: new Uint8Array(await response.arrayBuffer())";
  return fail("unsupported", where, "a browser cannot read files", { path }, hint);
}
