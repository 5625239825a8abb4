import { readFile, writeFileAtomic } from "#platform";
import { decodeSafetensors, encodeSafetensors, type NamedArrays, type SafetensorsContent } from "./safetensors.ts";

/**
 * Writes arrays to a safetensors file, whole or not at all: a failure leaves an earlier file of that name as it was.
 *
 * @param tensors  views are written in their logical order
 * @param metadata text by key
 * @throws TensorError `io` where the file system refuses; `unsupported` in a browser, where {@link encodeSafetensors} gives
 *         the bytes for a Blob; `invalid_argument` for a name that the format cannot hold
 */
export function saveSafetensors(
  path: string,
  tensors: NamedArrays,
  metadata: Readonly<Record<string, string>> = {},
): void {
  writeFileAtomic(path, encodeSafetensors(tensors, metadata), "saveSafetensors");
}

/**
 * Reads a safetensors file.
 *
 * @throws TensorError `io` where the file system refuses; `unsupported` in a browser, where {@link decodeSafetensors} takes
 *         the bytes that `fetch` brought; `file_format` that says where the file is wrong
 */
export function loadSafetensors(path: string): SafetensorsContent {
  return decodeSafetensors(readFile(path, "loadSafetensors"), { where: "loadSafetensors", path });
}
