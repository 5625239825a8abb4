import type { DType } from "@tapegrad/tensor";
import { expect } from "vitest";
import type { Tensor } from "../../src/index.ts";
import type { Elements } from "./elements.ts";
import type { Scale } from "./sample.ts";

/** A tensor as the definitions see it. */
export const elementsOf = (tensor: Tensor): Elements => ({ values: [...tensor.toArray()], shape: tensor.shape });

// expect() costs more than most ops: it is called for what differs only

/** Expects a shape. */
export function expectShape(actual: readonly number[], expected: readonly number[]): void {
  if (actual.length !== expected.length || actual.some((size, d) => size !== expected[d])) {
    expect(actual).toEqual(expected);
  }
}

/** Expects a dtype. */
export function expectDType(actual: DType, expected: DType): void {
  if (actual !== expected) expect(actual).toBe(expected);
}

/** Equal bit for bit, NaN and the sign of zero included. */
export function expectSameBits(actual: Tensor, expected: Tensor): void {
  expectShape(actual.shape, expected.shape);
  expectDType(actual.dtype, expected.dtype);
  const [ours, theirs] = [actual.toArray(), expected.toArray()];
  for (let i = 0; i < ours.length; i++) if (!Object.is(ours[i], theirs[i])) report(ours, theirs, i);
}

/** What a result is allowed to be off by. */
export interface Tolerance {
  /** In proportion to the scale. */
  readonly relative: number;
  readonly scale: Scale;
}

/** The shape expected, and elements within a tolerance. */
export function expectNear(actual: Elements, expected: Elements, { relative, scale }: Tolerance): void {
  expectShape(actual.shape, expected.shape);
  const [ours, theirs] = [actual.values, expected.values];
  if (ours.length !== theirs.length) expect(ours).toEqual(theirs);
  let largest = 1;
  for (const value of theirs) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i]!, theirs[i]!];
    const unit = scale === "largest" ? largest : Math.max(Math.abs(b), 2 ** -126);
    if (!Object.is(a, b) && !(Math.abs(a - b) <= relative * unit)) report(ours, theirs, i);
  }
}

/** Fails at the element that differs. */
function report(ours: ArrayLike<number>, theirs: ArrayLike<number>, at: number): void {
  expect({ at, value: ours[at], of: Array.from(ours) }).toEqual({ at, value: theirs[at], of: Array.from(theirs) });
}
