import { fail } from "@tapegrad/tensor";

/** One number for a single dimension, alone or in a list. */
export type Size1 = number | readonly [number];

/** One number for both dimensions, or one for each: vertical, horizontal. */
export type Size2 = number | readonly [vertical: number, horizontal: number];

/** A size for each of `count` dimensions: whole numbers of at least `least`. */
export function sizesOf(
  where: string,
  name: string,
  value: number | readonly number[],
  count: number,
  least: number,
): number[] {
  const sizes = typeof value === "number" ? new Array<number>(count).fill(value) : [...value];
  if (sizes.length !== count || !sizes.every((n) => Number.isInteger(n) && n >= least)) {
    const problem = `${name} must be a whole number of at least ${least}${count > 1 ? `, or ${count} of them` : ""}`;
    fail("invalid_option", where, problem, { [name]: value });
  }
  return sizes;
}
