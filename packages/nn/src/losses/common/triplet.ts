import { clampMin, minimum, sub, type Tensor } from "@tapegrad/autograd";
import { fail } from "@tapegrad/tensor";
import { checkAllBroadcast, checkPositive } from "./checks.ts";
import { floatType } from "./floats.ts";
import { type LossOptions, type Reduction, reduce } from "./reduction.ts";

/** What losses of triplets take. */
export interface TripletOptions extends LossOptions {
  /** By how much the negative is to be further away than the positive. Positive. @defaultValue 1 */
  readonly margin?: number;
  /** Whether the distance from positive to negative counts in place of that from anchor to negative where it is smaller. @defaultValue false */
  readonly swap?: boolean;
}

/** The options, with the defaults filled in. */
export interface TripletSettings {
  readonly reduction: Reduction;
  readonly strict: boolean | null;
  readonly margin: number;
  readonly swap: boolean;
}

/** What the losses of triplets are made of. */
export type Triplet = readonly [anchor: Tensor, positive: Tensor, negative: Tensor];

/** A function that gives the distance of two tensors. */
export type DistanceFunction = (x1: Tensor, x2: Tensor) => Tensor;

/** Checks a triplet and the margin. */
export function checkTriplet(where: string, [anchor, positive, negative]: Triplet, settings: TripletSettings): void {
  checkAllBroadcast(where, { anchor, positive, negative }, settings.strict);
  if (anchor.ndim !== positive.ndim || anchor.ndim !== negative.ndim) {
    const facts = { anchor: anchor.shape, positive: positive.shape, negative: negative.shape };
    fail("shape_mismatch", where, "the arguments must have as many dimensions as each other", facts);
  }
  checkPositive(where, { margin: settings.margin });
}

/** max(0, margin + d(anchor, positive) − d(anchor, negative)), reduced; in double precision, for most of it cancels. */
export function lossOfTriplet(
  [anchor, positive, negative]: Triplet,
  distance: DistanceFunction,
  { reduction, margin, swap }: TripletSettings,
): Tensor {
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const nearest = swap ? minimum(far, distance(positive, negative)) : far;
  const excess = sub(near.double().add(margin), nearest.double());
  return reduce(clampMin(excess, 0), reduction).to(floatType(near, far));
}
