import type { NdarrayOps } from "./ndarrayOps.ts";

let loaded: NdarrayOps | null = null;
let asked = false;

/**
 * `ndarray-ops`, which the first call starts to load; null until it is there, and where a Content-Security-Policy forbids to
 * make code from strings, which it does while it loads.
 */
export function ndarrayOps(): NdarrayOps | null {
  if (!asked) {
    asked = true;
    import("ndarray-ops").then(
      (module) => {
        loaded = ("default" in module ? module.default : module) as unknown as NdarrayOps;
      },
      () => {}, // plain loops do the same
    );
  }
  return loaded;
}
