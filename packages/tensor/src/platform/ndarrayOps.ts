import type { NDArray } from "../ndarray.ts";

/** The functions of `ndarray-ops`: they fill their first argument. */
export type NdarrayOps = Readonly<Record<string, (out: NDArray, ...inputs: NDArray[]) => unknown>>;
