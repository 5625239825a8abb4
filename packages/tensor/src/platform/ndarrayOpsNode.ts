import type { NdarrayOps } from "./ndarrayOps.ts";

let loaded: NdarrayOps | null | undefined;

/** `ndarray-ops`, loaded at the first call; null where code may not be made from strings, which it does while it loads. */
export function ndarrayOps(): NdarrayOps | null {
  if (loaded === undefined) {
    try {
      const { createRequire } = process.getBuiltinModule("node:module");
      loaded = createRequire(import.meta.url)("ndarray-ops") as NdarrayOps;
    } catch {
      loaded = null;
    }
  }
  return loaded;
}
