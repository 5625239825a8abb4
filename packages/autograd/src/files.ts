import {
  decodeSafetensors as decode,
  encodeSafetensors as encode,
  type NDArray,
  loadSafetensors as readFile,
  saveSafetensors as writeFile,
} from "@tapegrad/tensor";
import { Tensor } from "./tensor.ts";

/** Tensors by name, with notes: what a safetensors file holds. */
export interface NamedTensors {
  readonly tensors: Record<string, Tensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes tensors to a safetensors file, whole or not at all: into a temporary file, which takes the place of an old one when it is safe on disk.
 *
 * @param path     where to; Node only
 * @param tensors  by name, such as a model's `stateDict()`
 * @param metadata notes, text by name
 * @throws TensorError `io` when the file system says no
 */
export function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): void {
  writeFile(path, arrays(tensors), metadata);
}

/**
 * Reads a safetensors file; Node only.
 *
 * @throws TensorError `io` when it cannot be read, `file_format` when it is not a safetensors file
 */
export function loadSafetensors(path: string): NamedTensors {
  return named(readFile(path));
}

/** Tensors as the bytes of a safetensors file, for where there are no files. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, Tensor>>,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  return encode(arrays(tensors), metadata);
}

/**
 * Tensors from the bytes of a safetensors file.
 *
 * @throws TensorError `file_format` when they are not
 */
export function decodeSafetensors(bytes: Uint8Array): NamedTensors {
  return named(decode(bytes));
}

function arrays(tensors: Readonly<Record<string, Tensor>>): Record<string, NDArray> {
  return Object.fromEntries(Object.entries(tensors).map(([name, { array }]) => [name, array]));
}

function named({
  tensors,
  metadata,
}: {
  tensors: ReadonlyMap<string, NDArray>;
  metadata: Readonly<Record<string, string>>;
}): NamedTensors {
  return { tensors: Object.fromEntries([...tensors].map(([name, array]) => [name, new Tensor(array)])), metadata };
}
