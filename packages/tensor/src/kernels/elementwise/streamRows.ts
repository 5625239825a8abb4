/** Elementwise kernels on rows: operands that repeat along rows or columns, or that have gaps between their rows. */
import { copyRun } from "../../copyRun.ts";
import { bytesOf, type DType, type TypedArray } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { sameShape } from "../../shape.ts";
import { type Entry, writable } from "../../wasm/launch.ts";
import { reserve, views } from "../../wasm/scratch.ts";
import { walkEach } from "../nest.ts";
import { variants } from "./laneLoops.ts";
import type { Pattern } from "./pattern.ts";

/** Elements of a block: four operands of this size stay in the second-level cache. */
export const BLOCK: number = 8192;

/** What holds the result, all of which is about to be written. Ask for the operands first: one of them may be the same. */
export function resultOf({ storage, size }: NDArray): TypedArray {
  return storage.length === size ? storage.overwritten : storage.array;
}

/** Fills rows block by block, or where they live. The two numbers are rounded to float32. */
export function streamRows(
  loops: Readonly<Record<string, Entry>>,
  pattern: Pattern,
  first: number,
  second: number,
): void {
  const { operands, outer, rows, columns, constants, steps } = pattern;
  const loop = loops[variants[constants]!]!;
  const isConstant = (k: number): boolean => k > 0 && (constants & (1 << (k - 1))) !== 0;
  const homes = operands.map(({ storage }, k) => (k === 0 ? homeOfRows(pattern) : (storage.block?.pointer ?? 0)));
  const whole = homes.every((home) => home !== 0);
  const width = whole ? columns : Math.min(columns, BLOCK);
  const height = whole ? rows : Math.min(rows, Math.max(1, Math.floor(BLOCK / width)));
  const pointers = homes.map((home) => home || reserve(4 * width * height));
  // the result may be in the place of an operand, and move
  const sources = operands.map(({ storage }, k) => (k === 0 ? null : storage.readable));
  // bytes from row to row, in the block or where it lives
  const strides = steps.map((step, k) => {
    const length = homes[k] !== 0 ? step : step === 0 ? 0 : isConstant(k) ? 1 : width;
    return length * bytesOf[operands[k]!.dtype];
  });
  const [outStep = 0, aStep = 0, bStep = 0, cStep = 0] = strides;
  const out = operands[0]!;
  walkEach(outer, (at) => {
    for (let x = 0; x < columns; x += width) {
      const n = Math.min(width, columns - x);
      for (let y = 0; y < rows; y += height) {
        const m = Math.min(height, rows - y);
        const places = pointers.map((pointer, k) => {
          const step = steps[k]!;
          const from = at[k]! + y * step + (isConstant(k) ? 0 : x);
          if (homes[k] !== 0) return pointer + bytesOf[operands[k]!.dtype] * from;
          // what repeats from row to row is in place after the first block
          if (k > 0 && !(step === 0 && y > 0)) {
            const [height, width] = [step === 0 ? 1 : m, isConstant(k) ? 1 : n];
            copyRowsIn(operands[k]!.dtype, sources[k]!, from, step, height, width, pointer, strides[k]!);
          }
          return pointer;
        });
        const [o = 0, p = 0, q = 0, r = 0] = places;
        loop(m, n, o, outStep, first, second, p, aStep, q, bStep, r, cStep);
        if (homes[0] === 0) {
          copyRowsOut(resultOf(out), out.dtype, at[0]! + y * steps[0]! + x, steps[0]!, m, n, o);
        }
      }
    }
  });
}

/**
 * Where the storage of the result lives, if its rows can be written there: because none of them is written past its end, and then an operand may
 * lie in the same place; or because they come in their order, and what a row leaves behind its end the next one overwrites.
 */
function homeOfRows({ operands, outer, columns }: Pattern): number {
  const [out, ...others] = operands as [NDArray, ...NDArray[]];
  const { storage } = out;
  const exact = columns % 8 === 0;
  const inOrder = columns <= BLOCK && outer.sizes.every((size) => size === 1) && writable(out, 0);
  if (!exact && !inOrder) return 0;
  if (others.some((x) => x.storage === storage && !(exact && liesLike(x, out)))) return 0;
  return storage.blockToWrite?.pointer ?? 0;
}

/** Whether two views of one storage show the same. */
function liesLike(a: NDArray, b: NDArray): boolean {
  return a.offset === b.offset && sameShape(a.shape, b.shape) && a.stride.every((step, d) => step === b.stride[d]);
}

/** Copies `rows` pieces of `columns` elements, `step` elements apart, to pieces `stride` bytes apart. */
function copyRowsIn(
  dtype: DType,
  data: TypedArray,
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
  else if (step === columns && stride === columns * bytes) copyRun(target, to, data, from, rows * columns);
  else {
    for (let i = 0; i < rows; i++) {
      copyRun(target, to + (i * stride) / bytes, data, from + i * step, columns);
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
  if (step === columns || rows === 1) copyRun(data, to, source, from, rows * columns);
  else {
    for (let i = 0; i < rows; i++) {
      copyRun(data, to + i * step, source, from + i * columns, columns);
    }
  }
}
