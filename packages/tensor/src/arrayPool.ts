/**
 * Typed arrays that are used again.
 *
 * Fresh memory is dear: the system clears it page by page, and the garbage collector has to find out that it is free. What only the
 * engine sees (gradients on their way, what backward has saved for itself) is therefore given back at its last use. The arrays are
 * ordinary ones, so that one which turns out to be wanted by somebody can simply be kept.
 */
import { type DType, dtypeOf, type TypedArray, unfilledOf } from "./dtype.ts";

/** Bytes that the pool keeps at most. */
const CAPACITY = 64 * 2 ** 20;
/** So many elements V8 keeps among its own objects: new ones cost less than looking for old ones. */
const FEW = 16;
/** Arrays of one length that are kept at most. */
const MOST_ALIKE = 256;

/** Arrays of one dtype and length. */
interface Bin {
  readonly arrays: TypedArray[];
  readonly bytes: number;
  /** When something was last taken or given back. */
  used: number;
}

const bins: Readonly<Record<DType, Map<number, Bin>>> = {
  bool: new Map(),
  int32: new Map(),
  float32: new Map(),
  float64: new Map(),
};
let kept = 0;
let clock = 0;

/**
 * An array of `length` elements with undefined contents: one that was given back, or a new one.
 *
 * For arrays that nobody beyond the caller can reach, or whose every element is about to be written.
 */
export function takeArray(dtype: DType, length: number): TypedArray {
  if (length > FEW) {
    const bin = bins[dtype].get(length);
    const array = bin?.arrays.pop();
    if (array !== undefined) {
      bin!.used = ++clock;
      kept -= bin!.bytes;
      return array;
    }
  }
  return unfilledOf(dtype, length);
}

/**
 * Gives an array back, which {@link takeArray} may then hand to somebody else: nobody may read or write it any more, and it may
 * be given back only once. Arrays that share their buffer with others are left to the garbage collector, and so are those for which there is no room.
 */
export function giveBack(array: TypedArray): void {
  const { length } = array;
  const bytes = array.byteLength;
  if (length <= FEW || bytes > CAPACITY / 2 || bytes !== array.buffer.byteLength) return;
  if (!(array.buffer instanceof ArrayBuffer)) return;
  const own = bins[dtypeOf(array)];
  let bin = own.get(length);
  if (bin === undefined) {
    bin = { arrays: [], bytes, used: 0 };
    own.set(length, bin);
  }
  if (bin.arrays.length >= MOST_ALIKE) return;
  bin.used = ++clock;
  bin.arrays.push(array);
  kept += bytes;
  if (kept > CAPACITY) makeRoom();
}

/** How many bytes are waiting to be used again. */
export function keptBytes(): number {
  return kept;
}

/** Drops everything that waits, for programs that will not need it for a while. */
export function dropKept(): void {
  for (const own of Object.values(bins)) own.clear();
  kept = 0;
}

/** Drops the lengths that have not been asked for the longest, until half of the room is free. */
function makeRoom(): void {
  const all = Object.values(bins).flatMap((own) => [...own].map(([length, bin]) => ({ own, length, bin })));
  all.sort((a, b) => a.bin.used - b.bin.used);
  for (const { own, length, bin } of all) {
    if (kept <= CAPACITY / 2) return;
    kept -= bin.bytes * bin.arrays.length;
    own.delete(length);
  }
}
