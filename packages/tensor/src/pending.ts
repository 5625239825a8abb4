/** Results that are computed when somebody asks for them, and what they borrow. */
import type { Place } from "./place.ts";

/** How many results that are still to be computed will read an array. Whoever wants to write it meanwhile writes a copy. */
export class Loan {
  readers = 0;
}

/** Sees `count` elements at a pointer into the kernels' memory, which stay there until it returns. All counts but the last are a multiple of 64. */
export type VisitBlock = (pointer: number, count: number) => void;

/** A result that is computed when somebody asks for it. */
export interface Pending {
  /** Computes it, the first time; says where its elements are. */
  settle(): Place;
  /** For a reader of all elements that needs them once: how to compute them block by block without keeping any; null where that does not pay. */
  inBlocks(): ((visit: VisitBlock) => void) | null;
  /** Who else will read those elements. */
  readonly loan: Loan;
}
