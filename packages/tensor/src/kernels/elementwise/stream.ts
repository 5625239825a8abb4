/**
 * Elementwise kernels behind the door.
 *
 * The result is row-major. An operand has its shape, or is a single number, or repeats along the rows or the columns of the last
 * two dimensions (once neighbours are merged). Operands pass through in blocks, so that what is copied in is still in the cache
 * when it is used.
 */

import type { DType, TypedArray } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { sameShape } from "../../shape.ts";
import { wasmAvailable } from "../../wasm/host.ts";
import { copyRun, type Entry, lazyModule } from "../../wasm/launch.ts";
import { mark, release, reserve, sharedMemory, views } from "../../wasm/scratch.ts";
import { type Nest, nestOf, walkEach } from "../nest.ts";
import { exportLaneLoops, exportUsualLoop, type LaneSpec, USUAL, variants } from "./laneLoops.ts";

/** Elements of a block: four operands of this size stay in the second-level cache. */
const BLOCK = 8192;

/** An elementwise kernel in WebAssembly. */
export interface LaneKernel {
  /** Whether it can take operands of these dtypes and strides here. */
  readonly accepts: (out: NDArray, a: NDArray, b?: NDArray, c?: NDArray) => boolean;
  /** Fills `out` from accepted operands; the two numbers, if the function takes any, are rounded to float32. */
  readonly run: (out: NDArray, a: NDArray, b?: NDArray, c?: NDArray, first?: number, second?: number) => void;
}

/** Makes a kernel of a lane function; it is compiled when it is first run. */
export function laneKernel(spec: LaneSpec): LaneKernel {
  const { name, inputs, output = "float32" } = spec;
  const code: () => Readonly<Record<string, Entry>> = lazyModule(name, (m) => {
    exportLaneLoops(m, spec);
    if (spec.usual !== undefined) exportUsualLoop(m, spec.usual);
  });
  return {
    accepts: (out, a, b, c) =>
      out.dtype === output &&
      a.dtype === inputs[0] &&
      (b === undefined || b.dtype === inputs[1]) &&
      (c === undefined || c.dtype === inputs[2]) &&
      out.size > 0 &&
      wasmAvailable() &&
      (flatConstants(out, a, b, c) >= 0 || patternOf(out, a, b, c) !== null),
    run: (out, a, b, c, first = 0, second = 0) => {
      const start = mark();
      sharedMemory();
      const constants = flatConstants(out, a, b, c);
      if (constants >= 0) {
        const entries = code();
        streamFlat(entries[variants[constants]!]!, entries[USUAL], out, a, b, c, first, second);
      }
      else streamRows(code(), patternOf(out, a, b, c)!, first, second);
      release(start);
    },
  };
}

/** Bits of the operands that are single numbers where all others have the shape of `out` and everything is row-major; else −1. */
function flatConstants(out: NDArray, a: NDArray, b: NDArray | undefined, c: NDArray | undefined): number {
  if (!out.isContiguous) return -1;
  let bits = 0;
  if (!isFlat(out, a)) {
    if (a.size !== 1) return -1;
    bits |= 1;
  }
  if (b !== undefined && !isFlat(out, b)) {
    if (b.size !== 1) return -1;
    bits |= 2;
  }
  if (c !== undefined && !isFlat(out, c)) {
    if (c.size !== 1) return -1;
    bits |= 4;
  }
  const all = c === undefined ? (b === undefined ? 1 : 3) : 7;
  return bits === all ? -1 : bits;
}

function isFlat(out: NDArray, a: NDArray): boolean {
  return sameShape(out.shape, a.shape) && a.isContiguous;
}

/** Everything is one row, cut into blocks. */
function streamFlat(
  loop: Entry,
  usual: Entry | undefined,
  out: NDArray,
  a: NDArray,
  b: NDArray | undefined,
  c: NDArray | undefined,
  first: number,
  second: number,
): void {
  const { size } = out;
  const result = resultOf(out);
  const block = Math.min(size, BLOCK);
  const o = reserve(4 * block);
  const p = reserve(4 * block);
  const q = b === undefined ? 0 : reserve(4 * block);
  const r = c === undefined ? 0 : reserve(4 * block);
  const source = views()[out.dtype];
  const from = o / source.BYTES_PER_ELEMENT;
  for (let at = 0; at < size; at += block) {
    const n = Math.min(block, size - at);
    copyBlock(a, at, n, p);
    if (b !== undefined) copyBlock(b, at, n, q);
    if (c !== undefined) copyBlock(c, at, n, r);
    if (usual !== undefined) for (let i = n; (i & 7) !== 0; i++) views().float32[(p >> 2) + i] = 1; // usual, too
    if (usual === undefined || usual(n, o, p) !== 0) loop(1, n, o, first, second, p, 0, q, 0, r, 0);
    copyRun(result, out.offset + at, source, from, n);
  }
}

