import { type Array as JaxArray, numpy as np } from "@jax-js/jax";
import type { Input } from "../../inputs.ts";

export type { JaxArray };

/** Arrays by name; jax-js walks through them as one value. */
export type Tree = Record<string, JaxArray>;

/** An array of numbers. */
export function arrayOf(values: Float32Array, shape: readonly number[]): JaxArray {
  return np.array(new Float32Array(values)).reshape([...shape]);
}

/** An input as an array. */
export function fromInput({ values, shape }: Input): JaxArray {
  return arrayOf(Float32Array.from(values), shape);
}

/** A function of each array of a tree; the arrays are used up. */
export function mapTree(tree: Tree, f: (value: JaxArray, name: string) => JaxArray): Tree {
  return Object.fromEntries(Object.entries(tree).map(([name, value]) => [name, f(value, name)]));
}

/** The same arrays once more: jax-js counts who holds them. */
export function refTree(tree: Tree): Tree {
  return mapTree(tree, (value) => value.ref);
}

/** Lets go of the arrays. */
export function disposeTree(tree: Tree): void {
  for (const value of Object.values(tree)) value.dispose();
}

/** The numbers; the array is used up. */
export async function numbers(value: JaxArray): Promise<ArrayLike<number>> {
  return (await value.data()) as ArrayLike<number>;
}

/** Waits until an array is computed, and lets go of it. */
export async function finish(value: JaxArray): Promise<void> {
  await value.blockUntilReady();
  value.dispose();
}
