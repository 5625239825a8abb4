import type { NDArray } from "../../ndarray.ts";
import { inParts } from "../../threads/parts.ts";
import { launch, launchable, spanOf } from "../../wasm/launch.ts";
import { nestOf } from "../nest.ts";
import { type FoldName, foldCode } from "./foldModule.ts";
import { sumPending } from "./sumPending.ts";

/** Stretches of neighbouring dimensions in memory order, alternately kept and folded. */
interface Stretch {
  readonly size: number;
  readonly folded: boolean;
}

/** How `a` lies: its stretches, or null where it has gaps or repeats, where the result would not come out row-major, or where there is nothing to fold. */
function stretchesOf(out: NDArray, a: NDArray): readonly Stretch[] | null {
  if (a.size === 0) return null;
  const { sizes, strides } = nestOf(a.shape, [out, a], 1);
  const [kept, own] = strides as [readonly number[], readonly number[]];
  let step = 1;
  let keptStep = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    if (own[d] !== step && sizes[d] !== 1) return null;
    step *= sizes[d]!;
    if (kept[d] === 0) continue;
    if (kept[d] !== keptStep) return null;
    keptStep *= sizes[d]!;
  }
  const stretches = sizes.map((size, d) => ({ size, folded: kept[d] === 0 }));
  return stretches.some(({ folded }) => folded) ? stretches : null;
}

/** A row-major array of which neighbouring dimensions are folded, as [outer, n, inner] of which n is. */
export interface Block {
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
}

/** The operands as a block; null where they are not row-major, or the dimensions not neighbours. */
export function blockOf(out: NDArray, a: NDArray, dims: readonly number[]): Block | null {
  if (!a.isContiguous || !out.isContiguous || dims.length === 0) return null;
  const { shape } = a;
  let first = shape.length;
  let last = -1;
  for (let i = 0; i < dims.length; i++) {
    first = Math.min(first, dims[i]!);
    last = Math.max(last, dims[i]!);
  }
  if (last >= shape.length || last - first >= dims.length) return null;
  let outer = 1;
  let n = 1;
  let inner = 1;
  for (let d = 0; d < shape.length; d++) {
    if (d < first) outer *= shape[d]!;
    else if (d <= last) n *= shape[d]!;
    else inner *= shape[d]!;
  }
  return { outer, n, inner };
}

/** Names of the entries along rows and down columns: to put them together at every call would take longer than a short sum. */
const entries = {
  sum: { rows: "sumRows", columns: "sumColumns" },
  max: { rows: "maxRows", columns: "maxColumns" },
  min: { rows: "minRows", columns: "minColumns" },
} as const satisfies Readonly<Record<string, Readonly<Record<"rows" | "columns", FoldName>>>>;

/** Whether the fast folds can take the operands: float32, without gaps in memory, in whatever order of dimensions. */
export function foldable(out: NDArray, a: NDArray, dims: readonly number[]): boolean {
  if (!launchable(out, a) || !out.isContiguous || a.size === 0) return false;
  return blockOf(out, a, dims) !== null || (spanOf(a) === a.size && stretchesOf(out, a) !== null);
}

/**
 * Folds the innermost stretch that is to be folded, and again until none is left: along rows if it is the last one, else down columns.
 *
 * @param divisor what sums are divided by at the end; null for kernels without one
 */
export function foldFast(
  name: "sum" | "max" | "min",
  out: NDArray,
  a: NDArray,
  dims: readonly number[],
  divisor: number | null,
): void {
  const block = blockOf(out, a, dims);
  const { rows, columns } = entries[name];
  const whole = block !== null && block.n === a.size;
  if (whole && divisor !== null && sumPending(out, a, divisor)) return;
  launch((frame) => {
    if (block !== null) {
      const { outer, n, inner } = block;
      const from = frame.read(a);
      const to = frame.write(out);
      if (inner === 1) foldRows(rows, outer, n, from, to, divisor ?? 0);
      else foldColumns(columns, outer, n, inner, from, to, divisor ?? 0);
      return;
    }
    let stretches = stretchesOf(out, a)!;
    const passes = stretches.filter(({ folded }) => folded).length;
    let from = frame.span(a);
    const result = frame.write(out);
    for (let pass = 1; pass <= passes; pass++) {
      const at = stretches.findLastIndex(({ folded }) => folded);
      const outer = sizeOf(stretches.slice(0, at));
      const inner = sizeOf(stretches.slice(at + 1));
      const last = pass === passes;
      const to = last ? result : frame.workspace(4 * outer * inner);
      const by = last ? (divisor ?? 0) : 1;
      const n = stretches[at]!.size;
      if (inner === 1) foldRows(rows, outer, n, from, to, by);
      else foldColumns(columns, outer, n, inner, from, to, by);
      from = to;
      stretches = stretches.filter((_, i) => i !== at);
    }
  });
}

/** Operations that an element takes, memory included. */
const WORK = 4;

/** Columns that are folded at a time. */
const LANES = 8;

/** Folds each row to one element. The divisor matters to sums alone. */
function foldRows(name: FoldName, outer: number, n: number, from: number, to: number, divisor: number): void {
  const entry = foldCode()[name];
  inParts(outer, WORK * outer * n, () => (call, first, end) => {
    call(entry, end - first, n, from + 4 * n * first, to + 4 * first, divisor);
  });
}

/** Folds the rows of each block to one row. The divisor matters to sums alone. */
function foldColumns(
  name: FoldName,
  outer: number,
  n: number,
  inner: number,
  from: number,
  to: number,
  divisor: number,
): void {
  const entry = foldCode()[name];
  inParts(Math.ceil(inner / LANES), WORK * outer * n * inner, () => (call, first, end) => {
    const at = LANES * first;
    call(entry, outer, n, inner, Math.min(inner, LANES * end) - at, from + 4 * at, to + 4 * at, divisor);
  });
}

function sizeOf(stretches: readonly Stretch[]): number {
  return stretches.reduce((product, { size }) => product * size, 1);
}
