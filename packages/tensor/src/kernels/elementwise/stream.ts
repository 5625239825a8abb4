/**
 * Elementwise kernels behind the door.
 *
 * The result is row-major. An operand has its shape, or is a single number, or repeats along the rows or the columns of the last
 * two dimensions (once neighbours are merged). Operands pass through in blocks, so that what is copied in is still in the cache
 * when it is used.
 */

import { copyRun } from "../../copyRun.ts";
import { bytesOf, type TypedArray } from "../../dtype.ts";
import type { NDArray } from "../../ndarray.ts";
import { sameShape } from "../../shape.ts";
import { isShared } from "../../threads/parts.ts";
import { wasmAvailable } from "../../wasm/host.ts";
import { copyIn, copyOut, type Entry, lazyModule, writable } from "../../wasm/launch.ts";
import { mark, release, reserve, views } from "../../wasm/scratch.ts";
import { columnsBeside } from "../generic.ts";
import { defer } from "./defer.ts";
import { exportLaneLoops, exportUsualLoop, type LaneSpec, USUAL, variants } from "./laneLoops.ts";
import { type Pattern, patternOf } from "./pattern.ts";
import { isWorthSharing, shareFlat, shareRow } from "./shareFlat.ts";
import { straightened, withStraight } from "./straight.ts";
import { BLOCK, resultOf, streamRows } from "./streamRows.ts";

/** Operations an element of functions of few instructions, memory included. */
const LIGHT = 8;

/** An elementwise kernel in WebAssembly. */
export interface LaneKernel {
  /** What it is made of. */
  readonly spec: LaneSpec;
  /** Whether it can take operands of these dtypes and strides here. */
  readonly accepts: (out: NDArray, a: NDArray, b?: NDArray, c?: NDArray) => boolean;
  /** Fills `out` from accepted operands; the two numbers, if the function takes any, are rounded to float32. */
  readonly run: (out: NDArray, a: NDArray, b?: NDArray, c?: NDArray, first?: number, second?: number) => void;
}

/** Makes a kernel of a lane function; it is compiled when it is first run. */
export function laneKernel(spec: LaneSpec): LaneKernel {
  const { name, inputs, output = "float32", unroll = 1 } = spec;
  const code: () => Readonly<Record<string, Entry>> = lazyModule(name, (m) => {
    exportLaneLoops(m, spec);
    if (spec.usual !== undefined) exportUsualLoop(m, spec.usual);
  });
  const kernel: LaneKernel = {
    spec,
    accepts: (out, a, b, c) =>
      out.dtype === output &&
      a.dtype === inputs[0] &&
      (b === undefined || b.dtype === inputs[1]) &&
      (c === undefined || c.dtype === inputs[2]) &&
      out.size > 0 &&
      wasmAvailable() &&
      (flatConstants(out, a, b, c) >= 0 ||
        isBeside(out, a, b, c) ||
        plan(out, a, b, c) !== null ||
        straightens(out, a, b, c)),
    run: (out, a, b, c, first = 0, second = 0) => {
      if (defer(kernel, out, a, b, c, first, second)) {
        latest = null;
        return;
      }
      a.storage.settle(); // in the memory that is about to be used
      b?.storage.settle();
      c?.storage.settle();
      const start = mark();
      const constants = flatConstants(out, a, b, c);
      if (constants >= 0) {
        const entries = code();
        if (unroll === 1 && isWorthSharing(out)) {
          shareFlat(entries[variants[constants]!]!, out, a, b, c, first, second);
        } else streamFlat(entries[variants[constants]!]!, entries[USUAL], out, a, b, c, first, second);
      } else if (isBeside(out, a, b, c)) streamBeside(code(), out, a, b!, first, second);
      else {
        const pattern = planned(out, a, b, c);
        if (pattern !== null) streamRows(code(), pattern, first, second);
        else withStraight([a, b, c], (...straight) => kernel.run(out, ...straight, first, second));
      }
      release(start);
    },
  };
  return kernel;
}

/** What was found when a kernel was asked whether it accepts: it is run next, and need not look again. */
let latest: Pattern | null = null;

function plan(out: NDArray, a: NDArray, b: NDArray | undefined, c: NDArray | undefined): Pattern | null {
  latest = patternOf(out, a, b, c);
  return latest;
}

function planned(out: NDArray, a: NDArray, b: NDArray | undefined, c: NDArray | undefined): Pattern | null {
  const found = latest;
  latest = null; // which would keep the arrays from being collected
  if (found === null) return patternOf(out, a, b, c);
  const [o, p, q, r] = found.operands;
  return o === out && p === a && q === b && r === c ? found : patternOf(out, a, b, c);
}

