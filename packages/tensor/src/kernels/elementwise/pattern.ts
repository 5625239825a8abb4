import type { NDArray } from "../../ndarray.ts";
import { columnsBeside } from "../generic.ts";
import { type Nest, nestOf } from "../nest.ts";

/** Rows and columns, under any number of outer dimensions. */
export interface Pattern {
  /** The result, and what it is made of. */
  readonly operands: readonly NDArray[];
  readonly outer: Nest;
  readonly rows: number;
  readonly columns: number;
  /** Bits of the operands that stay the same along a row. */
  readonly constants: number;
  /** Elements from row to row, of each operand. */
  readonly steps: readonly number[];
}

/**
 * How operands that broadcast to `out` lie under its last two dimensions, or null where a row of `out` has gaps or one of an operand does not
 * step by 0 or 1.
 */
export function patternOf(out: NDArray, a: NDArray, b?: NDArray, c?: NDArray): Pattern | null {
  if (c === undefined && b !== undefined && out.isContiguous) {
    const common = besideRows(out, a, b);
    if (common !== null) return common;
  }
  const operands = [out, a];
  if (b !== undefined) operands.push(b);
  if (c !== undefined) operands.push(c);
  const { sizes, strides, offsets } = nestOf(out.shape, operands);
  const last = sizes.length - 1;
  let constants = 0;
  for (let k = 0; k < strides.length; k++) {
    const step = strides[k]![last]!;
    if (step === 0 && k > 0) constants |= 1 << (k - 1);
    else if (step !== 1) return null;
  }
  if (constants === 2 ** (operands.length - 1) - 1) return null;
  const outer = Math.max(0, last - 1);
  return {
    operands,
    outer: {
      sizes: outer === 0 ? [1] : sizes.slice(0, outer),
      strides: strides.map((own) => (outer === 0 ? [0] : own.slice(0, outer))),
      offsets,
    },
    rows: last === 0 ? 1 : sizes[last - 1]!,
    columns: sizes[last]!,
    constants,
    steps: strides.map((own) => (last === 0 ? 0 : own[last - 1]!)),
  };
}

/** The usual cases, at a glance: an array like `out`, and a row or a column of numbers. */
function besideRows(out: NDArray, a: NDArray, b: NDArray): Pattern | null {
  if (b.size === 1) return null;
  const columns = columnsBeside(out, a, b);
  if (columns === 0) return null;
  const column = columns < 0;
  const length = Math.abs(columns);
  return {
    operands: [out, a, b],
    outer: { sizes: [1], strides: [[0], [0], [0]], offsets: [out.offset, a.offset, b.offset] },
    rows: out.size / length,
    columns: length,
    constants: column ? 2 : 0,
    steps: [length, length, column ? 1 : 0],
  };
}
