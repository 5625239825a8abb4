import { sub, type Tensor } from "@tapegrad/autograd";
import * as fc from "fast-check";
import { expect } from "vitest";

/** The largest magnitude among the finite elements of tensors, at least 1. */
export function scaleOf(...tensors: readonly Tensor[]): number {
  let largest = 1;
  for (const tensor of tensors) {
    for (const value of tensor.toArray()) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  }
  return largest;
}

/** Checks shapes, and that elements differ by at most a tolerance, in proportion to the largest or to a given scale. */
export function expectClose(
  actual: Tensor,
  expected: Tensor,
  tolerance = 1e-12,
  scale: number = scaleOf(expected),
): void {
  if (actual.shape.join() !== expected.shape.join()) expect(actual.shape).toEqual(expected.shape);
  const [ours, theirs] = [actual.toArray(), expected.toArray()];
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i]!, theirs[i]!];
    if (a === b || Math.abs(a - b) <= tolerance * scale) continue;
    expect({ at: i, value: a, of: [...ours] }).toEqual({ at: i, value: b, of: [...theirs] });
  }
}

/** Checks that no element is below that of another tensor, but for rounding. */
export function expectAtLeast(actual: Tensor, least: Tensor): void {
  const below = sub(least, actual).amax().item();
  if (!(below <= 1e-12 * scaleOf(least))) expect([...actual.toArray()]).toEqual({ "at least": [...least.toArray()] });
}

/** Checks that no element is NaN. */
export function expectNumbers(what: string, tensor: Tensor): void {
  const values = [...tensor.toArray()];
  if (values.some(Number.isNaN)) expect({ [what]: values }).toEqual({ [what]: "no NaN" });
}

/** A test that a property holds for all drawn values. */
export function law<T extends unknown[]>(
  arbitraries: { [K in keyof T]: fc.Arbitrary<T[K]> },
  check: (...values: T) => void,
): () => void {
  return () => fc.assert(fc.property(fc.tuple(...arbitraries), (values) => check(...(values as T))));
}