/** What holds the result, all of which is about to be written. */
function resultOf({ storage, size }: NDArray): TypedArray {
  return storage.elements ?? (storage.zeros!.length === size ? storage.overwritten : storage.array);
}

/** Copies elements `at` to `at + n` of a row-major operand, or its only one. */
function copyBlock(a: NDArray, at: number, n: number, p: number): void {
  const { data, offset, size } = a;
  const target = views()[a.dtype];
  const to = p / target.BYTES_PER_ELEMENT;
  if (size === 1) target[to] = data[offset]!;
  else copyRun(target, to, data, offset + at, n);
}

/** Rows and columns, under any number of outer dimensions. */
interface Pattern {
  readonly operands: readonly NDArray[];
  readonly outer: Nest;
  readonly rows: number;
  readonly columns: number;
  /** Bits of the operands that stay the same along a row. */
  readonly constants: number;
  /** Elements from row to row, of each operand. */
  readonly steps: readonly number[];
}

/** How operands that broadcast to a row-major `out` lie under its last two dimensions, or null where a row does not step by 0 or 1. */
function patternOf(out: NDArray, a: NDArray, b?: NDArray, c?: NDArray): Pattern | null {
  if (!out.isContiguous) return null;
  const operands = [out, a, b, c].filter((x) => x !== undefined);
  const { sizes, strides, offsets } = nestOf(out.shape, operands);
  const last = sizes.length - 1;
  const inner = strides.map((own) => own[last]!);
  if (inner.some((s) => s !== 0 && s !== 1)) return null;
  const constants = inner.slice(1).reduce((bits, s, i) => bits | (s === 0 ? 1 << i : 0), 0);
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

function streamRows(loops: Readonly<Record<string, Entry>>, pattern: Pattern, first: number, second: number): void {
  const { operands, outer, rows, columns, constants, steps } = pattern;
  const loop = loops[variants[constants]!]!;
  const width = Math.min(columns, BLOCK);
  const height = Math.min(rows, Math.max(1, Math.floor(BLOCK / width)));
  const isConstant = (k: number): boolean => k > 0 && (constants & (1 << (k - 1))) !== 0;
  const result = resultOf(operands[0]!);
  const pointers = operands.map(() => reserve(4 * width * height));
  const [o = 0, p = 0, q = 0, r = 0] = pointers;
  // bytes from row to row in the block
  const strides = steps.map((step, k) => {
    const length = step === 0 ? 0 : isConstant(k) ? 1 : width;
    return length * operands[k]!.data.BYTES_PER_ELEMENT;
  });
  const [, aStep = 0, bStep = 0, cStep = 0] = strides;
  walkEach(outer, (at) => {
    for (let x = 0; x < columns; x += width) {
      const n = Math.min(width, columns - x);
      for (let y = 0; y < rows; y += height) {
        const m = Math.min(height, rows - y);
        for (let k = 1; k < operands.length; k++) {
          const step = steps[k]!;
          if (step === 0 && y > 0) continue; // what repeats from row to row is in place after the first block
          const from = at[k]! + y * step + (isConstant(k) ? 0 : x);
          copyRowsIn(operands[k]!, from, step, step === 0 ? 1 : m, isConstant(k) ? 1 : n, pointers[k]!, strides[k]!);
        }
        loop(m, n, o, first, second, p, aStep, q, bStep, r, cStep);
        copyRowsOut(result, operands[0]!.dtype, at[0]! + y * steps[0]! + x, steps[0]!, m, n, o);
      }
    }
  });
}

/** Copies `rows` pieces of `columns` elements, `step` elements apart, to pieces `stride` bytes apart. */
function copyRowsIn(
  { data, dtype }: NDArray,
  from: number,
  step: number,
  rows: number,
  columns: number,
  p: number,
  stride: number,
): void {
  const target = views()[dtype];
  const bytes = target.BYTES_PER_ELEMENT;
  const to = p / bytes;
  if (columns === 1) for (let i = 0; i < rows; i++) target[to + i] = data[from + i * step]!;
  else if (step === columns && stride === columns * bytes) target.set(data.subarray(from, from + rows * columns), to);
  else {
    for (let i = 0; i < rows; i++) {
      target.set(data.subarray(from + i * step, from + i * step + columns), to + (i * stride) / bytes);
    }
  }
}

/** Copies a block without gaps to rows that are `step` elements apart. */
function copyRowsOut(
  data: TypedArray,
  dtype: DType,
  to: number,
  step: number,
  rows: number,
  columns: number,
  p: number,
): void {
  const source = views()[dtype];
  const from = p / source.BYTES_PER_ELEMENT;
  if (step === columns || rows === 1) data.set(source.subarray(from, from + rows * columns), to);
  else {
    for (let i = 0; i < rows; i++) {
      data.set(source.subarray(from + i * columns, from + (i + 1) * columns), to + i * step);
    }
  }
}
