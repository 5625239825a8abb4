/** What an elementwise result that is still to be computed is made of. */
import type { DType } from "../../dtype.ts";
import { Loan, type Pending, type VisitBlock } from "../../pending.ts";
import type { Place, Use } from "../../place.ts";
import type { LaneKernel } from "./stream.ts";

/** Elements of an array, one after the other, lent to an expression. */
export interface Leaf {
  readonly dtype: DType;
  readonly place: Place;
  readonly offset: number;
  readonly loan: Loan;
}

/** What a kernel in an expression reads. */
export type Source = Deferred | Leaf | number;

/** How expressions are computed. */
export interface Computing {
  /** All at once, in a place of their own. */
  readonly compute: (result: Deferred) => Place;
  /** In blocks, see {@link Pending.inBlocks}. */
  readonly inBlocks: (result: Deferred) => ((visit: VisitBlock) => void) | null;
}

let walks = 0;

/** The result of an elementwise kernel that is still to be computed. */
export class Deferred implements Pending {
  readonly kernel: LaneKernel;
  readonly size: number;
  readonly loan: Loan = new Loan();
  /** Lent arrays, other results and numbers, in the order in which the lane function takes them; none once it is computed. */
  sources: readonly Source[];
  /** The walk through expressions that came by last, and its number in it. */
  mark = 0;
  index = 0;
  readonly #computing: Computing;
  /** Whether its elements were computed before and not kept. */
  #seen = false;
  /** For whom the result may live in the kernels' memory. */
  readonly use: Use | undefined;
  #place: Place | null = null;

  constructor(
    kernel: LaneKernel,
    size: number,
    use: Use | undefined,
    sources: readonly Source[],
    computing: Computing,
  ) {
    this.#computing = computing;
    this.kernel = kernel;
    this.size = size;
    this.use = use;
    this.sources = sources;
    for (const source of sources) if (typeof source !== "number") source.loan.readers++;
  }

  get dtype(): DType {
    return this.kernel.spec.output ?? "float32";
  }

  /** Where the elements are, once they are computed. */
  get place(): Place | null {
    return this.#place;
  }

  settle(): Place {
    if (this.#place !== null) return this.#place;
    this.#place = this.#computing.compute(this);
    for (const source of this.sources) if (typeof source !== "number") source.loan.readers--;
    this.sources = [];
    return this.#place;
  }

  inBlocks(): ((visit: VisitBlock) => void) | null {
    if (this.#place !== null || this.#seen) return null;
    const run = this.#computing.inBlocks(this);
    this.#seen = run !== null;
    return run;
  }
}

/** The result of a kernel, as an array that is there. */
export function asLeaf(result: Deferred): Leaf {
  return { dtype: result.dtype, place: result.settle(), offset: 0, loan: result.loan };
}

/** How many kernels and arrays an expression would have. */
export function measure(sources: readonly Source[]): { readonly nodes: number; readonly leaves: number } {
  const walk = ++walks;
  const leaves = new Set<Place>();
  let nodes = 0;
  const visit = (source: Source): void => {
    if (typeof source === "number") return;
    if (!(source instanceof Deferred)) leaves.add(source.place);
    else if (source.mark !== walk) {
      source.mark = walk;
      nodes++;
      if (source.place !== null) leaves.add(source.place);
      else for (const next of source.sources) visit(next);
    }
  };
  for (const source of sources) visit(source);
  return { nodes, leaves: leaves.size };
}

/** A number for each walk through expressions, to mark where it has been. */
export function nextWalk(): number {
  return ++walks;
}
