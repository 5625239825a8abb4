import type { Tensor } from "@tapegrad/autograd";
import type { Distribution } from "./distribution.ts";

/** The class of distributions of a kind. */
export type DistributionClass<D extends Distribution> = abstract new (...args: never) => D;

/** A formula for the divergence of distributions of one kind from distributions of another. */
export interface Divergence<P extends Distribution = Distribution, Q extends Distribution = Distribution> {
  readonly p: DistributionClass<P>;
  readonly q: DistributionClass<Q>;
  /** KL(p ‖ q), of the shape to which the batches broadcast. */
  compute(p: P, q: Q): Tensor;
}
