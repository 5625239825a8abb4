/** What an elementwise result that is still to be computed is made of. */
import type { DType, TypedArray } from "../../dtype.ts";
import { Loan, type Pending } from "../../storage.ts";
import type { LaneKernel } from "./stream.ts";

/** Elements of an array, one after the other, lent to an expression. */
export interface Leaf {
  readonly dtype: DType;
  readonly array: TypedArray;
  readonly offset: number;
  readonly loan: Loan;
}

/** What a kernel in an expression reads. */
export type Source = Deferred | Leaf | number;

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
  readonly #compute: (result: Deferred) => TypedArray;
  #elements: TypedArray | null = null;

  constructor(kernel: LaneKernel, size: number, sources: readonly Source[], compute: (result: Deferred) => TypedArray) {
    this.#compute = compute;
    this.kernel = kernel;
    this.size = size;
    this.sources = sources;
    for (const source of sources) if (typeof source !== "number") source.loan.readers++;
  }

  get dtype(): DType {
    return this.kernel.spec.output ?? "float32";
  }

  /** The elements, once they are computed. */
  get elements(): TypedArray | null {
    return this.#elements;
  }

  settle(): TypedArray {
    if (this.#elements !== null) return this.#elements;
    this.#elements = this.#compute(this);
    for (const source of this.sources) if (typeof source !== "number") source.loan.readers--;
    this.sources = [];
    return this.#elements;
  }
}

/** The result of a kernel, as an array that is there. */
export function asLeaf(result: Deferred): Leaf {
  return { dtype: result.dtype, array: result.settle(), offset: 0, loan: result.loan };
}

/** How many kernels and arrays an expression would have. */
export function measure(sources: readonly Source[]): { readonly nodes: number; readonly leaves: number } {
  const walk = ++walks;
  const leaves = new Set<TypedArray>();
  let nodes = 0;
  const visit = (source: Source): void => {
    if (typeof source === "number") return;
    if (!(source instanceof Deferred)) leaves.add(source.array);
    else if (source.mark !== walk) {
      source.mark = walk;
      nodes++;
      if (source.elements !== null) leaves.add(source.elements);
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
