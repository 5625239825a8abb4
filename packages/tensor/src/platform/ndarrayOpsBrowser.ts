import type { NdarrayOps } from "./ndarrayOps.ts";

/**
 * Never there in a browser: `ndarray-ops` makes code from strings as it loads, and under a Content-Security-Policy even the
 * attempt is reported as a violation. Plain loops compute the same.
 */
export function ndarrayOps(): NdarrayOps | null {
  return null;
}
