/**
 * Results that are not computed before somebody asks for them.
 *
 * A chain of elementwise kernels on large arrays spends its time on memory: each link reads what the last one wrote. So a kernel of few
 * instructions whose result is large leaves a {@link Deferred} in the place of its elements, and one of many does where it reads such a
 * result. When the elements are asked for, the whole expression behind them is computed in one pass (`fused.ts`), link by link in registers:
 * the same operations on the same numbers, and so the same bits. What nobody asks for is never computed and takes no memory.
 *
 * What an expression reads is lent to it: whoever wants to write there meanwhile writes a copy (`Storage`).
 */
import type { DType } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { Loan } from "../../pending.ts";
import { isLazy, type Storage } from "../../storage.ts";
import { asLeaf, Deferred, type Leaf, measure, type Source } from "./expression.ts";
import { compute, inBlocks } from "./fused.ts";
import type { LaneSpec } from "./laneLoops.ts";
import type { LaneKernel } from "./stream.ts";

/** Kernels that are computed in one pass at most: what is alive at once must find room in registers and in the first-level cache. */
const MOST_NODES = 48;
/** Arrays that are read in one pass at most. */
const MOST_LEAVES = 8;

const computing = { compute, inBlocks: (result: Deferred) => (isLight(result.kernel.spec) ? inBlocks(result) : null) };

/** A few instructions an element, which cost less than to store and to read their results. */
function isLight({ unroll }: LaneSpec): boolean {
  return unroll === 2;
}

/**
 * Leaves the result of a kernel to be computed later, if that pays; false where it is to be computed at once.
 *
 * `out` must be all of a large storage whose elements are not there yet. Operands are row-major in the same size, or single numbers.
 */
export function defer(
  kernel: LaneKernel,
  out: NDArray,
  a: NDArray,
  b: NDArray | undefined,
  c: NDArray | undefined,
  first: number,
  second: number,
): boolean {
  const { storage, size } = out;
  if (storage.elements !== null || storage.block !== null || storage.length !== size || !out.isContiguous) return false;
  if (!isLazy(size)) return false;
  const sources: Source[] = [];
  for (const x of [a, b, c]) {
    if (x === undefined) continue;
    const source = sourceOf(x, size);
    if (source === null) return false;
    sources.push(source);
  }
  const joins = isLight(kernel.spec) ? isArray : isDeferred;
  if (!sources.some(joins)) return false;
  const { scalars = 0 } = kernel.spec;
  if (scalars > 0) sources.push(first);
  if (scalars > 1) sources.push(second);
  const use = storage.use === "shown" ? "shown" : undefined;
  storage.defer(new Deferred(kernel, size, use, bounded(sources), computing));
  return true;
}

const isArray = (source: Source): boolean => typeof source !== "number";
const isDeferred = (source: Source): boolean => source instanceof Deferred;

/** How an expression of `size` elements would read an operand; null if it cannot. */
function sourceOf(x: NDArray, size: number): Source | null {
  const { storage, dtype, offset } = x;
  if (x.size === 1 || x.stride.every((step, i) => step === 0 || x.shape[i] === 1)) {
    return dtype === "float32" ? storage.readable[offset]! : null;
  }
  if (!x.isContiguous || x.size !== size || storage.exposed || storage.block?.shown === false) return null;
  const { pending } = storage;
  if (pending instanceof Deferred && storage.length === size) {
    if (isLight(pending.kernel.spec)) return pending;
    storage.settle(); // many instructions: computed once, and stored
  }
  return leafOf(storage, dtype, offset);
}

function leafOf(storage: Storage, dtype: DType, offset: number): Leaf {
  const array = storage.readable;
  storage.loan ??= new Loan();
  return { dtype, place: storage.block ?? array, offset, loan: storage.loan };
}

/** The same sources, some of them computed now where the expression would grow too large. */
function bounded(sources: readonly Source[]): readonly Source[] {
  const { nodes, leaves } = measure(sources);
  if (nodes < MOST_NODES && leaves <= MOST_LEAVES) return sources;
  return sources.map((source) => (source instanceof Deferred ? asLeaf(source) : source));
}