/** Whether copies of the operands that lie in another order, such as transposed ones, would make a pattern. */
function straightens(out: NDArray, a: NDArray, b: NDArray | undefined, c: NDArray | undefined): boolean {
  const copies = [a, b, c].map((x) => (x === undefined || x.isContiguous ? x : straightened(x)));
  const [p, q, r] = copies;
  if (copies.includes(null) || (p === a && q === b && r === c)) return false;
  const [s, t, u] = copies as [NDArray, NDArray | undefined, NDArray | undefined];
  return flatConstants(out, s, t, u) >= 0 || patternOf(out, s, t, u) !== null;
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

/** Everything is one row, cut into blocks where something has to be copied. */
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
  // the short form reads again what it may have written, and sets what lies behind its operand
  const aligned = usual === undefined;
  const home = besides(out, a, aligned) && besides(out, b, aligned) && besides(out, c, aligned) ? homeToWrite(out) : 0;
  const homeA = usual === undefined || writable(a, 8) ? homeToRead(a) : 0;
  const homeB = b === undefined ? 0 : homeToRead(b);
  const homeC = c === undefined ? 0 : homeToRead(c);
  const whole = home !== 0 && isHere(a, homeA) && isHere(b, homeB) && isHere(c, homeC);
  const block = whole ? size : Math.min(size, BLOCK);
  const aside = home === 0 ? reserve(4 * block) : 0;
  const asideA = homeA === 0 ? reserve(4 * block) : 0;
  const asideB = b === undefined || homeB !== 0 ? 0 : reserve(4 * block);
  const asideC = c === undefined || homeC !== 0 ? 0 : reserve(4 * block);
  // the result may be in the place of an operand, and move
  const [x, y, z] = [a.storage.readable, b?.storage.readable, c?.storage.readable];
  const bytes = bytesOf[out.dtype];
  if (whole && usual === undefined && isShared(LIGHT * size)) {
    const place = (n: NDArray | undefined, data: TypedArray | undefined, home: number, aside: number): number =>
      n === undefined || home !== 0 ? home : copyBlock(n, data!, 0, 1, aside);
    const pointers = [place(a, x, homeA, asideA), place(b, y, homeB, asideB), place(c, z, homeC, asideC)] as const;
    shareRow(loop, out, [a, b, c], home, pointers, LIGHT, first, second);
    return;
  }
  for (let at = 0; at < size; at += block) {
    const n = Math.min(block, size - at);
    const o = home === 0 ? aside : home + bytes * at;
    const p = homeA === 0 ? copyBlock(a, x, at, n, asideA) : homeA + bytesOf[a.dtype] * at;
    const q = b === undefined ? 0 : homeB === 0 ? copyBlock(b, y!, at, n, asideB) : homeB + bytesOf[b.dtype] * at;
    const r = c === undefined ? 0 : homeC === 0 ? copyBlock(c, z!, at, n, asideC) : homeC + bytesOf[c.dtype] * at;
    if (usual !== undefined) for (let i = n; (i & 7) !== 0; i++) views().float32[(p >> 2) + i] = 1; // usual, too
    if (usual === undefined || usual(n, o, p) !== 0) loop(1, n, o, 0, first, second, p, 0, q, 0, r, 0);
    if (home === 0) copyRun(resultOf(out), out.offset + at, views()[out.dtype], aside / bytes, n);
  }
}

/** Pointer to an operand that lives in the kernels' memory; 0 for others, and for single numbers, which are copied. */
function homeToRead({ storage, offset, dtype, size }: NDArray): number {
  return storage.block === null || size === 1 ? 0 : storage.block.pointer + bytesOf[dtype] * offset;
}

/** Pointer to a result that lives in the kernels' memory and can be written there; 0 for others. */
function homeToWrite(out: NDArray): number {
  const block = out.storage.blockToWrite;
  return block === null || !writable(out, 0) ? 0 : block.pointer + bytesOf[out.dtype] * out.offset;
}

/** Whether nothing of an operand has to be copied block by block. */
function isHere(x: NDArray | undefined, home: number): boolean {
  return x === undefined || home !== 0 || x.size === 1;
}

/** Whether the result can be written where it lives while `x` is read: it is elsewhere, or, where that will do, exactly there. */
function besides(out: NDArray, x: NDArray | undefined, aligned: boolean): boolean {
  return x === undefined || x.storage !== out.storage || (aligned && x.offset === out.offset && x.size === out.size);
}

/** Whether everything fits into one block, and is an array beside a row or a column. */
function isBeside(out: NDArray, a: NDArray, b: NDArray | undefined, c: NDArray | undefined): boolean {
  return b !== undefined && c === undefined && out.size <= BLOCK && columnsBeside(out, a, b) !== 0;
}

/** One block, without a plan, which would take longer than the work. */
function streamBeside(
  loops: Readonly<Record<string, Entry>>,
  out: NDArray,
  a: NDArray,
  b: NDArray,
  first: number,
  second: number,
): void {
  const { size } = out;
  const columns = columnsBeside(out, a, b);
  const home = besides(out, a, false) && besides(out, b, false) ? homeToWrite(out) : 0;
  const o = home || reserve(4 * size);
  const p = (a.isContiguous && homeToRead(a)) || reserve(4 * size);
  const q = reserve(4 * b.size);
  if (a.storage.block === null || !a.isContiguous || size === 1) copyIn(a, p);
  copyIn(b, q);
  const length = Math.abs(columns);
  const rows = size / length;
  const outStep = bytesOf[out.dtype] * length;
  const aStep = bytesOf[a.dtype] * length;
  const bStep = columns > 0 ? 0 : bytesOf[b.dtype];
  const loop = loops[variants[columns > 0 ? 0 : 2]!]!;
  loop(rows, length, o, outStep, first, second, p, aStep, q, bStep, 0, 0);
  if (home === 0) copyOut(out, o);
}

/** Copies elements `at` to `at + n` of a row-major operand, or its only one; returns where to. */
function copyBlock({ dtype, offset, size }: NDArray, data: TypedArray, at: number, n: number, p: number): number {
  const target = views()[dtype];
  const to = p / target.BYTES_PER_ELEMENT;
  if (size === 1) target[to] = data[offset]!;
  else copyRun(target, to, data, offset + at, n);
  return p;
}
